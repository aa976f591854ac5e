"""The blurred edges that a padded picture stands on."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mutoscope.images.decode import Rgb
from mutoscope.shot import Size

#: Worked at a sixteenth of the size: nothing finer survives the blur.
STEP = 16
#: The blur's sigma as a part of the frame's shorter side.
SIGMA = 0.05
#: How far beyond the frame it is made, as a part of the frame's size: the most any margin asks for.
BEYOND = 0.25
#: Darker than the picture, so that the eye stays inside it.
LEVEL = 0.82


def backdrop(
    picture: Rgb, left: int, top: int, target: Size, margin_x: int = 0, margin_y: int = 0
) -> Rgb:
    """`picture`, H×W×3, lies at (left, top) of the target; what surrounds it is its own mirror image,
    blurred: colours go on over the border. Returns the target with its margins, the picture's own
    place filled with the same blur. The inner part does not depend on the margins."""
    reach_x, count_x = _reach(target.width, margin_x)
    reach_y, count_y = _reach(target.height, margin_y)
    columns = _mirrored(picture.shape[1], -left - reach_x, count_x)
    rows = _mirrored(picture.shape[0], -top - reach_y, count_y)
    soft = cv2.blur(picture, (STEP, STEP), borderType=cv2.BORDER_REFLECT)
    small = soft[rows[STEP // 2 :: STEP]][:, columns[STEP // 2 :: STEP]].astype(np.float32)
    sigma = SIGMA * min(target.width, target.height) / STEP
    small = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) * LEVEL
    full = cv2.resize(small, (count_x, count_y), interpolation=cv2.INTER_CUBIC)
    y, x = reach_y - margin_y, reach_x - margin_x
    part = full[y : y + target.height + 2 * margin_y, x : x + target.width + 2 * margin_x]
    result: Rgb = np.clip(part + 0.5, 0, 255).astype(np.uint8)
    return result


def _reach(size: int, margin: int) -> tuple[int, int]:
    """Pixels made before the frame's edge, and in all: the same grid of steps for every margin."""
    reach = STEP * math.ceil(max(size * BEYOND, margin) / STEP)
    return reach, reach + STEP * math.ceil((size + reach) / STEP)


def _mirrored(length: int, start: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indices into `length` pixels for `count` places from `start`, mirrored at both ends."""
    index = np.arange(start, start + count) % (2 * length)
    return np.where(index < length, index, 2 * length - 1 - index)
