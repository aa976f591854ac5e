"""Ambience, the owner's files and a film's own sound, weighed against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mutoscope.sound.duck import DOWN, Ducked, speaking
from mutoscope.sound.level import measured
from mutoscope.sound.loudness import SILENCE
from mutoscope.sound.making import Sum
from mutoscope.sound.span import Source, Span

Role = Literal["ambience", "music", "voice", "own"]

#: who leads → LU that the others are under it
UNDER: dict[Role, dict[Role, float]] = {
    "voice": {"voice": 0.0, "own": 6.0, "music": 6.0, "ambience": 11.0},
    "own": {"own": 0.0, "music": 6.0, "ambience": 6.0},
    "music": {"music": 0.0, "ambience": 9.0},
    "ambience": {"ambience": 0.0},
}
#: Who leads whom, the first that is there.
LEADS: tuple[Role, ...] = ("voice", "own", "music", "ambience")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the mix: `level` in dB beside what is usual for its role."""

    source: Source
    role: Role
    level: float = 0.0


def weighed(
    parts: Sequence[Part], span: Span, stopped: Callable[[], None] = lambda: None
) -> Source:
    """The parts together: the voice (else the film's own sound, else the music) leads, the others are
    under it by `UNDER`, and go down further where a voice speaks. One part alone is as it is."""
    if len(parts) == 1:
        return parts[0].source
    loud = []
    for part in parts:
        stopped()
        meter = measured(part.source, span.samples)
        gated = meter.integrated()
        loud.append(gated if gated != SILENCE else meter.ungated())
    speaks = None
    for part, heard in zip(parts, loud, strict=True):
        if part.role == "voice":
            speaks = speaking(part.source, span.samples, heard)
    roles = {part.role for part in parts}
    leader = next(role for role in LEADS if role in roles)
    made: list[tuple[Source, float]] = []
    for part, heard in zip(parts, loud, strict=True):
        if heard == SILENCE:
            continue
        source = part.source
        if speaks is not None and part.role in DOWN:
            source = Ducked(source, speaks, DOWN[part.role])
        made.append((source, -heard - UNDER[leader][part.role] + part.level))
    # what leads stands at -23 LUFS until the whole is levelled
    return Sum([(source, level - 23.0) for source, level in made])
