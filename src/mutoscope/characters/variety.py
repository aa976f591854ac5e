"""Which frames show the same figure, and which of them show it most differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]

_SIDE = 16  # cells of the figure's box, across and down
_BINS = 12  # of the colours' histogram, across a* and b* alike
_OTHER = 0.7  # of two histograms' mass that differs, from which on they are of two figures
_SAME = 0.06  # of the looks' distance: nearer than that is the same picture again


@dataclass(frozen=True, slots=True)
class Look:
    """`layout`: silhouette and colours over the figure's box, so that a turn, a step and a pose differ;
    `colours`: how much of each colour it has, which they leave much as it is."""

    layout: Vector
    colours: Vector


def look(
    rgb: npt.NDArray[np.uint8],
    alpha: npt.NDArray[np.float32],
    box: tuple[float, float, float, float],
) -> Look:
    """The look of the figure in `box` (fractions) of a picture and its matte, each of any size."""
    size = (4 * _SIDE, 4 * _SIDE)
    part = cv2.resize(rgb[_cell(rgb.shape, box)], size, interpolation=cv2.INTER_AREA)
    cut = alpha[_cell(alpha.shape, box)]
    matte = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.float32)
    unit = part.astype(np.float32) * np.float32(1 / 255)
    lab = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2LAB), np.float32) * np.float32(0.01)
    small = cv2.resize(lab * matte[..., None], (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    shape = cv2.resize(matte, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    height, width = rgb.shape[:2]
    tall, wide = (box[3] - box[1]) * height, (box[2] - box[0]) * width
    aspect = np.float32(np.log2(max(1e-3, tall) / max(1e-3, wide)))
    layout = np.concatenate(
        [small.ravel(), shape.ravel(), np.full(_SIDE, aspect, np.float32)]
    ).astype(np.float32) / np.float32(_SIDE)
    inside = matte > 0.5
    counts, _, _ = np.histogram2d(
        lab[..., 1][inside], lab[..., 2][inside], bins=_BINS, range=[[-1, 1], [-1, 1]]
    )
    # softened, so that a little more light does not move everything into the next bin
    soft = cv2.GaussianBlur(counts.astype(np.float32), (0, 0), 0.8, borderType=cv2.BORDER_ISOLATED)
    colours = soft.ravel() / np.float32(max(1, int(inside.sum())))
    return Look(layout, colours)


def _cell(shape: tuple[int, ...], box: tuple[float, float, float, float]) -> tuple[slice, slice]:
    height, width = shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return slice(top, bottom), slice(left, right)


def of_one(looks: Sequence[Look]) -> list[int]:
    """The places of the looks that are of one figure: all that are in the colours of the one that most
    are like. Where the matte jumped to something else for a moment, that frame is left out."""
    colours = np.stack([one.colours for one in looks])
    apart = np.abs(colours[:, None] - colours[None]).sum(2) / 2
    middle = int(np.median(apart, axis=1).argmin())
    return [place for place in range(len(looks)) if apart[middle, place] < _OTHER]


def varied(looks: Sequence[Look], scores: Sequence[float], least: int, most: int) -> list[int]:
    """The places of `least` to `most` looks (fewer where there are fewer): the best first, then
    always the one that is farthest from all that were taken, weighed by its score."""
    layout = np.stack([one.layout for one in looks])
    apart = np.sqrt(((layout[:, None] - layout[None]) ** 2).mean(2)) * _SIDE
    worth = np.asarray(scores)
    taken = [int(worth.argmax())]
    while len(taken) < min(most, len(looks)):
        gap = apart[:, taken].min(1)
        gain = gap * worth**0.5
        gain[taken] = -1
        best = int(gain.argmax())
        if gap[best] < _SAME and len(taken) >= least:
            break
        taken.append(best)
    return taken
