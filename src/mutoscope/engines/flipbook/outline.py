"""The subject's outline at the size it is rendered at."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.guided import guided

Alpha = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

_LEAST_PART = 0.04  # of the largest component
_SEEN = 0.02  # alpha from which a pixel shows something of the subject
#: How far the plate is filled beyond the matte, as a share of the frame's height: 9 pixels at 720.
#: Known-truth composites were best at 5 to 11; without it the photograph's outline shows twice.
_BEYOND = 9 / 720


def refined(rgb: npt.NDArray[np.uint8], alpha: Alpha, width: int) -> Alpha:
    """A rough matte (h×w) drawn to the edges of the picture `rgb` (h×w×3) that it lies on.

    `width` is the frame's, which the radii go by. Two guided filters, the wide one to find the edge,
    the fine one for hair and twigs; each is steepened, as the filter alone leaves a veil."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    fine = max(2, round(width / 160))
    drawn = _steep(guided(grey, alpha, 2 * fine + 1, 1e-3))
    return without_crumbs(_steep(guided(grey, drawn, fine, 1e-4)))


def _steep(alpha: Alpha) -> Alpha:
    """Smoothstep from .2 to .8."""
    t = np.clip((alpha - np.float32(0.2)) / np.float32(0.6), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def without_crumbs(alpha: Alpha) -> Alpha:
    """The matte without components that are small beside the largest."""
    count, label, stats, _ = cv2.connectedComponentsWithStats(
        (alpha > _SEEN).astype(np.uint8), connectivity=8
    )
    if count < 3:
        return alpha
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    kept = area >= _LEAST_PART * area.max()
    kept[0] = False
    return np.where(kept[label], alpha, np.float32(0)).astype(np.float32)


def hole(alpha: Alpha, height: int) -> Mask:
    """255 where the plate must be invented: the matte and what it may have missed around it."""
    radius = max(2, round(height * _BEYOND))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    seen = (alpha > _SEEN).astype(np.uint8) * np.uint8(255)
    return np.asarray(cv2.dilate(seen, disc), np.uint8)
