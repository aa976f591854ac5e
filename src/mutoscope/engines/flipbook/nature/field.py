"""Fields: how far each place of the plate is displaced at each frame.

A field is a sum of periodic modes, each with whole cycles over the field's period:

    D(x, frame) = Σ dₘ · aₘ(x) · [cos(φₘ(x) - 2πkₘ·frame/T) - cos(φₘ(x))]

It is nothing at frame 0, where the film shows the still itself, and at frame T again. Outside its
region it is nothing, and inside no place is displaced so far that it would read beyond the edge.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.scene import Mask

#: Plate pixels between two nodes of a field.
STEP = 4
Nodes = npt.NDArray[np.float32]  # rows×cols of the field's grid

#: Part of the way to its region's edge that a place may be displaced.
CLEAR = 0.8
#: The displacement that 99.5 % of places and times stay under is what "amplitude" means here.
PEAK = 99.5


class Field(Protocol):
    """`displacement(frame)` is float32 (rows, cols, 2): dx, dy in plate pixels at nodes every `STEP`
    plate pixels, rows = ceil(plate height / STEP) + 1; nothing outside the field's region. A place of
    the film shows what lies at its own place and the displacement."""

    def displacement(self, frame: int) -> npt.NDArray[np.float32]: ...


@runtime_checkable
class Running(Field, Protocol):
    """A field that shows two places at once, the second faded in over the first. `second(frame)` is
    (rows, cols, 5): dx, dy; its share, 0..1; by how much of itself contrast is raised; by how much of
    itself light is. All of it nothing outside the region."""

    def second(self, frame: int) -> npt.NDArray[np.float32]: ...


@runtime_checkable
class Worn(Field, Protocol):
    """A field that the subject in front has, too: `worn(frame)` is (rows, cols, 2), in plate pixels, at
    the place where the subject was photographed."""

    def worn(self, frame: int) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Mode:
    """One wave: its phase at every node (radians), its weight there, the way it displaces (dx, dy),
    and its cycles over the period."""

    phase: Nodes
    weight: Nodes
    way: tuple[float, float]
    cycles: int


@late_kernel()
def _sum(nodes: Any, cosines: Any, sines: Any, even: Any, odd: Any, out: Any) -> None:
    modes = len(even)
    for k in range(len(nodes)):
        x = np.float32(0)
        y = np.float32(0)
        for m in range(modes):
            c, s = cosines[k, m], sines[k, m]
            x += even[m, 0] * c + odd[m, 0] * s
            y += even[m, 1] * c + odd[m, 1] * s
        out[nodes[k], 0] = x
        out[nodes[k], 1] = y


def grid_of(plate: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The plate pixels (x of the columns, y of the rows) of the field's nodes, clamped to the plate."""
    rows, cols = (math.ceil(side / STEP) + 1 for side in plate.shape)
    return (
        np.minimum(np.arange(cols) * STEP, plate.shape[1] - 1),
        np.minimum(np.arange(rows) * STEP, plate.shape[0] - 1),
    )


def clearance(region: Mask) -> Nodes:
    """How far each node is from the region's edge, in plate pixels, less what bilinear interpolation
    between nodes reaches: a node that is not 0 has its whole neighbourhood in the region.

    The plate's own border is no edge.
    """
    inside = (region >= 128).astype(np.uint8)
    far = math.hypot(*region.shape)
    if inside.all():
        distance = np.full(region.shape, far, np.float32)
    else:
        distance = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)
    x, y = grid_of(region)
    reach = STEP * math.sqrt(2) + 1
    clear: Nodes = np.maximum(0, distance[np.ix_(y, x)] - reach).astype(np.float32)
    return clear


def noise(random: np.random.Generator, shape: tuple[int, int], grain: tuple[float, float]) -> Nodes:
    """Smooth noise of mean 0 and deviation 1 over a grid of `shape`, its grain (x, y) in nodes."""
    rows, cols = shape
    coarse = (max(4, math.ceil(rows / grain[1]) + 3), max(4, math.ceil(cols / grain[0]) + 3))
    values = random.standard_normal(coarse).astype(np.float32)
    size = (math.ceil(coarse[1] * grain[0]), math.ceil(coarse[0] * grain[1]))
    size = (max(size[0], cols), max(size[1], rows))
    grown = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC), np.float32)
    cut = grown[:rows, :cols]
    even: Nodes = ((cut - cut.mean()) / max(1e-6, float(cut.std()))).astype(np.float32)
    return even


def source(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one field: the same for the same seed and name, on every machine."""
    return np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, zlib.crc32(name.encode())]))


def cycles(hertz: float, period: int, fps: float) -> int:
    """Whole cycles over `period` frames that come nearest to `hertz`; at least one."""
    return max(1, round(hertz * period / fps))


class Waves:
    """A field made of modes; see the module. `amplitude` (nodes) is in plate pixels."""

    def __init__(
        self, region: Mask, modes: Sequence[Mode], amplitude: Nodes, feather: float, period: int
    ):
        self._period = period
        clear = clearance(region)
        self._shape = clear.shape
        rise = np.clip(clear / max(1.0, feather), 0, 1)
        envelope = amplitude * rise * rise * (3 - 2 * rise)
        flat = np.flatnonzero(envelope > 1e-3)
        self._nodes = flat.astype(np.int64)
        weight = np.stack([mode.weight.ravel()[flat] for mode in modes], axis=1)
        phase = np.stack([mode.phase.ravel()[flat] for mode in modes], axis=1)
        self._ways = np.array([mode.way for mode in modes])
        self._cycles = np.array([mode.cycles for mode in modes])
        self._cosines = np.ascontiguousarray(weight * np.cos(phase), np.float32)
        self._sines = np.ascontiguousarray(weight * np.sin(phase), np.float32)
        if not len(flat):
            return
        size = envelope.ravel()[flat] / self._peak()
        # the most that the modes can ever add up to stays clear of the edge
        most = 2 * (np.abs(weight) * np.hypot(self._ways[:, 0], self._ways[:, 1])).sum(axis=1)
        size = np.minimum(size, CLEAR * clear.ravel()[flat] / np.maximum(most, 1e-6))
        self._cosines *= size[:, None].astype(np.float32)
        self._sines *= size[:, None].astype(np.float32)

    @property
    def empty(self) -> bool:
        """The region has no place wide enough to move in."""
        return not len(self._nodes)

    def _coefficients(self, frame: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        turn = 2 * np.pi * ((self._cycles * frame) % self._period) / self._period
        even = (np.cos(turn) - 1)[:, None] * self._ways
        odd = np.sin(turn)[:, None] * self._ways
        return even.astype(np.float32), odd.astype(np.float32)

    def _peak(self) -> float:
        """The displacement that `PEAK` percent stay under, with the weights as they stand."""
        found = []
        for part in range(1, 12):
            even, odd = self._coefficients(part * self._period // 12)
            moved = self._cosines[::7] @ even + self._sines[::7] @ odd
            found.append(np.hypot(moved[:, 0], moved[:, 1]))
        return max(1e-6, float(np.percentile(np.concatenate(found), PEAK)))

    def displacement(self, frame: int) -> npt.NDArray[np.float32]:
        """See `Field`."""
        out = np.zeros((self._shape[0] * self._shape[1], 2), np.float32)
        if frame % self._period and len(self._nodes):
            even, odd = self._coefficients(frame)
            _sum(self._nodes, self._cosines, self._sines, even, odd, out)
        return out.reshape(*self._shape, 2)
