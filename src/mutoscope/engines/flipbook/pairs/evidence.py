"""What two pictures have to do with each other, in numbers: what the choice of a method rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mutoscope.engines.flipbook.pairs.align import Alignment, align
from mutoscope.engines.flipbook.pairs.flow import Flow, flow_between
from mutoscope.engines.flipbook.pairs.homography import Movement, Way, movement
from mutoscope.engines.flipbook.scene import Rgb

#: Related pairs measured .44-1.0 and .84-1.0; unrelated ones 0-.03 and .05-.45.
LEAST_AGREEMENT = 0.2
LEAST_LIKENESS = 0.6
#: The same picture, saved twice: the largest block and the mean may differ by this many codes.
SAME_BLOCK = 3.0
SAME_MEAN = 1.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers that the choice of method rests on."""

    alignment: Alignment
    agreement: float
    likeness: float
    movement: Movement
    residual: float  # motion that the alignment leaves, 90th percentile, of the frame's width
    light: float  # mean change of the codes from first to last

    @property
    def related(self) -> bool:
        """The two pictures show the same scene."""
        return self.agreement >= LEAST_AGREEMENT and self.likeness >= LEAST_LIKENESS


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures (H×W×3 uint8 RGB of one size), the way and the motion between them, and what
    these say."""

    first: Rgb
    last: Rgb
    way: Way
    flow: Flow
    evidence: Evidence


def same_picture(first: Rgb, last: Rgb) -> bool:
    """The two are one picture, but for coding noise: loop the still instead."""
    if first.shape != last.shape:
        return False
    off = np.abs(first.astype(np.int16) - last.astype(np.int16)).astype(np.float32)
    height, width = first.shape[:2]
    blocks = cv2.resize(
        off, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA
    )
    return float(off.mean()) <= SAME_MEAN and float(blocks.max()) <= SAME_BLOCK


def compare(first: Rgb, last: Rgb, step: Callable[[float], None] = lambda done: None) -> Pair:
    """Align the two and find the motion between them; `step` hears how far it is, 0..1."""
    height, width = first.shape[:2]
    alignment = align(first, last)
    step(0.4)
    way = Way.of(alignment.matrix, width, height)
    assert way is not None  # `align` gives back no other
    flow = flow_between(first, last, way)
    step(0.9)
    evidence = Evidence(
        alignment, flow.agreement, flow.likeness,
        movement(alignment.matrix, width, height), flow.residual, flow.light.change,
    )  # fmt: skip
    return Pair(first, last, way, flow, evidence)
