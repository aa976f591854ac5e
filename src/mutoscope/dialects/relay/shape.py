"""The frame as relays ask for it: `size` as pixels or as a word, `orientation`, `aspect_ratio`,
`resolution`, `hd`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mutoscope.dialects.shared import extras, fields
from mutoscope.errors import BadShot
from mutoscope.shot import Size

#: What programs send as `size` for how large the film is; its shape is said beside it.
LARGENESS = {"small": 720, "medium": 720, "standard": 720, "large": 1080, "hd": 1080}
ORIENTATIONS = {"landscape": (16, 9), "horizontal": (16, 9), "portrait": (9, 16),
                "vertical": (9, 16), "square": (1, 1)}  # fmt: skip
_LINES = re.compile(r"(\d{3,4})p?", re.ASCII)
_RATIO = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*[:/x]\s*(\d{1,3}(?:\.\d+)?)", re.ASCII)
SHORT = 720  # pixels of the short side, where nothing is said of it


def size(given: Mapping[str, Any]) -> Size | None:
    """The size that the fields come to; None where they say nothing. BadShot, BadInput."""
    asked = given.get("size")
    word = fields.words("size", asked).strip().lower() if asked is not None else ""
    shape = _shape(given, word)
    if word and word not in LARGENESS and not _shaped(word):
        exact = fields.size("size", word)
        if shape is not None and not _alike(exact, *shape):
            name = "orientation" if given.get("orientation") is not None else "aspect_ratio"
            raise extras.contradiction("size", name, "are of other shapes")
        return exact
    short = _short(given, word)
    if shape is None and short is None:
        return None
    across, down = shape or ORIENTATIONS["landscape"]
    scale = (short or SHORT) / min(across, down)
    return Size(2 * round(across * scale / 2), 2 * round(down * scale / 2))


def _shape(given: Mapping[str, Any], word: str) -> tuple[float, float] | None:
    """Width to height: from `aspect_ratio`, or a `size` that is one, and `orientation`."""
    ratio = word if _shaped(word) else None
    if given.get("aspect_ratio") is not None:
        ratio = fields.words("aspect_ratio", given["aspect_ratio"]).strip().lower()
    turned = given.get("orientation")
    if turned is not None:
        turned = fields.words("orientation", turned).strip().lower()
        if turned not in ORIENTATIONS:
            raise BadShot.of("orientation", turned, "landscape, portrait or square")
    if ratio in ORIENTATIONS:
        shape: tuple[float, float] | None = ORIENTATIONS[ratio]
    elif ratio is None:
        shape = None
    elif (match := _RATIO.fullmatch(ratio)) and float(match[1]) and float(match[2]):
        shape = float(match[1]), float(match[2])
        if not 1 / 8 <= shape[0] / shape[1] <= 8:
            raise BadShot.of("aspect_ratio", ratio, "a shape from 1:8 to 8:1")
    else:
        raise BadShot.of("aspect_ratio", ratio, "a shape such as 16:9, or landscape or portrait")
    if turned is None:
        return shape
    if shape is None:
        return ORIENTATIONS[turned]
    wide, other = ORIENTATIONS[turned], shape[0] - shape[1]
    if (other > 0) - (other < 0) != (wide[0] > wide[1]) - (wide[0] < wide[1]):
        raise extras.contradiction("aspect_ratio", "orientation", "are of other shapes")
    return shape


def _short(given: Mapping[str, Any], word: str) -> int | None:
    """The short side in pixels."""
    said = given.get("resolution")
    if said is not None:
        text = fields.words("resolution", said).strip().lower()
        if text in LARGENESS:
            return LARGENESS[text]
        if (lines := _LINES.fullmatch(text)) is None:
            raise BadShot.of("resolution", text, "such as 480p, 720p or 1080p")
        return int(lines[1])
    if word in LARGENESS:
        return LARGENESS[word]
    return LARGENESS["large"] if given.get("hd") else None


def _shaped(word: str) -> bool:
    """Whether a `size` is a shape: 16:9, and 16x9, which are no pixels."""
    match = _RATIO.fullmatch(word)
    return match is not None and (":" in word or max(float(match[1]), float(match[2])) <= 32)


def _alike(exact: Size, across: float, down: float) -> bool:
    return abs(exact.width * down / (exact.height * across) - 1) < 0.12
