"""Where a prompt wants a character to be."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Side = Literal["", "left", "centre", "right"]
Distance = Literal["", "near", "far"]

_CLAUSE = re.compile(r"[.;!?。；！？\n]|,|，")
_SIDES: tuple[Side, ...] = ("left", "right", "centre")
_DISTANCES: tuple[Distance, ...] = ("near", "far")


@dataclass(frozen=True, slots=True)
class Wanted:
    """ "" where the prompt leaves it open."""

    side: Side = ""
    distance: Distance = ""


def wanted(prompt: str, mention: str) -> Wanted:
    """What the prompt says of a character's place, around each of its mentions (`@Roller_Pan`)."""
    text, word = prompt.lower(), mention.lower()
    side: Side = ""
    distance: Distance = ""
    for match in re.finditer(re.escape(word) + r"(?!\w)", text):
        for window in _windows(text, match.start(), match.end()):
            side = side or next((one for one in _SIDES if _says(one, window)), "")
            distance = distance or next((one for one in _DISTANCES if _says(one, window)), "")
    return Wanted(side, distance)


def _windows(text: str, start: int, end: int) -> tuple[str, str]:
    """The words of the clause after a mention, up to the next one; and those before it."""
    after = _CLAUSE.split(text[end:], maxsplit=1)[0].partition("@")[0]
    before = _CLAUSE.split(text[:start])[-1].rpartition("@")[2]
    if "@" in _CLAUSE.split(text[:start])[-1]:
        before = ""  # what stands between two mentions belongs to the first
    return after, before


def _says(what: str, window: str) -> bool:
    return any(pattern.search(window) for pattern in _patterns()[what])


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    source = files("mutoscope.engines.flipbook.casting").joinpath("places.toml")
    table = tomllib.loads(source.read_text("utf-8"))
    return {
        what: tuple(re.compile(pattern) for pattern in by_language.values())
        for what, by_language in table.items()
    }
