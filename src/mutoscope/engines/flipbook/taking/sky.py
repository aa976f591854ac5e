"""Where the sky ends, if the picture has one, and where the ground then has its horizon.

The skyline is found as Shen and Wang do (Sky Region Detection in a Single Image for Autonomous Ground
Robot Navigation, 2013): of the skylines that a threshold on the gradient gives, column by column from
the top, the one that leaves the most even colours on both sides. Their method always answers; what
follows here says whether it is an answer: a plain wall behind a table passes, and may, as it is as far
away and as flat as can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Rgb = npt.NDArray[np.uint8]

_THRESHOLDS = np.geomspace(6, 160, 14)  # of the gradient, grey levels a pixel at 320 wide
_BLURS = (1.0, 3.0)  # pixels: fine first; the coarse one goes past wires and small clouds
_SKY_WEIGHT = 2.0  # an uneven sky counts more than an uneven ground
#: What a sky must be, as shares of the height and the width: deep enough on average, up to the top in
#: most columns, and a ground below it in most, else it is a backdrop that things stand before; its edge
#: no comb (the sum of its steps, in heights).
_LEAST_DEEP, _LEAST_GROUND, _GROUNDED, _AT_THE_TOP, _STEPS = 0.15, 0.08, 0.85, 0.8, 2.2
#: Much smoother than what is below, and lighter by so much (CIELAB), even, and of no colour that leaves,
#: wood and fire have.
_SMOOTHER, _LIGHTER, _EVEN = 0.45, 10.0, 18.0
_GREEN, _RED, _YELLOW = -9.0, 24.0, 30.0
_LOW = 0.9  # of the columns, whose skyline is above the horizon
#: The lowest horizon: what is lower is haze that hides where the ground begins.
_DEEPEST = 0.6
_FREE = 0.3  # of the columns: so many must show a skyline that is not the subject's
_RISE = 0.25  # of what rises above the horizon, how much it reaches below: house to camera's height


@dataclass(frozen=True, slots=True)
class Skyline:
    """`sky` h×w, True above the skyline; `ends`, one a column, is how far down it reaches (0..1)."""

    sky: Mask
    ends: Map

    def horizon(self, inside: Mask | None = None) -> float | None:
        """Where the ground begins (0..1 of the height), which the lowest part of the skyline is close
        to; None where hardly any of it is seen beside the subject (`inside`, h×w)."""
        free = np.ones(len(self.ends), bool)
        if inside is not None:
            row = np.clip(self.ends * len(inside), 0, len(inside) - 1).astype(np.intp)
            at = np.arange(len(row))
            free = ~cv2.dilate(inside.astype(np.uint8), np.ones((7, 7), np.uint8))[row, at].astype(
                bool
            )
        if free.mean() < _FREE:
            return None
        return min(_DEEPEST, float(np.quantile(self.ends[free], _LOW)))

    def contact(self, horizon: float) -> Map:
        """Per column (0..1 of the height) where that stands which rises above the horizon: what rises
        higher is nearer."""
        return np.asarray(horizon + _RISE * np.maximum(horizon - self.ends, 0), np.float32)


def skyline(rgb: Rgb) -> Skyline | None:
    """The skyline of a small picture (h×w×3, about 320 wide); None where it shows no sky."""
    for blur in _BLURS:
        found = _found(cv2.GaussianBlur(rgb, (0, 0), blur))
        if found is not None:
            return found
    return None


def _found(soft: npt.NDArray[Any]) -> Skyline | None:
    height = len(soft)
    grey = cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    gradient = np.asarray(cv2.magnitude(across, down), np.float32)
    light = soft.astype(np.float32) / np.float32(255)
    lab = np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2LAB), np.float32)
    few = np.ascontiguousarray(lab[::3, ::3])
    rows = np.arange(height)[:, None]
    best, least = None, np.inf
    for threshold in _THRESHOLDS:
        ends = _first(gradient > threshold)
        if ends.mean() < _LEAST_DEEP * height:
            continue
        uneven = _unevenness(few, (rows < ends[None])[::3, ::3])
        if uneven < least:
            best, least = ends, uneven
    if best is None:
        return None
    ends = _calm(best)
    sky = rows < ends[None]
    if not _is_sky(lab, gradient, sky, ends):
        return None
    return Skyline(sky, ends.astype(np.float32) / np.float32(height))


def _first(edge: Mask) -> npt.NDArray[np.intp]:
    """Per column the first row with an edge; the height where there is none. Row 0 is no edge."""
    edge = edge.copy()
    edge[:2] = False
    found = edge.argmax(axis=0)
    return np.asarray(np.where(edge.any(axis=0), found, edge.shape[0]), np.intp)


def _calm(ends: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Without single columns that a bird or a wire ended."""
    size = max(3, len(ends) // 40) | 1
    half = size // 2
    wide = np.pad(ends, half, mode="edge")
    return np.asarray(
        np.median(np.lib.stride_tricks.sliding_window_view(wide, size), axis=1), np.intp
    )


def _unevenness(lab: npt.NDArray[Any], sky: Mask) -> float:
    """Spread of colour within sky and ground; infinite where one of them is hardly there."""
    total = 0.0
    for part, weight in ((lab[sky], _SKY_WEIGHT), (lab[~sky], 1.0)):
        if len(part) < 0.02 * sky.size:
            return float("inf")
        total += weight * float(np.linalg.eigvalsh(np.cov(part.T))[-1])
    return total


def _is_sky(lab: Map, gradient: Map, sky: Mask, ends: npt.NDArray[np.intp]) -> bool:
    height = len(sky)
    light, a, b = (float(value) for value in np.median(lab[sky], axis=0))
    leafy = a < _GREEN and b > _GREEN  # the blue of a southern sky is greenish as well
    return bool(
        ends.mean() >= _LEAST_DEEP * height
        and (ends <= (1 - _LEAST_GROUND) * height).mean() >= _GROUNDED
        and (ends > 0.03 * height).mean() >= _AT_THE_TOP
        and np.abs(np.diff(ends)).sum() <= _STEPS * height
        and gradient[sky].mean() <= _SMOOTHER * gradient[~sky].mean()
        and light - np.median(lab[~sky][:, 0]) >= _LIGHTER
        and lab[sky][:, 0].std() <= _EVEN
        and not leafy
        and a <= _RED
        and b <= _YELLOW
    )
