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
    return [
        _track(move, direction.seconds, times, loop=loop, seed=seed + place)
        for place, move in enumerate(direction.camera)
        if move.move != "static" and move.end > move.start
    ]


def _track(move: Move, seconds: float, times: Array, *, loop: bool, seed: int) -> Track:
    kind, _, side = move.move.partition("_")
    length = move.end - move.start
    x = np.clip((times - move.start) / length, 0, 1)
    if kind == "handheld":
        grip = _grip(times, move, seconds, loop=loop)
        return Track(move, kind, amount(move), grip, sway(times, seconds, seed, loop=loop))
    if loop:
        whole = length > 0.95 * seconds
        # over a whole loop a sideways move swings to both sides; others go there and back
        way = (
            np.sin(2 * np.pi * x) / 2
            if whole and kind in _SWINGS
            else (1 - np.cos(2 * np.pi * x)) / 2
        )
    else:
        way = eased(x, min(RAMP, RAMP_SECONDS / length))
    return Track(move, kind, amount(move), SIGN[side] * way)


_SWINGS = ("pan", "tilt", "truck", "pedestal", "orbit")


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
