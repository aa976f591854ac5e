"""A source by its name, ready to render."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mutoscope.sound.bed import Bed
from mutoscope.sound.layer import Layer, sources
from mutoscope.sound.span import Sound, Source, Span
from mutoscope.sound.talkers import Talkers
from mutoscope.sound.voices import Roomy, Strewn
from mutoscope.sound.ways import WAYS

#: source → people who talk in it, and how loud beside its layers, in dB
PEOPLE = {"crowd": (18, -12.0)}


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
        if voice.room:
            strewn = Roomy(strewn, span, called, voice.room, voice.wet)
        parts.append((strewn, made.gain))
    if name in PEOPLE:
        count, level = PEOPLE[name]
        talk = Roomy(Talkers(span, f"{name}.people", count, level), span, name, 0.9, 3.0)
        parts.append((talk, made.gain))
    return Sum(parts)


def mixed(levels: Mapping[str, float], span: Span) -> Source:
    """Several sources, each at its level in dB."""
    return Sum([(source(name, span), level) for name, level in levels.items()])


def _curve(span: Span, name: str, layer: Layer):  # type: ignore[no-untyped-def]
    return WAYS[layer.way](span, name, layer) if layer.way else None
