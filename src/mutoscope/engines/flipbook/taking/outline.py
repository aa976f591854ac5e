"""The subject's outline at the size it is rendered at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking.guided import guided_by_colour

Alpha = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

_LEAST_PART = 0.04  # of the largest component
_DOUBTED = 0.3  # rough alpha above which a broad part may belong to the subject
_LIKELY = (
    0.25  # mean rough alpha of a small hole that is none: where it is one, the network says so
)
_SOFT = 8 / 1280  # of the frame's width: twice as far an outline may be soft (hair, fur)
_SEEN = 0.02  # alpha from which a pixel shows something of the subject
#: How far the plate is filled beyond the matte, as a share of the frame's height: 9 pixels at 720.
#: Known-truth composites were best at 5 to 11; without it the photograph's outline shows twice.
_BEYOND = 10 / 720
_CLOSE = 2 / 720  # the same where hardly anything behind the subject comes to be seen
_ALL_PAINT = 0.45  # of that distance: beyond it the paint gives way to the picture


def refined(rgb: npt.NDArray[np.uint8], alpha: Alpha, width: int) -> Alpha:
    """A rough matte (h×w) drawn to the edges of the picture `rgb` (h×w×3) that it lies on.

    `width` is the frame's, which the radii go by. Two guided filters, the wide one to find the edge,
    the fine one for hair and twigs; each is steepened, as the filter alone leaves a veil. Guided by
    colours they were a quarter nearer to known mattes (26 composites) than by grey."""
    fine = max(2, round(width / 160))
    reach = _SOFT * width
    whole = np.zeros(alpha.shape, np.float32)
    box = _around(alpha, round(2 * reach) + 4 * fine)
    if box is None:
        return whole
    whole[box] = _refined(np.ascontiguousarray(rgb[box]), alpha[box], fine, reach)
    return whole


def _around(alpha: Alpha, room: int) -> tuple[slice, slice] | None:
    """Where there is anything of a matte, with `room` pixels around it."""
    rows, columns = (np.flatnonzero((alpha > _SEEN).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    return (
        slice(max(0, int(rows[0]) - room), int(rows[-1]) + room + 1),
        slice(max(0, int(columns[0]) - room), int(columns[-1]) + room + 1),
    )


def _refined(rgb: npt.NDArray[np.uint8], alpha: Alpha, fine: int, reach: float) -> Alpha:
    rough = _decided(alpha, reach)
    drawn = _steep(guided_by_colour(rgb, rough, 2 * fine + 1, 1e-4, smaller=4))
    drawn = _without_holes(
        _steep(guided_by_colour(rgb, drawn, fine, 3e-5, smaller=3)), rough, reach
    )
    return without_crumbs(_solid(drawn, reach))


def _steep(alpha: Alpha) -> Alpha:
    """Smoothstep from .2 to .8."""
    t = np.clip((alpha - np.float32(0.2)) / np.float32(0.6), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _decided(alpha: Alpha, reach: float) -> Alpha:
    """The rough matte with broad parts in doubt taken in.

    The network answers half where it doubts whether a part belongs to the subject (a helmet held in
    the hand). Such a part rather belongs: a plate that shows it as well would show it twice. Only what
    lies well inside it is lifted, so that no outline grows."""
    likely = (alpha > _DOUBTED).astype(np.uint8)
    core = cv2.distanceTransform(likely, cv2.DIST_L2, 3) > 2 * reach
    away = cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, 3)
    return np.where(away < reach, np.float32(1), alpha).astype(np.float32)


def _without_holes(alpha: Alpha, rough: Alpha, reach: float) -> Alpha:
    """The matte without small holes that a colour made where the rough one sees none."""
    outside = (alpha < 0.9).astype(np.uint8)
    count, label, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    belief = np.bincount(label.ravel(), rough.ravel(), count) / area
    filled = (area < 8 * np.pi * reach * reach) & (belief > _LIKELY)
    filled[0] = False
    return np.where(filled[label], np.float32(1), alpha).astype(np.float32)


def _solid(alpha: Alpha, reach: float) -> Alpha:
    """The matte with nothing half seen through farther than twice `reach` pixels from its outline."""
    inside = (alpha > 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    kept = np.clip(2 - away / np.float32(reach), 0, 1)
    lifted = np.clip(depth / np.float32(reach) - 1, 0, 1)
    return np.asarray(np.maximum(alpha * kept, lifted), np.float32)


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


@dataclass(frozen=True, slots=True)
class Hole:
    """Where the plate is painted, each h×w, 0..255.

    `missing`: the matte and what it may have missed around it. `share`: how much of the paint shows
    there; less towards the rim, so that the picture's own texture goes on as close to the subject as
    can be. `close`: the same for a camera that hardly looks behind the subject: the matte alone."""

    missing: Mask
    share: Mask
    close: Mask


def hole(alpha: Alpha, height: int) -> Hole:
    """The hole that a matte (h×w) leaves in the plate of a frame `height` pixels high."""
    radius = max(3.0, height * _BEYOND)
    away = cv2.distanceTransform((alpha <= _SEEN).astype(np.uint8), cv2.DIST_L2, 5)
    missing = np.where(away <= radius, 255, 0).astype(np.uint8)
    whole = radius * _ALL_PAINT

    def fading(start: float, end: float) -> Mask:
        share = np.clip((end - away) / np.float32(end - start), 0, 1) * np.float32(255)
        return np.asarray(share, np.uint8)

    return Hole(missing, fading(whole, radius), fading(0.0, max(1.0, height * _CLOSE)))
