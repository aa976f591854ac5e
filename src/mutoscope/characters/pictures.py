"""A picture of a character, read as a frame of a clip is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mutoscope.characters.clip import KEPT_SIDE, LOOKED_AT, Seen, shrunk
from mutoscope.characters.sharpness import exposure, sharpness
from mutoscope.images.decode import open_photo


def seen(path: Path, place: int) -> Seen:
    """The picture, upright sRGB, KEPT_SIDE pixels at most; `at` is its place from 0. Raises BadImage."""
    rgb = open_photo(path, name=f"pictures[{place}]").thumbnail(KEPT_SIDE)
    small = shrunk(rgb, LOOKED_AT)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    return Seen(rgb, float(place), sharpness(grey) * exposure(grey))
