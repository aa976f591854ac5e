"""Where in the frame a character stands and how large it is: pure geometry, before any pixel.

Heights, widths and places are fractions of the frame; y counts from its top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mutoscope.engines.flipbook.casting.words import Wanted
from mutoscope.images.plan import Box

#: Height of a whole figure, by how high it stood in its own clip; of one whose foot the clip cut off.
_WHOLE, _BUST = (0.34, 0.60), (0.45, 0.72)
_DISTANCE = {"near": 1.4, "": 1.0, "far": 0.45}
_TALLEST = 0.94
#: Feet of a figure this high stand this far down: the taller, the nearer.
_LEVEL = ((0.15, 0.72), (0.34, 0.84), (0.60, 0.92), (0.94, 0.985))
_X = {"left": 0.27, "centre": 0.5, "right": 0.73}
#: Places for one that may stand anywhere, and for one of two.
_OPEN = (0.5, 0.4, 0.6, 0.33, 0.67, 0.27, 0.73)
_PAIR = (0.3, 0.7)
_OFF_CENTRE = 0.35  # what a place beside the middle costs, per fraction of the width
_MOST_ENLARGED = 2.0
_BESIDE = 0.02  # of the width, between a figure and the picture's edge
#: Of the frame's height: what a figure is at least, where its head and where its feet are at most, to
#: stay where it was.
_LEAST_AT_HOME, _HIGHEST_AT_HOME, _LOWEST_AT_HOME = 0.3, 0.02, 0.985
#: Where the ground was made for the figures and shows nothing else: the height of a lone one, and how
#: broad one of one or two may be, in a wide frame and in a tall one.
_ALONE_WHOLE, _ALONE_BUST = (0.45, 0.72), (0.6, 0.86)
_BROADEST_MADE = {1: (0.62, 0.96), 2: (0.46, 0.66)}


@dataclass(frozen=True, slots=True)
class Measures:
    """Of a cut-out: its pixels, its height in its own clip, and the edges that it was cut off at."""

    width: int
    height: int
    share: float
    cut: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """In pixels of the frame: the figure's top left corner (may lie beyond the frame), its size, and the
    row that its feet stand on, None where they are out of the picture."""

    x: int
    y: int
    width: int
    height: int
    feet: int | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where figures may stand: the part of the frame that shows the picture (all of it but where the
    picture is padded), in pixels of the ground.

    `beyond`: how far that part goes on outside the frame: left, top, right, bottom. `taken`: how much
    of each hundredth of its width is taken by the picture's own subject, 0..1. `made`: it was made for
    the figures, and shows nothing else. `above`, `below`: rows of the frame that its padding takes, and
    `margin`, how far those go on outside the frame."""

    left: int
    top: int
    width: int
    height: int
    beyond: tuple[int, int, int, int] = (0, 0, 0, 0)
    taken: tuple[float, ...] = (0.0,) * 100
    made: bool = False
    above: int = 0
    below: int = 0
    margin: int = 0

    def reached(self, cut: frozenset[str]) -> Ground:
        """The part that a figure may stand in which its own picture cut off at those edges: within the
        padding the cut would show as a line across the film."""
        above, below = (self.above if "top" in cut else 0), (self.below if "bottom" in cut else 0)
        left, top, right, bottom = self.beyond
        return replace(
            self,
            top=self.top - above,
            height=self.height + above + below,
            beyond=(left, self.margin if above else top, right, self.margin if below else bottom),
        )


def placed(figures: Sequence[tuple[Measures, Wanted]], ground: Ground) -> list[Place]:
    """A place for each of one or two figures."""
    grounds = [ground.reached(measures.cut) for measures, _ in figures]
    sizes = [
        _size(measures, wanted, own, len(figures))
        for (measures, wanted), own in zip(figures, grounds, strict=True)
    ]
    middles = _middles([wanted for _, wanted in figures], sizes, ground)
    return [
        _at(measures, size, middle, own)
        for (measures, _), size, middle, own in zip(figures, sizes, middles, grounds, strict=True)
    ]


def settled(measures: Measures, home: Box, ground: Ground) -> Place | None:
    """Where a figure stood in its own picture (fractions of the frame), which is the ground; None where
    that is cut off, tiny or more than the frame can hold."""
    if measures.cut - {"bottom"} or home.left < 0 or home.right > 1 or home.top < _HIGHEST_AT_HOME:
        return None
    if home.height < _LEAST_AT_HOME or (home.bottom > _LOWEST_AT_HOME) is not bool(measures.cut):
        return None
    top = ground.top + round(home.top * ground.height)
    bottom = ground.top + round(home.bottom * ground.height)
    if measures.cut:  # a little larger, so that where it was cut stays out of the picture
        bottom = ground.top + ground.height + ground.beyond[3]
    tall = max(2, bottom - top)
    wide = max(2, round(measures.width * tall / measures.height))
    middle = ground.left + (home.left + home.right) / 2 * ground.width
    return Place(round(middle - wide / 2), top, wide, tall, None if measures.cut else bottom)


