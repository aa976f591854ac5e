"""The lexicons: which phrase means what, per language, as data.

A language's file maps tables to phrases parted by commas. Three spellings are used::

    name = "phrase, phrase"                  a phrase stands for the table and the name
    name = "base/finite/participle, …"       [verb], [weak] and [motion.*]: the forms of a verb,
                                             "a|b" for several of one form, empty where there is none
    "family.direction+family" = "phrase, …"  [sure] and [verb]: what the phrase moves
    "edit.amount" = "phrase, …"              [edit]: "faster.2" = "twice as fast"

`load` reads a file once, checks every table and name against `TABLES`, and says what is wrong.
"""

from __future__ import annotations

import os.path
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from mutoscope.direction.model import EDITS, MOVES
from mutoscope.direction.tokens import plain, tokens

LANGUAGES = ("en", "de", "da", "zh")
BASE, FINITE, PARTICIPLE = 0, 1, 2

#: table → the names it may hold; None: families of moves.toml; (): any name.
TABLES: dict[str, tuple[str, ...] | None] = {
    "camera": ("noun", "pronoun"),
    "sure": None,
    "verb": None,
    "weak": None,
    "direction": ("left", "right", "up", "down", "in", "out", "forward", "back", "around", "cw", "ccw"),
    "scene": ("phrases",),
    "speed": ("slow", "normal", "fast", "within_fast"),
    "possessive": ("words",),
    "article": ("words",),
    "negation": ("words", "move"),
    "join": ("then", "same", "break", "without", "or"),
    "time": (
        "seconds", "minutes", "frames_ms", "first", "last", "at", "after", "later", "from", "to", "half",
        "first_half", "second_half", "start", "end", "rest", "clip",
    ),
    "numbers": (),
    "amount": ("degrees", "percent", "times", "turns_90", "turns_180", "turns_360", "metres", "about"),
    "lens": (
        "mm", "focal_12", "focal_18", "focal_24", "focal_85", "focal_100", "focal_135", "shallow", "deep",
    ),
    "style": ("stop_motion", "natural"),
    "first_frame": ("phrases",),
    "loop": ("phrases", "not"),
    "keep": ("verbs", "states"),
    "layer": ("background", "foreground", "subject"),
    "header": ("camera", "background", "foreground", "subject", "light", "sound", "style", "keep", "change"),
    "sound": ("cues",),
    "cause": ("words",),
    "vague": ("phrases",),
    "instruction": ("verbs",),
    "filler": ("words",),
    "motion.object": (),
    "motion.nature": (),
    "motion.people": (),
    "motion.light": (),
    # of a film that is there already, in lexicon/film
    "edit": None,
    "degree": ("slight", "strong"),
    "whole": ("words",),
}  # fmt: skip
_FORMS = ("verb", "weak", "motion.object", "motion.nature", "motion.people", "motion.light")


class Sense(NamedTuple):
    """What a phrase may be: its table, the name in that table, and the form of a verb."""

    table: str
    name: str
    form: int = BASE


Phrase = tuple[str, ...]
Senses = dict[str, Sense]  # table → sense


class Phrases(NamedTuple):
    """The phrases that begin with one word. `lengths`: in words, the longest first."""

    lengths: tuple[int, ...]
    senses: dict[Phrase, Senses]


Index = dict[str, Phrases]  # by first word


@cache
def families() -> dict[str, dict[str, str]]:
    """moves.toml: family → direction → move."""
    read: dict[str, dict[str, str]] = tomllib.loads(_text("moves.toml"))
    for family, table in read.items():
        for direction, move in table.items():
            if move not in MOVES or direction not in (*(TABLES["direction"] or ()), "default"):
                raise ValueError(f"moves.toml: {family}.{direction} = {move!r} is no move")
    return read


@cache
def telling_words() -> dict[str, frozenset[str]]:
    """languages.toml: language → the words that tell it from the others."""
    read = tomllib.loads(_text("languages.toml"))
    return {language: frozenset(_split(words)) for language, words in read.items()}


@cache
def load(language: str, film: bool = False) -> tuple[tuple[str, Sense], ...]:
    """Every phrase of a language with its sense, in the file's order, the looks of film before them;
    `film`: and what is said of a film that is there already."""
    read = tuple(entries(tomllib.loads(_text(f"lexicon/{language}.toml")), language))
    looks = entries(tomllib.loads(_text(f"lexicon/looks/{language}.toml")), language)
    if not film:
        return (*looks, *read)
    said = entries(tomllib.loads(_text(f"lexicon/film/{language}.toml")), language)
    return (*looks, *said, *read)


def entries(read: Mapping[str, Any], language: str) -> Iterator[tuple[str, Sense]]:
    """The phrases of a lexicon that was read. ValueError names the first wrong table, name or phrase."""
    if read.get("language") != language:
        raise ValueError(f"{language}.toml: language must be {language!r}")
    for table, held in _tables(read):
        if table not in TABLES:
            raise ValueError(f"{language}.toml: [{table}] is no table of a lexicon")
        for name, phrases in held.items():
            _known(language, table, name)
            if not isinstance(phrases, str):
                raise ValueError(f"{language}.toml: [{table}] {name} must be a string of phrases")
            for phrase in _split(phrases):
                yield from _senses(table, name, phrase)


def _tables(read: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table, held in read.items():
        if table == "motion":
            for group, verbs in held.items():
                yield f"motion.{group}", verbs
        elif table != "language":
            yield table, held


def _known(language: str, table: str, name: str) -> None:
    names = TABLES[table]
    if table == "edit":
        if name.partition(".")[0] not in (*EDITS, "rate"):
            raise ValueError(f"{language}.toml: [edit] {name} is no edit")
    elif names is None:
        for part in name.split("+"):
            family, _, direction = part.partition(".")
            if direction not in families().get(family, ()) and (
                direction or family not in families()
            ):
                raise ValueError(f"{language}.toml: [{table}] {name} is no family and direction")
    elif names and name not in names:
        raise ValueError(f"{language}.toml: [{table}] has no {name}; it has {', '.join(names)}")


def _senses(table: str, name: str, phrase: str) -> Iterator[tuple[str, Sense]]:
    if table not in _FORMS:
        yield phrase, Sense(table, name)
        return
    for form, spelled in enumerate(phrase.split("/")):
        for one in spelled.split("|"):
            if one.strip():
                yield one.strip(), Sense(table, name, form)


def _split(phrases: str) -> Iterator[str]:
    return (phrase for part in phrases.split(",") if (phrase := part.strip()))


def _text(name: str) -> str:
    # os.path, not pathlib: a fifth of the time that importing this room takes
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


@cache
def index(languages: tuple[str, ...], film: bool = False) -> Index:
    """The phrases of several languages together; in a clash the earlier language has its way."""
    merged: dict[Phrase, Senses] = {}
    owner: dict[Phrase, str] = {}
    for language in languages:
        for text, sense in load(language, film):
            words = _words(text)
            if owner.setdefault(words, language) == language:
                merged.setdefault(words, {}).setdefault(sense.table, sense)
    by_first: dict[str, dict[Phrase, Senses]] = {}
    for words, senses in merged.items():
        by_first.setdefault(words[0], {})[words] = senses
    return {
        first: Phrases(tuple(sorted({len(words) for words in held}, reverse=True)), held)
        for first, held in by_first.items()
    }


@cache
def _words(text: str) -> Phrase:
    if text.isascii() and text.replace(" ", "").isalpha():
        return tuple(text.split())
    return tuple(token.text for token in tokens(text)) or (plain(text),)
