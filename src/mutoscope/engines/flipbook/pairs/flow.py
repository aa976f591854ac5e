"""Dense motion between two aligned pictures: DIS flow both ways, and how far to trust it.

Both pictures are carried half of the global way and laid on one canvas, so that what is left to
find is small: parallax, and things that moved. Where a pixel's way there and back does not return
to it, the motion is filled in from around.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mutoscope.engines.flipbook.pairs.dense import dense_flow, trust
from mutoscope.engines.flipbook.pairs.homography import Matrix, Way, apply
from mutoscope.engines.flipbook.pairs.light import Light, lit, match_light
from mutoscope.engines.flipbook.pairs.warp import Vectors, Weights, filled, sampled
from mutoscope.engines.flipbook.scene import Rgb

CANVAS_SIDE = 1024  # pixels
WIDEST = 2.5  # times the frame: a canvas beyond this is cut


@dataclass(frozen=True, slots=True)
class Flow:
    """Motion on the canvas. `canvas` maps canvas pixels to the frame's pixels half way (3×3).

    `onward[y, x]` is where the first picture's pixel goes until the last; `back` the other way;
    `trust_*` their confidence, 0 outside the picture they belong to; `inside_*` where that picture is.
    """

    canvas: Matrix
    onward: Vectors
    back: Vectors
    trust_first: Weights
    trust_last: Weights
    inside_first: Weights
    inside_last: Weights
    light: Light
    agreement: float  # share of the common area whose motion is confirmed both ways
    likeness: float  # correlation of fine detail over the common area once the motion is undone
    residual: float  # 90th percentile of the motion that the alignment left, in frame widths


def _canvas(way: Way, width: int, height: int) -> tuple[Matrix, int, int]:
    """The canvas that holds both pictures half way: its matrix to frame pixels, width, height."""
    edge = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    around = np.vstack([apply(way.at(t), edge) for t in (-0.5, -0.25, 0.0, 0.25, 0.5)])
    middle, size = np.array([width / 2, height / 2]), np.array([width, height], np.float64)
    low = np.maximum(around.min(axis=0), middle - size * WIDEST / 2)
    high = np.minimum(around.max(axis=0), middle + size * WIDEST / 2)
    scale = min(1.0, CANVAS_SIDE / float(max(high - low)))
    columns, rows = (math.ceil(float(v) * scale / 2) * 2 for v in high - low)
    matrix = np.array([[1 / scale, 0, low[0]], [0, 1 / scale, low[1]], [0, 0, 1]])
    return matrix, columns, rows


def _laid(picture: Rgb, matrix: Matrix, columns: int, rows: int) -> tuple[Rgb, Weights]:
    """`picture` sampled on the canvas through `matrix` (canvas → picture), and where it is."""
    size = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
    if size > 1.2:  # soften before taking fewer samples
        sigma = 0.4 * math.sqrt(size * size - 1)
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(
        picture, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    full = np.full(picture.shape[:2], 255, np.uint8)
    inside = cv2.warpPerspective(full, matrix, (columns, rows), flags=flags)
    return np.asarray(laid, np.uint8), (inside > 250).astype(np.float32)


def _likeness(first: Rgb, last: Rgb, onward: Vectors, common: Weights) -> float:
    """Correlation of band-passed grey, each pixel as far as it has detail."""
    grey = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (first, last)]
    detail = [cv2.GaussianBlur(g, (0, 0), 1.0) - cv2.GaussianBlur(g, (0, 0), 5.0) for g in grey]
    moved = sampled(detail[1], onward)
    weigh = common > 0.5
    a, b = detail[0][weigh], moved[weigh]
    size = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return float((a * b).sum()) / size if size > 1e-6 else 0.0


def laid_half_way(first: Rgb, last: Rgb, way: Way, flow: Flow) -> tuple[Rgb, Rgb]:
    """Both pictures on the flow's canvas in the light of half way; beyond one's border the other."""
    rows, columns = flow.inside_first.shape
    shades = flow.light.at(0.5)
    a, b = (
        lit(_laid(picture, way.at(t) @ flow.canvas, columns, rows)[0], shade)
        for picture, t, shade in ((first, -0.5, shades[0]), (last, 0.5, shades[1]))
    )
    return (
        np.where(flow.inside_first[..., None] > 0, a, b),
        np.where(flow.inside_last[..., None] > 0, b, a),
    )


def flow_between(first: Rgb, last: Rgb, way: Way) -> Flow:
    """The motion from `first` to `last` (H×W×3 uint8 RGB) beyond the global `way` between them."""
    height, width = first.shape[:2]
    canvas, columns, rows = _canvas(way, width, height)
    half_first, in_first = _laid(first, way.at(-0.5) @ canvas, columns, rows)
    half_last, in_last = _laid(last, way.at(0.5) @ canvas, columns, rows)
    common = in_first * in_last
    light = match_light(half_first, half_last, common > 0.5)
    onward: Vectors = np.zeros((rows, columns, 2), np.float32)
    back: Vectors = onward
    trust_first = trust_last = common
    for turn in range(2):
        shade, light_last = light.at(0.5)
        a, b = lit(half_first, shade), lit(half_last, light_last)
        # beyond a picture's border the other stands in, so that the flow there is nothing, not noise
        a = np.where(in_first[..., None] > 0, a, b)
        b = np.where(in_last[..., None] > 0, b, a)
        onward, back = dense_flow(a, b, in_first, in_last, (onward, back))
        trust_first = trust(onward, back, in_first, in_last)
        trust_last = trust(back, onward, in_last, in_first)
        if turn or light.same:
            break
        # the light again, from what is now known to be the same thing
        moved = cv2.merge(
            [sampled(np.ascontiguousarray(half_last[..., c], np.float32), onward) for c in range(3)]
        )
        light = match_light(half_first, np.rint(moved).astype(np.uint8), trust_first > 0.6)
    shade, light_last = light.at(0.5)
    likeness = _likeness(lit(half_first, shade), lit(half_last, light_last), onward, common)
    area = float(common.sum())
    agreement = float((trust_first * common).sum()) / area if area > 1 else 0.0
    onward, back = filled(onward, trust_first), filled(back, trust_last)
    lengths = np.hypot(onward[..., 0], onward[..., 1])[common > 0.5]
    residual = float(np.percentile(lengths, 90)) * canvas[0, 0] / width if lengths.size else 0.0
    return Flow(
        canvas, onward, back, trust_first, trust_last, in_first, in_last,
        light, agreement, likeness, residual,
    )  # fmt: skip
