"""What the camera did, strictly: pan, tilt, zoom and roll of every frame against the first.

Corners are followed from frame to frame. The step to the next is a similarity (shift, turn, scale) found
with RANSAC; from there a robust fit settles on the similarity to the last key frame, and a new key frame
begins where too few corners are left. What most of the picture agrees with is the camera.
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
#: Times that, the widths of the robust fit's weights from its first round to its last.
WIDTHS = (4.0, 3.0, 2.0, 1.5, 1.0, 1.0)


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
    maps: Array  # n×2×3: from a place in the first frame to the same thing's place in each

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
        maps=maps,
    )


def similarities(pictures: Sequence[Grey]) -> tuple[Array, float]:
    """n×2×3: the map from a place in the first picture to the same thing's place in each; and the share
    of corners that agree."""
    key, there = np.eye(3), np.eye(3)  # first picture → key frame → now
    maps = [key[:2]]
    shares: list[float] = []
    begin = corners(pictures[0], CORNERS)
    at = begin
    miss = MISS * max(pictures[0].shape) / 640
    for number in range(1, len(pictures)):
        gone, sure = step(pictures[number - 1], pictures[number], at)
        begin, before, at = begin[sure], at[sure], gone[sure]
        if len(at) >= LEAST:
            # from where the camera was, so that it stays with what it was seen by
            there, share = settled(begin, at, _moved(before, at, miss) @ there, miss)
            shares.append(share)
        maps.append((there @ key)[:2])
        if len(at) < max(LEAST, FEW * CORNERS):
            fresh = corners(pictures[number], CORNERS)
            if len(at) < LEAST or len(fresh) > 1.3 * len(at):
                key, there, begin, at = there @ key, np.eye(3), fresh, fresh
    return np.array(maps), float(np.mean(shares)) if shares else 0.0


def _moved(begin: Points, at: Points, miss: float) -> Array:
    """The similarity that most points agree with, from one frame to the next."""
    cv2.setRNGSeed(0)  # RANSAC draws: the same film, the same figures
    found: tuple[Array | None, object] = cv2.estimateAffinePartial2D(  # type: ignore[assignment]
        begin, at, method=cv2.RANSAC, ransacReprojThreshold=miss, maxIters=500, confidence=0.995
    )
    return np.eye(3) if found[0] is None else np.vstack([found[0], [0, 0, 1]])


def settled(begin: Points, at: Points, start: Array, miss: float) -> tuple[Array, float]:
    """The similarity from `begin` to `at` (3×3) that a robust fit settles on from `start`, and the share
    of points within three `miss`: Cauchy weights whose width shrinks to `miss`."""
    x, y = begin[:, 0].astype(np.float64), begin[:, 1].astype(np.float64)
    zero, one = np.zeros_like(x), np.ones_like(x)
    table = np.stack([np.stack([x, -y, one, zero], -1), np.stack([y, x, zero, one], -1)], 1)
    target = at.astype(np.float64)
    numbers = np.array([start[0, 0], start[1, 0], start[0, 2], start[1, 2]])
    off = np.zeros_like(x)
    for wide in WIDTHS:
        off = ((table @ numbers - target) ** 2).sum(-1)
        weight = 1 / (1 + off / (wide * miss) ** 2)
        normal = np.einsum("pij,p,pik->jk", table, weight, table)
        numbers = np.linalg.solve(normal + 1e-9 * np.eye(4), np.einsum("pij,p,pi->j", table, weight, target))  # fmt: skip
    a, b, c, d = numbers
    return np.array([[a, -b, c], [b, a, d], [0, 0, 1]]), float((off < (3 * miss) ** 2).mean())
