"""Warp error: what is left between neighbours once motion is taken out (Lai et al., 2018).

Each frame's successor is pulled back along the DIS flow; pixels whose flow does not return are covered
or new, and left out. Motion costs nothing, boiling and flicker do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutoscope.quality.flow import flow, grey, pulled, returning
from mutoscope.quality.reel import Frames

#: Pairs that are looked at in a long film, spread evenly.
MOST = 48


@dataclass(frozen=True, slots=True)
class Warping:
    """`error`: root mean square in levels over the pixels that stay; `errors` by the later frame's
    number; `staying`: the share of pixels that do."""

    error: float
    errors: dict[int, float]
    staying: float


def warping(frames: Frames, most: int = MOST) -> Warping | None:
    """None for a single frame."""
    pairs = len(frames) - 1
    if pairs < 1:
        return None
    chosen = sorted({round(place) for place in np.linspace(1, pairs, min(most, pairs))})
    errors: dict[int, float] = {}
    shares = []
    for number in chosen:
        one, other = frames[number - 1], frames[number]
        a, b = grey(one), grey(other)
        there = flow(a, b)
        stays = returning(there, flow(b, a))
        shares.append(float(stays.mean()))
        if not stays.any():
            continue
        off = pulled(other, there)[stays].astype(np.float32) - one[stays]
        errors[number] = float(np.sqrt(np.mean(off * off)))
    if not errors:
        return None
    return Warping(
        float(np.sqrt(np.mean(np.square(list(errors.values()))))), errors, float(np.mean(shares))
    )
