"""Gives each move of a clause its time, and the nearest speed and amount."""

from __future__ import annotations

from functools import lru_cache

from mutoscope.direction.clauses import Clause
from mutoscope.direction.found import Found, Reading
from mutoscope.direction.lexicon import index
from mutoscope.direction.model import Speed
from mutoscope.direction.times import When, read_amounts


def bind(
    moves: list[Found], clause: Clause, when: When, reading: Reading, languages: tuple[str, ...]
) -> None:
    """Gives each move of the clause the time, and the nearest speed and amount."""
    for one in moves:
        one.when = when
    for at, item in enumerate(clause.items):
        name = item.name("speed")
        if name:
            nearest = min(moves, key=lambda one: (abs(one.at - at), one.at < at))
            nearest.speed = nearest.speed or speed_of(name)
    for one in moves:
        within = clause.items[one.at].words
        one.speed = one.speed or _within(within, languages)
    if len(moves) > 1:
        spoken = next((one.speed for one in moves if one.speed), None)
        for one in moves:
            one.speed = one.speed or spoken
    for amount in read_amounts(clause.items):
        fitting = [one for one in moves if fits(one.moves[0], amount.unit) and one.amount is None]
        if fitting:
            min(fitting, key=lambda one: abs(one.at - amount.at)).amount = amount
        else:
            reading.loose.append((amount, moves[0].words))


def fits(move: str, unit: str) -> bool:
    """Whether the move's amount can be told in that unit."""
    turns = move.startswith(("pan", "tilt", "roll", "orbit"))
    return turns if unit == "degrees" else not turns and unit in ("percent", "times")


@lru_cache(maxsize=4096)
def _within(words: tuple[str, ...], languages: tuple[str, ...]) -> Speed | None:
    """The speed inside a phrase: "crash zoom" is fast, "langsamer Zoom" is slow."""
    known = index(languages if "en" in languages else (*languages, "en"))
    for word in words:
        phrases = known.get(word)
        senses = phrases.senses.get((word,), {}) if phrases else {}
        if "speed" in senses:
            name = senses["speed"].name
            return "fast" if name == "within_fast" else speed_of(name)
    return None


def speed_of(name: str) -> Speed:
    return "slow" if name == "slow" else "fast" if name == "fast" else "normal"
