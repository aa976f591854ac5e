"""Where a film stands still and where it jumps: frozen stretches and cuts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.reel import Frames

#: Mean difference of neighbours, in levels, below which a film stands still.
STILL = 0.05
#: The same for a single step between two that stand.
RENEWED = 3.0
#: Seconds that it must stand to count.
LEAST_SECONDS = 0.25
#: A cut: colours that differ by so much (Bhattacharyya, 0..1), or thumbnails by so many levels, and the
#: difference so many times what is usual around it.
COLOURS, LEVELS, STANDS_OUT = 0.28, 18.0, 5.0
_AROUND = 12
_SMALL = (32, 18)


@dataclass(frozen=True, slots=True)
class Cuts:
    """`cuts`: numbers of the frames that begin a new scene. `frozen`: stretches as (first, last) frame.
    `still`: the share of the film that stands."""

    cuts: tuple[int, ...]
    frozen: tuple[tuple[int, int], ...]
    still: float


def cuts(frames: Frames, fps: float) -> Cuts:
    """The cuts and frozen stretches of a film of `fps` frames a second."""
    if len(frames) < 2:
        return Cuts((), (), 0.0)
    steps, colours, levels = _differences(frames)
    found = []
    for place in range(len(levels)):
        near = np.r_[
            levels[max(0, place - _AROUND) : place], levels[place + 1 : place + 1 + _AROUND]
        ]
        usual = float(np.median(near)) if len(near) else 0.0
        jumps = levels[place] > STANDS_OUT * max(usual, 1.0)
        if jumps and (colours[place] > COLOURS or levels[place] > LEVELS):
            found.append(place + 1)
    stands = steps < STILL
    # the one step at which an encoder begins anew is no motion
    stands[1:-1] |= (steps[1:-1] < RENEWED) & stands[:-2] & stands[2:]
    stretches = _runs(stands, max(2, round(LEAST_SECONDS * fps)))
    standing = sum(last - first for first, last in stretches)
    return Cuts(tuple(found), stretches, standing / (len(frames) - 1))


def _differences(frames: Frames) -> tuple[npt.NDArray[np.float64], ...]:
    """Of each frame and the one before: mean difference, of their colours, and of small copies whose
    detail motion does not disturb."""
    steps, colours, levels = [], [], []
    before = None
    for place, frame in enumerate(frames):
        counted = cv2.calcHist([frame], [0, 1, 2], None, [6, 6, 6], [0, 256] * 3)
        counted = cv2.GaussianBlur(counted.reshape(6, 36), (1, 1), 0).reshape(-1)
        small = cv2.resize(frame, _SMALL, interpolation=cv2.INTER_AREA)
        if before is not None:
            steps.append(float(np.mean(cv2.absdiff(frames[place - 1], frame))))
            colours.append(cv2.compareHist(before[0], counted, cv2.HISTCMP_BHATTACHARYYA))
            levels.append(float(np.mean(cv2.absdiff(before[1], small))))
        before = (counted, small)
    return np.array(steps), np.array(colours), np.array(levels)


def _runs(true: npt.NDArray[np.bool_], least: int) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(np.r_[0, true.astype(np.int8), 0]))
    return tuple(
        (int(first), int(after))
        for first, after in zip(edges[::2], edges[1::2], strict=True)
        if after - first >= least
    )
