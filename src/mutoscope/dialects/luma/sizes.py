"""An aspect ratio and a resolution → pixels: the resolution is the short side, and both sides are even.

====== ========= ========== =========== ===========
ratio  540p      720p       1080p       4k
====== ========= ========== =========== ===========
1:1    540x540   720x720    1080x1080   2160x2160
16:9   960x540   1280x720   1920x1080   3840x2160
4:3    720x540   960x720    1440x1080   2880x2160
21:9   1260x540  1680x720   2520x1080   5040x2160
====== ========= ========== =========== ===========

9:16, 3:4 and 9:21 are these on their side.
"""

from __future__ import annotations

import re
from typing import Any

from mutoscope.dialects.shared.fields import words
from mutoscope.errors import BadShot
from mutoscope.shot import Size

USUAL, SHORT = "16:9", 720  # where a request names one of the two alone
LONGEST = 16384  # pixels of a side
_RATIO = re.compile(r"(\d{1,3}):(\d{1,3})", re.ASCII)
_RESOLUTION = re.compile(r"(\d{2,4})p", re.ASCII)
_NAMED = {"4k": 2160, "2k": 1440}


def ratio(field: str, value: Any) -> str:
    """ "16:9": any shape from 1:8 to 8:1. BadShot."""
    said = words(field, value).strip()
    found = _RATIO.fullmatch(said)
    if not found or not (int(found[1]) and int(found[2])) or not 1 / 8 <= _shape(said) <= 8:
        raise BadShot.of(field, value, "a ratio of width to height such as 16:9, 9:16 or 1:1")
    return said


def resolution(field: str, value: Any) -> int:
    """ "720p" or "4k": the short side in pixels. BadShot."""
    said = words(field, value).strip().lower()
    found = _RESOLUTION.fullmatch(said)
    short = _NAMED.get(said) or (int(found[1]) if found else 0)
    if short < 16:
        raise BadShot.of(field, value, "540p, 720p, 1080p or 4k")
    return short


def size(shape: str | None, short: int | None) -> Size | None:
    """The size of a shape at a resolution; None where the request names neither."""
    if shape is None and short is None:
        return None
    return sized(_shape(shape or USUAL), short or SHORT)


def sized(shape: float, short: int) -> Size:
    """Width to height, and the short side → even sides."""
    short = max(2, short + short % 2)
    long = 2 * round(short * max(shape, 1 / shape) / 2)
    if long > LONGEST:
        raise BadShot.of("resolution", f"{short}p", f"at most {LONGEST:,} pixels on the long side")
    return Size(long, short) if shape >= 1 else Size(short, long)


def larger(now: Size, short: int) -> Size:
    """A film's size brought to another resolution."""
    return sized(now.width / now.height, short)


def named(now: Size) -> tuple[str, str]:
    """Aspect ratio and resolution of a size, as nearly as this API has words for it."""
    shape = now.width / now.height
    near = min(RATIOS, key=lambda one: abs(_shape(one) / shape - 1))
    short = min(now.width, now.height)
    return near, "4k" if short == 2160 else f"{short}p"


RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21")


def _shape(ratio: str) -> float:
    across, _, down = ratio.partition(":")
    return int(across) / int(down)
