"""Slow curves: gusts, waves that come in, cars that pass. What changes a sound's level over seconds."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from mutoscope.sound.span import RATE, Span, Times

Levels = npt.NDArray[np.float64]

#: Curves are computed so often a second, and straight between.
STEPS = 400


class Curve(Protocol):
    """Gains of each band for left and right: bands×2×len(times)."""

    def gains(self, times: Times) -> Levels: ...


class Drift:
    """A curve that wanders about 0 with a variance of 1, between `low` and `high` hertz; its power falls
    as frequency to the power -`slope` (5/3: the gusts of wind, Kaimal et al. 1972)."""

    PARTS = 28

    def __init__(
        self, span: Span, name: str, low: float, high: float, slope: float = 5 / 3
    ) -> None:
        chance = span.chance("drift", name)
        edges = np.geomspace(low, high, self.PARTS + 1)
        hertz = edges[:-1] * (edges[1:] / edges[:-1]) ** chance.uniform(size=self.PARTS)
        power = np.diff(edges) * hertz**-slope
        if span.period is not None:
            hertz = np.maximum(1, np.round(hertz * span.period)) / span.period
        self.hertz = hertz
        self.height = np.sqrt(2 * power / power.sum())
        self.phase = chance.uniform(0, 2 * np.pi, self.PARTS)

    def at(self, times: Times) -> Times:
        """The curve at those times."""
        turns = 2 * np.pi * self.hertz[:, None] * times + self.phase[:, None]
        return np.asarray(self.height @ np.cos(turns))


def softened(curve: Times) -> Times:
    """Beyond two deviations a drift goes no farther: gusts are strong, never absurd."""
    return np.asarray(2.2 * np.tanh(curve / 2.2))


def stretched(levels: Levels, times: Times, start: int, stop: int) -> npt.NDArray[np.float32]:
    """Levels at `times` for each sample of start..stop, straight between; over the last axis."""
    at = (np.arange(start, stop) / RATE - times[0]) * STEPS
    low = np.minimum(at.astype(np.int64), len(times) - 2)
    part = (at - low).astype(np.float32)
    flat = levels.astype(np.float32)
    return np.asarray(flat[..., low] * (1 - part) + flat[..., low + 1] * part)


def ticks(start: int, stop: int) -> Times:
    """The times at which a curve is computed for the samples from `start` up to `stop`."""
    first = int(np.floor(start / RATE * STEPS))
    last = int(np.ceil(stop / RATE * STEPS)) + 1
    return np.arange(first, max(last, first + 1) + 1) / STEPS
