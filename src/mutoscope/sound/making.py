"""A source by its name, ready to render."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mutoscope.sound.bed import Bed
from mutoscope.sound.filters import along, bins, convolved, prompt
from mutoscope.sound.layer import Layer, sources
from mutoscope.sound.slow import Curve, stretched, ticks
from mutoscope.sound.span import Sound, Source, Span
from mutoscope.sound.talkers import Talkers
from mutoscope.sound.voices import Roomy, Strewn
from mutoscope.sound.ways import WAYS


class Shaped:
    """A source whose level follows a curve of one band."""

    def __init__(self, source: Source, curve: Curve) -> None:
        self.source, self.curve = source, curve

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        times = ticks(start, stop)
        gains = stretched(self.curve.gains(times)[0], times, start, stop)
        return np.asarray(self.source.render(start, stop) * gains)


class Clean:
    """A source without what lies below hearing, so that nothing is off its middle."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.taps = prompt(along(((20, 0), (20_000, 0)), bins()))

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = self.source.render(start - len(self.taps) + 1, stop)
        return np.stack([convolved(one, [self.taps])[0] for one in made])


class Sum:
    """Sources together, each at a level in dB."""

    def __init__(self, parts: list[tuple[Source, float]]) -> None:
        self.parts = [(source, np.float32(10 ** (level / 20))) for source, level in parts]

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = np.zeros((2, stop - start), np.float32)
        for source, gain in self.parts:
            made += source.render(start, stop) * gain
        return made


def source(name: str, span: Span) -> Source:
    """The source as sources.toml has it, at -23 LUFS over a long time."""
    made = sources()[name]
    parts: list[tuple[Source, float]] = []
    for number, layer in enumerate(made.layers):
        called = f"{name}.{number}"
        parts.append((Bed(span, called, layer, _curve(span, called, layer)), made.gain))
    for number, voice in enumerate(made.voices):
        called = f"{name}.voice.{number}"
        strewn: Source = Strewn(span, called, voice)
        if voice.way:
            layer = Layer(curve=(), way=voice.way, depth=voice.depth, every=voice.every)
            strewn = Shaped(strewn, WAYS[voice.way](span, called, layer))
        if voice.room:
            strewn = Roomy(strewn, span, called, voice.room, voice.wet)
        parts.append((strewn, made.gain))
    if (people := made.people) is not None:
        talk: Source = Talkers(span, f"{name}.people", people.count, people.level)
        parts.append((Roomy(talk, span, name, people.room, people.wet), made.gain))
    return Sum(parts)


def mixed(levels: Mapping[str, float], span: Span) -> Source:
    """Several sources, each at its level in dB."""
    return Clean(Sum([(source(name, span), level) for name, level in levels.items()]))


def _curve(span: Span, name: str, layer: Layer) -> Curve | None:
    return WAYS[layer.way](span, name, layer) if layer.way else None
