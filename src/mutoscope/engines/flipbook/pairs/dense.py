"""Dense flow between two pictures that lie on each other but for what moved: DIS, helped by patches.

DIS (Kroeger et al., 2016) works from small pictures to large ones, and so misses what is thin or
has moved by more than its own size. Where its ways there and back do not agree, patches are looked
for on a quarter-size copy, DIS refines what they find, and of the two flows each place takes the one
that explains it better.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.pairs.patches import patch_offsets
from mutoscope.engines.flipbook.pairs.warp import Vectors, Weights, filled, sampled
from mutoscope.engines.flipbook.scene import Rgb

#: Long side of the copy that patches are looked for on, and how far, of that side.
SEARCH_SIDE, REACH = 300, 0.16
#: With this share of the common area confirmed there is nothing to look for.
ENOUGH = 0.985
#: With less than this the pictures do not show the same things at all.
HOPELESS = 0.1
#: A place takes the patches' flow where it explains at least this much better, and its surroundings
#: (pixels) do too: patterns that repeat have many places that look alike.
CLEARLY, PIECE = 0.7, 13
#: DIS scales (powers of two) that refine a start that is already good.
FINE = 2
#: Codes that a pixel of disagreement between there and back counts as, and the most it may.
RETURN, MOST_OFF = 2.0, 6.0


def _dis(coarsest: int | None = None) -> cv2.DISOpticalFlow:
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    engine.setFinestScale(0)
    if coarsest is not None:
        engine.setCoarsestScale(coarsest)
    engine.setPatchSize(8)
    engine.setPatchStride(3)
    engine.setGradientDescentIterations(25)
    engine.setVariationalRefinementIterations(5)
    return engine


def returned(onward: Vectors, back: Vectors) -> npt.NDArray[np.float32]:
    """How far from itself each pixel comes back, in pixels."""
    off = onward + sampled(back, onward)
    return np.asarray(np.hypot(off[..., 0], off[..., 1]), np.float32)


def trust(onward: Vectors, back: Vectors, inside: Weights, other: Weights) -> Weights:
    """How well each pixel's way there and back returns, 0..1; a pixel may be off by 5 % of its way."""
    length = np.hypot(onward[..., 0], onward[..., 1])
    sure = np.exp(-((returned(onward, back) / (1.0 + 0.05 * length)) ** 2))
    return np.asarray(sure * inside * sampled(other, onward), np.float32)


def _unlike(a: Rgb, b: Rgb, onward: Vectors, back: Vectors) -> npt.NDArray[np.float32]:
    """How badly `onward` explains each place: codes that differ, and not coming back."""
    moved = sampled(b.astype(np.float32), onward)
    off = np.minimum(np.abs(a - moved).mean(axis=2), 60.0).astype(np.float32)
    off += RETURN * np.minimum(returned(onward, back), MOST_OFF)
    return np.asarray(cv2.boxFilter(off, -1, (7, 7), borderType=cv2.BORDER_REFLECT), np.float32)


def _by_patches(
    a: Rgb, b: Rgb, inside: tuple[Weights, Weights], start: tuple[Vectors, Vectors]
) -> tuple[Vectors, Vectors]:
    """Both flows from patches on a small copy, at full size; only what agrees, the rest from around."""
    rows, columns = a.shape[:2]
    scale = min(1.0, SEARCH_SIDE / max(rows, columns))
    size = (max(8, round(columns * scale)), max(8, round(rows * scale)))
    one, two = (
        np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA), np.uint8) for p in (a, b)
    )
    known = [
        np.asarray(cv2.resize(w, size, interpolation=cv2.INTER_AREA), np.float32) for w in inside
    ]
    begin = [np.asarray(cv2.resize(v, size), np.float32) * np.float32(scale) for v in start]
    reach = max(2, round(REACH * max(size)))
    onward = patch_offsets(one, two, known[1] > 0.9, reach, begin[0])
    back = patch_offsets(two, one, known[0] > 0.9, reach, begin[1])
    found = []
    for flow, other, mine, theirs in ((onward, back, *known), (back, onward, *known[::-1])):
        sure = (returned(flow, other) < 1.5).astype(np.float32) * mine * sampled(theirs, flow)
        calm = np.dstack([cv2.medianBlur(np.ascontiguousarray(flow[..., c]), 5) for c in (0, 1)])
        whole = cv2.resize(filled(calm.astype(np.float32), sure), (columns, rows))
        found.append(np.asarray(whole, np.float32) / np.float32(scale))
    return found[0], found[1]


def dense_flow(
    a: Rgb, b: Rgb, in_a: Weights, in_b: Weights, start: tuple[Vectors, Vectors]
) -> tuple[Vectors, Vectors]:
    """The flow from `a` to `b` and from `b` to `a` (h×w×3 uint8 RGB → h×w×2, pixels), from `start`.

    `in_a`, `in_b` say where each picture is known; beyond, the other must stand in.
    """
    grey = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (a, b)]

    def refined(
        engine: cv2.DISOpticalFlow, begin: tuple[Vectors, Vectors]
    ) -> tuple[Vectors, Vectors]:
        onward = engine.calc(grey[0], grey[1], np.ascontiguousarray(begin[0]).copy())
        back = engine.calc(grey[1], grey[0], np.ascontiguousarray(begin[1]).copy())
        return np.asarray(onward, np.float32), np.asarray(back, np.float32)

    onward, back = refined(_dis(), start)
    common = in_a * in_b
    sure = float((trust(onward, back, in_a, in_b) * common).sum()) / max(1.0, float(common.sum()))
    if sure > ENOUGH or sure < HOPELESS:
        return onward, back
    patches = refined(_dis(FINE), _by_patches(a, b, (in_a, in_b), (onward, back)))
    take_on = _clearly_better(
        _unlike(a, b, *patches), _unlike(a, b, onward, back), trust(*patches, in_a, in_b)
    )
    take_back = _clearly_better(
        _unlike(b, a, *patches[::-1]),
        _unlike(b, a, back, onward),
        trust(*patches[::-1], in_b, in_a),
    )
    return (
        np.where(take_on[..., None], patches[0], onward),
        np.where(take_back[..., None], patches[1], back),
    )


def _clearly_better(
    mine: npt.NDArray[np.float32], other: npt.NDArray[np.float32], sure: Weights
) -> npt.NDArray[np.bool_]:
    """Where one flow is confirmed and explains clearly more than the other, in one piece."""
    better = ((sure > 0.5) & (mine < CLEARLY * other)).astype(np.float32)
    share = cv2.boxFilter(better, -1, (PIECE, PIECE), borderType=cv2.BORDER_REFLECT)
    return np.asarray(share > 0.5, np.bool_)
