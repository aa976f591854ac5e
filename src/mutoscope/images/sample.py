"""A part of a photograph at a wanted size, in one resampling.

Downward: DCT scaling inside the JPEG decoder, then a box filter to within four times the wanted size,
then Lanczos (three lobes). Upward: Catmull-Rom. All of it on the stored values, as the field's other
tools do, and colours become sRGB afterwards, on the few pixels that are left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvips

from mutoscope.images import orient
from mutoscope.images.colour import opaque, srgb
from mutoscope.images.decode import Photo, Rgb
from mutoscope.images.plan import Box
from mutoscope.images.sniff import JPEG

#: What is left for Lanczos after the JPEG decoder's own scaling. At 1.4 the finest detail that is kept
#: loses up to 7 % of its contrast, at 2 none that could be measured; a thumbnail may.
LEFT_AFTER_DCT, LEFT_FOR_THUMBNAIL = 2.0, 1.2
#: Source pixels beyond a window that Lanczos at up to 1/4 size reads.
REACH = 16


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a resampling, in loaded pixels: `start` is where the first of `count` wanted pixels
    begins, `rate` the wanted pixels for one loaded, `low..high` what may be read."""

    start: float
    rate: float
    count: int
    low: int
    high: int

    def wider(self, margin: int) -> Axis:
        """The same grid of pixels with `margin` more at both ends."""
        start = self.start - margin / self.rate
        return Axis(start, self.rate, self.count + 2 * margin, self.low, self.high)

    @property
    def down(self) -> bool:
        return self.rate <= 1.0 + 1e-9


def whole(photo: Photo, long_side: int) -> Rgb:
    """The whole picture, its longer side `long_side` pixels at most; see `Photo.thumbnail`."""
    scale = min(1.0, long_side / max(photo.width, photo.height))
    width, height = (max(1, round(side * scale)) for side in (photo.width, photo.height))
    box = Box(0, 0, photo.width, photo.height)
    return sampled(photo, box, box, width, height, left_after_dct=LEFT_FOR_THUMBNAIL)


def sampled(
    photo: Photo,
    crop: Box,
    bounds: Box,
    width: int,
    height: int,
    margin_x: int = 0,
    margin_y: int = 0,
    *,
    left_after_dct: float = LEFT_AFTER_DCT,
) -> Rgb:
    """`crop` of the upright photo on width×height pixels, with margins of the same scale around it.

    Returns uint8 (height + 2·margin_y, width + 2·margin_x, 3). Only pixels inside `bounds` are read;
    beyond them the nearest one is repeated. The inner height×width is bit-identical whatever the
    margins are. Raises BadImage where the file's data is damaged.
    """
    if orient.is_transposed(photo.orientation):
        width, height, margin_x, margin_y = height, width, margin_y, margin_x
    crop = orient.stored_box(crop, photo.size, photo.orientation)
    bounds = orient.stored_box(bounds, photo.size, photo.orientation)
    total = min(crop.width / width, crop.height / height)
    shrink = _dct_shrink(total, left_after_dct) if photo.kind is JPEG else 1
    box = max(1, math.floor(total / shrink / 2))
    step = shrink * box
    across = _axis(crop.left, crop.width, width, bounds.left, bounds.right, step)
    down = _axis(crop.top, crop.height, height, bounds.top, bounds.bottom, step)
    wide = across.wider(margin_x), down.wider(margin_y)
    try:
        try:
            loaded = _loaded(photo.load(shrink), photo, box, *wide, margin_x, margin_y)
        except pyvips.Error as error:
            if not photo.harmless(error):
                raise
            kept = photo.load(shrink, lenient=True)
            loaded = _loaded(kept, photo, box, *wide, margin_x, margin_y)
        image, across, down = loaded
        result = srgb(_resampled(image, across, down, 0, 0)).numpy()
        if margin_x or margin_y:
            inner = result
            result = np.array(srgb(_resampled(image, across, down, margin_x, margin_y)).numpy())
            # libvips' window positions carry rounding: only a copy makes the frame bit-identical
            bottom, right = margin_y + inner.shape[0], margin_x + inner.shape[1]
            result[margin_y:bottom, margin_x:right] = inner
    except pyvips.Error as error:
        raise photo.damaged(error) from None
    return orient.turn(result, photo.orientation)


