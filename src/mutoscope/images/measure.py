"""What can be measured of a picture's quality: pure functions of its pixels, H×W×3 sRGB uint8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.decode import Rgb

Plane = npt.NDArray[np.float32]

#: Lines within this many degrees of level or upright count as meant to be so.
MOST_TILT = 12.0
#: Pieces of a picture smaller than this part of it are not a main element.
LEAST_ELEMENT = 0.03


@dataclass(frozen=True, slots=True)
class Light:
    """Of CIE L* (0 black, 100 white): mean, 5th and 95th percentile; the shares of pixels that are
    lost in black (below 2) and in white (above 98)."""

    mean: float
    low: float
    high: float
    black: float
    white: float

    @property
    def range(self) -> float:
        return self.high - self.low


def lightness(rgb: Rgb) -> Plane:
    """CIE L*, 0..100, H×W."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    return np.asarray(lab[..., 0], np.float32)


def light(rgb: Rgb) -> Light:
    """How light and how varied a picture is."""
    levels = lightness(rgb)
    low, high = np.percentile(levels, (5, 95))
    return Light(
        mean=float(levels.mean()),
        low=float(low),
        high=float(high),
        black=float(np.mean(levels < 2)),
        white=float(np.mean(levels > 98)),
    )


def sharpness(rgb: Rgb, tiles: int = 4) -> float:
    """0 (blurred) to 1 of the sharpest part: a soft background is no fault.

    After Crété-Roffet et al., «The blur effect» (2007): how much of the neighbouring pixels'
    differences a further blur takes away; here of the best of tiles×tiles parts that have any detail.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scores = []
    for kernel, axis in (((9, 1), 1), ((1, 9), 0)):
        steps = np.abs(np.diff(grey, axis=axis))
        soft = np.abs(np.diff(cv2.blur(grey, kernel), axis=axis))
        taken = np.maximum(0, steps - soft)
        scores.append((_tiled(steps, tiles), _tiled(taken, tiles)))
    (across, across_taken), (down, down_taken) = scores
    detail = np.minimum(across, down) >= 0.5  # grey levels a pixel: less is noise
    if not detail.any():
        return 0.0
    kept = np.minimum(across_taken / np.maximum(across, 1e-6), down_taken / np.maximum(down, 1e-6))
    return float(kept[detail].max())


def _tiled(plane: Plane, tiles: int) -> Plane:
    return np.asarray(cv2.resize(plane, (tiles, tiles), interpolation=cv2.INTER_AREA), np.float32)


def tilt(rgb: Rgb) -> float | None:
    """Degrees by which level and upright lines lean, clockwise positive; None where too few agree.

    Straight segments (LSD) near level or upright vote, each with its length; the answer is the middle
    of the votes around the fullest place, if they are most of them.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    found: Any = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    if found is None:
        return None
    ends = np.asarray(found, np.float64).reshape(-1, 4)
    dx, dy = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
    length = np.hypot(dx, dy)
    angle = (np.degrees(np.arctan2(dy, dx)) + 45) % 90 - 45
    side = min(grey.shape)
    use = (length >= 0.04 * side) & (np.abs(angle) <= MOST_TILT)
    if float(length[use].sum()) < 1.5 * side:
        return None
    angle, length = angle[use], length[use]
    places = np.arange(-MOST_TILT, MOST_TILT + 0.01, 0.25)
    votes = np.array([length[np.abs(angle - place) <= 1.0].sum() for place in places])
    best = float(places[int(votes.argmax())])
    near = np.abs(angle - best) <= 1.5
    if float(length[near].sum()) < 0.4 * float(length.sum()):
        return None
    order = np.argsort(angle[near])
    weight = np.cumsum(length[near][order])
    return float(angle[near][order][int(np.searchsorted(weight, weight[-1] / 2))])


def elements(rgb: Rgb) -> int:
    """How many large pieces of one colour a picture falls into: sky, house, meadow, ...

    Mean shift on a small copy joins what is alike; pieces of at least 3 % are counted.
    """
    height, width = rgb.shape[:2]
    scale = 160 / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    lab = cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2Lab)
    flat = cv2.pyrMeanShiftFiltering(lab, sp=10, sr=24, maxLevel=1)
    left = np.zeros((size[1] + 2, size[0] + 2), np.uint8)
    count, least = 0, LEAST_ELEMENT * size[0] * size[1]
    flags = 8 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
    for y in range(size[1]):
        for x in range(size[0]):
            if not left[y + 1, x + 1]:
                area = cv2.floodFill(flat, left, (x, y), 0, (6, 4, 4), (6, 4, 4), flags)[0]
                count += area >= least
    return count


def standing_out(rgb: Rgb) -> Plane:
    """0..1, H×W: how far each pixel's colour is from the picture's mean, less towards the border.

    Frequency-tuned saliency (Achanta et al., 2009): for machines without the matte weights.
    """
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab).astype(np.float32)
    soft = cv2.GaussianBlur(lab, (0, 0), max(rgb.shape[:2]) / 100)
    far = np.linalg.norm(soft - lab.reshape(-1, 3).mean(0), axis=2)
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in rgb.shape[:2])
    middle = np.exp(-(y[:, None] ** 2 + x[None, :] ** 2))
    result = far * middle
    return np.asarray(result / max(float(result.max()), 1e-6), np.float32)
