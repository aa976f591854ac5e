"""aspectRatio and resolution → a size: "16:9" and "1080p" are 1920x1080."""

from __future__ import annotations

import re

from mutoscope.catalog.sizes import parse_size
from mutoscope.dialects.shared.fields import words
from mutoscope.errors import BadShot
from mutoscope.shot import Size

RATIO, LINES = "16:9", 720  # what the service takes where nothing is said
_RATIO = re.compile(r"(\d{1,4}(?:\.\d+)?)\s*[:/]\s*(\d{1,4}(?:\.\d+)?)")
_LINES = re.compile(r"(\d{2,5})\s*p?")
_NAMED = {"4k": 2160, "2k": 1440, "hd": 720, "fullhd": 1080, "uhd": 2160}
WIDEST = 8.0  # of a shape: its long side over its short one


def ratio(field: str, value: object) -> str:
    """A shape such as "16:9"; one in words, as "landscape", is its size's. BadShot."""
    said = words(field, value).strip().lower()
    match = _RATIO.fullmatch(said)
    if match is None and said in ("landscape", "portrait", "square"):
        size = parse_size(said)
        return f"{size.width}:{size.height}"
    if match is None:
        raise BadShot.of(field, value, 'a shape such as "16:9" or "9:16"')
    across, down = float(match[1]), float(match[2])
    if not (across and down and 1 / WIDEST <= across / down <= WIDEST):
        raise BadShot.of(field, value, "a shape from 1:8 to 8:1")
    return f"{match[1]}:{match[2]}"


def lines(field: str, value: object) -> int | Size:
    """The short side of "720p", "1080p" or "4k" in pixels; a size such as "1280x720" is itself."""
    said = words(field, value).strip().lower().replace(" ", "")
    if said in _NAMED:
        return _NAMED[said]
    if match := _LINES.fullmatch(said):
        short = int(match[1])
        if 16 <= short <= 16384:
            return short
    try:
        return parse_size(said)
    except BadShot:
        raise BadShot.of(field, value, '"720p", "1080p" or "4k"') from None


def size(shape: str | None, sharp: int | Size | None) -> Size | None:
    """The size of a shape with that short side; what is left out is as the service has it. None where
    neither is said."""
    if shape is None and sharp is None:
        return None
    if isinstance(sharp, Size):
        return sharp
    across, _, down = (shape or RATIO).partition(":")
    wide, high = float(across), float(down)
    scale = (sharp or LINES) / min(wide, high)
    return Size(2 * round(wide * scale / 2), 2 * round(high * scale / 2))
