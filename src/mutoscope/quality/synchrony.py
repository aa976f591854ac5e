"""Sound against motion: does what sounds begin when what moves begins?

What begins to sound (spectral flux) and what begins to move (the growth of the difference of neighbouring
frames) are laid over each other at every lag up to half a second; the best one is the offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.hearing import ONSETS
from mutoscope.quality.reel import Frames

Array = npt.NDArray[np.float64]

#: Seconds that sound and motion may be apart, and by which each is softened.
MOST, SOFT = 0.5, 0.02
#: A correlation below this is chance.
SURE = 0.25
#: Of its mean, how far what begins must stand out anywhere for there to be an event.
_STANDS_OUT = 3.0


@dataclass(frozen=True, slots=True)
class Synchrony:
    """`offset`: milliseconds by which sound comes after what is seen. `strength`: the correlation there,
    1 the same; below `SURE` the offset says nothing."""

    offset: float
    strength: float

    @property
    def sure(self) -> bool:
        return self.strength >= SURE


def synchrony(frames: Frames, times: Array, onsets: Array) -> Synchrony | None:
    """`times` in seconds of each frame, `onsets` as `Hearing` has them. None where nothing begins to
    move, or nothing begins to sound."""
    moves = beginnings(frames, times, len(onsets))
    if moves is None or not _has_events(onsets):
        return None
    count = max(len(moves), len(onsets))
    seen, heard = (_ready(np.r_[one, np.zeros(count - len(one))]) for one in (moves, onsets))
    most = round(MOST * ONSETS)
    lags = np.arange(-most, most + 1)
    values = np.array([_overlaid(seen, heard, int(lag)) for lag in lags])
    best = int(np.argmax(values))
    between = 0.0
    if 0 < best < len(values) - 1:  # a parabola through the best and its neighbours
        a, b, c = values[best - 1 : best + 2]
        between = (
            float(np.clip(0.5 * (a - c) / (a - 2 * b + c), -0.5, 0.5)) if a + c < 2 * b else 0.0
        )
    return Synchrony(1000 * (float(lags[best]) + between) / ONSETS, float(max(0.0, values[best])))


def beginnings(frames: Frames, times: Array, least: int = 0) -> Array | None:
    """How much begins to move in each 1/100 s; None where nothing does."""
    if len(frames) < 4:
        return None
    small = [cv2.resize(frame, (96, 54), interpolation=cv2.INTER_AREA) for frame in frames]
    energy = np.array([float(np.mean(cv2.absdiff(a, b))) for a, b in pairwise(small)])
    grown = np.maximum(np.diff(energy, prepend=energy[0]), 0)
    if not _has_events(grown) or grown.max() < 0.3:
        return None
    made = np.zeros(max(least, round(times[-1] * ONSETS) + 2))
    # what a frame shows for the first time happened, at a guess, half a frame before
    middles = (times[1:] + times[:-1]) / 2
    for time, value in zip(middles, grown, strict=True):
        made[round(time * ONSETS)] += value
    return made


def _has_events(values: Array) -> bool:
    return bool(len(values)) and float(values.max()) > _STANDS_OUT * float(values.mean()) > 0


def _ready(values: Array) -> Array:
    sigma = SOFT * ONSETS
    soft = cv2.GaussianBlur(values.reshape(1, -1), (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    made = np.asarray(soft, np.float64).ravel()
    return np.asarray(np.sqrt(made) - np.sqrt(made).mean())


def _overlaid(seen: Array, heard: Array, lag: int) -> float:
    a, b = (seen[: len(seen) - lag], heard[lag:]) if lag >= 0 else (seen[-lag:], heard[:lag])
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size > 0 else 0.0
