"""The scores as one picture: a row for the reference and for each clip, a column a frame, each with the
face and the figure that were matched, and what they scored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from mutoscope.errors import CannotWrite
from mutoscope.finish.whole import whole
from mutoscope.quality.consistency.result import ClipScores, Consistency, Rgb, Sample
from mutoscope.quality.consistency.scores import PARTS, Part
from mutoscope.quality.sheet import GRID, INK, LINE, PAPER, QUIET, SUPER, Pen

PAD, GAP, NAMES = 24, 10, 190  # pixels: of the page, between columns, for a row's name
TILE, FACE = 112, 56  # pixels of a figure's side, of a face's
_ROW = TILE + 44
#: Columns of a page; a clip of more samples goes on in the next line.
MOST_COLUMNS = 8
GOOD, POOR = 75.0, 50.0
COLOURS = {"good": "#7fd18b", "fair": "#ffcf6b", "poor": "#ff7a70"}
SHORT: dict[Part, str] = {"face": "face", "clothing": "cloth", "whole": "whole"}


def grid(found: Consistency, out: Path) -> None:
    """Draw the grid as the PNG `out`. Raises CannotWrite."""
    done, data = cv2.imencode(".png", cv2.cvtColor(drawn(found), cv2.COLOR_RGB2BGR))
    if not done:
        raise CannotWrite(f"{out} could not be encoded as PNG")
    with whole(out) as part:
        part.write_bytes(data.tobytes())


def drawn(found: Consistency) -> Rgb:
    """The grid as RGB."""
    rows = _rows(found)
    columns = max(len(samples) for _, _, samples in rows)
    column = TILE + FACE + 4 + GAP
    width = 2 * PAD + NAMES + columns * column
    height = 2 * PAD + 56 + len(rows) * _ROW
    page = Image.new("RGB", (width * SUPER, height * SUPER), PAPER)
    pen = Pen(page)
    pen.text((PAD, PAD), "Consistency", 20, INK)
    pen.text((PAD + 130, PAD + 5), _in_all(found), 14, INK, most=width - 2 * PAD - 130)
    y = PAD + 48.0
    for name, clip, samples in rows:
        if name:
            pen.line([(PAD, y - 8), (width - PAD, y - 8)], GRID, 1)
            _named(pen, name, clip, y)
        for place, one in enumerate(samples):
            _cell(pen, one, (PAD + NAMES + place * column, y), clip)
        y += _ROW
    return np.asarray(page.resize((width, height), Image.Resampling.BOX))


Row = tuple[str, ClipScores | None, Sequence[Sample]]


def _rows(found: Consistency) -> list[Row]:
    """Name, clip and samples of each line; a name only where a clip begins."""
    own = [one for path, one in found.reference if not _is_of(found, one)]
    parts: list[Row] = [("reference", None, own)] if own else []
    parts += [(clip.path.name, clip, clip.samples) for clip in found.clips]
    return [
        (name if begin == 0 else "", clip, samples[begin : begin + MOST_COLUMNS])
        for name, clip, samples in parts
        for begin in range(0, max(1, len(samples)), MOST_COLUMNS)
    ]


def _is_of(found: Consistency, one: Sample) -> bool:
    return any(one is each for clip in found.clips for each in clip.samples)


def _in_all(found: Consistency) -> str:
    said = [f"{part} {_figure(found.scores[part])}" for part in PARTS]
    return f"in all: {', '.join(said)}   (100 the same, 50 as likely another)"


def _named(pen: Pen, name: str, clip: ClipScores | None, y: float) -> None:
    pen.text((PAD, y), name, 14, INK, most=NAMES - 14)
    if clip is None:
        pen.text((PAD, y + 22), "what the clips are", 12, QUIET)
        pen.text((PAD, y + 38), "held against", 12, QUIET)
        return
    for line, part in enumerate(PARTS):
        value = clip.scores[part]
        pen.text((PAD, y + 24 + 20 * line), part, 13, QUIET)
        pen.text((PAD + 96, y + 24 + 20 * line), _figure(value), 14, _colour(value), right=True)
        told = f"{clip.counted(part)} of {len(clip.judged)}"
        pen.text((PAD + 106, y + 25 + 20 * line), told, 12, QUIET)
    if clip.worst is not None:
        one, part = clip.worst
        said = f"worst: {one.at:.2f} s, {part} {one.scores[part]:.0f}"
        pen.text((PAD, y + 90), said, 12, QUIET, most=NAMES - 14)


def _cell(pen: Pen, one: Sample, at: tuple[float, float], clip: ClipScores | None) -> None:
    x, y = at
    _tile(pen, one.figure_tile, (x, y), TILE, "no figure")
    _tile(pen, one.face_tile, (x + TILE + 4, y), FACE, "no face")
    worst = clip.worst if clip is not None else None
    if worst is not None and worst[0] is one:
        corners = [(x, y), (x + TILE, y), (x + TILE, y + TILE), (x, y + TILE), (x, y)]
        pen.line([(a - 1, b - 1) for a, b in corners], _colour(one.scores[worst[1]]), 2)
    below = y + TILE + 4
    if one.reference:
        pen.text((x, below), f"{one.at:.2f} s   reference" if clip else "reference", 12, LINE)
        return
    pen.text((x, below), f"{one.at:.2f} s", 12, QUIET)
    side = x + TILE + 4
    for line, part in enumerate(PARTS):
        value = one.scores.get(part)
        pen.text((side, y + FACE + 4 + 17 * line), SHORT[part], 11, QUIET)
        pen.text((side + FACE, y + FACE + 2 + 17 * line), _figure(value), 13, _colour(value), right=True)  # fmt: skip


def _tile(pen: Pen, tile: Rgb | None, at: tuple[float, float], side: int, without: str) -> None:
    if tile is None:
        pen.paste(Image.new("RGB", (side, side), GRID), at)
        pen.text((at[0] + 6, at[1] + side / 2 - 7), without, 11, QUIET, most=side - 8)
        return
    small = cv2.resize(tile, (side * SUPER, side * SUPER), interpolation=cv2.INTER_AREA)
    pen.paste(Image.fromarray(np.asarray(small, np.uint8)).resize((side, side)), at)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _colour(value: float | None) -> str:
    if value is None:
        return QUIET
    return COLOURS["good" if value >= GOOD else "fair" if value >= POOR else "poor"]
