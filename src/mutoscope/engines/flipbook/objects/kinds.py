"""What can be done with each kind of motion: the table, and which words speak of the cut-out."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.flipbook.objects import courses
from mutoscope.engines.flipbook.objects.courses import Course
from mutoscope.engines.flipbook.objects.stand import Stand

_SPEEDS = ("slow", "normal", "fast")
#: A direction's word → the side it goes to; what is not here is no side.
_SIDES = {"left": -1, "right": 1}
_NEARER = {"in": 1, "forward": 1, "out": -1, "back": -1}
_UPWARD = {"up": 1, "down": -1}
_TURNS = {"clockwise": 1, "counterclockwise": -1, "right": 1, "left": -1}


@dataclass(frozen=True, slots=True)
class Way:
    """How a motion is made: its course, how far (in the table's units) and with which sign; `period` is
    the seconds that once takes; `how` finishes "the cut-out …", with {far} for how far it went and
    {side} for the side of its sign. `or_else` are the course and sign to try where those have no room."""

    course: Course
    amount: float
    sign: int
    period: float
    how: str
    unit: str = ""  # of {far}: "height", "width", "degrees", "times", ""
    or_else: tuple[tuple[Course, int], ...] = ()
    counted: bool = False  # "twice" says how often


@lru_cache(1)
def table() -> dict[str, Any]:
    """kinds.toml."""
    return tomllib.loads(resources.files(__package__).joinpath("kinds.toml").read_text("utf-8"))


def movable(motion: Motion) -> bool:
    """Whether a cut-out can be made to do it."""
    return motion.group == "object" and motion.kind in table()["moves"]


def asked(direction: Direction) -> tuple[Motion, ...]:
    """The motions that a cut-out can be made to do."""
    return tuple(motion for motion in direction.motion if movable(motion))


def elsewhere(motion: Motion) -> bool:
    """Whether its target is named as something that is not cut out."""
    words = motion.target.lower()
    known = table()["elsewhere"]["words"]
    return words in known or any(word in known for word in words.split())


def times_of(motion: Motion) -> int:
    """How often the prompt says that it happens ("twice"); 0 where it does not."""
    words = motion.words.lower()
    for count, phrases in table()["times"].items():
        if any(phrase in words for phrase in phrases):
            return int(count)
    return 0


def way(motion: Motion, stand: Stand) -> Way:
    """How the motion is made of a cut-out that stands so."""
    return _WAYS[table()["moves"][motion.kind]](motion, stand)


def _amount(name: str, motion: Motion) -> float:
    return float(table()["amounts"][name][_SPEEDS.index(motion.speed)])


def _period(name: str, motion: Motion) -> float:
    return float(table()["periods"][name][_SPEEDS.index(motion.speed)])


def _float(motion: Motion, stand: Stand) -> Way:
    how = "floats, up to {far} above where it stood"
    return Way(courses.float_, _amount("float", motion), 1, _period("float", motion), how, "height")


def _bounce(motion: Motion, stand: Stand) -> Way:
    how = "hops up to {far}, and comes down where it stood"
    return Way(
        courses.bounce, _amount("bounce", motion), 1, _period("bounce", motion), how, "height",
        counted=True,
    )  # fmt: skip


def _turn(motion: Motion, stand: Stand) -> Way:
    sign = _TURNS.get(motion.direction, 1)
    if stand.round and not stand.cut:
        way = "clockwise" if sign > 0 else "anticlockwise"
        how = f"turns {way} in the picture's plane, for its outline is round"
        return Way(courses.whole_turns, 1.0, sign, _period("whole", motion), how, counted=True)
    how = "turns to and fro by {far} in the picture's plane: no other side of it was photographed"
    return Way(courses.rock, _amount("turn", motion), sign, _period("turn", motion), how, "degrees")


def _swing(motion: Motion, stand: Stand) -> Way:
    how = "swings by {far} to each side from its upper end"
    return Way(courses.swing, _amount("swing", motion), 1, _period("swing", motion), how, "degrees")


def _tilt(motion: Motion, stand: Stand) -> Way:
    sign = _TURNS.get(motion.direction, 1)
    how = f"leans to the {'right' if sign > 0 else 'left'} by {{far}}"
    return Way(courses.tilt, _amount("tilt", motion), sign, 1.0, how, "degrees")


def _rise(motion: Motion, stand: Stand) -> Way:
    if motion.direction == "down":
        return _fall(motion, stand)
    return Way(courses.rise, _amount("rise", motion), 1, 1.0, "rises by {far}", "height")


def _fall(motion: Motion, stand: Stand) -> Way:
    if motion.direction == "up":
        return _rise(motion, stand)
    return Way(courses.rise, _amount("fall", motion), -1, 1.0, "sinks by {far}", "height")


def _travel(motion: Motion, stand: Stand) -> Way:
    return _going(courses.travel, "slides", motion, stand)


def _roll(motion: Motion, stand: Stand) -> Way:
    if not stand.round:
        return _going(courses.travel, "slides", motion, stand)
    return _going(courses.roll, "rolls", motion, stand)


def _drift(motion: Motion, stand: Stand) -> Way:
    return _going(courses.drift, "drifts, rocking a little,", motion, stand)


def _fly(motion: Motion, stand: Stand) -> Way:
    if motion.direction in _SIDES:
        return _going(courses.travel, "goes", motion, stand)
    if _depth(motion):
        return _nearer(motion)
    return _rise(motion, stand) if motion.direction in _UPWARD else _float(motion, stand)


def _depth(motion: Motion) -> int:
    """1 where it comes nearer, -1 where it goes away, 0 where the words say neither."""
    if motion.direction in _NEARER:
        return _NEARER[motion.direction]
    words = motion.words.lower()
    said = set(words.split())
    for name, sign in (("nearer", 1), ("farther", -1)):
        if any(word in said or (word >= "㐀" and word in words) for word in table()[name]["words"]):
            return sign
    return 0


def _going(course: Course, verb: str, motion: Motion, stand: Stand) -> Way:
    if motion.direction not in _SIDES and _depth(motion):
        return _nearer(motion)
    if motion.direction in _UPWARD:
        return _rise(motion, stand)
    # the side where there is more room is the first to try
    room = 1 if stand.width - stand.box.right >= stand.box.left else -1
    sign = _SIDES.get(motion.direction, room)
    how = f"{verb} {{side}} by {{far}}"
    return Way(
        course, _amount("travel", motion), sign, _period("turn", motion), how, "width",
        or_else=() if motion.direction in _SIDES else ((course, -sign),),
    )  # fmt: skip


def _nearer(motion: Motion) -> Way:
    sign = _depth(motion)
    how = "comes nearer, {far} as large" if sign > 0 else "goes away, {far} as large"
    return Way(courses.near, _amount("near", motion), sign, 1.0, how, "times")


_WAYS: dict[str, Callable[[Motion, Stand], Way]] = {
    "float": _float,
    "fly": _fly,
    "bounce": _bounce,
    "turn": _turn,
    "roll": _roll,
    "travel": _travel,
    "drift": _drift,
    "swing": _swing,
    "tilt": _tilt,
    "rise": _rise,
    "fall": _fall,
}
