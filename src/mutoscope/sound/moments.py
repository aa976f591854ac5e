"""Events of a film that its direction tells of."""

from __future__ import annotations

from collections.abc import Sequence

from mutoscope.direction.model import Direction, Move
from mutoscope.sound.events import Event

#: A fast move within so many seconds is one that air is heard of.
SWIFT = 1.6
#: The side that a whoosh comes from and goes to, by the way that the camera turns.
_SIDES = {"left": (0.8, 0.2), "right": (0.2, 0.8)}
_QUIET = ("static", "handheld", "roll_cw", "roll_ccw")


def events(direction: Direction, accents: Sequence[str], seconds: float) -> tuple[Event, ...]:
    """A whoosh at every swift move of the camera; where one is asked for (`accents`) and no move is
    swift, at the fastest that there is, or in the middle."""
    moves = [move for move in direction.camera if move.move not in _QUIET]
    swift = [move for move in moves if move.speed == "fast" and move.end - move.start <= SWIFT]
    if "whoosh" in accents and not swift:
        swift = sorted(moves, key=lambda move: (move.speed != "fast", move.end - move.start))[:1]
        if not swift:
            return (Event(seconds / 2, "whoosh", 0.8, min(0.8, seconds / 2)),)
    strength = 1.0 if "whoosh" in accents else 0.55
    return tuple(_whoosh(move, strength) for move in swift)


def _whoosh(move: Move, strength: float) -> Event:
    length = min(1.5, max(0.35, move.end - move.start))
    way = move.move.rpartition("_")[2]
    side, to = _SIDES.get(way, (0.5, 0.5))
    return Event((move.start + move.end) / 2, "whoosh", strength, length, side, to)
