"""Dynamic degree by VBench's rule, on DIS flow in place of RAFT's.

At 8 frames a second, a pair of frames moves when the mean of its 5 % fastest pixels is above 6 pixels
at a short side of 256 (times 8/fps below 8 frames a second); a film is dynamic when a quarter of its
frames do: Vchitect/VBench, vbench/dynamic_degree.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import flow, grey
from mutoscope.quality.reel import Frames

RATE, FASTEST, PIXELS, SHORT = 8.0, 0.05, 6.0, 256.0


@dataclass(frozen=True, slots=True)
class Dynamics:
    """`speeds`: what the fastest pixels of each pair go, in VBench's pixels (short side 256) per 1/8 s,
    1 being the threshold is `threshold`; `moving`: the share of pairs above it."""

    dynamic: bool
    moving: float
    speeds: npt.NDArray[np.float64]
    threshold: float


def dynamics(frames: Frames, fps: float) -> Dynamics | None:
    """None for fewer than two frames at 8 a second."""
    chosen = frames[:: max(1, round(fps / RATE))]
    if len(chosen) < 2:
        return None
    greys = [grey(frame) for frame in chosen]
    scale = min(frames.shape[1:3]) / SHORT
    speeds = np.array([fastest(flow(one, other)) / scale for one, other in pairwise(greys)])
    threshold = PIXELS * max(1.0, RATE / fps)
    above = speeds > threshold
    needed = max(1, round(4 * len(chosen) / 16))
    return Dynamics(int(above.sum()) >= needed, float(above.mean()), speeds, threshold)


def fastest(way: npt.NDArray[np.float32]) -> float:
    """The mean length of the longest 5 % of a flow's vectors, in pixels."""
    lengths = np.hypot(way[..., 0], way[..., 1]).ravel()
    count = max(1, int(len(lengths) * FASTEST))
    return float(np.partition(lengths, len(lengths) - count)[-count:].mean())
