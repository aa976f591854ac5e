"""Cues of sound, read: what is to be heard, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mutoscope.direction.model import Direction
from mutoscope.sound.lexicon import Hit, kinds, phrases, places, recipes, targets

Meaning = Literal["made", "picture", "silence", "refused", "music", "speech", "other", "unknown"]

#: dB of what is to be heard from afar, and of what is to be loud.
QUIET, LOUD = -9.0, 4.0


@dataclass(frozen=True, slots=True)
class Cue:
    """What one cue asks for. `recipes`: name → dB; `accents`: the kinds of events that are named;
    `left`: of its words, those that stand for nothing that can be made."""

    words: str
    meaning: Meaning
    recipes: tuple[tuple[str, float], ...] = ()
    accents: tuple[str, ...] = ()
    left: str = ""


def read(words: str) -> Cue:
    """One cue. Never fails."""
    hits = phrases().find(words)
    names = {hit.name for hit in hits}
    if "+silence" in names and not _made(hits):
        return Cue(words, "silence")
    if "+without" in names:
        return Cue(words, "silence" if names == {"+without", "+picture"} else "refused")
    made = _made(hits)
    accents = tuple(name[1:] for name in ("+whoosh", "+thud") if name in names)
    cannot: tuple[Meaning, ...] = ("music", "speech", "other")
    if not made:
        for meaning in cannot:
            if f"+{meaning}" in names:
                return Cue(words, meaning)
    if made or accents:
        return Cue(words, "made", made, accents, _left(words, hits))
    return Cue(words, "picture" if "+picture" in names else "unknown")


def _left(words: str, hits: list[Hit]) -> str:
    """What of the words no hit covers, or only one that cannot be made."""
    at, left = 0, []
    for hit in hits:
        left.append(words[at : hit.start])
        if hit.name in ("+music", "+speech", "+other"):
            left.append(words[hit.start : hit.end])
        at = hit.end
    left.append(words[at:])
    return " ".join(" ".join(left).translate(_MARKS).split())


_MARKS = str.maketrans(dict.fromkeys(".,;:!?\"'()[]“”„«»，。、：；！？", " "))


def _made(hits: list[Hit]) -> tuple[tuple[str, float], ...]:
    """The recipes that are named, each as loud as the words before it say."""
    found: dict[str, float] = {}
    level = 0.0
    for hit in hits:
        if hit.name == "+quiet":
            level = QUIET
        elif hit.name == "+loud":
            level = LOUD
        elif hit.name in recipes():
            found.setdefault(hit.name, level)
            level = 0.0
    return tuple(found.items())


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture sounds like: recipes, and the words that say why."""

    recipes: tuple[tuple[str, float], ...]
    because: str


def of_picture(direction: Direction, prompt: str) -> Seen:
    """What is heard where nobody says what: what moves, else the place that the prompt names, else soft
    air."""
    found: dict[str, str] = {}
    for motion in direction.motion:
        table = kinds().get(motion.kind, {})
        hits = targets().find(f"{motion.target} {motion.words}")
        named = next((table[hit.name] for hit in hits if hit.name in table), table.get("default"))
        if named:
            found.setdefault(named, motion.words or f"{motion.target} {motion.kind}".strip())
        elif motion.cause:
            found.setdefault("wind", motion.cause)
    if any(motion.cause for motion in direction.motion) and found.keys().isdisjoint(
        {"wind", "leaves"}
    ):
        found.setdefault("wind", next(motion.cause for motion in direction.motion if motion.cause))
    if found:
        levels = tuple((name, -3.0 * at) for at, name in enumerate(found))
        return Seen(levels, ", ".join(f"“{words}”" for words in dict.fromkeys(found.values())))
    there = places().find(prompt)
    if there:
        names = list(dict.fromkeys(hit.name for hit in there))[:2]
        if inside := [name for name in names if recipes()[name].inside]:
            names = inside[:1]
        said = [prompt[hit.start : hit.end] for hit in there if hit.name in names]
        levels = tuple((name, -4.0 * at) for at, name in enumerate(names))
        return Seen(levels, ", ".join(f"“{words}”" for words in dict.fromkeys(said)))
    return Seen((("air", 0.0),), "")


def sources(wanted: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Recipes, each at a level, as sources at theirs; the louder where two hold the same."""
    levels: dict[str, float] = {}
    for name, level in wanted:
        for source, part in recipes()[name].levels.items():
            levels[source] = max(levels.get(source, -200.0), level + part)
    return levels
