"""How sharp each frame is, to hold a film's frames against one another."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import grey
from mutoscope.quality.reel import Frames


def sharpness(frames: Frames) -> npt.NDArray[np.float64]:
    """The root mean square of each frame's Laplacian, in levels: n of them."""
    return np.array([float(cv2.Laplacian(grey(frame), cv2.CV_32F).std()) for frame in frames])
