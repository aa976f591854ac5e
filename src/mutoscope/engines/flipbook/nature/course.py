"""The course of running water: from a region's shape to the way its water runs.

The water runs as an ideal one would from the region's upper end to its lower: along the slope of a
potential that is 1 at one end, 0 at the other, and passes no bank (Laplace's equation).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.nature.field import grid_of
from mutoscope.engines.flipbook.scene import Mask

Array = npt.NDArray[np.float32]
#: The longer side of the grid on which the potential is solved; rounds of doing so, over-relaxed.
SIDE, ROUNDS, RELAX = 112, 400, 1.9
#: Share of a region's length that is its end.
END = 0.05
WAYS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}


@late_kernel()
def _relax(potential: Any, kind: Any, rounds: int, relax: float) -> None:
    """Solve in place: `kind` 0 is land, 1 water, 2 held."""
    rows, cols = kind.shape
    for _ in range(rounds):
        for j in range(rows):
            for i in range(cols):
                if kind[j, i] != 1:
                    continue
                total, count = 0.0, 0
                if j > 0 and kind[j - 1, i] > 0:
                    total, count = total + potential[j - 1, i], count + 1
                if j + 1 < rows and kind[j + 1, i] > 0:
                    total, count = total + potential[j + 1, i], count + 1
                if i > 0 and kind[j, i - 1] > 0:
                    total, count = total + potential[j, i - 1], count + 1
                if i + 1 < cols and kind[j, i + 1] > 0:
                    total, count = total + potential[j, i + 1], count + 1
                if count:
                    potential[j, i] += relax * (total / count - potential[j, i])


def axis(mask: npt.NDArray[np.bool_], direction: str = "") -> tuple[float, float]:
    """The way (dx, dy; length 1) that water runs in `mask`: along its longer side, and down; where a
    `direction` ("left") is given, that way, as near to it as the shape allows."""
    y, x = np.nonzero(mask)
    if len(x) < 3:
        return WAYS.get(direction, (0.0, 1.0))
    values, vectors = np.linalg.eigh(np.cov(np.stack([x, y]).astype(np.float64)))
    along = (float(vectors[0, 1]), float(vectors[1, 1]))
    asked = WAYS.get(direction)
    if asked is not None:
        dot = along[0] * asked[0] + along[1] * asked[1]
        if abs(dot) < 0.4 or values[1] < 1.5 * values[0]:
            return asked
        return along if dot > 0 else (-along[0], -along[1])
    if values[1] < 1.5 * values[0]:  # about as wide as long: towards whoever looks
        return (0.0, 1.0)
    down = along[1] > 0.1 or (abs(along[1]) <= 0.1 and along[0] > 0)
    return along if down else (-along[0], -along[1])


def course(region: Mask, direction: str = "") -> Array:
    """Unit vectors (rows×cols×2 at the field's nodes) along which water runs in `region` (plate
    height×width, 255 inside); every part of it that hangs together has its own course."""
    height, width = region.shape
    scale = SIDE / max(height, width)
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    share = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA))
    wet = (share >= 96).astype(np.uint8)
    count, label = cv2.connectedComponents(wet, connectivity=4)
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    unit = np.zeros((*wet.shape, 2), np.float32)
    for part in range(1, count):
        here = label == part
        dx, dy = axis(here, direction)
        far = dx * x + dy * y
        first, last = float(far[here].min()), float(far[here].max())
        end = max(1.0, END * (last - first))
        kind = here.astype(np.uint8)
        potential = ((last - far) / max(1e-6, last - first)).astype(np.float64)
        kind[here & ((far <= first + end) | (far >= last - end))] = 2
        _relax(potential, kind, ROUNDS, RELAX)
        unit[here] = _slope(potential, here)[here]
    soft = cv2.GaussianBlur(unit, (0, 0), 1.2)
    columns, lines = grid_of(region)
    across = ((columns + 0.5) * scale - 0.5).astype(np.float32)
    down = ((lines + 0.5) * scale - 0.5).astype(np.float32)
    u, v = np.meshgrid(across, down)
    grown = cv2.remap(soft, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    length = np.hypot(grown[..., 0], grown[..., 1])[..., None]
    return np.asarray(grown / np.maximum(length, 1e-3), np.float32)


def _slope(potential: npt.NDArray[np.float64], here: npt.NDArray[np.bool_]) -> Array:
    """The way down `potential` within `here`, length 1; at a bank from the water's side alone."""
    slope = []
    for side in (1, 0):
        ahead = np.roll(potential, -1, side) - potential
        behind = potential - np.roll(potential, 1, side)
        has_ahead, has_behind = here & np.roll(here, -1, side), here & np.roll(here, 1, side)
        edge = [slice(None), slice(None)]
        edge[side] = slice(-1, None)
        has_ahead[tuple(edge)] = False
        edge[side] = slice(0, 1)
        has_behind[tuple(edge)] = False
        total = np.where(has_ahead, ahead, 0) + np.where(has_behind, behind, 0)
        slope.append(-total / np.maximum(1, has_ahead.astype(int) + has_behind))
    found = np.stack(slope, axis=-1)
    length = np.hypot(found[..., 0], found[..., 1])[..., None]
    return np.asarray(found / np.maximum(length, 1e-12), np.float32)
