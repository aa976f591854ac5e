"""What an effect is asked for, and what was made of it."""

from __future__ import annotations

import functools
import os.path
import re
import tomllib
from dataclasses import dataclass
from typing import Any, Literal

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.nature.wind import Wind, wind_of
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Timing

#: Kinds of nature motion that are weather: nothing in the photograph moves, something comes before it.
WEATHER = frozenset({"rain", "snow"})
Outcome = Literal["done", "approximated", "not_possible"]
#: How much of an effect a word for its strength stands for.
STRENGTHS = {"slight": 0.5, "normal": 1.0, "strong": 1.7}

#: How fast things fall in slow motion.
SLOW = 0.35


@dataclass(frozen=True, slots=True)
class Asked:
    """One instruction for an effect on a film of `width`×`height`. `scene`: None where the pictures
    have no depth that is known."""

    motion: Motion
    direction: Direction
    timing: Timing
    width: int
    height: int
    scene: Scene | None = None
    prompt: str = ""
    #: The film begins and ends with a picture exactly: all courses are a loop's.
    between: bool = False

    @property
    def because(self) -> str:
        """Why a change goes back to where it began."""
        return (
            "as the film begins and ends with a picture"
            if self.between
            else "as the film is a loop"
        )

    def says(self, table: str) -> bool:
        """Whether one of the words of `words.toml`'s table is in the instruction."""
        return _found(table, self.motion.words) is not None

    def place(self, table: str) -> int | None:
        """Where the first of a table's words stands in the instruction."""
        return _found(table, self.motion.words)

    @property
    def strength(self) -> float:
        """0.5, 1 or 1.7: by the words for it, else, of weather, by those for its speed."""
        for name in ("slight", "strong"):
            if self.says(name):
                return STRENGTHS[name]
        if self.motion.group != "nature":
            return 1.0
        return STRENGTHS[{"slow": "slight", "fast": "strong"}.get(self.motion.speed, "normal")]

    @property
    def wind(self) -> Wind:
        """The film's wind, the same for all that it moves."""
        motions = self.direction.motion
        words = [self.prompt, *(text for one in motions for text in (one.cause, one.words))]
        blown = [one.direction for one in motions if one.kind in ("drift", "flutter", *WEATHER)]
        return wind_of(words, blown, self.timing.seed)

    @property
    def pace(self) -> float:
        """How fast what falls is to fall, of its own speed."""
        return SLOW if any(one.kind == "slow_motion" for one in self.direction.motion) else 1.0

    @property
    def seed(self) -> tuple[int, int]:
        """For what is random: the shot's seed and the kind, so that rain and snow do not fall alike."""
        return self.timing.seed, sum(map(ord, self.motion.kind))


@dataclass(frozen=True, slots=True)
class Made:
    """Effects, or none, and what the report says of the instruction."""

    effects: tuple[Effect, ...]
    outcome: Outcome
    how: str

    def told(self, motion: Motion) -> Instruction:
        words = motion.words or " ".join(
            filter(None, (motion.target, motion.kind, motion.direction))
        )
        return Instruction(words, self.outcome, self.how)


def refused(why: str) -> Made:
    """Nothing is done, and why."""
    return Made((), "not_possible", why)


@functools.cache
def _words() -> dict[str, re.Pattern[str]]:
    with open(os.path.join(os.path.dirname(__file__), "words.toml"), "rb") as file:
        read: dict[str, dict[str, str]] = tomllib.load(file)
    return {table: _pattern(", ".join(languages.values())) for table, languages in read.items()}


def _pattern(words: str) -> re.Pattern[str]:
    """Chinese is written without spaces between words; the others' words are whole ones."""
    each = sorted((word.strip() for word in words.split(",")), key=len, reverse=True)
    spelled = (re.escape(word) if word[0] >= "㐀" else rf"\b{re.escape(word)}\b" for word in each)
    return re.compile("|".join(spelled), re.IGNORECASE)


def _found(table: str, text: str) -> int | None:
    match = _words()[table].search(text)
    return match.start() if match else None


def data(name: str) -> dict[str, Any]:
    """A TOML file of this room."""
    with open(os.path.join(os.path.dirname(__file__), name), "rb") as file:
        return tomllib.load(file)
