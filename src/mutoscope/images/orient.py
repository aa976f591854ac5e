"""EXIF orientation: between pixels as a file stores them and as a person sees them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.images.plan import Box
from mutoscope.shot import Size

#: orientation → (rows and columns change places, then mirrored left-right, then upside down),
#: the steps from stored to upright; EXIF 2.32, tag 274.
_STEPS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


def orientation(header: Any) -> int:
    """1-8 from a libvips image's header; 1 where there is none or it makes no sense."""
    value = header.get("orientation") if header.get_typeof("orientation") else 1
    return int(value) if value in _STEPS else 1


def upright(stored: Size, turned: int) -> Size:
    """The size that a person sees."""
    return Size(stored.height, stored.width) if _STEPS[turned][0] else stored


def stored_box(box: Box, size: Size, turned: int) -> Box:
    """`box` of the upright picture, which has `size`, in the pixels as they are stored."""
    transposed, mirrored, flipped = _STEPS[turned]
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if mirrored:
        left, right = size.width - right, size.width - left
    if flipped:
        top, bottom = size.height - bottom, size.height - top
    return Box(top, left, bottom, right) if transposed else Box(left, top, right, bottom)


def turn(pixels: npt.NDArray[np.uint8], turned: int) -> npt.NDArray[np.uint8]:
    """Stored pixels H×W×C, upright and contiguous."""
    transposed, mirrored, flipped = _STEPS[turned]
    if transposed:
        pixels = pixels.transpose(1, 0, 2)
    if mirrored:
        pixels = pixels[:, ::-1]
    if flipped:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def is_transposed(turned: int) -> bool:
    """Whether the stored rows are what a person sees as columns."""
    return _STEPS[turned][0]
