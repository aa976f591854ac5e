"""How fast a film goes through the pictures that it meets.

A picture between two others is no reason to stop: where both ways lead on in the same direction, the
film passes it at one speed, the harmonic mean of the two ways' own (Fritsch and Butland, 1984: no way
then overshoots). The more they differ in direction the slower it passes; where one turns back, it
rests there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction
from mutoscope.engines.flipbook.pairs.evidence import Pair, compare
from mutoscope.engines.flipbook.pairs.homography import Way, apply
from mutoscope.engines.flipbook.pairs.methods import METHODS, drift
from mutoscope.engines.flipbook.pairs.pace import Times, times
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.shot import Quality

Vectors = npt.NDArray[np.float64]  # n×2, of the frame's width

#: Width of the copies that speeds are judged on: a film's pace needs no more.
WIDTH = 320
#: Places of the frame that speeds are judged at.
GRID = (9, 5)
#: A way may leave or arrive at this many times its mean speed at most.
STEEPEST = 2.0


@dataclass(frozen=True, slots=True)
class Leg:
    """The way between two pictures: `frames` from one to the other, the picture's motion as it leaves
    the first and as it arrives at the last (a unit of time being the whole way), its slope where
    nothing comes before or after, and, where the direction says when it moves, its `times`
    (frames + 1)."""

    frames: int
    leaving: Vectors
    arriving: Vectors
    alone: float = 0.0
    times: Times | None = None


def leg(first: Rgb, last: Rgb, frames: int, direction: Direction) -> Leg:
    """The leg between two pictures (H×W×3 uint8 RGB of one size)."""
    pair = compare(_small(first), _small(last))
    # what finds the motion between does not change the camera's way, and flow is the quicker
    method = next(method for method in METHODS if method.suits(pair.evidence, Quality.DRAFT))
    height, width = pair.first.shape[:2]
    if method.name == "dissolve":
        way = drift(direction, width, height)
        drifts = _speed(way, width, height)
        # a drift that starts and stops would show that it is one
        return Leg(frames, drifts, drifts, alone=1.0)
    spans = method.spans(pair.evidence, direction)
    asked = None
    if spans and (spans[0][0] > 0.02 or spans[-1][1] < 0.98 or len(spans) > 1):
        asked = times(frames + 1, spans=spans, ramp=method.ramp)
    ends = [_speed(pair.way, width, height) + _rest(pair, end) for end in (0, 1)]
    return Leg(frames, ends[0], ends[1], times=asked)


def paced(legs: Sequence[Leg | None], *, loop: bool = False) -> list[Times]:
    """The times of each leg's frames, from its first picture (0) to its last (1), both counted: one
    speed through each picture between two legs. None is a way of another kind, whose ends rest (it
    has no times here); in a loop the first leg follows the last."""
    made: list[Times] = []
    for number, one in enumerate(legs):
        if one is None:
            made.append(np.zeros(0))
        elif one.times is not None:
            made.append(one.times)
        else:
            begins = number == 0 and not loop
            ends = number + 1 == len(legs) and not loop
            after = legs[(number + 1) % len(legs)]
            leaving = one.alone if begins else _slope(legs[number - 1], one, of=one)
            arriving = one.alone if ends else _slope(one, after, of=one)
            made.append(_curve(one, leaving, arriving))
    return made


def _slope(before: Leg | None, after: Leg | None, *, of: Leg) -> float:
    """The speed of `of`, one of the two, at the picture between them, as a part of its mean speed."""
    if before is None or after is None or before.times is not None or after.times is not None:
        return 0.0
    come, go = before.arriving / before.frames, after.leaving / after.frames
    fast = [float(np.sqrt((speed**2).sum(axis=1).mean())) for speed in (come, go)]
    if min(fast) <= 1e-9:
        return 0.0
    alike = float((come * go).sum(axis=1).mean()) / (fast[0] * fast[1])
    common = max(0.0, alike) * 2 * fast[0] * fast[1] / (fast[0] + fast[1])
    return min(STEEPEST, common / (fast[0] if of is before else fast[1]))


def _curve(one: Leg, leaving: float, arriving: float) -> Times:
    """0..1 with these slopes at its ends (cubic Hermite; rises while they are 3 at most)."""
    x = np.arange(one.frames + 1) / one.frames
    rise = x * x * (3 - 2 * x)
    at: Times = rise + leaving * x * (1 - x) ** 2 - arriving * x * x * (1 - x)
    at[0], at[-1] = 0.0, 1.0
    return np.asarray(np.clip(at, 0, 1))


def _small(picture: Rgb) -> Rgb:
    scale = min(1.0, WIDTH / picture.shape[1])
    size = (max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def places_of(width: int, height: int) -> Vectors:
    """The places of the frame that speeds are judged at, n×2, in pixels."""
    x, y = np.meshgrid(np.linspace(0, width - 1, GRID[0]), np.linspace(0, height - 1, GRID[1]))
    return np.stack([x.ravel(), y.ravel()], -1)


def _speed(way: Way, width: int, height: int) -> Vectors:
    """What `way` does to the picture in a unit of time, the same at every time: it is a group."""
    places, little = places_of(width, height), 1 / 64
    return np.asarray((apply(way.at(little), places) - places) / little / width)


def _rest(pair: Pair, end: int) -> Vectors:
    """What the flow adds to the way, at the first picture (0) or the last (1)."""
    height, width = pair.first.shape[:2]
    flow = pair.flow
    matrix = pair.way.at(end - 0.5) @ flow.canvas
    places = apply(np.asarray(np.linalg.inv(matrix)), places_of(width, height)).astype(np.float32)
    vectors = -flow.back if end else flow.onward
    seen = cv2.remap(
        vectors, places[None, :, 0], places[None, :, 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(seen[0] * flow.canvas[0, 0] / width, np.float64)
