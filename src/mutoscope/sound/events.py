"""Moments that are heard as well as seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutoscope.sound.grains import placed
from mutoscope.sound.span import RATE, Sound, Span, Times

#: thud: something touches the ground, `time` is when. whoosh: something goes by, `time` is when it is
#: fastest, `seconds` how long it takes.
EventKind = Literal["thud", "whoosh"]


@dataclass(frozen=True, slots=True)
class Event:
    """A moment of a film that makes a sound: `time` in seconds from its beginning, `strength` from 0 to
    1, `side` from 0 (left) to 1 (right), and where it ends up at `to`."""

    time: float
    kind: EventKind
    strength: float = 1.0
    seconds: float = 0.6
    side: float = 0.5
    to: float = 0.5


class Accents:
    """The sounds of events, each where it belongs in time. As a `Source`."""

    def __init__(self, span: Span, events: Sequence[Event]) -> None:
        self.span = span
        self.held = [_placed_in_time(event, span, number) for number, event in enumerate(events)]

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = np.zeros((2, stop - start), np.float32)
        turns = (-1, 0, 1) if self.span.loop else (0,)
        for turn in turns:
            shift = turn * self.span.samples
            for at, sound in self.held:
                first, last = at + shift, at + shift + sound.shape[1]
                low, high = max(start, first), min(stop, last)
                if low < high:
                    made[:, low - start : high - start] += sound[:, low - first : high - first]
        return made


def _placed_in_time(event: Event, span: Span, number: int) -> tuple[int, Sound]:
    chance = span.chance("event", event.kind, number)
    strength = 10 ** (-18 * (1 - min(1.0, max(0.0, event.strength))) / 20)
    if event.kind == "thud":
        return round(event.time * RATE), _thud(chance, event.side) * np.float32(0.5 * strength)
    whoosh, peak = _whoosh(chance, event.seconds, event.side, event.to)
    return round(event.time * RATE) - peak, whoosh * np.float32(0.35 * strength)


def _thud(chance: np.random.Generator, side: float) -> Sound:
    """A soft body on the ground: a tone that falls from 150 to 60 Hz within 0.15 s, and the knock."""
    time = np.arange(int(0.35 * RATE)) / RATE
    hertz = 60 + 90 * np.exp(-time / 0.03)
    tone = np.sin(2 * np.pi * np.cumsum(hertz) / RATE) * np.exp(-time / 0.07)
    noise = np.convolve(chance.standard_normal(len(time)), np.ones(9) / 9, "same")
    made = (tone + 1.2 * noise * np.exp(-time / 0.012)) * np.minimum(1, time / 0.001)
    return placed(made * np.minimum(1, (0.35 - time) / 0.05), side)


def _whoosh(
    chance: np.random.Generator, seconds: float, side: float, to: float
) -> tuple[Sound, int]:
    """Air that something goes through: noise whose band rises and falls with the speed, as the strength
    does; and the sample at which it is strongest."""
    length = int(seconds * 1.6 * RATE)
    part = np.arange(length) / length
    peak = 0.55
    speed: Times = np.where(
        part < peak, np.sin(np.pi / 2 * part / peak), np.cos(np.pi / 2 * (part - peak) / (1 - peak))
    )
    speed = np.maximum(speed, 0.0)
    spectrum = np.fft.rfft(chance.standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    made = np.zeros(length)
    # the noise of air about a body has its top where frequency is in proportion to speed (Strouhal)
    for centre in (220.0, 420.0, 800.0, 1500.0):
        octaves = np.log2(np.maximum(hertz, 1) / centre)
        band = np.fft.irfft(spectrum * np.exp(-(octaves**2) * 1.4), length)
        band /= band.std()
        near = np.exp(-((np.log2(np.maximum(speed, 0.05) * 1300 / centre)) ** 2) * 0.7)
        made += band * near * (centre / 420) ** -0.35
    made *= speed**2.4 / np.abs(made * speed**2.4).max()
    angle = (side + (to - side) * part) * np.pi / 2
    return np.stack([made * np.cos(angle), made * np.sin(angle)]).astype(np.float32), int(
        peak * length
    )
