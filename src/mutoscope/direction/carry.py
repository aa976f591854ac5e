"""What a clause owes to the one before it: a verb, a side, or being at the same time."""

from __future__ import annotations

from collections.abc import Sequence

from mutoscope.direction.clauses import Clause, Join
from mutoscope.direction.found import Found
from mutoscope.direction.lexicon import families

_OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up", "in": "out", "out": "in"}


def carried(clause: Clause, found: list[Found], text: str) -> list[Found]:
    """ "pan left, then right": a clause that has only a side goes on with the verb before it."""
    if not found or clause.new_sentence or found[-1].sentence != clause.sentence:
        return []
    before = found[-1]
    table = families()[before.family]
    for at, item in enumerate(clause.items):
        side = item.name("direction")
        if side in table:
            words = text[item.start : item.end]
            join: Join = "then" if side == _OPPOSITE.get(before.side) else clause.join
            return [Found(before.family, (table[side],), words, join, at, side=side)]
        if item.unknown or item.motion:
            return []
    return []


def sided(clause: Clause, text: str) -> list[Found]:
    """ "camera: left to right": the camera and a side, and nothing else, is travel."""
    named = clause.section == "camera" or any(
        item.name("camera") == "noun" for item in clause.items
    )
    if not named or any(item.unknown or item.motion for item in clause.items):
        return []
    table = families()["travel"]
    for at, item in enumerate(clause.items):
        side = item.name("direction")
        if side in table:
            words = text[slice(*clause.span)].strip()
            return [Found("travel", (table[side],), words, clause.join, at, side=side)]
    return []


def told_again(found: Sequence[Found], one: Found) -> bool:
    """ "circles the dancer, orbiting left": the side follows for a move that named none."""
    return bool(
        found
        and found[-1].defaulted
        and one.side
        and (found[-1].family, found[-1].sentence) == (one.family, one.sentence)
        and one.join in ("comma", "same")
    )


def meanwhile(clauses: Sequence[Clause], number: int) -> bool:
    """ "While panning left, zoom in": the joining word stands before the first of the two."""
    clause = clauses[number]
    if clause.join != "comma" or not number:
        return False
    before = clauses[number - 1]
    return before.sentence == clause.sentence and before.opener == "same"
