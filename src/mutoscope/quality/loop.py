"""The seam of a loop: is the step from the last frame to the first like every other?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mutoscope.quality.alike import psnr
from mutoscope.quality.fidelity import shrunk
from mutoscope.quality.flow import flow, grey
from mutoscope.quality.lpips import lpips
from mutoscope.quality.reel import Frames

#: Steps between neighbours that the seam is compared with, on each side of it.
NEIGHBOURS = 12
#: A loop closes where the seam is at most so many times as large as its neighbours.
CLOSED = 1.5
_STILL = 0.02  # levels: two films that stand still have the same seam


@dataclass(frozen=True, slots=True)
class Loop:
    """`seam`: the root mean square difference from last to first by the median of the steps near it:
    1 where the seam is a step like any. `psnr` in decibels, last against first. `lpips` the same by
    LPIPS, `lpips_neighbours` the median of the steps (None without weights). `turn`: how far the motion
    over the seam is from the mean of the motions before and after it, as a share of their size."""

    seam: float
    psnr: float
    psnr_neighbours: float
    turn: float
    lpips: float | None = None
    lpips_neighbours: float | None = None

    @property
    def closed(self) -> bool:
        return self.seam <= CLOSED


def loop(frames: Frames) -> Loop | None:
    """None for fewer than four frames."""
    if len(frames) < 4:
        return None
    order = [*frames[-1 - min(NEIGHBOURS, len(frames) // 2) :], *frames[: 1 + min(NEIGHBOURS, len(frames) // 2)]]  # fmt: skip
    middle = 1 + min(NEIGHBOURS, len(frames) // 2)
    steps = [_rms(a, b) for a, b in pairwise(order)]
    seam = steps[middle - 1]
    others = steps[: middle - 1] + steps[middle:]
    usual = float(np.median(others))
    first, last = frames[0], frames[-1]
    some = list(range(0, len(order) - 1, max(1, len(order) // 6)))
    looks = [
        found
        for place in some
        if place != middle - 1
        and (found := lpips(shrunk(order[place]), shrunk(order[place + 1]))) is not None
    ]
    return Loop(
        seam=(seam + _STILL) / (usual + _STILL),
        psnr=psnr(last, first),
        psnr_neighbours=float(np.median([psnr(a, b) for a, b in pairwise(order)])),
        turn=_turn(order[middle - 2 : middle + 2]),
        lpips=lpips(shrunk(last), shrunk(first)),
        lpips_neighbours=float(np.median(looks)) if looks else None,
    )


def _rms(one: Frames, other: Frames) -> float:
    return float(np.sqrt(np.mean((one.astype(np.float32) - other) ** 2)))


def _turn(four: list[Frames]) -> float:
    """Of the frames before, at, after the seam: how much the flow over it departs from its sides'."""
    a, b, c, d = (grey(frame) for frame in four)
    before, over, after = flow(a, b), flow(b, c), flow(c, d)
    wanted = (before + after) / 2
    size = float(np.hypot(before[..., 0], before[..., 1]).mean()) / 2
    size += float(np.hypot(after[..., 0], after[..., 1]).mean()) / 2
    off = over - wanted
    return float(np.hypot(off[..., 0], off[..., 1]).mean()) / max(size, 0.25)
