"""Faces in a picture, where the weights of the face finder (YuNet) are here."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mutoscope import weights
from mutoscope.errors import WeightsCorrupt
from mutoscope.images.decode import Rgb
from mutoscope.images.plan import Box

#: YuNet was trained on faces of 10 to 300 pixels; the picture is brought to this long side.
LONG_SIDE = 640
LEAST_SCORE = 0.75
_local = threading.local()
_opening = threading.Lock()


@dataclass(frozen=True, slots=True)
class Face:
    """`box` in fractions 0..1 of the picture; `score` 0..1. `points` in fractions too: the eye on the
    picture's left, the other, the nose's tip, the mouth's corner on the left, the other."""

    box: Box
    score: float
    points: tuple[tuple[float, float], ...] = ()


def find_faces(rgb: Rgb) -> tuple[Face, ...] | None:
    """The faces of a picture (H×W×3 uint8), largest first; None where the weights are not here."""
    path = weights.find("faces")
    if path is None:
        return None
    height, width = rgb.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = (max(32, round(width * scale)), max(32, round(height * scale)))
    bgr = cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    finder = _finder(path)
    finder.setInputSize(size)
    _, rows = finder.detect(bgr)
    found = [_face(row, size) for row in ([] if rows is None else rows)]
    return tuple(sorted(found, key=lambda face: -face.box.width * face.box.height))


def _face(row: Any, size: tuple[int, int]) -> Face:
    x, y, width, height = (float(value) for value in row[:4])
    left, top = max(0.0, x / size[0]), max(0.0, y / size[1])
    box = Box(left, top, min(1.0, (x + width) / size[0]), min(1.0, (y + height) / size[1]))
    places = np.asarray(row[4:14], np.float64).reshape(5, 2) / size
    points = tuple((float(across), float(down)) for across, down in places)
    return Face(box, float(np.clip(row[14], 0, 1)), points)


def _finder(path: Path) -> Any:
    """One a thread: OpenCV's object carries the input size."""
    if getattr(_local, "path", None) != path:
        try:
            _local.finder = _quietly_opened(path)
        except cv2.error as error:
            raise WeightsCorrupt(
                f"{path} cannot be read as a model; get it again with `mutoscope weights fetch faces`"
            ) from error
        _local.path = path
    return _local.finder


def _quietly_opened(path: Path) -> Any:
    """OpenCV warns on the error stream of a setting that it makes itself."""
    with _opening:
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        try:
            return cv2.FaceDetectorYN.create(str(path), "", (320, 320), LEAST_SCORE)
        finally:
            cv2.utils.logging.setLogLevel(level)
