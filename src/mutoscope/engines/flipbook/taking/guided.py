"""The guided filter: smooth a map while keeping the edges of the picture it belongs to."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]


def guided(guide: Map, values: Map, radius: int, epsilon: float) -> Map:
    """He et al. (2013), a grey guide: `values` (h×w) become locally linear in `guide` (h×w, 0..1).

    `radius` in pixels; `epsilon` is the variance of the guide below which it counts as flat."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(picture: Map) -> Map:
        blurred = cv2.boxFilter(picture, cv2.CV_32F, size, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred, np.float32)

    guide_mean, values_mean = mean(guide), mean(values)
    covariance = mean(guide * values) - guide_mean * values_mean
    variance = mean(guide * guide) - guide_mean * guide_mean
    slope = np.asarray(covariance / (variance + np.float32(epsilon)), np.float32)
    offset = np.asarray(values_mean - slope * guide_mean, np.float32)
    return np.asarray(mean(slope) * guide + mean(offset), np.float32)


def guided_by_colour(
    rgb: npt.NDArray[np.uint8], values: Map, radius: int, epsilon: float, smaller: int = 2
) -> Map:
    """The same with a guide of three colours (h×w×3, uint8), which tells apart what a grey one does not.

    The coefficients are found on a copy `smaller` times smaller (He and Sun, Fast Guided Filter, 2015)."""
    height, width = values.shape
    size = (max(1, width // smaller), max(1, height // smaller))
    unit = np.float32(1 / 255)
    guide = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) * unit
    small = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
    reach = 2 * max(1, round(radius / smaller)) + 1

    def mean(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        blurred = cv2.boxFilter(picture, cv2.CV_32F, (reach, reach), borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred, np.float32)

    level, values_mean = mean(guide), mean(small)
    r, g, b = (np.ascontiguousarray(guide[..., k]) for k in range(3))
    mr, mg, mb = (level[..., k] for k in range(3))
    flat = np.float32(epsilon)
    rr, gg, bb = (
        mean(r * r) - mr * mr + flat,
        mean(g * g) - mg * mg + flat,
        mean(b * b) - mb * mb + flat,
    )
    rg, rb, gb = mean(r * g) - mr * mg, mean(r * b) - mr * mb, mean(g * b) - mg * mb
    cr, cg, cb = (mean(part * small) - m * values_mean for part, m in ((r, mr), (g, mg), (b, mb)))
    # the inverse of the symmetric 3×3 covariance, by cofactors
    i_rr, i_rg, i_rb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    share = 1 / np.maximum(rr * i_rr + rg * i_rg + rb * i_rb, np.float32(1e-20))
    slopes = (
        (i_rr * cr + i_rg * cg + i_rb * cb) * share,
        (i_rg * cr + i_gg * cg + i_gb * cb) * share,
        (i_rb * cr + i_gb * cg + i_bb * cb) * share,
    )
    offset = values_mean - slopes[0] * mr - slopes[1] * mg - slopes[2] * mb
    found = np.zeros((height, width), np.float32)
    for channel, slope in zip(cv2.split(rgb), slopes, strict=True):
        wide = cv2.resize(mean(slope) * unit, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.accumulateProduct(channel.astype(np.float32), wide, found)
    found += cv2.resize(mean(offset), (width, height), interpolation=cv2.INTER_LINEAR)
    return found
