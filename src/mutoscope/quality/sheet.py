"""A film's measures as one picture: the camera's way over the first frame, the figures, curves over time
and the frames that look worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from mutoscope.errors import CannotWrite
from mutoscope.finish.whole import whole
from mutoscope.quality.measured import Measured
from mutoscope.quality.reel import Reel, Rgb
from mutoscope.quality.table import Row, rows
from mutoscope.quality.worst import Worst, worst

WIDTH, PAD, GAP = 1360, 28, 20
PAPER, INK, QUIET, LINE, GRID = "#15171a", "#e9e7e2", "#989da5", "#ffb454", "#2a2e34"
COLOURS = {"good": "#7fd18b", "fair": "#ffcf6b", "poor": "#ff7a70", "": "#989da5"}
CURVE_HEIGHT, LEFT_WIDTH = 84, 640
#: What Pillow's own typeface has no letter for.
PLAIN = str.maketrans({"×": "x", "‰": "/1000", "³": "^3", "²": "^2", "≈": "~"})
LEGEND = "The first frame: the way of the view's middle, and what of it the last frame shows"
ROW = 20
SUPER = 2  # lines are drawn larger and made small, for smooth edges

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """`values` at `frames` (numbers), a title, and marks at frames."""

    title: str
    frames: Sequence[float]
    values: Sequence[float]
    colour: str = LINE
    marks: Sequence[int] = ()
    floor: float | None = None  # the least value of the axis, where it is not the values' own


def sheet(made: Measured, read: Reel, out: Path) -> None:
    """Draw the sheet as the PNG `out`. Raises CannotWrite."""
    page = drawn(made, read)
    done, data = cv2.imencode(".png", cv2.cvtColor(page, cv2.COLOR_RGB2BGR))
    if not done:
        raise CannotWrite(f"{out} could not be encoded as PNG")
    try:
        with whole(out) as part:
            part.write_bytes(data.tobytes())
    except OSError as error:
        raise CannotWrite(f"{out} cannot be written: {error.strerror}") from error


def drawn(made: Measured, read: Reel) -> Rgb:
    """The sheet as RGB."""
    picture = _first(made, read)
    table = rows(made)
    ruler = Pen(Image.new("RGB", (8, 8)))
    top_height = round(max(picture.height + 30, _table_height(ruler, table)))
    lines = curves(made)
    frames = worst(made, 4)
    thumbs = _thumbs(read, frames)
    thumb_height = max((one.height for one in thumbs), default=0)
    height = PAD + 44 + top_height + GAP + len(lines) * (CURVE_HEIGHT + 12)
    height += (GAP + 30 + thumb_height + 40 if thumbs else 0) + PAD
    page = Image.new("RGB", (WIDTH * SUPER, height * SUPER), PAPER)
    pen = Pen(page)
    pen.text((PAD, PAD), made.path.name, 22, INK, most=800)
    about = f"{made.width}×{made.height}   {made.seconds:.2f} s   {made.frames} frames at {made.fps:.4g} fps"  # fmt: skip
    pen.text((WIDTH - PAD, PAD + 6), about, 14, QUIET, right=True)
    y = PAD + 44
    pen.paste(picture, (PAD, y))
    pen.text((PAD, y + picture.height + 8), LEGEND, 13, QUIET)
    _table(pen, table, PAD + LEFT_WIDTH + 24, y)
    y += top_height + GAP
    for curve in lines:
        _curve(pen, curve, y, len(read.frames))
        y += CURVE_HEIGHT + 12
    if thumbs:
        y += GAP - 12
        pen.text((PAD, y), "Worst frames", 14, QUIET)
        x = float(PAD)
        for image, one in zip(thumbs, frames, strict=True):
            pen.paste(image, (x, y + 26))
            pen.text((x, y + 32 + thumb_height), f"{one.number}", 14, LINE)
            pen.text((x + 44, y + 32 + thumb_height), one.why, 13, QUIET, most=image.width - 46)
            x += (WIDTH - 2 * PAD + GAP) / 4
    return np.asarray(page.resize((WIDTH, height), Image.Resampling.BOX))


class Pen:
    """Draws on a page `SUPER` times as large, in the small page's pixels."""

    def __init__(self, page: Image.Image) -> None:
        self._page, self._draw = page, ImageDraw.Draw(page)

    def text(
        self, at: Point, words: str, size: int, colour: str, *, right: bool = False, most: float = 0
    ) -> None:
        """`right`: `at` is the right end. Words that are wider than `most` pixels are cut."""
        words = words.translate(PLAIN)
        font = ImageFont.load_default(size * SUPER)
        while most and len(words) > 4 and font.getlength(words) > most * SUPER:
            words = words[:-2].rstrip(" …,;") + "…"
        x, y = at[0] * SUPER, at[1] * SUPER
        self._draw.text((x, y), words, fill=colour, font=font, anchor="ra" if right else "la")

    def wrapped(self, words: str, size: int, most: float) -> list[str]:
        """In lines of at most `most` pixels, broken between words."""
        font = ImageFont.load_default(size * SUPER)
        lines: list[str] = []
        for word in words.translate(PLAIN).split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and font.getlength(longer) <= most * SUPER:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def line(self, points: Sequence[Point], colour: str, wide: float) -> None:
        scaled = [(x * SUPER, y * SUPER) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(wide * SUPER)), joint="curve")

    def dot(self, at: Point, radius: float, colour: str) -> None:
        x, y, r = at[0] * SUPER, at[1] * SUPER, radius * SUPER
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def paste(self, picture: Image.Image, at: Point) -> None:
        size = (picture.width * SUPER, picture.height * SUPER)
        large = picture.resize(size, Image.Resampling.BICUBIC)
        self._page.paste(large, (round(at[0] * SUPER), round(at[1] * SUPER)))


