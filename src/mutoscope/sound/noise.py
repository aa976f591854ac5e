"""What noise is made of: white noise, and single clicks that fall by chance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache

import numpy as np

from mutoscope.sound.filters import convolved
from mutoscope.sound.span import BLOCK, RATE, Sound, Span

#: How alike the two sides of one knock are.
SAME = np.float32(0.6)


class _Blocks(ABC):
    """Noise that is drawn a block at a time; the film's end is followed by its beginning."""

    def __init__(self, span: Span, name: str) -> None:
        self.span, self.name = span, name
        self._drawn = lru_cache(maxsize=4)(self._block)

    def take(self, start: int, stop: int) -> Sound:
        total = self.span.samples
        made = np.empty((2, stop - start), np.float32)
        at = start
        while at < stop:
            place = at % total
            number, within = divmod(place, BLOCK)
            block = self._drawn(number)
            count = min(stop - at, block.shape[1] - within)
            made[:, at - start : at - start + count] = block[:, within : within + count]
            at += count
        return made

    def _block(self, number: int) -> Sound:
        length = min(BLOCK, self.span.samples - number * BLOCK)
        return self._draw(self.span.chance(self.name, number), length)

    @abstractmethod
    def _draw(self, chance: np.random.Generator, length: int) -> Sound:
        """A block of it."""


class White(_Blocks):
    """White noise, the two channels strangers to each other."""

    def _draw(self, chance: np.random.Generator, length: int) -> Sound:
        return chance.standard_normal((2, length), np.float32)


class Clicks(_Blocks):
    """`density` knocks a second at random times (Poisson) from anywhere between left and right: raindrops,
    embers. Each is a burst of noise of its own that dies away within `ring` seconds (by 8.7 dB); their
    heights are log-normal with a spread of `spread` dB, cut off at twice that."""

    def __init__(self, span: Span, name: str, density: float, spread: float, ring: float) -> None:
        super().__init__(span, name)
        self.density, self.spread = density, spread
        self.noise = White(span, f"{name}.burst")
        length = max(2, int(8 * ring * RATE))
        self.shape = np.exp(-np.arange(length) / (ring * RATE)).astype(np.float32)
        # of power 1 for what comes out
        self.gain = np.float32((2 * RATE / density / (self.shape**2).sum()) ** 0.5)

    def take(self, start: int, stop: int) -> Sound:
        knocks = super().take(start - len(self.shape) + 1, stop)
        burst = np.stack([convolved(one, [self.shape])[0] for one in knocks])
        noise = self.noise.take(start, stop)
        # near enough the same burst on both sides to come from one place, and yet not a point
        noise[1] = SAME * noise[0] + (1 - SAME**2) ** 0.5 * noise[1]
        return np.asarray(burst * noise * self.gain, np.float32)

    def _draw(self, chance: np.random.Generator, length: int) -> Sound:
        made = np.zeros((2, length), np.float32)
        count = chance.poisson(self.density * length / RATE)
        places = chance.integers(0, length, count)
        height = 10 ** (self.spread * np.clip(chance.standard_normal(count), -2, 2) / 20)
        side = chance.uniform(0.1, 0.9, count) * np.pi / 2
        np.add.at(made[0], places, (height * np.cos(side)).astype(np.float32))
        np.add.at(made[1], places, (height * np.sin(side)).astype(np.float32))
        return made
