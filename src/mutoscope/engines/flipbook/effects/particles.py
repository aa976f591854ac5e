"""Things that fall: where each is at a frame, the same for the same seed, and again the same a loop later.

Each has a place in depth, in units of the scene's near plane, and falls through the frame again and
again; every time at another place across. In a loop it falls a whole number of times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera.model import FAR, PITCH, TX, TY, YAW
from mutoscope.engines.flipbook.effects.sight import Sight
from mutoscope.engines.flipbook.rendering.seen import Map
from mutoscope.engines.flipbook.timing import Timing

Array = npt.NDArray[np.float64]
#: Metres from the camera to the near plane that a photograph is taken to have: nothing tells it.
METRES = 6.0
HFOV = 55.0
HIDES = 0.75


@dataclass(frozen=True, slots=True)
class Fall:
    """n things. `rho`: inverse depth (1 the near plane). `speed`: pixels a frame downward. `chance`:
    n×4 of 0..1, for whatever is to differ between them. `brim`: pixels above and below the frame in
    which nothing of them is seen."""

    rho: Array
    speed: Array
    chance: Array
    phase: Array
    per_frame: Array  # times through the frame, a frame
    times: npt.NDArray[np.int64]  # times through the frame in a loop; 0: no loop
    width: int
    height: int
    brim: Array

    def at(self, number: int, slant: float, pose: Array) -> tuple[Array, Array]:
        """x and y of each at frame `number`; `slant`: pixels across for one down. The camera's turns
        and shifts are taken along."""
        way = self.phase + number * self.per_frame
        turn = np.floor(way)
        down = (way - turn) * (self.height + 2 * self.brim) - self.brim
        time = turn.astype(np.int64)
        time = np.where(self.times > 0, time % np.maximum(self.times, 1), time)
        focal = focal_of(self.width)
        across = focal * (pose[YAW] + self.rho * pose[TX])
        sunk = focal * (pose[PITCH] * -1 + self.rho * pose[TY])
        room = self.width + 2 * self.brim + abs(slant) * self.height
        x = _hashed(time) * room + slant * (down - self.height / 2) - across
        x = np.mod(x, room) - (room - self.width) / 2
        return x, down - sunk


def falling(
    seed: tuple[int, ...], count: int, width: int, height: int, timing: Timing, *,
    nearest: float, farthest: float, speed: float, spread: float, brim: float, power: float = 2.0,
) -> Fall:  # fmt: skip
    """`count` things between `nearest` and `farthest` near planes away, as many the farther by
    `power` - 1; `speed` metres a second, differing by the part `spread`; `brim` metres."""
    chance = np.random.default_rng((*seed, 0x46414C4C))
    low, high = nearest**power, farthest**power
    z = (low + chance.random(count) * (high - low)) ** (1 / power)
    z = np.sort(z)[::-1]  # far ones first: near ones are drawn over them
    scale = focal_of(width) / (z * METRES)  # pixels a metre
    pace = speed * (1 + spread * (2 * chance.random(count) - 1)) * scale / timing.fps
    beyond = brim * scale + 4
    per_frame = pace / (height + 2 * beyond)
    times = np.zeros(count, np.int64)
    if timing.loop:
        times = np.maximum(1, np.rint(per_frame * timing.frames)).astype(np.int64)
        per_frame = times / timing.frames
        pace = per_frame * (height + 2 * beyond)
    return Fall(
        1 / z, pace, chance.random((count, 4)), chance.random(count), per_frame, times,
        width, height, beyond,
    )  # fmt: skip


def hiding(seen: Sight, cell: int) -> Map:
    """The inverse depth from which on a frame's cells hide what falls. Disparity is right in its order
    more than in its measure, so only what is clearly nearer hides anything."""
    return np.asarray(HIDES * (FAR + (1 - FAR) * seen.disparity(cell)), np.float32)


def focal_of(width: int) -> float:
    """Pixels."""
    return float(width / 2 / np.tan(np.radians(HFOV) / 2))


def _hashed(time: npt.NDArray[np.int64]) -> Array:
    """0..1 for each thing (its place in the array) and how often it has fallen."""
    mixed = np.arange(len(time), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (time.astype(np.uint64) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2.0**53)