def _first(made: Measured, read: Reel) -> Image.Image:
    """The first frame, the frame's outline as the camera had it at the end, and the middle's way."""
    size = _within(read.first, LEFT_WIDTH, 460)
    shown = cv2.resize(read.first, size, interpolation=cv2.INTER_AREA)
    picture = Image.fromarray(np.asarray(shown, np.uint8)).resize(
        (size[0] * SUPER, size[1] * SUPER), Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(picture)
    small = read.frames.shape[2], read.frames.shape[1]
    by = np.array([size[0] / small[0], size[1] / small[1]]) * SUPER
    middle = np.array([(small[0] - 1) / 2, (small[1] - 1) / 2])
    corners = np.array([[0, 0], [small[0], 0], [small[0], small[1]], [0, small[1]]], np.float64)
    way = [tuple(_back(matrix, middle[None])[0] * by) for matrix in made.camera.maps]
    last = [tuple(one) for one in _back(made.camera.maps[-1], corners) * by]
    for colour, wide in (("#000000", 3 * SUPER), (LINE, round(1.3 * SUPER))):
        pen.line([*last, last[0]], fill=colour, width=wide)
        pen.line(way, fill=colour, width=wide + SUPER, joint="curve")
        reach = (4 if colour == LINE else 5.5) * SUPER
        x, y = way[-1]
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)
    return picture.resize(size, Image.Resampling.BOX)


def _back(matrix: npt.NDArray[np.float64], places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:  # fmt: skip
    """What of the first frame is seen at these places of a later one."""
    turned = np.linalg.pinv(matrix[:, :2])
    return np.asarray((places - matrix[:, 2]) @ turned.T)


def _within(picture: Rgb, wide: int, tall: int) -> tuple[int, int]:
    scale = min(wide / picture.shape[1], tall / picture.shape[0])
    return max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale))


