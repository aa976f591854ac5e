"""How far an effect has gone at each frame: 0 nothing, 1 all of it.

=========  =======================================================================================
present    there from the beginning; where frame 0 must be the still itself, it comes within GROWS
growing    from nothing to all over the film, eased at both ends
going      from all to nothing; where frame 0 must be the still, it comes first
=========  =======================================================================================

In a loop every course ends where it began: what grows goes there and back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.timing import Timing

Levels = npt.NDArray[np.float64]  # one a frame
#: Seconds that an effect takes to come where the film begins with the still itself.
GROWS = 0.6
#: A change has happened by this part of the film, and stays.
DONE_BY = 0.92


def eased(share: npt.ArrayLike) -> Levels:
    """0..1 → 0..1, at rest at both ends; clipped."""
    t = np.clip(np.asarray(share, np.float64), 0.0, 1.0)
    return np.asarray(t * t * t * (t * (6 * t - 15) + 10))


def present(timing: Timing) -> Levels:
    """See the module."""
    if not timing.exact:
        return np.ones(timing.frames)
    frame = np.arange(timing.frames)
    most = max(1.0, min(GROWS * timing.fps, timing.frames / 3))
    come = eased(frame / most)
    return np.minimum(come, eased((timing.frames - frame) / most)) if timing.loop else come


def growing(timing: Timing) -> Levels:
    """See the module."""
    share = np.arange(timing.frames) / max(1, timing.frames if timing.loop else timing.frames - 1)
    if timing.loop:
        return np.asarray((1 - np.cos(2 * np.pi * share)) / 2)
    return eased(share / DONE_BY)


def going(timing: Timing) -> Levels:
    """See the module."""
    return np.minimum(present(timing), 1 - growing(timing))
