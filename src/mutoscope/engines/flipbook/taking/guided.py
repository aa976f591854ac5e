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
