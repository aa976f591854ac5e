"""What a part of a picture looks like, whatever lies behind it: its colours and its texture.

The part is cut out by its matte, brought to one size before plain grey, and told by AlexNet's third
layer, pooled over it, and by a histogram of its colours. Light is taken out of the colours as far as one gain
for the whole part can: they are told beside the part's own mean lightness.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.sessions import session

Rgb = npt.NDArray[np.uint8]  # h×w×3
Alpha = npt.NDArray[np.float32]  # h×w, 0..1
Vector = npt.NDArray[np.float32]

SIDE = 224  # pixels of the square that a part is brought into
_ROOM = 1.08  # of the part's longer side
_GREY = np.float32(0.47)  # what lies behind the part
_CORE = 3  # pixels along its edge that may show what was behind, and do not count for colours
_BINS = (6, 16, 16)  # of L*, a*, b*
_RANGES = ((0.0, 100.0), (-80.0, 80.0), (-80.0, 80.0))
#: Every part is told as if its mean lightness were this; darker ones are raised this far at most.
_LIGHT, _MOST_GAIN = 55.0, 1.6
_SPREAD = 20.0  # and the deviation of its lightness this
#: Bins by which counts are softened, so that a shade more does not move everything into the next one.
_SOFT_LIGHT, _SOFT_COLOUR = 0.8, 1.3
#: Pixels of a part in the picture itself: fewer show no texture.
LEAST = 400


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Two vectors of length 1: the network's layer, and the colours (roots of shares)."""

    texture: Vector
    colours: Vector


def look(rgb: Rgb, alpha: Alpha) -> Look | None:
    """The look of what `alpha` takes of a picture of the same size; None where that is next to nothing,
    or the weights "looks" are not here."""
    network = session("looks")
    cut = fitted(rgb, alpha)
    if network is None or cut is None:
        return None
    picture, mask = cut
    feed = np.ascontiguousarray(picture.transpose(2, 0, 1)[None])
    (texture,) = network.run({"figure": feed})
    return Look(_pooled(texture[0], mask), _colours(picture, mask))


def fitted(rgb: Rgb, alpha: Alpha) -> tuple[npt.NDArray[np.float32], Alpha] | None:
    """The part in the middle of a square before grey (SIDE×SIDE×3, 0..1), and its matte."""
    inside = alpha > 0.5
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    if int(np.count_nonzero(inside)) < LEAST:
        return None
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    part, mask = rgb[top:bottom, left:right], alpha[top:bottom, left:right]
    scale = SIDE / (_ROOM * max(mask.shape))
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(part, size, interpolation=how).astype(np.float32) / np.float32(255)
    cover = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)
    x, y = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    picture = np.full((SIDE, SIDE, 3), _GREY, np.float32)
    whole = np.zeros((SIDE, SIDE), np.float32)
    place = slice(y, y + size[1]), slice(x, x + size[0])
    picture[place] = small * cover[..., None] + _GREY * (1 - cover[..., None])
    whole[place] = cover
    return picture, whole


def _pooled(features: npt.NDArray[np.float32], mask: Alpha) -> Vector:
    """c×h×w → c: the mean over the part, as a vector of length 1."""
    size = (features.shape[2], features.shape[1])
    weight = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) + 1e-6
    pooled = (features * weight).sum((1, 2)) / weight.sum()
    return np.asarray(pooled / max(1e-9, float(np.linalg.norm(pooled))), np.float32)


def _colours(picture: npt.NDArray[np.float32], mask: Alpha) -> Vector:
    inside = cv2.erode(mask, np.ones((_CORE, _CORE), np.uint8)) > 0.5
    if not inside.any():
        inside = mask > 0.5
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), np.float32)[inside]
    mean, deviation = float(lab[:, 0].mean()), float(lab[:, 0].std())
    gain = min(_LIGHT / max(mean, 1.0), _MOST_GAIN)
    light = 50 + (lab[:, 0] - mean) / (deviation + 3) * _SPREAD
    told = np.c_[np.clip(light, 0, 99.9), np.clip(lab[:, 1:] * gain, -79.9, 79.9)]
    counts, _ = np.histogramdd(told, bins=_BINS, range=_RANGES)
    soft = cv2.GaussianBlur(counts.astype(np.float32).transpose(1, 2, 0), (0, 0), _SOFT_COLOUR)
    soft = cv2.GaussianBlur(soft.reshape(-1, _BINS[0]), (0, 0), sigmaX=_SOFT_LIGHT, sigmaY=1e-3)
    shares = np.maximum(soft, 0).ravel() / max(1e-9, float(soft.sum()))
    return np.asarray(np.sqrt(shares), np.float32)
