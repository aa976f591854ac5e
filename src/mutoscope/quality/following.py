"""Points followed through a film: pyramidal Lucas-Kanade, there and back, frame by frame.

Stands in for a learned tracker (VBench uses CoTracker). A point that leaves the picture, or lies where
there is nothing to follow, goes on with its neighbours: by the affine motion of the points that were
followed nearby.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import Grey

Points = npt.NDArray[np.float32]  # p×2: x, y
Sure = npt.NDArray[np.bool_]

#: Pixels by which a point may miss itself on its way there and back.
RETURN = 0.7
#: Points that carry the ones that are lost, and pixels between them.
CARRIERS, APART = 500, 6
#: How far a carrier's word reaches, as a share of the frame's diagonal.
REACH = 0.15
_WINDOW, _LEVELS, _LEAST_EIGEN = (15, 15), 4, 4e-4


def corners(picture: Grey, most: int = CARRIERS, mask: Grey | None = None) -> Points:
    """Places worth following in a picture (h×w), within `mask` where it is given."""
    found: npt.NDArray[np.float32] | None = cv2.goodFeaturesToTrack(
        picture, most, 0.002, APART, mask=mask
    )  # type: ignore[assignment]
    if found is None:
        return np.zeros((0, 2), np.float32)
    return np.asarray(found, np.float32).reshape(-1, 2)


def step(one: Grey, other: Grey, points: Points) -> tuple[Points, Sure]:
    """Where `points` of `one` are in `other`, and which of them are surely there."""
    if not len(points):
        return points, np.zeros(0, bool)
    start = np.ascontiguousarray(points.reshape(-1, 1, 2), np.float32)
    there, found = _tracked(one, other, start)
    back, again = _tracked(other, one, there)
    off = np.linalg.norm((back - start).reshape(-1, 2), axis=1)
    at = there.reshape(-1, 2)
    height, width = one.shape
    inside = (at >= 0).all(1) & (at[:, 0] <= width - 1) & (at[:, 1] <= height - 1)
    sure = found & again & (off < RETURN) & inside
    return np.asarray(at, np.float32), np.asarray(sure)


def _tracked(one: Grey, other: Grey, start: Points) -> tuple[Points, Sure]:
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        one, other, start, start.copy(), winSize=_WINDOW, maxLevel=_LEVELS,
        minEigThreshold=_LEAST_EIGEN,
    )  # fmt: skip
    return np.asarray(there, np.float32), np.asarray(found).ravel() > 0


def followed(
    pictures: list[Grey], points: Points, mask: Grey | None = None
) -> tuple[npt.NDArray[np.float32], Sure]:
    """The points of the first picture in each of `pictures` (n×p×2), and which were followed with their
    own eyes to the last (p). Lost ones go with their neighbours within `mask`."""
    at = points.astype(np.float32)
    ways = [at]
    own = np.ones(len(at), bool)
    for one, other in pairwise(pictures):
        there, sure = step(one, other, at)
        if not sure.all():
            carried = corners(one, mask=mask) if mask is not None else corners(one)
            gone, seen = step(one, other, carried)
            start, end = np.r_[at[sure], carried[seen]], np.r_[there[sure], gone[seen]]
            near, way = agreeing(start, end)
            reach = REACH * float(np.hypot(*one.shape))
            lost = at[~sure].astype(np.float64)
            there[~sure] = lost + ways_at(lost, near, way, reach)
        own &= sure
        at = there
        ways.append(at)
    return np.stack(ways), own


class Around:
    """The motion `start` → `end` (p×2 each) as a field over a frame, on the nodes of a grid; see
    `ways_at`."""

    def __init__(
        self, start: Points, end: Points, width: int, height: int, reach: float = REACH
    ):  # fmt: skip
        self._cell = max(width, height) / 32
        cols, rows = (int(side / self._cell) + 2 for side in (width, height))
        start, way = agreeing(start, end)
        self.pairs = len(start)
        x, y = np.meshgrid(np.arange(cols) * self._cell, np.arange(rows) * self._cell)
        nodes = np.stack([x.ravel(), y.ravel()], -1)
        found = ways_at(nodes, start, way, reach * float(np.hypot(width, height)))
        self._ways = found.reshape(rows, cols, 2).astype(np.float32)

    def __call__(self, places: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Where places (…×2) are carried to; beyond the frame as at its border."""
        flat = (places.reshape(-1, 2) / self._cell).astype(np.float32)
        moved = read(self._ways, flat).reshape(places.shape)
        return np.asarray(places + moved, np.float32)


def agreeing(start: Points, end: Points) -> tuple[Points, npt.NDArray[np.float64]]:
    """The places of pairs that move about as their neighbours do, and their ways."""
    way = (end - start).astype(np.float64)
    if len(start) < 3:
        return start, way
    good = steady(start, way)
    return start[good], way[good]


def ways_at(
    places: npt.NDArray[np.float64], start: Points, way: npt.NDArray[np.float64], reach: float
) -> npt.NDArray[np.float64]:
    """How `places` (q×2) move when `start` (p×2) goes `way`: at each an affine map is fitted whose weights
    fall off within `reach` pixels, or as far as a dozen pairs lie. Few pairs give one shift, none none."""
    if len(start) < 3:
        shift = np.median(way, axis=0) if len(start) else np.zeros(2)
        return np.tile(shift, (len(places), 1))
    off = (start[None].astype(np.float64) - places[:, None]) / reach  # q×p×2
    far = (off**2).sum(-1)
    few = min(11, len(start) - 1)
    wide = np.maximum(1.0, np.partition(far, few, axis=1)[:, few])
    weight = np.exp(-0.5 * far / wide[:, None])
    table = np.concatenate([off, np.ones((*far.shape, 1))], -1)
    weighted = (table * weight[..., None]).transpose(0, 2, 1)
    normal = weighted @ table + RIDGE * weight.sum(1)[:, None, None]
    return np.asarray(np.linalg.solve(normal, weighted @ way)[:, 2])


#: Keeps the fit's slopes from running away where pairs lie to one side.
RIDGE = np.diag([0.05, 0.05, 1e-9])


def read(picture: npt.NDArray[np.float32], places: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A picture's values (h×w, or h×w×c) at places (…×2: x, y), bilinear; beyond it as at its border."""
    flat = np.ascontiguousarray(places.reshape(-1, 2), np.float32)
    parts = [  # remap takes sides below 32768
        cv2.remap(
            picture, flat[k : k + _MOST, :1], flat[k : k + _MOST, 1:], cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).reshape(-1, *picture.shape[2:])
        for k in range(0, len(flat), _MOST)
    ]  # fmt: skip
    found = np.concatenate(parts) if parts else np.zeros((0, *picture.shape[2:]), np.float32)
    return np.asarray(found.reshape(*places.shape[:-1], *picture.shape[2:]), np.float32)


_MOST = 30000


def steady(start: Points, way: npt.NDArray[np.float64]) -> Sure:
    """Pairs that move about as their neighbours do."""
    if len(start) < 12:
        off = np.linalg.norm(way - np.median(way, axis=0), axis=1)
        return np.asarray(off <= 3 * np.median(off) + 1.0)
    good = np.ones(len(start), bool)
    near = np.linalg.norm(start[:, None] - start[None], axis=2)
    order = np.argpartition(near, 8, axis=1)[:, :9]
    typical = np.median(way[order], axis=1)
    off = np.linalg.norm(way - typical, axis=1)
    good &= off <= 3 * float(np.median(off)) + 0.5
    return good
