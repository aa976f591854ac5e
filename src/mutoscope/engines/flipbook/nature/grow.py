"""A region grown from a point: what looks like the place that was pointed at, and hangs together.

Patches of one colour are joined to the point's own in the order of how unlike they are: the step
from a patch to its neighbour, and how far it has come from the point's own look. How far to go is
read from the growth itself: where the next patches are clearly more unlike, the region ends there
(the stable threshold of Matas et al.'s MSER, 2002, over patches in place of grey levels).
"""

from __future__ import annotations

import heapq

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import Mask, Rgb
from mutoscope.engines.flipbook.taking.guided import guided
from mutoscope.engines.flipbook.taking.superpixels import superpixels

WORKING_SIDE = 480  # pixels
PATCHES = 900
#: How much a difference in lightness counts beside one in colour (water mirrors light and dark),
#: and one in texture.
LIGHTNESS, TEXTURE = 0.55, 1.6
#: How much having come far from the point's look counts beside the step to the neighbour.
MEMORY = 0.45
#: How much an edge along the border counts, and how much of it the texture explains.
EDGE, EDGE_BEYOND = 1.3, 1.0
#: Unlikeness (CIELAB units) that always belongs to the region, and that never does.
SURELY, NEVER = 3.0, 24.0
LEAST, MOST = 0.01, 0.98  # share of the picture
#: Above this share a region is nearly all there is: taken only where nothing smaller ends clearly.
NEARLY_ALL = 0.85
#: A pause: the area grows by no more than this. Of two pauses alike the larger region is meant.
STILL, LARGER = 1.06, 0.25
HAND = 5  # working pixels that a point is meant to be exact to
TOUCHES = 0.1  # share of the upper edge that a region below the sky may touch


def _roughness(light: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 2.0))
    return np.asarray(cv2.GaussianBlur(fine, (0, 0), 3.0), np.float32)


