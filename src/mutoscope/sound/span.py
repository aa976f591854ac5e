"""How long a sound is, and the chances that it is made of.

Every source of sound here is a function of (start, stop): any stretch of it can be had by itself and is
the same each time, so a film of any length is made a block at a time, without a join to be heard.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

#: Samples a second, of everything here.
RATE = 48_000
#: Samples that are made at once.
BLOCK = RATE

Sound = npt.NDArray[np.float32]  # 2×n: left and right, full scale is 1
Times = npt.NDArray[np.float64]  # seconds


@dataclass(frozen=True, slots=True)
class Span:
    """A sound of `samples` samples. With `loop` the sample after the last is the first. The same `seed`
    gives the same sound. `wind`: 1 where it blows to the right, -1 to the left, 0 where it has no way."""

    samples: int
    loop: bool = False
    seed: int = 0
    wind: float = 0.0

    @property
    def seconds(self) -> float:
        return self.samples / RATE

    @property
    def period(self) -> float | None:
        """Seconds after which everything comes again; None where nothing has to."""
        return self.seconds if self.loop else None

    def chance(self, *names: str | int) -> np.random.Generator:
        """Random numbers of their own for each name."""
        keys = [zlib.crc32(str(name).encode()) for name in names]
        seed = [self.seed & 0xFFFFFFFF, self.seed >> 32, *keys]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


class Source(Protocol):
    """Something that sounds."""

    def render(self, start: int, stop: int) -> Sound:
        """Its samples from `start` up to `stop`, 2×(stop - start); any place, before 0 as well."""
        ...
