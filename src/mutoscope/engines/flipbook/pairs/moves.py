"""What a pair of pictures does with the camera that a prompt asks for.

Between two pictures the camera's way is given: it leads from one to the other. An instruction is
done where that way is the one asked for, and the truth is said where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.pairs.homography import Movement

#: Least change between the pictures that a viewer calls a move.
ZOOMED = 1.03
SHIFTED = 0.02  # of the frame's width or height
TURNED = 2.0  # degrees
#: Parallax (residual motion, of the frame's width) above which the camera itself has moved.
PARALLAX = 0.004


@dataclass(frozen=True, slots=True)
class _Shown:
    """How much of a move the pair shows (1 = the least that counts), by which kind of camera."""

    amount: Callable[[Movement], float]
    travels: bool | None  # needs parallax, must not have it, or does not matter


def _grown(movement: Movement) -> float:
    return (movement.zoom - 1) / (ZOOMED - 1)


def _shrunk(movement: Movement) -> float:
    return (1 / movement.zoom - 1) / (ZOOMED - 1)


# what the camera does to the right, the picture does to the left
_SHOWN: dict[str, _Shown] = {
    "zoom_in": _Shown(_grown, False),
    "zoom_out": _Shown(_shrunk, False),
    "dolly_in": _Shown(_grown, True),
    "dolly_out": _Shown(_shrunk, True),
    "pan_left": _Shown(lambda m: m.shift_x / SHIFTED, False),
    "pan_right": _Shown(lambda m: -m.shift_x / SHIFTED, False),
    "tilt_up": _Shown(lambda m: m.shift_y / SHIFTED, False),
    "tilt_down": _Shown(lambda m: -m.shift_y / SHIFTED, False),
    "truck_left": _Shown(lambda m: m.shift_x / SHIFTED, True),
    "truck_right": _Shown(lambda m: -m.shift_x / SHIFTED, True),
    "pedestal_up": _Shown(lambda m: m.shift_y / SHIFTED, True),
    "pedestal_down": _Shown(lambda m: -m.shift_y / SHIFTED, True),
    "orbit_left": _Shown(lambda m: m.shift_x / SHIFTED, True),
    "orbit_right": _Shown(lambda m: -m.shift_x / SHIFTED, True),
    # a camera rolled clockwise sees the world turn the other way
    "roll_cw": _Shown(lambda m: -m.turn / TURNED, None),
    "roll_ccw": _Shown(lambda m: m.turn / TURNED, None),
}


def described(movement: Movement) -> str:
    """The way between the pictures in words: "moves in 1.40 times and right by 5 % of the frame"."""
    parts = []
    if _grown(movement) >= 1:
        parts.append(f"moves in {movement.zoom:.2f} times")
    if _shrunk(movement) >= 1:
        parts.append(f"moves out {1 / movement.zoom:.2f} times")
    for shift, ways in ((movement.shift_x, ("left", "right")), (movement.shift_y, ("up", "down"))):
        if abs(shift) >= SHIFTED:
            parts.append(f"goes {ways[shift < 0]} by {abs(shift):.0%} of the frame")
    if abs(movement.turn) >= TURNED:
        parts.append(
            f"turns {'counter-clockwise' if movement.turn > 0 else 'clockwise'} {abs(movement.turn):.0f}°"
        )
    return " and ".join(parts) or "stays where it is"


def _name(move: Move) -> str:
    return move.words or move.move.replace("_", " ")


def _judged(move: Move, movement: Movement, residual: float) -> Instruction:
    way = f"between the two pictures the camera {described(movement)}"
    if move.move == "static":
        rest = described(movement) == "stays where it is"
        return Instruction(_name(move), "done" if rest else "not_possible", way)
    shown = _SHOWN.get(move.move)
    if shown is None or shown.amount(movement) < 1:
        return Instruction(_name(move), "not_possible", way)
    travels = residual > PARALLAX
    if shown.travels is not None and shown.travels != travels:
        how = (
            "with the depth that the pictures show"
            if travels
            else "without parallax: the pictures show none"
        )
        return Instruction(_name(move), "approximated", f"{way}, {how}")
    return Instruction(_name(move), "done", way)


def moving_spans(direction: Direction, movement: Movement) -> list[tuple[float, float]]:
    """The parts of the clip, as fractions, in which a move that the pair shows is asked for; empty
    where the whole clip is meant."""
    spans = sorted(
        (move.start / direction.seconds, move.end / direction.seconds)
        for move in direction.camera
        if move.move in _SHOWN and _SHOWN[move.move].amount(movement) >= 1 and direction.seconds > 0
    )
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def by_flow(direction: Direction, movement: Movement, residual: float) -> tuple[Instruction, ...]:
    """What became of each instruction in a transition along the pair's own way."""
    told = []
    spans = moving_spans(direction, movement)
    for move in direction.camera:
        start, end = move.start / direction.seconds, move.end / direction.seconds
        apart = all(end <= low + 1e-6 or start >= high - 1e-6 for low, high in spans)
        if move.move == "static" and spans and apart:
            told.append(Instruction(_name(move), "done", "the camera rests there"))
        else:
            told.append(_judged(move, movement, residual))
    rest = _nature(direction, "what differs between the pictures moves, and nothing else")
    return (*told, *rest)


def by_dissolve(direction: Direction) -> tuple[Instruction, ...]:
    """The same for a dissolve, which drifts the way of the first move it can."""
    drift = drift_of(direction)
    found = []
    for move in direction.camera:
        if move.move == "static" and drift is move:
            found.append(Instruction(_name(move), "done", "neither picture moves in the dissolve"))
        elif drift is move:
            how = "a gentle drift of both pictures through the dissolve"
            found.append(Instruction(_name(move), "approximated", how))
        else:
            how = "the pictures show different things, so there is no way of a camera between them"
            found.append(Instruction(_name(move), "not_possible", how))
    rest = _nature(direction, "the pictures show different things and are dissolved")
    return (*found, *rest)


_DRIFTS = frozenset(_SHOWN) - {"orbit_left", "orbit_right", "roll_cw", "roll_ccw"} | {"static"}


def drift_of(direction: Direction | None) -> Move | None:
    """The first move that a dissolve can drift with."""
    moves = direction.camera if direction is not None else ()
    return next((move for move in moves if move.move in _DRIFTS), None)


def _nature(direction: Direction, how: str) -> tuple[Instruction, ...]:
    """The nature motions; `honesty.rest` answers all other instructions."""
    return tuple(
        Instruction(motion.words or f"{motion.target} {motion.kind}".strip(), "not_possible", how)
        for motion in direction.motion
        if motion.group == "nature"
    )
