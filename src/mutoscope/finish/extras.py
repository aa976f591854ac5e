"""What is made from a finished film: preview, thumbnail, spritesheet, contact sheet.

=========== ========================================================================================
preview     animated WebP, 480 pixels wide, 12 frames a second, at most 180 frames
thumbnail   WebP of the first frame, at most 640 pixels wide
spritesheet JPEG of evenly spaced frames in a grid, for a player's scrub bar
sheet       PNG of twelve frames with their times, for the eye
=========== ========================================================================================

Each streams through the film once and holds one frame of it, so memory does not grow with length. The film
may have any format that is written here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.errors import CannotWrite
from mutoscope.finish.animated import animated
from mutoscope.finish.footage import chosen, evenly, shape
from mutoscope.finish.whole import whole

Rgb = npt.NDArray[np.uint8]

PREVIEW_WIDTH, PREVIEW_RATE, PREVIEW_FRAMES = 480, 12, 180
THUMBNAIL_WIDTH = 640
SPRITE_WIDTH, SPRITES_A_SECOND, MOST_SPRITES = 192, 2, 100
SHEET_WIDTH, SHEET_COLUMNS, SHEET_FRAMES = 480, 4, 12
_GAP, _BAR = 8, 26


def preview(
    film: Path, out: Path, rate: Fraction | None = None, *, width: int = PREVIEW_WIDTH
) -> None:
    """A small animated WebP that repeats, `width` pixels wide. Raises CannotWrite."""
    made = shape(film, rate)
    count = max(1, min(round(made.seconds * PREVIEW_RATE), PREVIEW_FRAMES, made.frames))
    numbers = [i * made.frames // count for i in range(count)]
    times = [round(1000 * place * made.frames / made.rate / count) for place in range(count + 1)]
    lengths = [after - before for before, after in pairwise(times)]
    frames = (rgb for _, rgb in chosen(film, numbers, width))
    animated(out, frames, lengths, quality=70, method=4)


def thumbnail(film: Path, out: Path, rate: Fraction | None = None) -> None:
    """The first frame as WebP. Raises CannotWrite."""
    for _, rgb in chosen(film, [0], THUMBNAIL_WIDTH):
        _save(out, ".webp", rgb, [cv2.IMWRITE_WEBP_QUALITY, 84])


def spritesheet(film: Path, out: Path, rate: Fraction | None = None) -> None:
    """Frames in reading order, `SPRITES_A_SECOND`, in the squarest grid. Raises CannotWrite."""
    made = shape(film, rate)
    count = max(4, min(round(made.seconds * SPRITES_A_SECOND), MOST_SPRITES))
    numbers = evenly(count, made.frames)
    columns = math.ceil(math.sqrt(len(numbers)))
    grid: Rgb | None = None
    for place, (_, rgb) in enumerate(chosen(film, numbers, SPRITE_WIDTH)):
        tall, wide = rgb.shape[:2]
        if grid is None:
            rows = -(-len(numbers) // columns)
            grid = np.zeros((rows * tall, columns * wide, 3), np.uint8)
        top, left = place // columns * tall, place % columns * wide
        grid[top : top + tall, left : left + wide] = rgb
    if grid is not None:
        _save(out, ".jpg", grid, [cv2.IMWRITE_JPEG_QUALITY, 85, cv2.IMWRITE_JPEG_OPTIMIZE, 1])


def sheet(film: Path, out: Path, rate: Fraction | None = None) -> None:
    """Twelve frames with time and number beneath, to judge a film by. Raises CannotWrite."""
    made = shape(film, rate)
    numbers = evenly(SHEET_FRAMES, made.frames)
    page: Rgb | None = None
    for place, (number, rgb) in enumerate(chosen(film, numbers, SHEET_WIDTH)):
        tall, wide = rgb.shape[:2]
        if page is None:
            rows = -(-len(numbers) // SHEET_COLUMNS)
            columns = min(SHEET_COLUMNS, len(numbers))
            size = (rows * (tall + _BAR + _GAP) + _GAP, columns * (wide + _GAP) + _GAP, 3)
            page = np.full(size, 24, np.uint8)
        top = _GAP + place // SHEET_COLUMNS * (tall + _BAR + _GAP)
        left = _GAP + place % SHEET_COLUMNS * (wide + _GAP)
        page[top : top + tall, left : left + wide] = rgb
        label = f"{float(number / made.rate):.2f} s   frame {number}"
        cv2.putText(
            page, label, (left + 2, top + tall + _BAR - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5,
            (210, 210, 210), 1, cv2.LINE_AA,
        )  # fmt: skip
    if page is not None:
        _save(out, ".png", page, [cv2.IMWRITE_PNG_COMPRESSION, 4])


def _save(out: Path, suffix: str, rgb: Rgb, options: list[int]) -> None:
    encoded, data = cv2.imencode(suffix, rgb[..., ::-1], options)
    if not encoded:
        raise CannotWrite(f"{out.name} could not be encoded as {suffix[1:]}")
    with whole(out) as part:
        part.write_bytes(data.tobytes())


class Maker(Protocol):
    """Makes an extra of a film."""

    def __call__(self, film: Path, out: Path, rate: Fraction | None = None) -> None: ...


#: kind → the function that makes it from (film, out, the film's rate where it is known)
MAKERS: Mapping[str, Maker] = {
    "preview": preview,
    "thumbnail": thumbnail,
    "spritesheet": spritesheet,
    "sheet": sheet,
}