def _looks(
    lab: npt.NDArray[np.float32], rough: npt.NDArray[np.float32], label: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """Mean (lightness, a, b, texture) of each patch, in units of unlikeness."""
    flat = label.ravel()
    count = np.bincount(flat)
    planes = (LIGHTNESS * lab[..., 0], lab[..., 1], lab[..., 2], TEXTURE * rough)
    return np.stack([np.bincount(flat, plane.ravel()) / count for plane in planes], axis=1)


def _borders(
    label: npt.NDArray[np.int32], edge: npt.NDArray[np.float32]
) -> dict[int, dict[int, float]]:
    """Which patches touch, and the mean edge along their common border."""
    count = int(label.max()) + 1
    keys, strengths = [], []
    for a, b, e, f in (
        (label[:, :-1], label[:, 1:], edge[:, :-1], edge[:, 1:]),
        (label[:-1], label[1:], edge[:-1], edge[1:]),
    ):
        differ = a != b
        one, other = np.minimum(a, b)[differ].astype(np.int64), np.maximum(a, b)[differ]
        keys.append(one * count + other)
        strengths.append(np.maximum(e, f)[differ])
    key, place = np.unique(np.concatenate(keys), return_inverse=True)
    mean = np.bincount(place, np.concatenate(strengths)) / np.bincount(place)
    touching: dict[int, dict[int, float]] = {}
    for pair, strength in zip(key.tolist(), mean.tolist(), strict=True):
        one, other = divmod(pair, count)
        touching.setdefault(one, {})[other] = strength
        touching.setdefault(other, {})[one] = strength
    return touching


def _edges(lab: npt.NDArray[np.float32], rough: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How much the colour changes across each pixel beyond the texture's own changes (CIELAB units)."""
    change = np.zeros(lab.shape[:2], np.float32)
    for channel, weight in zip(range(3), (LIGHTNESS, 1.0, 1.0), strict=True):
        for dx, dy in ((1, 0), (0, 1)):
            slope = cv2.Sobel(lab[..., channel], cv2.CV_32F, dx, dy, ksize=3) / 4
            change += (weight * np.asarray(slope, np.float32)) ** 2
    change = np.sqrt(change) - EDGE_BEYOND * rough
    return np.asarray(np.maximum(0, EDGE * change), np.float32)


def _order(
    looks: npt.NDArray[np.float64], touching: dict[int, dict[int, float]], start: list[int]
) -> npt.NDArray[np.float64]:
    """The unlikeness at which each patch joins: the least, over ways there, of the worst on the way."""
    own = looks[start]
    far = MEMORY * np.linalg.norm(looks[:, None] - own[None], axis=2).min(axis=1)
    joins = np.full(len(looks), np.inf)
    queue = [(0.0, patch) for patch in start]
    while queue:
        cost, patch = heapq.heappop(queue)
        if cost >= joins[patch]:
            continue
        joins[patch] = cost
        for other, edge in touching.get(patch, {}).items():
            step = float(np.linalg.norm(looks[other] - looks[patch]))
            heapq.heappush(queue, (max(cost, step, edge, float(far[other])), other))
    return joins


def _pauses(
    joins: npt.NDArray[np.float64], sizes: npt.NDArray[np.int64]
) -> list[tuple[float, float, bool]]:
    """The levels at which the growth pauses, the best first: (score, level, leaves something out)."""
    levels = np.linspace(SURELY, NEVER, 64)
    areas = np.array([sizes[joins <= level].sum() for level in levels], np.float64) / sizes.sum()
    found = []
    start = 0
    while start < len(levels):
        end = start
        while end + 1 < len(levels) and areas[end + 1] <= areas[start] * STILL:
            end += 1
        if LEAST <= areas[start] <= MOST:
            # a pause counts in proportion to its level: early ones are short
            length = (levels[end] - levels[start]) / levels[start]
            score = float(length * areas[start] ** LARGER)
            middle = float(levels[start] + levels[end]) / 2
            found.append((score, middle, bool(areas[start] <= NEARLY_ALL)))
        start = end + 1
    return sorted(found, key=lambda pause: (pause[2], pause[0]), reverse=True)


def grow(picture: Rgb, x: float, y: float, *, below_sky: bool = False) -> Mask | None:
    """The region of `picture` (H×W×3 uint8 RGB) that the point (x, y), in fractions of its width
    and height, lies in: H×W uint8, 255 inside. None where the growth ends nowhere plausible.

    `below_sky`: the region may not reach the picture's upper edge, as water does not.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(width, height))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    sharp = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    calm = cv2.bilateralFilter(small, 7, 30, 5).astype(np.float32) / 255
    lab = np.ascontiguousarray(cv2.cvtColor(calm, cv2.COLOR_RGB2LAB), np.float32)
    rough = _roughness(sharp[..., 0])
    label = superpixels(lab, PATCHES, 12.0)
    column, row = min(size[0] - 1, int(x * size[0])), min(size[1] - 1, int(y * size[1]))
    around = np.s_[max(0, row - HAND) : row + HAND + 1, max(0, column - HAND) : column + HAND + 1]
    start = np.unique(label[around]).tolist()
    joins = _order(_looks(lab, rough, label), _borders(label, _edges(lab, rough)), start)
    for _, level, _ in _pauses(joins, np.bincount(label.ravel())):
        mask = (joins[label] <= level).astype(np.uint8) * 255
        if not below_sky or float((mask[:2] > 0).mean()) < TOUCHES:
            return _cleaned(mask, small, (column, row), (width, height))
    return None


def _cleaned(mask: Mask, small: Rgb, point: tuple[int, int], size: tuple[int, int]) -> Mask:
    """Holes and fringes closed, the part at the point kept, the edge laid on the picture's edges."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    closed = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc), np.uint8)
    outside, marks, stats, _ = cv2.connectedComponentsWithStats((closed == 0).astype(np.uint8))
    for part in range(1, outside):
        if stats[part, cv2.CC_STAT_AREA] < 0.0015 * mask.size:
            closed[marks == part] = 255
    guide = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
    soft = guided(guide, closed.astype(np.float32) / np.float32(255), 5, 1e-3)
    kept = (soft >= 0.5).astype(np.uint8)
    _, marks = cv2.connectedComponents(kept)
    hand = np.s_[
        max(0, point[1] - HAND) : point[1] + HAND + 1, max(0, point[0] - HAND) : point[0] + HAND + 1
    ]
    kept = (np.isin(marks, np.unique(marks[hand])) & (kept > 0)).astype(np.uint8) * 255
    grown = cv2.resize(kept, size, interpolation=cv2.INTER_LINEAR)
    return np.where(np.asarray(grown) >= 128, 255, 0).astype(np.uint8)