def _table(pen: Pen, table: Sequence[Row], x: float, y: float) -> None:
    group = ""
    for row in table:
        if group and row.group != group:
            y += 10
        group = row.group
        pen.dot((x + 5, y + 9), 4, COLOURS[row.verdict])
        pen.text((x + 20, y), row.name, 14, INK, most=140)
        pen.text((x + 254, y), row.figure, 14, INK, right=True)
        for line in _said(pen, row):
            pen.text((x + 268, y + 1), line, 13, QUIET)
            y += ROW
        y += 0 if row.said else ROW


def _said(pen: Pen, row: Row) -> list[str]:
    return pen.wrapped(row.said, 13, WIDTH - 2 * PAD - LEFT_WIDTH - 24 - 268)


def _table_height(pen: Pen, table: Sequence[Row]) -> float:
    lines = sum(max(1, len(_said(pen, row))) for row in table)
    return ROW * lines + 10 * len({row.group for row in table})


def _curve(pen: Pen, curve: Curve, y: float, count: int) -> None:
    values = np.asarray(curve.values, np.float64)
    low = float(values.min()) if curve.floor is None else min(curve.floor, float(values.min()))
    high = max(float(values.max()), low + 1e-6)
    left, right = PAD + 150.0, WIDTH - PAD - 60.0
    base, top = y + CURVE_HEIGHT - 8, y + 10
    pen.text((PAD, y + 12), curve.title, 14, INK, most=142)
    pen.text((PAD, y + 34), f"mean {values.mean():.3g}", 13, QUIET)
    pen.line([(left, base), (right, base)], GRID, 1)
    pen.line([(left, top), (right, top)], GRID, 1)
    pen.text((right + 8, top - 7), f"{high:.3g}", 12, QUIET)
    pen.text((right + 8, base - 7), f"{low:.3g}", 12, QUIET)

    def place(frame: float, value: float) -> Point:
        share = (value - low) / (high - low)
        return left + (right - left) * frame / max(1, count - 1), base - (base - top) * share

    points = [place(f, v) for f, v in zip(curve.frames, values, strict=True)]
    if len(points) > 1:
        pen.line(points, curve.colour, 1.8)
    for mark in curve.marks:
        x = place(mark, low)[0]
        pen.line([(x, top), (x, base)], COLOURS["poor"], 1)
    if points:
        peak = int(values.argmax())
        pen.dot(points[peak], 3, INK)
    pen.text((left, base + 1), "0", 11, QUIET)
    pen.text((right, base + 1), str(count - 1), 11, QUIET, right=True)


def curves(made: Measured) -> list[Curve]:
    """What there is over time."""
    numbers = range(len(made.times))
    found = []
    cuts = made.cuts.cuts
    if made.flicker is not None:
        found.append(Curve("change, levels", numbers[1:], list(made.flicker.steps), marks=cuts, floor=0.0))  # fmt: skip
    if made.jerk is not None:
        jerk = [0.0, 0.0, *made.jerk.frames, 0.0]
        found.append(Curve("camera jerk, ‰", numbers, jerk, "#8fb8ff", floor=0.0))
    if made.warping is not None:
        found.append(Curve("warp error", list(made.warping.errors), list(made.warping.errors.values()), "#ff9d8a", floor=0.0))  # fmt: skip
    if len(made.sharpness) > 1:
        found.append(Curve("sharpness", numbers, list(made.sharpness), "#9fe0c0", floor=0.0))
    if made.likeness is not None:
        found.append(Curve("like the first", list(made.likeness.by_frame), list(made.likeness.by_frame.values()), "#d3a6ff"))  # fmt: skip
    return found


def _thumbs(read: Reel, frames: Sequence[Worst]) -> list[Image.Image]:
    wide = int((WIDTH - 2 * PAD - 3 * GAP) / 4)
    found = []
    for one in frames:
        frame = read.frames[one.number]
        size = _within(frame, wide, 320)
        found.append(Image.fromarray(np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)))  # fmt: skip
    return found
