"""How one picture lies on another: features, robust matching, one global transform."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.pairs.homography import Matrix, Way, apply, movement
from mutoscope.engines.flipbook.scene import Rgb

Model = Literal["none", "similarity", "homography"]

WORKING_SIDE = 880  # pixels: more finds no more inliers on the pairs measured, and costs time
FEATURES = 2500
CONTRASTS, ENOUGH = (0.02, 0.005), 300
RATIO = 0.82  # Lowe's ratio test; RANSAC throws out what it lets through
REACH = 2.0  # pixels of the working size that an inlier may be off
LEAST_INLIERS = 14
#: A homography must explain this many times the similarity's inliers to be worth its freedom.
WORTH = 1.15
CELLS = (8, 6)


@dataclass(frozen=True, slots=True)
class Alignment:
    """`matrix` maps pixels of the first picture to pixels of the last (3×3).

    `spread` is the share of an 8×6 grid over the first picture that holds an inlier.
    """

    matrix: Matrix
    model: Model
    matches: int = 0
    inliers: int = 0
    spread: float = 0.0

    @property
    def share(self) -> float:
        """Inliers among the matches, 0..1."""
        return self.inliers / self.matches if self.matches else 0.0


UNALIGNED = Alignment(np.eye(3), "none")


def _features(
    picture: Rgb, scale: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    small = picture
    if scale < 1:
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    # a dark picture of a pair has as many features as a bright one only once it is stretched
    low, high = np.percentile(grey, (1, 99))
    stretched = np.clip((grey - low) * (255.0 / max(24.0, float(high - low))), 0, 255)
    for contrast in CONTRASTS:  # a soft picture (fog, motion blur) has only faint features
        detector = cv2.SIFT.create(FEATURES, contrastThreshold=contrast)
        keys, found = detector.detectAndCompute(stretched.astype(np.uint8), None)
        if len(keys) >= ENOUGH:
            break
    if found is None or len(keys) < LEAST_INLIERS:
        return np.empty((0, 2)), np.empty((0, 128), np.float32)
    # RootSIFT (Arandjelović and Zisserman 2012): the Hellinger distance as a Euclidean one
    root = np.sqrt(found / np.maximum(1e-6, found.sum(axis=1, keepdims=True)))
    points = (np.array([key.pt for key in keys]) + 0.5) / scale - 0.5
    return points, root.astype(np.float32)


def _matched(
    first: npt.NDArray[np.float32], last: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """Pairs of indices (n, 2) that are each other's best and pass the ratio test."""
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    ahead = matcher.knnMatch(first, last, k=2)
    back = {match[0].queryIdx: match[0].trainIdx for match in matcher.knnMatch(last, first, k=1)}
    pairs = [
        (best.queryIdx, best.trainIdx)
        for best, second in (found for found in ahead if len(found) == 2)
        if best.distance < RATIO * second.distance and back.get(best.trainIdx) == best.queryIdx
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _plausible(matrix: Matrix, width: int, height: int) -> bool:
    """No mirror, no half turn, no view so oblique that the frame folds or becomes a sliver."""
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    for carried, size in ((apply(matrix, corners), 1.0),):
        if not np.isfinite(carried).all():
            return False
        quad = carried.astype(np.float32).reshape(-1, 1, 2)
        area = cv2.contourArea(quad, oriented=False) / (width * height) * size
        if not (1 / 30 < area < 30) or not cv2.isContourConvex(quad):
            return False
        sides = np.linalg.norm(carried - np.roll(carried, 1, axis=0), axis=1)
        if max(sides[0], sides[2]) > 2.2 * min(sides[0], sides[2]):
            return False
        if max(sides[1], sides[3]) > 2.2 * min(sides[1], sides[3]):
            return False
    return (
        abs(movement(matrix, width, height).turn) < 100
        and Way.of(matrix, width, height) is not None
    )


def _off(
    matrix: Matrix, first: npt.NDArray[np.float64], last: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    distance: npt.NDArray[np.float64] = np.linalg.norm(apply(matrix, first) - last, axis=1)
    return distance


def align(first: Rgb, last: Rgb) -> Alignment:
    """The global transform from `first` to `last` (H×W×3 uint8 RGB of one size).

    A similarity where it explains the matches, a homography where that explains clearly more of
    them, `UNALIGNED` where neither does. Deterministic: OpenCV's generator is seeded.
    """
    height, width = first.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(width, height))
    points_first, found_first = _features(first, scale)
    points_last, found_last = _features(last, scale)
    if not len(points_first) or not len(points_last):
        return UNALIGNED
    pairs = _matched(found_first, found_last)
    if len(pairs) < LEAST_INLIERS:
        return Alignment(np.eye(3), "none", len(pairs))
    a, b = points_first[pairs[:, 0]], points_last[pairs[:, 1]]
    reach = REACH / scale
    best = Alignment(np.eye(3), "none", len(pairs))
    for model in ("similarity", "homography"):
        cv2.setRNGSeed(7)
        if model == "similarity":
            affine, _ = cv2.estimateAffinePartial2D(
                a,
                b,
                method=cv2.RANSAC,
                ransacReprojThreshold=reach,
                maxIters=4000,
                confidence=0.999,
            )
            found = None if affine is None else np.vstack([affine, [0.0, 0.0, 1.0]])
        else:
            found, _ = cv2.findHomography(
                a, b, cv2.USAC_MAGSAC, reach, maxIters=4000, confidence=0.999
            )
        if found is None or not _plausible(found, width, height):
            continue
        near = _off(found, a, b) < reach
        inliers = int(near.sum())
        needed = LEAST_INLIERS if best.model == "none" else math.ceil(best.inliers * WORTH) + 4
        if inliers >= needed:
            cells = (a[near] / np.array([width, height]) * np.array(CELLS)).astype(int)
            spread = len({(int(x), int(y)) for x, y in cells}) / (CELLS[0] * CELLS[1])
            best = Alignment(found.astype(np.float64), model, len(pairs), inliers, spread)
    return best
