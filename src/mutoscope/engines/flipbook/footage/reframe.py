"""A film in a frame of another shape: a crop that goes with the subject, or bars.

============== =================================================================================
auto, cover    the largest crop of the frame's shape; it follows what the film is about, calmly,
               rests where that hardly moves, and jumps only where the film itself is cut
pad            the whole picture, on a blurred copy of itself or a colour
stretch        the whole picture, pulled to the shape
strict         refused where the size is another
============== =================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.footage.focus import Attention, Focus
from mutoscope.engines.flipbook.footage.window import Matrix, cut, seen
from mutoscope.errors import ContractRefused
from mutoscope.finish.bt709 import planes
from mutoscope.finish.frame import blank, planes_of
from mutoscope.images.plan import BLUR, STRICT_MISMATCH, fill_colour
from mutoscope.shot import Fit, Size

Path1 = npt.NDArray[np.float64]  # a place by frame

#: Seconds over which a crop's way is smoothed.
CALM = 0.9
#: Of the crop's width: what moves less than that does not move the crop.
RESTS = 0.12
#: Of the picture, what may be cut off without looking where.
TRIFLE = 0.02


@dataclass(frozen=True, slots=True)
class Box:
    """The crop's size, and the ways that its left and top can go, in source pixels."""

    width: float
    height: float
    across: float
    down: float

    @property
    def lost(self) -> float:
        """The part of the picture that is cut off."""
        return 1 - self.width * self.height / (
            (self.width + self.across) * (self.height + self.down)
        )


def crop(size: Size, target: Size) -> Box:
    """The largest crop of the target's shape."""
    shape = target.width / target.height
    width = min(float(size.width), size.height * shape)
    height = min(float(size.height), size.width / shape)
    return Box(width, height, size.width - width, size.height - height)


def used(size: Size, target: Size, fit: Fit) -> Fit:
    """What `fit` comes to for a film. Raises ContractRefused for strict and another size."""
    if fit is Fit.STRICT and size != target:
        raise ContractRefused(STRICT_MISMATCH, code="")
    return Fit.COVER if fit is Fit.AUTO or size == target else fit


def followed(
    size: Size, target: Size, attention: Attention | None, count: int, rate: float
) -> Matrix:
    """The crop's window in each of `count` frames: n×3×3. Without attention it is in the middle."""
    box = crop(size, target)
    ends = (0, *(attention.cuts if attention else ()), count)
    lefts, tops = np.zeros(count), np.zeros(count)
    for begin, end in pairwise(ends):
        points = [
            one for one in (attention.points if attention else ()) if begin <= one.number < end
        ]
        lefts[begin:end] = _way(points, 0, (box.width, box.across, size.width), begin, end, rate)
        tops[begin:end] = _way(points, 1, (box.height, box.down, size.height), begin, end, rate)
    return np.stack(
        [
            cut(left, top, box.width, box.height, target)
            for left, top in zip(lefts, tops, strict=True)
        ]
    )


def _way(
    points: list[Focus], axis: int, box: tuple[float, float, int], begin: int, end: int, rate: float
) -> Path1:
    """Where the crop begins along one axis, frame by frame."""
    length, room, side = box
    if room <= 0 or not points:
        return np.full(end - begin, room / 2)
    places = np.array([(one.x, one.y)[axis] * side for one in points])
    sure = np.array([one.sure for one in points])
    # what is not sure is taken to lie in the middle
    places = sure * places + (1 - sure) * _likely(places, sure, side)
    # within reach first, and then smoothed: what is cut off after smoothing would stop with a jerk
    places = np.clip(places, length / 2, length / 2 + room)
    middle = float(np.average(places, weights=sure))
    if np.ptp(places) < RESTS * length:
        way = np.full(end - begin, middle)
    else:
        numbers = np.array([one.number for one in points])
        way = _smoothed(np.interp(np.arange(begin, end), numbers, _calm(places)), rate)
    return np.asarray(np.clip(way - length / 2, 0, room))


