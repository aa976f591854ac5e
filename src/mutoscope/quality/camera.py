"""What the camera did, strictly: pan, tilt, zoom and roll of every frame against the first.

Corners are followed from frame to frame; between a key frame and each of those after it a similarity
(shift, turn, scale) is fitted with RANSAC, and the next key frame begins where too few corners are left.
The similarity that most of the picture agrees with is the camera's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import Grey, grey
from mutoscope.quality.following import Points, corners, step
from mutoscope.quality.reel import Frames

Array = npt.NDArray[np.float64]

#: Corners that are followed, and the share of them at which a new key frame is taken.
CORNERS, FEW = 600, 0.5
#: Fewer than that say nothing: the motion so far is gone on with.
LEAST = 10
#: Pixels by which a corner may miss the camera's motion, at a long side of 640.
MISS = 1.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Of every frame against the first, n of each. `pan` and `tilt`: how far the picture's middle has
    gone, as a share of the frame's width and height, to the right and up as the camera turns (so the
    picture moves left and down). `zoom`: times as large. `roll`: degrees clockwise as the camera turns
    (so the picture turns anticlockwise). `agreeing`: the share of corners that go with the camera."""

    pan: Array
    tilt: Array
    zoom: Array
    roll: Array
    agreeing: float

    @property
    def path(self) -> Array:
        """n×2: where the first frame's middle lies, x and y in shares of the frame."""
        return np.stack([0.5 - self.pan, 0.5 + self.tilt], -1)


def camera(frames: Frames) -> Camera:
    """The camera's way through a film."""
    maps, agreeing = similarities([grey(frame) for frame in frames])
    height, width = frames.shape[1:3]
    middle = np.array([(width - 1) / 2, (height - 1) / 2, 1.0])
    gone = maps @ middle - middle[:2]
    return Camera(
        pan=-gone[:, 0] / width,
        tilt=gone[:, 1] / height,
        zoom=np.hypot(maps[:, 0, 0], maps[:, 1, 0]),
        roll=-np.degrees(np.unwrap(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))),
        agreeing=agreeing,
    )


def similarities(pictures: Sequence[Grey]) -> tuple[Array, float]:
    """n×2×3: the map from a place in the first picture to the same thing's place in each; and the share
    of corners that agree."""
    whole = np.eye(3)
    maps = [whole[:2]]
    shares: list[float] = []
    key, begin = whole, corners(pictures[0], CORNERS)
    at = begin
    miss = MISS * max(pictures[0].shape) / 640
    there: Array = np.eye(3)
    for number in range(1, len(pictures)):
        gone, sure = step(pictures[number - 1], pictures[number], at)
        begin, at = begin[sure], gone[sure]
        found, share = _fitted(begin, at, miss)
        if found is not None:
            there = found
            shares.append(share)
        whole = there @ key
        maps.append(whole[:2])
        if len(at) < max(LEAST, FEW * CORNERS):
            fresh = corners(pictures[number], CORNERS)
            if found is None or len(fresh) > 1.3 * len(at):
                key, there, begin, at = whole, np.eye(3), fresh, fresh
    return np.array(maps), float(np.mean(shares)) if shares else 0.0


def _fitted(begin: Points, at: Points, miss: float) -> tuple[Array | None, float]:
    """The similarity from `begin` to `at` as a 3×3 matrix, and the share of points within `miss`."""
    if len(at) < LEAST:
        return None, 0.0
    cv2.setRNGSeed(0)  # RANSAC draws: the same film, the same figures
    found, fits = cv2.estimateAffinePartial2D(
        begin, at, method=cv2.RANSAC, ransacReprojThreshold=miss, maxIters=2000, confidence=0.999,
        refineIters=20,
    )  # fmt: skip
    if found is None:
        return None, 0.0
    return np.vstack([found, [0, 0, 1]]), float(fits.mean())