def _dct_shrink(total: float, left: float) -> int:
    return next(shrink for shrink in (8, 4, 2, 1) if shrink == 1 or total / shrink >= left)


def _axis(start: float, length: float, count: int, low: float, high: float, step: int) -> Axis:
    """The axis in loaded pixels, each of which is `step` source pixels."""
    first = math.ceil(low / step - 1e-9)
    last = max(first + 1, math.floor(high / step + 1e-9))
    return Axis(start / step, count * step / length, count, first, last)


def _loaded(
    image: Any, photo: Photo, box: int, across: Axis, down: Axis, margin_x: int, margin_y: int
) -> tuple[Any, Axis, Axis]:
    """The part of `image` that both axes read, box-filtered and in memory, and the axes (without
    margins) in its pixels."""
    image = opaque(image, photo.background)
    parts = []
    for axis, size, margin in ((across, image.width, margin_x), (down, image.height, margin_y)):
        end = math.ceil(size / box)  # the last one may be a part of a box
        high = end if axis.high * box >= size - box + 1 else axis.high
        first = min(max(axis.low, math.floor(axis.start) - REACH), high - 1)
        last = max(min(high, math.ceil(axis.start + axis.count / axis.rate) + REACH), first + 1)
        moved = Axis(axis.start - first, axis.rate, axis.count, axis.low - first, high - first)
        parts.append((first, last, moved.wider(-margin)))
    (left, right, across), (top, bottom, down) = parts
    image = image.crop(
        left * box,
        top * box,
        min(right * box, image.width) - left * box,
        min(bottom * box, image.height) - top * box,
    )
    if box > 1:
        image = image.shrink(box, box, ceil=True)
    if margin_x or margin_y or not (across.down and down.down):
        image = image.copy_memory()  # read twice, or out of order
    return image, across, down


def _resampled(image: Any, across: Axis, down: Axis, margin_x: int, margin_y: int) -> Any:
    for axis, margin, reduce in ((down, margin_y, "reducev"), (across, margin_x, "reduceh")):
        if axis.down:
            image = _reduced(image, axis, margin, reduce)
    rate_x = 1.0 if across.down else across.rate
    rate_y = 1.0 if down.down else down.rate
    if rate_x == rate_y == 1.0:
        return image
    wide_x, wide_y = across.wider(margin_x), down.wider(margin_y)
    return image.affine(
        [rate_x, 0, 0, rate_y],
        interpolate=pyvips.Interpolate.new("bicubic"),
        oarea=[0, 0, wide_x.count, wide_y.count],
        # a pixel's centre is at its index + 0.5; libvips counts from the centre itself
        odx=0.0 if across.down else rate_x * (0.5 - wide_x.start) - 0.5,
        ody=0.0 if down.down else rate_y * (0.5 - wide_y.start) - 0.5,
        extend="copy",
    )


def _reduced(image: Any, axis: Axis, margin: int, reduce: str) -> Any:
    """libvips lays the middle of what it makes on the middle of what it gets. So the window is cut
    around the middle of what is wanted, to half a loaded pixel; and as more may be made than is
    wanted, that many are added at the end as bring the middle nearest to such a place."""
    middle = axis.start + axis.count / axis.rate / 2
    extra = min(
        range(16), key=lambda extra: (round(_off_half(middle + extra / axis.rate / 2), 4), extra)
    )
    twice_middle = round(2 * (middle + extra / axis.rate / 2))
    wanted = axis.count + extra + 2 * margin
    length = math.ceil(wanted / axis.rate) + 2 * math.ceil(4 / axis.rate)
    for _ in range(64):
        length += (length - twice_middle) % 2
        made = math.floor(length * axis.rate + 0.5)
        if (made - wanted) % 2 == 0:
            break
        length += 1
    first = (twice_middle - length) // 2
    vertical = reduce == "reducev"
    if vertical:
        window = image.embed(0, -first, image.width, length, extend="copy")
    else:
        window = image.embed(-first, 0, length, image.height, extend="copy")
    result = getattr(window, reduce)(1 / min(1.0, axis.rate), kernel="lanczos3")
    made = result.height if vertical else result.width
    begin = (made - wanted) // 2
    count = axis.count + 2 * margin
    if vertical:
        return result.crop(0, begin, result.width, count)
    return result.crop(begin, 0, count, result.height)


def _off_half(place: float) -> float:
    return abs(2 * place - round(2 * place)) / 2
