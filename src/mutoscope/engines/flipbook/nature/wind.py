"""The wind of a film: one way and one strength for everything that it moves, and the same gusts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from mutoscope.engines.flipbook.nature.field import source


@dataclass(frozen=True, slots=True)
class Wind:
    """`way`: 1 where it blows to the right, -1 to the left. `strength`: 1 is a light breeze. `told`: the
    prompt said where it comes from. Gusts travel with it and are the seed's alone."""

    way: float = 1.0
    strength: float = 1.0
    seed: int = 0
    told: bool = False

    def gusts(self) -> np.random.Generator:
        """Random numbers that are the same for everything in this wind."""
        return source(self.seed, "wind")


@cache
def _words() -> dict[str, tuple[str, ...]]:
    read = tomllib.loads(files(__package__).joinpath("wind.toml").read_text("utf-8"))
    return {name: tuple(part.strip() for part in row.split(",")) for name, row in read.items()}


def wind_of(words: Iterable[str], directions: Iterable[str], seed: int = 0) -> Wind:
    """The wind that a prompt's `words` ("wind from the left") and its motions' `directions` speak of;
    where they leave its way open, the seed chooses."""
    said, table = " ".join(words).lower(), _words()
    strength = 1.0
    for name, times in (("gentle", 0.7), ("strong", 1.5)):
        if any(word in said for word in table[name]):
            strength = times
    for name, way in (("to_left", -1.0), ("to_right", 1.0)):
        if any(word in said for word in table[name]):
            return Wind(way, strength, seed, told=True)
    for direction in directions:
        if direction in ("left", "right"):
            return Wind(-1.0 if direction == "left" else 1.0, strength, seed, told=True)
    return Wind(float(source(seed, "wind's way").choice((-1.0, 1.0))), strength, seed)
