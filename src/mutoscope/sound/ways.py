"""How a bed's bands rise and fall: the ways that sources.toml names.

======== ===========================================================================
gusts    as the wind blows: all bands together, the high ones more; shared by every
         source of a film, so that trees and air are in one wind
wander   the same by itself: fire, a crowd, traffic far off
surf     waves that rise, break, hiss and run back, one about every `every` seconds
passes   cars that pass from one side to the other
claps    distant thunder: a clap that rolls away
calm     not at all
======== ===========================================================================
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mutoscope.sound.layer import Layer
from mutoscope.sound.slow import Curve, Drift, Levels, softened
from mutoscope.sound.span import Span, Times

#: The slowest and the fastest of the wind's gusts, in hertz: the part of the wind's spectrum that one
#: hears as gusts; its peak lies at some 0.02 to 0.05 Hz near the ground (Kaimal et al. 1972).
WIND = (0.05, 0.7)
#: Seconds that a gust takes from one side of the listener to the other: some 3 m at 5 m/s.
TRAVEL = 0.6


class Gusts:
    """Gains in dB that follow a drift, each band by its depth."""

    def __init__(self, span: Span, name: str, layer: Layer, shared: str) -> None:
        self.depth = np.array(layer.depth)
        self.own = layer.own
        self.late = 0.5 * TRAVEL * span.wind if shared != name else 0.0
        low, high = (layer.low, layer.high) if shared == name else WIND
        self.wind = Drift(span, shared, low, high, layer.slope)
        self.each = [
            [Drift(span, f"{name}.{band}.{side}", 1.5 * layer.low, 2 * layer.high, layer.slope)
             for side in "lr"]
            for band in range(len(layer.depth))
        ]  # fmt: skip

    def gains(self, times: Times) -> Levels:
        # a gust is heard first on the side that the wind comes from
        sides = [self.wind.at(times + side * self.late) for side in (1, -1)]
        made = np.empty((len(self.depth), 2, len(times)))
        for band, depth in enumerate(self.depth):
            for side in (0, 1):
                own = self.each[band][side].at(times)
                curve = np.sqrt(1 - self.own**2) * sides[side] + self.own * own
                made[band, side] = 10 ** (depth * softened(curve) / 20)
        return made


def moments(span: Span, name: str, every: float, jitter: float = 0.35) -> tuple[Times, Times]:
    """When things happen that come about every `every` seconds, from well before the sound begins, and
    a chance from 0 to 1 for each. In a loop they come again with it."""
    chance = span.chance("moments", name)
    count = max(1, round(span.seconds / every))
    step = span.seconds / count
    shift = chance.uniform(0, step)
    at = shift + (np.arange(count) + jitter * chance.uniform(-0.5, 0.5, count)) * step
    luck = chance.uniform(size=count)
    reach = max(1, int(np.ceil(40 / span.seconds)))
    turns = range(-reach, reach + 1 if span.loop else 1)
    return (
        np.concatenate([at + turn * span.seconds for turn in turns]),
        np.concatenate([luck] * len(turns)),
    )


def _source(name: str) -> str:
    """The layers of one source tell of the same events."""
    return name.partition(".")[0]


def wrapped(times: Times, period: float | None) -> Times:
    """The times within a loop's first turn."""
    return times if period is None else np.mod(times, period)


