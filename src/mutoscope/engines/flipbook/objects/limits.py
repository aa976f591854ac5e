"""How far a cut-out may go: it stays in the frame, and never shows where the picture cut it off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera.view import PAINTED
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


def moved(
    point: tuple[float, float] | Array, middle: tuple[float, float], places: Array
) -> tuple[Array, Array]:
    """Where a point (or n×2 of them) of a cut-out is at each of `places` (frames×5, about `middle`):
    x and y, frames or frames×n."""
    east, south = (np.asarray(point, np.float64) - np.array(middle)).T
    dx, dy, angle, across, down = (
        places[:, [column]] if east.ndim else places[:, column]
        for column in (DX, DY, ANGLE, WIDE, TALL)
    )  # fmt: skip
    cos, sin = np.cos(angle), np.sin(angle)
    wide, tall = east * across, south * down
    return middle[0] + dx + cos * wide - sin * tall, middle[1] + dy + sin * wide + cos * tall


def shows(stand: Stand, places: Array) -> str:
    """What keeps it from going there: the side at which its cut edge would show, "frame" where it
    would leave the frame; "" where nothing does."""
    looked_at = places[:: max(1, len(places) // LOOKED_AT)]
    at = np.stack(moved(stand.outline, stand.middle, looked_at), -1)
    picture = stand.picture
    edges = (picture.left, picture.top, 1 - picture.right, 1 - picture.bottom)
    for side, name in enumerate(SIDES):
        if not stand.ends[:, side].any():
            continue
        outward = 1 if side < 2 else -1
        points = stand.ends[:, side]
        was = outward * stand.outline[points, side % 2]
        # beyond the picture the subject goes on as it was made up there
        painted = PAINTED * max(0.0, edges[side] - was.min())
        if (outward * at[:, points, side % 2] - was).max() > painted + SLACK:
            return name
    free = ~stand.ends.any(axis=1)
    own = stand.outline[free]
    if not own.size:
        return ""
    low = np.minimum(own.min(axis=0), 0.0)
    high = np.maximum(own.max(axis=0), (stand.width - 1.0, stand.height - 1.0))
    # where the picture cuts it off it goes on beyond the frame anyway
    beyond = np.where(stand.ends.any(axis=0), np.inf, SLACK)
    inside = (at[:, free] >= low - beyond[:2]) & (at[:, free] <= high + beyond[2:])
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
