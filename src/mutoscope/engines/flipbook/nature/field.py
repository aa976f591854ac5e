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
    """A field that shows two places at once, the second faded in over the first, or changes light.
    `second(frame)` is (rows, cols, 5): dx, dy beyond the first; its share, 0..1; by how much of itself
    contrast is raised; by how much of itself light is. All of it nothing outside the
    region; None where the field has no such thing."""

    def second(self, frame: int) -> npt.NDArray[np.float32] | None: ...


@runtime_checkable
class Worn(Field, Protocol):
    """A field that the subject in front has, too: `worn(frame)` is (rows, cols, 2), in plate pixels, at
    the place where the subject was photographed; None where it has none."""

    def worn(self, frame: int) -> npt.NDArray[np.float32] | None: ...


@dataclass(frozen=True, slots=True)
class Mode:
    """One wave: its phase at every node (radians), its weight there, the way it displaces (dx, dy),
    its cycles over the period, and the share of a displacement of 1 pixel by which it brightens."""

    phase: Nodes
    weight: Nodes
    way: tuple[float, float]
    cycles: int
    light: float = 0.0


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


@late_kernel()
def _light(nodes: Any, cosines: Any, sines: Any, even: Any, odd: Any, out: Any) -> None:
    for k in range(len(nodes)):
        total = np.float32(0)
        for m in range(len(even)):
            total += even[m] * cosines[k, m] + odd[m] * sines[k, m]
        out[nodes[k]] = total


def grid_of(plate: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The plate pixels (x of the columns, y of the rows) of the field's nodes, clamped to the plate."""
    rows, cols = (math.ceil(side / STEP) + 1 for side in plate.shape)
    return (
        np.minimum(np.arange(cols) * STEP, plate.shape[1] - 1),
        np.minimum(np.arange(rows) * STEP, plate.shape[0] - 1),
    )


#: What linear interpolation between a field's nodes, and between the frame's, reaches beyond a node.
REACH = 2.0 * STEP + 2


def clearance(region: Mask) -> Nodes:
    """How far each node is from the region's edge, in plate pixels, less what interpolation between
    nodes reaches: a node that is not 0 has its whole neighbourhood in the region.

    The plate's own border is no edge.
    """
    inside = (region >= 128).astype(np.uint8)
    far = math.hypot(*region.shape)
    if inside.all():
        distance = np.full(region.shape, far, np.float32)
    else:
        distance = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)
    x, y = grid_of(region)
    clear: Nodes = np.maximum(0, distance[np.ix_(y, x)] - REACH).astype(np.float32)
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


@dataclass(frozen=True, slots=True)
class _Layer:
    """The modes where they move one layer: at its nodes, in plate pixels."""

    nodes: npt.NDArray[np.int64]
    cosines: npt.NDArray[np.float32]
    sines: npt.NDArray[np.float32]

    @classmethod
    def of(cls, modes: Sequence[Mode], ways: Any, size: Nodes, clear: Nodes) -> _Layer:
        flat = np.flatnonzero(size > 1e-3)
        weight = np.stack([mode.weight.ravel()[flat] for mode in modes], axis=1)
        phase = np.stack([mode.phase.ravel()[flat] for mode in modes], axis=1)
        # the most that the modes can ever add up to stays clear of the edge
        most = 2 * (np.abs(weight) * np.hypot(ways[:, 0], ways[:, 1])).sum(axis=1)
        kept = np.minimum(size.ravel()[flat], CLEAR * clear.ravel()[flat] / np.maximum(most, 1e-6))
        cosines = weight * np.cos(phase) * kept[:, None]
        sines = weight * np.sin(phase) * kept[:, None]
        return cls(
            flat.astype(np.int64),
            np.ascontiguousarray(cosines, np.float32),
            np.ascontiguousarray(sines, np.float32),
        )

    def sum(self, shape: tuple[int, ...], even: Any, odd: Any) -> npt.NDArray[np.float32]:
        out = np.zeros((shape[0] * shape[1], 2), np.float32)
        if len(self.nodes):
            _sum(self.nodes, self.cosines, self.sines, even, odd, out)
        return out.reshape(*shape, 2)


