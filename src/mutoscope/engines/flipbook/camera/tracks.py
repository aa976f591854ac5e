"""A timeline of moves as tracks: what each asks of the camera at every frame, before the picture's
border is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction, Move
from mutoscope.engines.flipbook.camera.amounts import amount, family
from mutoscope.engines.flipbook.camera.handheld import sway
from mutoscope.engines.flipbook.pairs.pace import eased

Array = npt.NDArray[np.float64]

#: Seconds to get up to speed or come to rest at most, and as a part of the move.
RAMP_SECONDS, RAMP = 1.4, 0.4
#: Moves less far apart, in seconds, are joined.
JOINED = 0.1
#: A looping orbit is a flat ellipse: so high for its width.
ELLIPSE = 0.22
#: Seconds in which a hand takes hold of the camera and lets go.
GRIP = 0.7
#: Steps a second of a stop-motion film.
STEPS = 12
#: Which way each side goes.
SIGN = {"in": 1, "out": -1, "right": 1, "left": -1, "up": 1, "down": -1, "cw": 1, "ccw": -1}


@dataclass(frozen=True, slots=True)
class Track:
    """One move: `way` is the part of `size` that is reached at each frame (0..1 there; back in a
    loop), signed. For handheld `way` is the strength of the grip and `noise` n×6 what it does."""

    move: Move
    kind: str
    size: float  # in UNITS
    way: Array
    noise: Array | None = None
    lift: Array | None = None  # of an orbit: how far up it swings, as a part of `size`


def clock(frames: int, fps: float, seconds: float, *, loop: bool, stepped: bool = False) -> Array:
    """The time of each frame. The last frame is the end, so that moves arrive; in a loop the frame
    after the last would be."""
    spans = frames if loop else max(frames - 1, 1)
    numbers = np.arange(frames, dtype=np.float64)
    if stepped:
        numbers = np.floor(numbers / max(1.0, fps / STEPS)) * max(1.0, fps / STEPS)
    return numbers / spans * seconds


def tracks(direction: Direction, times: Array, *, loop: bool, seed: int) -> list[Track]:
    """A track for every move but `static`, in the direction's order."""
    going = [move for move in direction.camera if move.move != "static" and move.end > move.start]
    return [
        _track(move, direction.seconds, times, _joints(move, going), loop=loop, seed=seed + place)
        for place, move in enumerate(direction.camera)
        if move.move != "static" and move.end > move.start
    ]


def _joints(move: Move, moves: list[Move]) -> tuple[float, float]:
    """Seconds in which the speed goes over from the move before, and to the next; 0 where the camera
    starts, or comes to rest."""

    def shared(other: Move) -> float:
        lengths = (move.end - move.start, other.end - other.start)
        return min(RAMP_SECONDS, RAMP * min(lengths))

    kind, _, side = move.move.partition("_")
    alike = [
        other
        for other in moves
        if other is not move
        and kind != "handheld"
        and (other.move == move.move or (kind in _SAME_WAY and other.move in _same_way(side)))
    ]
    before = [shared(one) for one in alike if abs(one.end - move.start) < JOINED]
    after = [shared(one) for one in alike if abs(one.start - move.end) < JOINED]
    return max(before, default=0.0), max(after, default=0.0)


def _same_way(side: str) -> set[str]:
    return {f"{kind}_{side}" for kind in _SAME_WAY}


def _track(
    move: Move, seconds: float, times: Array, joints: tuple[float, float], *, loop: bool, seed: int
) -> Track:
    kind, _, side = move.move.partition("_")
    length = move.end - move.start
    x = np.clip((times - move.start) / length, 0, 1)
    if kind == "handheld":
        grip = _grip(times, move, seconds, loop=loop)
        return Track(move, kind, amount(move), grip, sway(times, seconds, seed, loop=loop))
    if loop:
        whole = length > 0.95 * seconds
        lift = ELLIPSE * (1 - np.cos(2 * np.pi * x)) / 2 if whole and kind == "orbit" else None
        # over a whole loop a sideways move swings to both sides; others go there and back
        way = (
            np.sin(2 * np.pi * x) / 2
            if whole and kind in _SWINGS
            else (1 - np.cos(2 * np.pi * x)) / 2
        )
        return Track(move, kind, amount(move), SIGN[side] * way, lift=lift)
    return Track(move, kind, amount(move), SIGN[side] * _swept(times, move, joints))


def _swept(times: Array, move: Move, joints: tuple[float, float]) -> Array:
    """0..1 over a move. At a joint it runs half of the joint's seconds into the other move, where the
    two speeds, each half a cosine, add up to one that goes over smoothly."""
    before, after = joints
    length = move.end - move.start
    ramp = min(RAMP * length, RAMP_SECONDS)
    rise, fall = before or ramp, after or ramp
    start = move.start - before / 2
    whole = length + (before + after) / 2
    t = np.clip(times - start, 0, whole)
    gone = _risen(t, rise) + _risen(np.full_like(t, whole), fall) - _risen(whole - t, fall) - t
    return np.asarray(gone / (whole - (rise + fall) / 2))


def _risen(t: Array, ramp: float) -> Array:
    """How far one gets in t seconds whose speed rises to 1 within `ramp` seconds, as half a cosine."""
    low = np.minimum(t, ramp)
    return np.asarray((low - ramp / np.pi * np.sin(np.pi * low / ramp)) / 2 + t - low)


_SWINGS = ("pan", "tilt", "truck", "pedestal", "orbit")
#: Moves that look like one another's continuation when they go the same way.
_SAME_WAY = ("zoom", "dolly", "pan", "tilt", "truck", "pedestal")


def _grip(times: Array, move: Move, seconds: float, *, loop: bool) -> Array:
    """1 while the hand holds, rising and falling where the move begins or ends inside the clip."""
    hold = min(GRIP, (move.end - move.start) / 2)
    grip = np.ones(len(times))
    if move.start > 1e-3:
        grip *= eased((times - move.start) / hold, 0.5)
    if move.end < seconds - 1e-3:
        grip *= eased((move.end - times) / hold, 0.5)
    return grip


def started(grip: Array, times: Array, *, seconds: float, loop: bool) -> Array:
    """The grip of a film that begins on the still itself."""
    hold = min(GRIP, seconds / 2)
    rising = eased(times / hold, 0.5)
    if loop:
        rising = rising * eased((seconds - times) / hold, 0.5)
    return grip * rising


def phrase(move: Move) -> str:
    """The move in words: its own, else "pan right, slow"."""
    if move.words:
        return move.words
    kind, _, side = move.move.partition("_")
    names = {"cw": "clockwise", "ccw": "anticlockwise"}
    words = " ".join(filter(None, (kind, names.get(side, side))))
    return words if move.speed == "normal" else f"{words}, {move.speed}"


def growth(track: Track) -> Array:
    """The logarithm of how much larger a zoom or dolly makes the picture."""
    return math.log(track.size) * track.way


def is_sideways(track: Track) -> bool:
    """The move needs picture beyond the frame's border."""
    return family(track.move.move) in (*_SWINGS, "roll", "handheld")
