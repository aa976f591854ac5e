"""Compiled loops that find where the frame's pixels come from, on a coarse grid of nodes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel

#: Output pixels between two nodes; between nodes positions go linearly.
STEP = 16
#: Pixels across a tile of the subject's least and largest alpha.
TILE = 8
#: Pixels around a place that may have a share in what is drawn there: 3 by the six-tap filter and the
#: chroma samples' own, and one for rounding.
REACH = 4.0
#: Fixed-point positions: 1 is one sample.
ONE = 1 << 16
#: Kept off both ends, so that rounding inside a cell cannot leave the picture.
GUARD = 32
#: Rounds of rho ← rho(d(source)) at most, and the step in pixels at which they end. From the node above
#: on it takes two or three; on a disparity step blurred by 6 nodes .04 px are left at worst.
ROUNDS, SETTLED = 8, 0.02

_NEXT = np.uint64(1)

Nodes = npt.NDArray[np.float64]
Fixed = npt.NDArray[np.int64]


@kernel(
    "void(float64[:,::1], float64[:,::1], float64[:,::1], float64[::1],"
    " float32[:,::1], float64, float64, float64, float64)"
)
def solve(xs, ys, ray, lens, disparity, left, top, cell, step):  # type: ignore[no-untyped-def]
    """Fill `xs`, `ys` (nodes of the frame, `step` pixels apart) with the photograph's pixels.

    `ray` 3×3 (`camera.rays`), `lens` = f0, cx, cy, tx, ty, tz, far; the disparity's node (0, 0) lies
    at (`left`, `top`) of the frame and its nodes are `cell` pixels apart.
    """
    f0, cx, cy = lens[0], lens[1], lens[2]
    tx, ty, tz, far = lens[3], lens[4], lens[5], lens[6]
    rows, cols = disparity.shape
    flat, wide = disparity.reshape(-1), np.uint64(cols)
    per, right, bottom = 1.0 / cell, cols - 1.0, rows - 1.0
    rhos = np.full(xs.shape[1], 0.5)
    for j in range(xs.shape[0]):
        for i in range(xs.shape[1]):
            px, py = i * step, j * step
            w0 = ray[0, 0] * px + ray[0, 1] * py + ray[0, 2]
            w1 = ray[1, 0] * px + ray[1, 1] * py + ray[1, 2]
            w2 = ray[2, 0] * px + ray[2, 1] * py + ray[2, 2]
            a, b = w0 / w2, w1 / w2
            along_x, along_y = f0 * (tx - tz * a), f0 * (ty - tz * b)
            travel = abs(along_x) + abs(along_y)
            x0, y0 = cx + f0 * a, cy + f0 * b
            rho = rhos[i]  # of the node above
            for _ in range(ROUNDS):
                u = min(max((x0 + rho * along_x - left) * per, 0.0), right)
                v = min(max((y0 + rho * along_y - top) * per, 0.0), bottom)
                iu, iv = min(int(u), cols - 2), min(int(v), rows - 2)
                fu, fv = u - iu, v - iv
                k = np.uint64(iv * cols + iu)
                upper = flat[k] * (1 - fu) + flat[k + _NEXT] * fu
                lower = flat[k + wide] * (1 - fu) + flat[k + wide + _NEXT] * fu
                before, rho = rho, far + (1 - far) * (upper * (1 - fv) + lower * fv)
                if abs(rho - before) * travel < SETTLED:
                    break
            rhos[i] = rho
            xs[j, i] = x0 + rho * along_x
            ys[j, i] = y0 + rho * along_y


@kernel(
    "void(float64[:,::1], float64[:,::1], int64[:,::1], int64[:,::1],"
    " float64, float64, float64, int64, int64, boolean)"
)
def fix(xs, ys, fx, fy, left, top, scale, width, height, inside):  # type: ignore[no-untyped-def]
    """Nodes in pixels → 16.16 samples of an array of `width`×`height`: (x - left)·scale.

    `inside` keeps every node within the array, `GUARD` off its ends.
    """
    most_x, most_y = (width - 1) * ONE - GUARD, (height - 1) * ONE - GUARD
    for j in range(xs.shape[0]):
        for i in range(xs.shape[1]):
            x = int(np.floor((xs[j, i] - left) * scale * ONE + 0.5))
            y = int(np.floor((ys[j, i] - top) * scale * ONE + 0.5))
            if inside:
                x, y = max(min(x, most_x), GUARD), max(min(y, most_y), GUARD)
            fx[j, i] = x
            fy[j, i] = y


@kernel(
    "void(float64[:,::1], float64[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1],"
    " float64, float64, int64, int64)"
)
def classify(xs, ys, least, most, modes, left, top, width, height):  # type: ignore[no-untyped-def]
    """Each cell's mode: 0 the plate alone, 1 the subject over it, 2 the subject alone.

    `least`, `most`: the subject's smallest and largest alpha in tiles of TILE pixels; the subject of
    `width`×`height` lies at (`left`, `top`).
    """
    for j in range(modes.shape[0]):
        for i in range(modes.shape[1]):
            x0 = min(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left - REACH
            x1 = max(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left + REACH
            y0 = min(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top - REACH
            y1 = max(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top + REACH
            modes[j, i] = 0
            if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
                continue
            whole = x0 >= 0 and y0 >= 0 and x1 < width and y1 < height
            low, high = 255, 0
            first_i, last_i = max(int(x0), 0) // TILE, min(int(x1), width - 1) // TILE
            for tj in range(max(int(y0), 0) // TILE, min(int(y1), height - 1) // TILE + 1):
                for ti in range(first_i, last_i + 1):
                    low = min(low, least[tj, ti])
                    high = max(high, most[tj, ti])
                if high > 0 and low < 255:
                    break
            if high == 0:
                continue
            modes[j, i] = 2 if whole and low == 255 else 1
