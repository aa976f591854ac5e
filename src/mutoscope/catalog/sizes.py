"""Sizes by name, by shape or by WxH: `1080p`, `reels`, `9:16`, `1280x720`."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from importlib import resources

from mutoscope.errors import BadShot
from mutoscope.shot import Size

LEAST_SIDE, MOST_SIDE = 16, 16384
_PIXELS = re.compile(r"(\d{1,6})\s*(?:[x×X*,]|by)\s*(\d{1,6})")
_RATIO = re.compile(r"(\d{1,4}(?:\.\d+)?)\s*[:/]\s*(\d{1,4}(?:\.\d+)?)")
ALLOWED = (
    "a width and height such as 1280x720, a shape such as 16:9, or a name such as "
    "720p, 1080p, 4k, square, youtube, reels, tiktok"
)


@cache
def presets() -> dict[str, Size]:
    """Every name and its size, in the table's order."""
    return {name: _size(text) for name, text in _table()["sizes"].items()}


def parse_size(text: str) -> Size:
    """The size that `text` means; case and spaces do not count. Raises BadShot.

    A shape (a:b) has a short side of 720 pixels and even sides, unless the table names it.
    """
    word = text.strip().lower()
    if match := _PIXELS.fullmatch(word):
        width, height = int(match[1]), int(match[2])
        if not all(LEAST_SIDE <= side <= MOST_SIDE for side in (width, height)):
            raise BadShot.of("size", text, f"from {LEAST_SIDE} to {MOST_SIDE} pixels a side")
        return Size(width, height)
    ratios = _table()["ratios"]
    if match := _RATIO.fullmatch(word):
        shape = f"{match[1]}:{match[2]}"
        if shape in ratios:
            return _size(ratios[shape])
        return _of_shape(text, float(match[1]), float(match[2]), int(ratios["short_side"]))
    name = re.sub(r"[\s_-]", "", word)
    if name in presets():
        return presets()[name]
    near = difflib.get_close_matches(name, presets(), n=1)
    raise BadShot.of("size", text, ALLOWED, f"did you mean {near[0]}?" if near else "")


def _of_shape(text: str, across: float, down: float, short: int) -> Size:
    if not (across and down and 1 / 8 <= across / down <= 8):
        raise BadShot.of("size", text, "a shape from 1:8 to 8:1")
    scale = short / min(across, down)
    return Size(2 * round(across * scale / 2), 2 * round(down * scale / 2))


@cache
def _table() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("sizes.toml").read_text("utf-8")
    return tomllib.loads(text)


def _size(text: str) -> Size:
    width, height = text.split("x")
    return Size(int(width), int(height))