def _size(measures: Measures, wanted: Wanted, ground: Ground, count: int) -> tuple[int, int]:
    """Width and height in pixels."""
    alone = ground.made and count == 1
    bust, whole = (_ALONE_BUST, _ALONE_WHOLE) if alone else (_BUST, _WHOLE)
    low, high = bust if "bottom" in measures.cut else whole
    height = min(high, max(low, measures.share)) * _DISTANCE[wanted.distance]
    if (
        "top" in measures.cut
    ):  # from the upper edge down, however broad: nothing else has no cut in it
        down = 1 + ground.beyond[3] / ground.height if "bottom" in measures.cut else _TALLEST
        scale = (down * ground.height + ground.beyond[1]) / measures.height
        return max(2, round(measures.width * scale)), max(2, round(measures.height * scale))
    height = min(_TALLEST, height)
    wide = ground.width >= ground.height
    broadest = (0.5 if wide else 0.8) if count == 1 else (0.42 if wide else 0.5)
    if ground.made:
        broadest = _BROADEST_MADE[count][0 if wide else 1]
    if wanted.distance == "near":
        broadest *= 1.3
    scale = min(
        height * ground.height / measures.height,
        broadest * ground.width / measures.width,
        _MOST_ENLARGED,
    )
    return max(2, round(measures.width * scale)), max(2, round(measures.height * scale))


def _middles(
    wanted: Sequence[Wanted], sizes: Sequence[tuple[int, int]], ground: Ground
) -> list[float]:
    """The middle of each figure, in fractions of the width."""
    if len(wanted) == 1:
        side = wanted[0].side
        return [_X[side] if side else _freest(sizes[0][0] / ground.width, ground)]
    first, second = (_X[one.side] if one.side else None for one in wanted)
    if first is None and second is None:
        return list(_PAIR)
    if first is None and second is not None:
        first = _other(second)
    elif second is None and first is not None:
        second = _other(first)
    assert first is not None
    assert second is not None
    if first == second:  # both on one side: beside each other there
        step = (sizes[0][0] + sizes[1][0]) / 4 / ground.width
        return [first - step, second + step]
    return [first, second]


def _other(taken: float) -> float:
    return _X["right"] if taken <= 0.5 else _X["left"]


def _freest(width: float, ground: Ground) -> float:
    """The place nearest the middle where the figure hides little of the picture's own subject."""
    count = len(ground.taken)

    def cost(x: float) -> float:
        begin, end = max(0, int((x - width / 2) * count)), min(count, int((x + width / 2) * count))
        hidden = sum(ground.taken[begin:end]) / max(1e-6, sum(ground.taken))
        return min(1.0, hidden) * (sum(ground.taken) > 0) + _OFF_CENTRE * abs(x - 0.5)

    return min(_OPEN, key=cost)


def _at(measures: Measures, size: tuple[int, int], middle: float, ground: Ground) -> Place:
    width, height = size
    left, top, right, bottom = ground.beyond
    half = min(0.5, width / ground.width / 2 + _BESIDE)  # whole in the picture where that has room
    middle = min(1 - half, max(half, middle))
    x = ground.left + round(middle * ground.width - width / 2)
    level = ground.top + round(_level(height / ground.height) * ground.height)
    y, feet = level - height, level if "bottom" not in measures.cut else None
    if feet is None:
        # what was cut off stays out of the picture, also when the camera looks a little farther
        y = ground.top + ground.height + bottom - height
    if "top" in measures.cut:
        y = ground.top - top
        feet = y + height if feet is not None else None
    if "left" in measures.cut and "right" not in measures.cut:
        x = ground.left - left
    elif "right" in measures.cut and "left" not in measures.cut:
        x = ground.left + ground.width + right - width
    return Place(x, y, width, height, feet)


def _level(height: float) -> float:
    """How far down the feet of a figure of that height stand."""
    (h0, y0), *rest = _LEVEL
    if height <= h0:
        return y0
    for h1, y1 in rest:
        if height <= h1:
            return y0 + (y1 - y0) * (height - h0) / (h1 - h0)
        h0, y0 = h1, y1
    return y0
