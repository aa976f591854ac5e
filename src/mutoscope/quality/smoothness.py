"""Motion smoothness after VBench: every second frame is dropped and made again from its neighbours; the
nearer to the true one, the smoother.

VBench makes it with the AMT network. Here it is the mean of both neighbours, each pulled half way along
the DIS flow, so figures are near VBench's but not the same: a DIS variant.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import Rgb, flow, grey, pulled
from mutoscope.quality.reel import Frames

HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class Smoothness:
    """`score`: 1 - mean absolute error / 255. `errors`: levels, by frame number (the odd ones)."""

    score: float
    errors: dict[int, float]


def smoothness(frames: Frames) -> Smoothness | None:
    """None for fewer than three frames."""
    errors = {
        number: float(np.mean(cv2.absdiff(frames[number], between(frames[number - 1], frames[number + 1]))))
        for number in range(1, len(frames) - 1, 2)
    }  # fmt: skip
    if not errors:
        return None
    return Smoothness(1 - float(np.mean(list(errors.values()))) / 255, errors)


def between(one: Rgb, other: Rgb) -> Rgb:
    """The frame in the middle of two."""
    a, b = grey(one), grey(other)
    halves: list[npt.NDArray[np.uint8]] = [
        pulled(one, flow(b, a) * HALF),
        pulled(other, flow(a, b) * HALF),
    ]
    return np.asarray(cv2.addWeighted(halves[0], 0.5, halves[1], 0.5, 0), np.uint8)
