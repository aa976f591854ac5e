"""Reading values along a motion, and filling a motion in where it is not known."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]  # h×w×2: dx, dy in pixels
Weights = npt.NDArray[np.float32]  # h×w, 0..1


def sampled(values: npt.NDArray[np.float32], vectors: Vectors) -> npt.NDArray[np.float32]:
    """`values` sampled where `vectors` point; 0 outside."""
    rows, columns = vectors.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    x, y = x + vectors[..., 0], y + vectors[..., 1]
    sampled = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(sampled, np.float32)


def _halved(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    size = (math.ceil(values.shape[1] / 2), math.ceil(values.shape[0] / 2))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def filled(vectors: Vectors, trust: Weights) -> Vectors:
    """`vectors` with what is not trusted diffused in from what is (pull and push over a pyramid)."""
    weight = trust[..., None]
    pyramid = [(vectors * weight, trust)]
    while min(pyramid[-1][1].shape) > 4:
        pyramid.append((_halved(pyramid[-1][0]), _halved(pyramid[-1][1])))
    value, mass = pyramid[-1]
    whole = float(mass.sum())
    mean = value.reshape(-1, 2).sum(axis=0) / whole if whole > 1e-3 else np.zeros(2)
    result = np.broadcast_to(mean.astype(np.float32), value.shape).copy()
    for value, mass in reversed(pyramid):
        size = (mass.shape[1], mass.shape[0])
        if result.shape[:2] != mass.shape:
            result = cv2.GaussianBlur(
                cv2.resize(result, size, interpolation=cv2.INTER_LINEAR), (0, 0), 1.0
            )
        known = np.minimum(1.0, mass * 4)[..., None]
        result = known * value / np.maximum(mass, 1e-6)[..., None] + (1 - known) * result
    return result.astype(np.float32)
