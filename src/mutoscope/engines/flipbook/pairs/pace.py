"""When a transition is where: the time of each frame between the first picture and the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]  # one number a frame, 0 = the first picture, 1 = the last

#: Of a leg's time, the part it takes to get up to speed, and the same to come to rest.
RAMP = 0.3


def eased(x: Times, ramp: float = RAMP) -> Times:
    """0..1 → 0..1: speeding up over `ramp`, even, slowing down over `ramp`.

    The speed follows half a cosine, so that neither it nor its change jumps.
    """
    x = np.clip(x, 0, 1)
    if ramp <= 0:
        return x
    top = 1 / (1 - ramp)  # the even speed, with which the area under the speed is 1
    low, high = np.minimum(x, ramp), np.maximum(x - (1 - ramp), 0)
    sine = ramp / np.pi
    start = 0.5 * (low - sine * np.sin(low / sine))
    end = 0.5 * (high + sine * np.sin(high / sine))
    even = np.clip(x - ramp, 0, 1 - 2 * ramp)
    return np.clip(top * (start + even + end), 0, 1)


def times(
    frames: int,
    *,
    loop: bool = False,
    spans: Sequence[tuple[float, float]] = (),
    ramp: float = RAMP,
) -> Times:
    """The time of each of `frames` frames; `loop` goes there and back.

    Without a loop frame 0 is at 0 and the last at 1 (a single frame is at 0). In a loop frame 0 is
    at 0, the middle one at exactly 1, and the frame after the last would be at 0 again. `spans` are
    the parts (start, end) of the clip, as fractions, in which the picture moves; it rests between.
    `ramp` is for `eased`; 0 keeps one speed from end to end.
    """
    if frames < 2:
        return np.zeros(frames)
    if loop:
        turn = frames // 2
        there, back = np.arange(turn) / turn, np.arange(frames - turn) / (frames - turn)
        # a swing: at rest only at the two turning points
        return np.concatenate([eased(there, 0.5), 1 - eased(back, 0.5)])
    at = np.arange(frames) / (frames - 1)
    parts = [(max(0.0, start), min(1.0, end)) for start, end in spans]
    parts = [(start, end) for start, end in parts if end - start > 1 / frames] or [(0.0, 1.0)]
    whole = sum(end - start for start, end in parts)
    moved: Times = np.zeros(frames)
    for start, end in parts:
        moved += (end - start) / whole * eased((at - start) / (end - start), ramp)
    moved[0], moved[-1] = 0.0, 1.0
    return moved