def _likely(places: Path1, sure: Path1, side: int) -> float:
    return float((sure @ places + 0.3 * side / 2) / (sure.sum() + 0.3))


def _calm(places: Path1) -> Path1:
    """Without the one that stands out between two neighbours."""
    if len(places) < 3:
        return places
    three = np.stack([np.r_[places[0], places[:-1]], places, np.r_[places[1:], places[-1]]])
    return np.asarray(np.median(three, axis=0))


def _smoothed(way: Path1, rate: float) -> Path1:
    """A running mean, thrice: no jump in speed. The ends repeat."""
    half = max(1, round(CALM * rate / 2))
    window = np.ones(2 * half + 1) / (2 * half + 1)
    for _ in range(3):
        way = np.convolve(np.pad(way, half, mode="edge"), window, mode="valid")
    return way


def stretched(size: Size, target: Size, count: int) -> Matrix:
    """The window that shows all of the picture in the target's shape."""
    return np.repeat(cut(0, 0, size.width, size.height, target)[None], count, axis=0)


def padded(
    frames: Iterable[av.VideoFrame], size: Size, target: Size, colour: str = ""
) -> Iterator[av.VideoFrame]:
    """The whole picture in the middle of the target, on a blurred copy of itself or a colour."""
    scale = min(target.width / size.width, target.height / size.height)
    inner = Size(*(max(2, 2 * round(side * scale / 2)) for side in (size.width, size.height)))
    inner = Size(min(inner.width, target.width), min(inner.height, target.height))
    window = cut(0, 0, size.width, size.height, inner)
    left, top = (
        (target.width - inner.width) // 4 * 2,
        (target.height - inner.height) // 4 * 2,
    )
    fill = fill_colour(colour) if colour else BLUR
    ground = None if fill == BLUR else _plain(fill, target)
    for frame in frames:
        made = blank(target.width, target.height)
        behind = _blurred(frame, size, target) if ground is None else ground
        inside = planes_of(seen(frame, window, inner))
        for number, (to, back, given) in enumerate(
            zip(planes_of(made), behind, inside, strict=True)
        ):
            part = 1 if number == 0 else 2
            columns, rows = target.width // part, target.height // part
            wide, tall, x, y = (value // part for value in (inner.width, inner.height, left, top))
            to[:rows, :columns] = back[:rows, :columns]
            to[y : y + tall, x : x + wide] = given[:tall, :wide]
        yield made


def _plain(fill: str, target: Size) -> tuple[npt.NDArray[np.uint8], ...]:
    rgb = np.full((2, 2, 3), [int(fill[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    sizes = ((target.height, target.width), *((target.height // 2, target.width // 2),) * 2)
    return tuple(
        np.full(shape, plane[0, 0], np.uint8)
        for plane, shape in zip(planes(rgb), sizes, strict=True)
    )


def _blurred(frame: av.VideoFrame, size: Size, target: Size) -> tuple[npt.NDArray[np.uint8], ...]:
    """The picture over all of the target, out of focus and a little darker."""
    box = crop(size, target)
    made = []
    for number, plane in enumerate(planes_of(frame)):
        part = 1 if number == 0 else 2
        left, top, wide, tall = (
            round(value / part) for value in (box.across / 2, box.down / 2, box.width, box.height)
        )
        piece = plane[top : top + tall, left : left + wide]
        small = (max(4, target.width // part // 12), max(4, target.height // part // 12))
        soft = cv2.resize(piece, small, interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(soft, (0, 0), max(1.0, small[0] / 15))
        if number == 0:
            soft = np.rint(16 + (soft.astype(np.float32) - 16) * 0.72).astype(np.uint8)
        whole = (target.width // part, target.height // part)
        made.append(np.asarray(cv2.resize(soft, whole, interpolation=cv2.INTER_CUBIC), np.uint8))
    return tuple(made)