class Waves:
    """A field made of modes; see the module. `amplitude` (nodes) is in plate pixels. `worn` is a
    clearance (nodes) within which the subject in front has the same waves; None: it has none."""

    def __init__(
        self, region: Mask, modes: Sequence[Mode], amplitude: Nodes, feather: float, period: int,
        worn: Nodes | None = None,
    ):  # fmt: skip
        self._period, self._modes = period, tuple(modes)
        self._ways = np.array([mode.way for mode in modes])
        self._cycles = np.array([mode.cycles for mode in modes])
        self._lights = np.array([mode.light for mode in modes])
        clear = clearance(region)
        self._shape = clear.shape
        moves = clear > 0 if worn is None else (clear > 0) | (worn > 0)
        size = amplitude / self._peak(np.flatnonzero(moves)[::7])
        self._plate = self._layer(size, clear, feather)
        self._worn = None if worn is None else self._layer(size, worn, feather)

    def _layer(self, size: Nodes, clear: Nodes, feather: float) -> _Layer:
        rise = np.clip(clear / max(1.0, feather), 0, 1)
        return _Layer.of(self._modes, self._ways, size * rise * rise * (3 - 2 * rise), clear)

    @property
    def empty(self) -> bool:
        """The region has no place wide enough to move in."""
        return not len(self._plate.nodes) and (self._worn is None or not len(self._worn.nodes))

    def _turn(self, frame: int) -> tuple[Any, Any]:
        turn = 2 * np.pi * ((self._cycles * frame) % self._period) / self._period
        return np.cos(turn) - 1, np.sin(turn)

    def _coefficients(self, frame: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        even, odd = self._turn(frame)
        return (
            (even[:, None] * self._ways).astype(np.float32),
            (odd[:, None] * self._ways).astype(np.float32),
        )

    def _peak(self, nodes: npt.NDArray[np.intp]) -> float:
        """The displacement that `PEAK` percent stay under, with the weights as they stand; 1 for what
        is light alone."""
        if not self._ways.any() or not len(nodes):
            return 1.0
        weight = np.stack([mode.weight.ravel()[nodes] for mode in self._modes], axis=1)
        phase = np.stack([mode.phase.ravel()[nodes] for mode in self._modes], axis=1)
        cosines, sines = weight * np.cos(phase), weight * np.sin(phase)
        found = []
        for part in range(1, 12):
            even, odd = self._coefficients(part * self._period // 12)
            moved = cosines @ even + sines @ odd
            found.append(np.hypot(moved[:, 0], moved[:, 1]))
        return max(1e-6, float(np.percentile(np.concatenate(found), PEAK)))

    def displacement(self, frame: int) -> npt.NDArray[np.float32]:
        """See `Field`."""
        if frame % self._period == 0:
            return np.zeros((*self._shape, 2), np.float32)
        return self._plate.sum(self._shape, *self._coefficients(frame))

    def second(self, frame: int) -> npt.NDArray[np.float32] | None:
        """See `Running`: its light, where it has any."""
        if not self._lights.any():
            return None
        out = np.zeros((*self._shape, 5), np.float32)
        if frame % self._period:
            even, odd = self._turn(frame)
            light = np.zeros(self._shape[0] * self._shape[1], np.float32)
            layer = self._plate
            one, other = ((turn * self._lights).astype(np.float32) for turn in (even, odd))
            _light(layer.nodes, layer.cosines, layer.sines, one, other, light)
            out[..., 4] = light.reshape(self._shape)
        return out

    def worn(self, frame: int) -> npt.NDArray[np.float32] | None:
        """See `Worn`."""
        if self._worn is None or not len(self._worn.nodes):
            return None
        if frame % self._period == 0:
            return np.zeros((*self._shape, 2), np.float32)
        return self._worn.sum(self._shape, *self._coefficients(frame))
