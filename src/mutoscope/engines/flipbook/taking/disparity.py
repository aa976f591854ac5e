"""How near each part of a photograph is, guessed without a learned model.

Nearness falls from the bottom row to the top: of every single cue tried on photographs with measured
depth, the row number alone was the best, and the only one that hurt none of them. The rest is added
only as far as it never made that worse: what stands out from the backdrop is nearer, and a subject is
as near, over its whole height, as the ground that it stands on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking.backdrop import backdrop
from mutoscope.engines.flipbook.taking.guided import guided

Map = npt.NDArray[np.float32]

WIDTH = 320  # pixels: patches of the backdrop are then about 15 wide, smaller than what moves alone
_SPREAD = 0.29  # standard deviation of a ramp from 0 to 1: the weights below count in it
_FOREGROUND = 0.2
#: A backdrop that reaches down to the bottom on both sides, in one lightness, is a wall or a cloth: then
#: what is not backdrop is in front of it, wherever it stands, and the cues may count for more. A sky is
#: backdrop as well, but only above; facades and woods differ in lightness.
_SURE, _LEAST_SHARE, _MOST_SPREAD = 0.8, 0.2, 12.0
_UNIFORM = {"foreground": 0.4, "background": -0.2, "centre": 0.2}
_STANDING = 0.35  # of a component's width: how far its feet hold up what is beside them
_SMALL = 0.02  # of the largest component: what is smaller has no feet of its own


@dataclass(frozen=True, slots=True)
class Ground:
    """Nearness without a subject. `calm` suits a plate that a subject stands on; `bold`, which differs
    only before a uniform backdrop, a picture without a layer, where it must shape the objects itself."""

    calm: Map
    bold: Map


def ground(rgb: npt.NDArray[np.uint8]) -> Ground:
    """How near each place of a whole picture (h×w×3) is, 320 wide; 0 far to about 1 near.

    Ranks, not metres: only their order was measured."""
    height = max(2, round(WIDTH * rgb.shape[0] / rgb.shape[1]))
    small = cv2.resize(rgb, (WIDTH, height), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    parts = backdrop(np.asarray(small, np.uint8))
    row = rows(height)
    foreground = _standard(guided(grey, parts.foreground, 17, 1e-3))
    calm = row + np.float32(_SPREAD * _FOREGROUND) * foreground
    if not _wall(small, parts.background > _SURE):
        return Ground(calm, calm)
    background = _standard(guided(grey, parts.background, 17, 1e-3))
    x = (np.arange(WIDTH, dtype=np.float32) + 0.5) / WIDTH - 0.5
    y = row[:, :1] - np.float32(0.5)
    centre = _standard(np.exp(-(x[None] ** 2 + y**2) / np.float32(2 * 0.25**2)))
    bold = row + np.float32(_SPREAD) * (
        np.float32(_UNIFORM["foreground"]) * foreground
        + np.float32(_UNIFORM["background"]) * background
        + np.float32(_UNIFORM["centre"]) * centre
    )
    return Ground(calm, np.asarray(bold, np.float32))


def rows(height: int) -> Map:
    """The row number alone, 0..1 from top to bottom."""
    row = (np.arange(height, dtype=np.float32) + np.float32(0.5)) / np.float32(height)
    return np.repeat(row[:, None], WIDTH, 1)


def standing(background: Map, alpha: Map) -> Map:
    """A ground with the subject on it: inside the matte (any size, over the same picture) everything
    is as near as what it stands on."""
    height = background.shape[0]
    matte = np.asarray(cv2.resize(alpha, (WIDTH, height), interpolation=cv2.INTER_AREA), np.float32)
    subject = np.maximum(rows(height), contact_rows(matte > 0.5) / np.float32(height))
    return np.asarray(background + matte * (subject - background), np.float32)


def _wall(small: npt.NDArray[Any], sure: npt.NDArray[np.bool_]) -> bool:
    """Whether what is surely backdrop is one surface behind everything."""
    third = len(sure) // 3
    if min(sure[third : 2 * third].mean(), sure[2 * third :].mean()) < _LEAST_SHARE:
        return False
    lightness = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 0][sure] * (100 / 255)
    return bool(lightness.std() < _MOST_SPREAD)


def _standard(values: Map) -> Map:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-6), np.float32)


def contact_rows(inside: npt.NDArray[np.bool_]) -> Map:
    """For each pixel the row (h×w, from 0 to h) on which the subject there stands; 0 outside it.

    The lowest row of each component per column, the lowest of those within a third of the component's
    width (between two feet a body stands on both), smoothed as wide again."""
    h, w = inside.shape
    found = np.zeros((h, w), np.float32)
    count, label, stats, _ = cv2.connectedComponentsWithStats(
        inside.astype(np.uint8), connectivity=8
    )
    if count < 2:
        return found
    least = _SMALL * stats[1:, cv2.CC_STAT_AREA].max()
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < least:
            continue
        left, wide = int(stats[k, cv2.CC_STAT_LEFT]), int(stats[k, cv2.CC_STAT_WIDTH])
        part = label[:, left : left + wide] == k
        lowest = (h - np.argmax(part[::-1], axis=0)).astype(np.float32)[None]
        if part[-1].any():
            lowest[:] = h
        span = max(1, round(_STANDING * wide)) | 1
        held = cv2.dilate(lowest, np.ones((1, span), np.uint8))
        held = cv2.blur(held, (span, 1), borderType=cv2.BORDER_REPLICATE)
        found[:, left : left + wide][part] = np.broadcast_to(
            np.reshape(held, (1, wide)), part.shape
        )[part]
    return found
