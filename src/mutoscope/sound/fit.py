"""A sound brought to a film's length: looped, cut, faded, crossfaded with its own beginning."""

from __future__ import annotations

import numpy as np

from mutoscope.sound.pcm import Pcm
from mutoscope.sound.span import RATE, Sound, Source, Span

#: Seconds over which music goes over into its own beginning, and dies away at the end.
OVER, OUT = 2.0, 2.0
#: Seconds in which any sound begins and ends, so that neither clicks.
SOFT_IN, SOFT_OUT = 0.12, 0.4


def rising(places: np.ndarray, begin: int, length: int) -> np.ndarray:
    """0 before `begin`, 1 from `begin + length` on; the square of it and of its mirror add up to 1."""
    part = np.clip((places - begin) / max(1, length), 0, 1)
    return np.asarray(np.sin(part * np.pi / 2), np.float32)


class Faded:
    """A source that begins and ends softly: `into` and `out` in seconds, within `samples`."""

    def __init__(
        self, source: Source, samples: int, into: float = SOFT_IN, out: float = SOFT_OUT
    ) -> None:
        self.source, self.samples = source, samples
        longest = samples // 8
        self.into, self.out = (min(longest, int(one * RATE)) for one in (into, out))

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = self.source.render(start, stop)
        places = np.arange(start, stop)
        shape = rising(places, 0, self.into) * rising(-places, -self.samples, self.out)
        return np.asarray(made * shape)


class Between:
    """A source from `begin` to `end` (seconds; None: without end), over `soft` seconds."""

    def __init__(self, source: Source, begin: float | None, end: float | None, soft: float) -> None:
        self.source, self.soft = source, int(soft * RATE)
        self.begin = None if begin is None else int(begin * RATE)
        self.end = None if end is None else int(end * RATE)

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = self.source.render(start, stop)
        places = np.arange(start, stop)
        if self.begin is not None:
            made = made * rising(places, self.begin, self.soft)
        if self.end is not None:
            made = made * rising(-places, -self.end, self.soft)
        return np.asarray(made, np.float32)


class Repeated:
    """Music again and again, each time going over into the next within OVER seconds."""

    def __init__(self, music: Pcm) -> None:
        self.music = music
        self.over = min(int(OVER * RATE), music.samples // 4)
        self.step = music.samples - self.over

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = np.zeros((2, stop - start), np.float32)
        places = np.arange(start, stop)
        for turn in range(max(0, (start - self.music.samples) // self.step), stop // self.step + 1):
            first = turn * self.step
            if first >= stop or first + self.music.samples <= start:
                continue
            shape = rising(-places, -(first + self.music.samples), self.over)
            if turn:
                shape = shape * rising(places, first, self.over)
            made += self.music.render(start - first, stop - first) * shape
        return made


class Round:
    """A source that is longer than the film as one that closes: its end goes over into its beginning."""

    def __init__(self, source: Source, samples: int) -> None:
        self.source, self.samples = source, samples
        self.over = min(int(OVER * RATE), samples // 3)

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = np.empty((2, stop - start), np.float32)
        at = start
        while at < stop:
            place = at % self.samples
            count = min(stop - at, self.samples - place)
            heard = self.source.render(place, place + count)
            if place < self.over:
                shape = rising(np.arange(place, place + count), 0, self.over)
                late = self.source.render(self.samples + place, self.samples + place + count)
                heard = heard * shape + late * np.sqrt(1 - shape**2)
            made[:, at - start : at - start + count] = heard
            at += count
        return made


def music(pcm: Pcm, span: Span) -> tuple[Source, str]:
    """The owner's music for the whole film, and how it was brought to its length."""
    need = span.samples + (int(OVER * RATE) if span.loop else 0)
    source: Source = pcm
    how = "cut to the film's length"
    if pcm.samples < need:
        # a few samples of a rounding are no reason to begin again
        if not span.loop and pcm.samples >= span.samples - RATE // 4:
            how = "as long as the film"
        else:
            source = Repeated(pcm)
            how = f"repeated, it is {pcm.samples / RATE:.3g} s long"
    if span.loop:
        return Round(source, span.samples), f"{how}; its end goes over into its beginning"
    return Faded(source, span.samples, 0.03, min(OUT, span.seconds / 4)), how


def voice(pcm: Pcm, span: Span) -> tuple[Source, str]:
    """The owner's voice from the beginning on, and what was cut off, "" where nothing was."""
    cut = pcm.samples - span.samples
    source = Faded(pcm, min(pcm.samples, span.samples), 0.01, 0.25 if cut > 0 else 0.02)
    if cut <= RATE // 20:
        return source, ""
    return source, f"the film ends before it: {cut / RATE:.3g} s of it are cut off"
