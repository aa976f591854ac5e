"""What of a picture moves by itself in a film: its surfaces, and the words for them.

All of it stands in `surfaces.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

Wears = Literal["as plate", "own", "not"]


@dataclass(frozen=True, slots=True)
class Surface:
    """One kind of surface; see the head of `surfaces.toml`."""

    name: str
    moves: str
    does: str
    wears: Wears
    amplitude: float = 0.0
    grain: float = 0.0
    waves: tuple[tuple[float, float], ...] = ()
    words: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Surfaces:
    """The table, read."""

    by_name: dict[str, Surface]
    of_word: dict[str, str]  # the first surface that has the word
    kinds: dict[str, tuple[str, ...]]
    others: dict[str, tuple[str, ...]]
    marks: dict[str, tuple[str, ...]]
    lacks: dict[str, str]


_TABLES = ("kinds", "others", "marks", "lacks")


@cache
def surfaces() -> Surfaces:
    """The surfaces and what the words of prompts mean for them."""
    read = tomllib.loads(files(__package__).joinpath("surfaces.toml").read_text("utf-8"))
    found: dict[str, Surface] = {}
    for name, row in read.items():
        if name in _TABLES:
            continue
        words = frozenset(row.pop("words").split())
        waves = tuple((hertz, share) for hertz, share in row.pop("waves", ()))
        found[name] = Surface(name, **row, waves=waves, words=words)
    of_word: dict[str, str] = {}
    for surface in found.values():
        for word in (surface.name, *sorted(surface.words)):
            of_word.setdefault(word, surface.name)
    kinds, others, marks = (
        {key: tuple(names) for key, names in read[table].items()} for table in _TABLES[:3]
    )
    return Surfaces(found, of_word, kinds, others, marks, read["lacks"])


#: Their names, in the table's order.
SURFACES: tuple[str, ...] = tuple(surfaces().by_name)


def surface_of(words: str) -> str | None:
    """The surface that `words` ("the trees", "die Blätter", "水面") name; None where they name none."""
    lowered, of_word = words.lower(), surfaces().of_word
    for word in reversed(lowered.replace("-", " ").split()):  # the noun comes last
        if (surface := of_word.get(word.strip(".,;:!?'\"()"))) is not None:
            return surface
    held = [word for word in of_word if ord(word[0]) >= 0x2E80 and word in lowered]
    return of_word[max(held, key=len)] if held else None
