"""How far a cut-out may go: it stays in the frame, and never shows where the picture cut it off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.objects.stand import SIDES, Stand
from mutoscope.engines.flipbook.rendering.carried import ANGLE, DX, DY, TALL, WIDE

Array = npt.NDArray[np.float64]

#: Of a motion, the least that is worth showing.
LEAST = 0.25
#: Frames that are looked at.
LOOKED_AT = 60
#: Pixels that an edge may come short of a border by.
SLACK = 0.75
_HALVINGS = 10


def carried(stand: Stand, places: Array) -> Array:
    """The outline's points at each of `places` (n×5): n×p×2."""
    east, south = (stand.outline - np.array(stand.middle)).T
    cos, sin = np.cos(places[:, [ANGLE]]), np.sin(places[:, [ANGLE]])
    wide, tall = east * places[:, [WIDE]], south * places[:, [TALL]]
    x = stand.middle[0] + places[:, [DX]] + cos * wide - sin * tall
    y = stand.middle[1] + places[:, [DY]] + sin * wide + cos * tall
    return np.stack([x, y], -1)


def shows(stand: Stand, places: Array) -> str:
    """What keeps it from going there: the side at which its cut edge would show, "frame" where it
    would leave the frame; "" where nothing does."""
    at = carried(stand, places[:: max(1, len(places) // LOOKED_AT)])
    picture = stand.picture
    edges = (picture.left, picture.top, picture.right - 1, picture.bottom - 1)
    for side, name in enumerate(SIDES):
        points = at[:, stand.ends[:, side], side % 2]
        was = stand.outline[stand.ends[:, side], side % 2]
        inward = points - np.where(np.abs(was - edges[side]) < SLACK, edges[side], was)
        if points.size and (inward if side < 2 else -inward).max() > SLACK:
            return name
    free = ~stand.ends.any(axis=1)
    own = stand.outline[free]
    if not own.size:
        return ""
    low = np.minimum(own.min(axis=0), 0.0)
    high = np.maximum(own.max(axis=0), (stand.width - 1.0, stand.height - 1.0))
    inside = (at[:, free] >= low - SLACK) & (at[:, free] <= high + SLACK)
    return "" if inside.all() else "frame"


def most(stand: Stand, made: Callable[[float], Array]) -> tuple[float, str]:
    """The largest share of a motion, 0..1, that stays within the limits, and what limits it. `made`
    gives the places for a share; with a share of 0 nothing moves."""
    reason = shows(stand, made(1.0))
    if not reason:
        return 1.0, ""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if found := shows(stand, made(middle)):
            high, reason = middle, found
        else:
            low = middle
    return low, reason