class Surf:
    """Three bands of one wave after the other. The low band swells and breaks with the wave, the middle
    one roars, the high one hisses a little later and as the water runs back."""

    #: band → seconds in which it rises, in which it dies away by 8.7 dB, and that it comes late by
    SHAPES = ((1.1, 1.3, 0.0), (0.9, 1.9, 0.15), (1.3, 2.7, 0.35))

    def __init__(self, span: Span, name: str, layer: Layer) -> None:
        self.period = span.period
        self.at, luck = moments(span, _source(name), layer.every)
        self.height = 10 ** ((luck - 0.5) * 9 / 20)
        self.side = np.cos(np.pi / 4 + 0.5 * ((luck * 53) % 1 - 0.5))
        self.depth = 10 ** (np.array(layer.depth) / 20)
        self.pace = min(1.3, max(0.45, layer.every / 8))

    def gains(self, times: Times) -> Levels:
        times = wrapped(times, self.period)
        bands = len(self.depth)
        made = np.empty((bands, 2, len(times)))
        for band, (rise, fall, wait) in enumerate(self.SHAPES[-bands:]):
            late = (times[:, None] - self.at) / self.pace - wait
            shape = np.where(late < 0, np.exp(-((late / rise) ** 2) * 1.5), np.exp(-late / fall))
            lift = shape * self.height
            made[band, 0] = self.depth[band] + (lift * self.side).sum(1) * 1.4
            made[band, 1] = self.depth[band] + (lift * np.sqrt(1 - self.side**2)).sum(1) * 1.4
        return made


class Passes:
    """Cars: as loud as a source that passes at a distance, and there where it is."""

    def __init__(self, span: Span, name: str, layer: Layer) -> None:
        self.period = span.period
        self.at, luck = moments(span, _source(name), layer.every, 0.9)
        self.floor = 10 ** (layer.depth[0] / 20)
        self.speed = 0.35 + 0.5 * luck  # of its distance, a second
        self.way = np.where((luck * 37) % 1 < 0.5, 1.0, -1.0)
        self.height = 10 ** (((luck * 17) % 1 - 0.5) * 8 / 20)

    def gains(self, times: Times) -> Levels:
        times = wrapped(times, self.period)
        off = (times[:, None] - self.at) * self.speed * self.way
        loud = self.height / (1 + (2.6 * off) ** 2)
        angle = np.pi / 4 * (1 + 0.85 * np.tanh(1.6 * off))
        made = np.empty((1, 2, len(times)))
        made[0, 0] = self.floor + np.sqrt(((loud * np.cos(angle)) ** 2).sum(1))
        made[0, 1] = self.floor + np.sqrt(((loud * np.sin(angle)) ** 2).sum(1))
        return made


class Claps:
    """Thunder far off: a rise, then a roll of several peels that dies away, the low longest."""

    PEELS = 7

    def __init__(self, span: Span, name: str, layer: Layer) -> None:
        self.period = span.period
        self.at, self.luck = moments(span, _source(name), layer.every, 0.5)
        chance = span.chance(name, "peels")
        self.late = np.sort(chance.gamma(1.3, 0.9, self.PEELS)) - 0.3
        self.late[0] = 0.0
        self.height = np.exp(-self.late / 2.6) * 10 ** (chance.uniform(-7, 2, self.PEELS) / 20)
        self.side = chance.uniform(0.25, 0.75, self.PEELS) * np.pi / 2
        self.fall = (2.4, 1.2, 0.5)
        self.depth = 10 ** (np.array(layer.depth) / 20)

    def gains(self, times: Times) -> Levels:
        times = wrapped(times, self.period)
        made = np.zeros((len(self.depth), 2, len(times)))
        for band, fall in enumerate(self.fall[: len(self.depth)]):
            for late, height, side in zip(self.late, self.height, self.side, strict=True):
                since = times[:, None] - self.at - late
                rise = 1 - np.exp(-((np.maximum(since, 0) / 0.35) ** 2))
                shape = (rise * np.exp(-np.maximum(since, 0) / fall) * height).sum(1)
                made[band, 0] += shape * np.cos(side)
                made[band, 1] += shape * np.sin(side)
            made[band] *= self.depth[band]
        return made


def wander(span: Span, name: str, layer: Layer) -> Curve:
    return Gusts(span, name, layer, name)


def gusts(span: Span, name: str, layer: Layer) -> Curve:
    return Gusts(span, name, layer, "wind")


WAYS: dict[str, Callable[[Span, str, Layer], Curve]] = {
    "gusts": gusts,
    "wander": wander,
    "surf": Surf,
    "passes": Passes,
    "claps": Claps,
}
