"""Temporal flicker as VBench measures it: (255 - mean absolute difference of neighbours) / 255.

Huang et al., VBench (CVPR 2024), temporal_flickering; meant there for films without motion. The formula
is theirs to the letter; frames are the reel's small copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.reel import Frames


@dataclass(frozen=True, slots=True)
class Flicker:
    """`score`: 1 where nothing changes. `steps`: each frame's mean difference to the one before, in
    levels of 255; n - 1 of them."""

    score: float
    steps: npt.NDArray[np.float64]


def flicker(frames: Frames) -> Flicker | None:
    """None for a single frame."""
    if len(frames) < 2:
        return None
    steps = np.array([float(np.mean(cv2.absdiff(one, other))) for one, other in pairwise(frames)])
    return Flicker((255 - float(steps.mean())) / 255, steps)
