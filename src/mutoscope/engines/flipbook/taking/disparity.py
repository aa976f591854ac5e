"""How near each part of a photograph is, guessed without a learned model.

Nearness falls from the bottom row to the top: of every single cue tried on photographs with measured
depth, the row number alone was the best, and the only one that hurt none of them. The rest is added
only as far as it never made that worse: what stands out from the backdrop is nearer, what the matte
network takes for the subject as well, and a subject is as near, over its whole height, as the ground
that it stands on (`standing`). Where there is a sky, it is as far as can be, and the ground begins at its
horizon instead of at the top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking.backdrop import backdrop
from mutoscope.engines.flipbook.taking.guided import guided
from mutoscope.engines.flipbook.taking.sky import Skyline, skyline
from mutoscope.images.subject import LEAST_QUALITY

Map = npt.NDArray[np.float32]

WIDTH = 320  # pixels: patches of the backdrop are then about 15 wide, smaller than what moves alone
_SPREAD = 0.29  # standard deviation of a ramp from 0 to 1: the weights below count in it
_FOREGROUND = 0.2
#: A backdrop that reaches down to the bottom on both sides, in one lightness, is a wall or a cloth: then
#: what is not backdrop is in front of it, wherever it stands, and the cues may count for more. A sky is
#: backdrop as well, but only above; facades and woods differ in lightness.
_SURE, _LEAST_SHARE, _MOST_SPREAD = 0.8, 0.2, 12.0
_UNIFORM = {"foreground": 0.4, "background": -0.2, "centre": 0.2}
#: What a matte that is not fit for a layer adds: the doubtful subject rises softly out of the sheet. It
#: counts as much as the network agrees with itself (a gated overlap of .7 counts whole).
_DOUBTFUL = 0.25


@dataclass(frozen=True, slots=True)
class Ground:
    """Nearness without a subject. `calm` suits a plate that a subject stands on; `bold`, which differs
    only before a uniform backdrop, a picture without a layer, where it must shape the objects itself."""

    calm: Map
    bold: Map
    level: Map  # the ground alone, growing down every column
    foreground: Map  # what is added for what stands out from the backdrop
    skyline: Skyline | None = None

    def under_the_sky(self, alpha: Map | None) -> Ground:
        """The ground beginning at its horizon and the sky as far as can be, where there is one that is
        seen beside the subject (`alpha`, any size, over the same picture; None where there is none)."""
        height, width = self.level.shape
        inside = None
        if alpha is not None:
            inside = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) > 0.5
        horizon = self.skyline.horizon(inside) if self.skyline is not None else None
        if self.skyline is None or horizon is None:
            return self
        level = _from_horizon(self.level, horizon)
        upright = _from_horizon(self.skyline.contact(horizon), horizon)
        near = np.maximum(np.maximum(level, upright[None]) + self.foreground, 0)
        near = np.where(self.skyline.sky, np.float32(0), near)
        return Ground(near, near, level, self.foreground)


def ground(rgb: npt.NDArray[np.uint8]) -> Ground:
    """How near each place of a whole picture (h×w×3) is, 320 wide; 0 far to about 1 near.

    Ranks, not metres: only their order was measured."""
    height = max(2, round(WIDTH * rgb.shape[0] / rgb.shape[1]))
    small = np.asarray(cv2.resize(rgb, (WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    parts = backdrop(small)
    row = rows(height)
    foreground = np.float32(_SPREAD * _FOREGROUND) * _standard(
        guided(grey, parts.foreground, 17, 1e-3)
    )
    calm = row + foreground
    above = skyline(small)
    if above is not None or not _wall(small, parts.background > _SURE):
        return Ground(calm, calm, row, foreground, above)
    background = _standard(guided(grey, parts.background, 17, 1e-3))
    x = (np.arange(WIDTH, dtype=np.float32) + 0.5) / WIDTH - 0.5
    y = row[:, :1] - np.float32(0.5)
    centre = _standard(np.exp(-(x[None] ** 2 + y**2) / np.float32(2 * 0.25**2)))
    bold = row + np.float32(_SPREAD) * (
        np.float32(_UNIFORM["foreground"] / _FOREGROUND / _SPREAD) * foreground
        + np.float32(_UNIFORM["background"]) * background
        + np.float32(_UNIFORM["centre"]) * centre
    )
    return Ground(calm, np.asarray(bold, np.float32), row, foreground)


def _from_horizon(row: Map, horizon: float) -> Map:
    """How near the ground is at a row (0..1): an even ground comes nearer evenly from its horizon."""
    return np.asarray(np.maximum(row - horizon, 0) / (1 - horizon), np.float32)


def doubtful(near: Map, alpha: Map, quality: float) -> Map:
    """`near` (h×w) with a subject whose matte (any size, over the same picture) is not fit for a layer."""
    height, width = near.shape
    matte = np.asarray(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    share = np.float32(_DOUBTFUL * min(1.0, quality / LEAST_QUALITY))
    return np.asarray(near + share * matte, np.float32)


def rows(height: int) -> Map:
    """The row number alone, 0..1 from top to bottom."""
    row = (np.arange(height, dtype=np.float32) + np.float32(0.5)) / np.float32(height)
    return np.repeat(row[:, None], WIDTH, 1)


def _wall(small: npt.NDArray[Any], sure: npt.NDArray[np.bool_]) -> bool:
    """Whether what is surely backdrop is one surface behind everything."""
    third = len(sure) // 3
    if min(sure[third : 2 * third].mean(), sure[2 * third :].mean()) < _LEAST_SHARE:
        return False
    lightness = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 0][sure] * (100 / 255)
    return bool(lightness.std() < _MOST_SPREAD)


def _standard(values: Map) -> Map:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-6), np.float32)
