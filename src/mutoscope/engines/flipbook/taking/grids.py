"""Disparity on the layers' grids: where in the picture each node lies, and how smooth it must be.

The renderer looks up where a ray meets a layer by fixed-point steps; they settle only if disparity
changes slowly along the layer. Steps in depth are what layers are for.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import CELL, Grid
from mutoscope.images.plan import Plan

Map = npt.NDArray[np.float32]
#: Cells of a frame WIDE pixels wide (what moves is a share of the frame, so must this be): at 2 the
#: fixed point never settled, at 6 it was within .4 pixel after 3 steps.
_SMOOTH = 6.0
_EXTEND = 5.0
WIDE = 1280
_LEAST = 2.0  # cells: the renderer's own grid is two wide
_STIFF = 0.15  # of the subject's width
#: A gap at the feet that a usual sideways move (5 % of the frame) opens by less than two pixels of 1280:
#: to close it would only bring the subject out of its order.
_UNSEEN = 0.03


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a layer's pixels lie in the whole picture: fraction = (pixel + .5) · scale + offset."""

    scale: tuple[float, float]
    offset: tuple[float, float]

    @classmethod
    def of(cls, plan: Plan, left: int, top: int) -> Placing:
        """For a layer whose top left pixel is the frame's pixel (left, top)."""
        source = (plan.source.width, plan.source.height)
        crop, place = (plan.crop.left, plan.crop.top), (plan.place.left, plan.place.top)
        scale = [1 / plan.scale[k] / source[k] for k in (0, 1)]
        offset = [
            crop[k] / source[k] + (corner - place[k]) * scale[k]
            for k, corner in enumerate((left, top))
        ]
        return cls((scale[0], scale[1]), (offset[0], offset[1]))

    def sample(self, values: Map, shape: tuple[int, int], step: int, border: int) -> Map:
        """`values`, a map over the whole picture, at every `step`-th pixel of the layer (rows×cols =
        `shape`); `border` is OpenCV's word for what lies beyond the picture."""
        height, width = values.shape
        matrix = np.array(
            [
                [step * self.scale[0] * width, 0, (0.5 * self.scale[0] + self.offset[0]) * width - 0.5],
                [0, step * self.scale[1] * height, (0.5 * self.scale[1] + self.offset[1]) * height - 0.5],
            ]
        )  # fmt: skip
        return np.asarray(
            cv2.warpAffine(
                values,
                matrix,
                (shape[1], shape[0]),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=border,
            ),
            np.float32,
        )


def nodes(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the grid of a layer of h×w pixels."""
    return -(-height // CELL) + 1, -(-width // CELL) + 1


def smoothed(values: Grid, missing: Grid | None = None, width: int = WIDE) -> Grid:
    """The plate's disparity: filled where `missing` (0..1) and smooth, for a frame `width` wide.

    The fall from bottom to top is taken out first and put back after, so that neither the filling nor
    the blur flattens the ground."""
    present = np.ones_like(values) if missing is None else np.float32(1) - missing
    slope = _slope(values, present)
    level = np.arange(values.shape[0], dtype=np.float32)[:, None] * np.float32(slope)
    rest = values - level
    if missing is not None:
        rest = _spread(rest, present)
    return np.asarray(_blur(rest, _cells(_SMOOTH, width)) + level, np.float32)


def extended(values: Grid, present: Grid, width: int = WIDE) -> Grid:
    """The subject's disparity, carried on beyond its outline and smooth."""
    return _blur(_spread(values, present), _cells(_EXTEND, width))


def _cells(sigma: float, width: int) -> float:
    return max(_LEAST, sigma * width / WIDE)


def joined(subject: Grid, plate: Grid, foot: Grid, width: int = WIDE) -> Grid:
    """`subject` shifted, column by column, onto the `plate` under its feet, so that they do not slide.

    All three are on the subject's grid; `foot` (0..1) says where it touches the ground."""
    weight = foot.sum(0)
    if float(weight.sum()) < 1e-3:
        return subject
    gap = ((plate - subject) * foot).sum(0) / np.maximum(weight, 1e-6)
    shift = _spread(gap[None].astype(np.float32), np.minimum(weight, 1)[None].astype(np.float32))
    # A body is stiff: what differs from column to column would wave its outline.
    sigma = max(_cells(_EXTEND, width), _STIFF * shift.shape[1])
    stiff = cv2.GaussianBlur(shift, (0, 0), sigma, sigmaY=0.1, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(subject + np.sign(stiff) * np.maximum(np.abs(stiff) - _UNSEEN, 0), np.float32)


def _slope(values: Grid, present: Grid) -> float:
    """Disparity per row, by weighted least squares."""
    row = np.arange(values.shape[0], dtype=np.float64)[:, None]
    weight = present.astype(np.float64)
    total = max(float(weight.sum()), 1e-9)
    mean_row, mean = float((weight * row).sum() / total), float((weight * values).sum() / total)
    spread = float((weight * (row - mean_row) ** 2).sum())
    return float((weight * (row - mean_row) * (values - mean)).sum() / max(spread, 1e-9))


def _spread(values: Grid, present: Grid) -> Grid:
    """Values where `present` is 1, and carried from there over the rest: near ones count the most."""
    out, sure = values * present, present
    for sigma in (2.0, _EXTEND, 4 * _EXTEND, 16 * _EXTEND):
        weight = _blur(present, sigma)
        known = np.minimum(weight * np.float32(50), 1) * (1 - sure)
        out = out + known * _blur(values * present, sigma) / np.maximum(weight, np.float32(1e-6))
        sure = sure + known
    left = (1 - sure) * np.float32((values * present).sum() / max(float(present.sum()), 1e-6))
    return np.asarray(out + left, np.float32)


def _blur(values: Grid, sigma: float) -> Grid:
    blurred = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)
