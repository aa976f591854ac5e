"""How clear a picture is: sharp in every direction, neither too dark nor too bright.

The variance of the Laplacian alone takes contrast and noise for sharpness, and a picture smeared in one
direction keeps the other. So at edges alone, second differences one pixel apart, less what noise shows
elsewhere, are set against those four pixels apart, direction by direction, and the worst counts: camera
shake and a running subject smear one direction, poor focus all.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]  # H×W
Weight = npt.NDArray[np.bool_]

_DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1))
_FAR = 4  # pixels
_EDGE = 12.0  # grey levels of a second difference across _FAR pixels: less is texture or noise
_LEAST = 0.0015  # share of the pixels that must be edges in a direction, for it to be judged
_DARK, _BRIGHT = 18, 247  # grey levels beyond which nothing is told apart


def sharpness(grey: Grey, within: Weight | None = None) -> float:
    """0 (nothing is sharp) to about 1, of an H×W picture or of its part `within`. Comparable between
    pictures of the same thing at the same size."""
    soft = cv2.GaussianBlur(grey, (0, 0), 0.6).astype(np.float32)
    found = []
    for dx, dy in _DIRECTIONS:
        near, far = _second(soft, dx, dy, 1), _second(soft, dx, dy, _FAR)
        edges = far > _EDGE
        if within is not None:
            edges &= within
        area = within.sum() if within is not None else edges.size
        if edges.sum() > _LEAST * max(1, area):
            noise = float(np.median(near[~edges])) if (~edges).any() else 0.0
            found.append(float(np.maximum(near[edges] - noise, 0).sum() / far[edges].sum()))
    if not found:
        return 0.0
    return min(1.0, 2 * min(found))


def _second(soft: npt.NDArray[np.float32], dx: int, dy: int, step: int) -> npt.NDArray[np.float32]:
    """|2·I(p) - I(p - s) - I(p + s)| with s = step·(dx, dy), zero at the border."""
    h, w = soft.shape
    out = np.zeros_like(soft)
    x, y = step * abs(dx), step * abs(dy)
    if h <= 2 * y or w <= 2 * x:
        return out
    middle = soft[y : h - y, x : w - x]
    one = soft[0 : h - 2 * y, 0 : w - 2 * x]
    other = soft[2 * y : h, 2 * x : w]
    if dx * dy < 0:
        one, other = soft[2 * y : h, 0 : w - 2 * x], soft[0 : h - 2 * y, 2 * x : w]
    out[y : h - y, x : w - x] = np.abs(2 * middle - one - other)
    return out


def exposure(grey: Grey, within: Weight | None = None) -> float:
    """0 (black, white or flat) to 1: how much of the picture, or of its part `within`, tells light from
    dark."""
    values = grey[within] if within is not None else grey.ravel()
    if not values.size:
        return 0.0
    told = float(((values > _DARK) & (values < _BRIGHT)).mean())
    low, high = np.percentile(values, (3, 97))
    spread = min(1.0, float(high - low) / 90)
    return told * spread
