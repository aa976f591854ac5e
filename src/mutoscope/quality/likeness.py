"""How much of what is in the picture stays as it was: each frame against the first, the camera taken out.

The first frame is laid over each by the camera's similarity; where both are seen, SSIM of their luma. A
moving camera costs little, a face that becomes another one does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.alike import ssim_map
from mutoscope.quality.camera import Camera
from mutoscope.quality.flow import grey
from mutoscope.quality.reel import Frames

#: Frames that are looked at, and the part of a frame that must still be seen for there to be a figure.
MOST, LEAST_SEEN = 48, 0.1


@dataclass(frozen=True, slots=True)
class Likeness:
    """SSIM 0..1 by frame number: the mean, the least, the last."""

    by_frame: dict[int, float]

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.by_frame.values())))

    @property
    def least(self) -> float:
        return min(self.by_frame.values())


def likeness(frames: Frames, way: Camera, most: int = MOST) -> Likeness | None:
    """None for a single frame, or where the camera leaves all that it began with."""
    if len(frames) < 2:
        return None
    height, width = frames.shape[1:3]
    first = grey(frames[0])
    found: dict[int, float] = {}
    for number in sorted({round(at) for at in np.linspace(1, len(frames) - 1, min(most, len(frames) - 1))}):  # fmt: skip
        matrix = way.maps[number]
        laid = cv2.warpAffine(first, matrix, (width, height), flags=cv2.INTER_LINEAR)
        seen = cv2.warpAffine(np.full_like(first, 255), matrix, (width, height))
        kept = cv2.erode(seen, np.ones((13, 13), np.uint8), borderValue=255) > 250
        if kept.mean() < LEAST_SEEN:
            continue
        values: npt.NDArray[np.float32] = ssim_map(np.asarray(laid, np.uint8), grey(frames[number]))
        found[number] = float(values[kept].mean())
    return Likeness(found) if found else None
