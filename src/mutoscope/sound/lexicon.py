"""Words of sound, and where they are found in a cue."""

from __future__ import annotations

import os.path
import re
import tomllib
from functools import cache
from typing import Any, NamedTuple

import msgspec

from mutoscope.direction.tokens import plain

_HAN = re.compile(r"[一-鿿]")


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See recipes.toml."""

    words: str
    levels: dict[str, float]
    place: str = ""
    inside: bool = False
    how: str = ""


class Hit(NamedTuple):
    """A phrase that was found: what it stands for and where it is in the text."""

    name: str
    start: int
    end: int


class Phrases:
    """Phrases of several tables, each standing for its table's name."""

    def __init__(self, tables: dict[str, str]) -> None:
        self.names: dict[str, str] = {}
        for name, words in tables.items():
            for phrase in words.split(","):
                self.names.setdefault(plain(phrase.strip()), name)
        ordered = sorted(self.names, key=len, reverse=True)
        self.groups = {f"p{at}": self.names[phrase] for at, phrase in enumerate(ordered)}
        self.pattern = re.compile(
            "|".join(f"(?P<p{at}>{_pattern(phrase)})" for at, phrase in enumerate(ordered))
        )

    def find(self, text: str) -> list[Hit]:
        """Every phrase in the text, in order; where two are in one place, the longer."""
        return [
            Hit(self.groups[match.lastgroup or ""], match.start(), match.end())
            for match in self.pattern.finditer(_spelt(text))
        ]


def _spelt(text: str) -> str:
    return plain(re.sub(r"[-–—_]", " ", text))


def _pattern(phrase: str) -> str:
    if _HAN.search(phrase):
        return re.escape(phrase)
    body = r"\s+".join(re.escape(word) for word in phrase.strip("*").split())
    before = r"\b\w*" if phrase.startswith("*") else r"\b"
    after = r"\w*\b" if phrase.endswith("*") else r"\b"
    return before + body + after


def _table(name: str) -> dict[str, Any]:
    with open(os.path.join(os.path.dirname(__file__), name), "rb") as file:
        return tomllib.load(file)


@cache
def recipes() -> dict[str, Recipe]:
    """Every recipe by its name."""
    return msgspec.convert(_table("recipes.toml"), dict[str, Recipe])


@cache
def phrases() -> Phrases:
    """The recipes' words, and the others of words.toml as "+music", "+quiet", ..."""
    others = {f"+{name}": words for name, words in _table("words.toml").items()}
    return Phrases({name: one.words for name, one in recipes().items()} | others)


@cache
def places() -> Phrases:
    """Words for places, each standing for the recipe of what is heard there."""
    return Phrases({name: one.place for name, one in recipes().items() if one.place})


@cache
def targets() -> Phrases:
    """What moves in a picture: "sea", "plant", ...; a word may go on after its stem."""
    stems = _table("picture.toml")["targets"]
    return Phrases(
        {
            name: ", ".join(f"{one.strip()}*" for one in words.split(","))
            for name, words in stems.items()
        }
    )


@cache
def kinds() -> dict[str, dict[str, str]]:
    """Motion's kind → target → recipe."""
    table: dict[str, dict[str, str]] = _table("picture.toml")["kinds"]
    return table
