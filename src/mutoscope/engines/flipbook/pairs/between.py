"""Kernels of the flow interpolator: motion carried forward in time, and pictures read back along it.

The splat follows Niklaus and Liu, "Softmax Splatting for Video Frame Interpolation" (2020), with
trust in place of learned importance; motion is splatted, not colour, so that every pixel is then
sampled once, sharply, from its own photograph. All kernels release the GIL.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mutoscope.compute.kernel import late_kernel

#: A pixel without trust still counts this much where nothing better arrives.
FAINT = 0.02
#: Output pixels between two places whose position is worked out; between, it is a straight line.
APART = 4


@late_kernel()
def splat(vectors: Any, trust: Any, inside: Any, t: Any, out: Any) -> None:
    """Add to `out` (rows×cols×5, zeroed by the caller) every node of the grid moved on by t·vectors."""
    rows, cols = trust.shape
    t = np.float32(t)
    for j in range(rows):
        for i in range(cols):
            if inside[j, i] <= 0:
                continue
            dx, dy, c = vectors[j, i, 0], vectors[j, i, 1], trust[j, i]
            x, y = i + t * dx, j + t * dy
            if x < 0 or y < 0 or x >= cols - 1 or y >= rows - 1:
                if x < -0.5 or y < -0.5 or x > cols - 0.5 or y > rows - 0.5:
                    continue
                x = min(max(x, np.float32(0)), np.float32(cols - 1.001))
                y = min(max(y, np.float32(0)), np.float32(rows - 1.001))
            i0, j0 = int(x), int(y)
            fx, fy = x - i0, y - j0
            w = c * c + FAINT
            for b in range(2):
                wy = fy if b else 1 - fy
                for a in range(2):
                    share = wy * (fx if a else 1 - fx)
                    k = share * w
                    out[j0 + b, i0 + a, 0] += k * dx
                    out[j0 + b, i0 + a, 1] += k * dy
                    out[j0 + b, i0 + a, 2] += k * c
                    out[j0 + b, i0 + a, 3] += k
                    out[j0 + b, i0 + a, 4] += share


@late_kernel()
def settle(sharp: Any, coarse: Any, out: Any, at: int) -> None:
    """Normalise an accumulated grid into out[..., at:at+3] = dx, dy, weight; holes from `coarse`."""
    rows, cols = sharp.shape[:2]
    faint = np.float32(2e-3)
    for j in range(rows):
        for i in range(cols):
            mass = sharp[j, i, 3] + faint * coarse[j, i, 3] + np.float32(1e-9)
            out[j, i, at] = (sharp[j, i, 0] + faint * coarse[j, i, 0]) / mass
            out[j, i, at + 1] = (sharp[j, i, 1] + faint * coarse[j, i, 1]) / mass
            trust = (sharp[j, i, 2] + faint * coarse[j, i, 2]) / mass
            cover = min(np.float32(1), sharp[j, i, 4] * np.float32(2))
            out[j, i, at + 2] = (trust + np.float32(0.05)) * cover * cover


@late_kernel(inline=True)
def _mirrored(i: int, n: int) -> int:
    if i < 0:
        i = -i
    if i >= n:
        i = 2 * n - 2 - i
    return min(max(i, 0), n - 1)


@late_kernel()
def _cubic(flat: Any, width: int, height: int, x: Any, y: Any) -> Any:
    """Catmull-Rom (Keys 1981, a = -1/2) sample of a flat H×W×4 float32; mirrored outside.

    Unsigned indices: numba then emits no test for negative ones, which is a third of the time.
    """
    i, j = int(np.floor(x)), int(np.floor(y))
    u, v = np.float32(x - i), np.float32(y - j)
    half = np.float32(0.5)
    two, three, four, five = np.float32(2), np.float32(3), np.float32(4), np.float32(5)
    one = np.float32(1)
    wx0 = half * u * (u * (two - u) - one)
    wx1 = half * (u * u * (three * u - five) + two)
    wx2 = half * u * (u * (four - three * u) + one)
    wx3 = half * u * u * (u - one)
    wy0 = half * v * (v * (two - v) - one)
    wy1 = half * (v * v * (three * v - five) + two)
    wy2 = half * v * (v * (four - three * v) + one)
    wy3 = half * v * v * (v - one)
    r0: Any = np.float32(0)
    r1: Any = np.float32(0)
    r2: Any = np.float32(0)
    if i >= 1 and j >= 1 and i < width - 2 and j < height - 2:
        start = ((j - 1) * width + i - 1) * 4
        for k in range(4):
            q = np.uint64(start + k * width * 4)
            w = wy0 if k == 0 else wy1 if k == 1 else wy2 if k == 2 else wy3
            r0 += w * (wx0 * flat[q] + wx1 * flat[q + np.uint64(4)]
                       + wx2 * flat[q + np.uint64(8)] + wx3 * flat[q + np.uint64(12)])  # fmt: skip
            r1 += w * (wx0 * flat[q + np.uint64(1)] + wx1 * flat[q + np.uint64(5)]
                       + wx2 * flat[q + np.uint64(9)] + wx3 * flat[q + np.uint64(13)])  # fmt: skip
            r2 += w * (wx0 * flat[q + np.uint64(2)] + wx1 * flat[q + np.uint64(6)]
                       + wx2 * flat[q + np.uint64(10)] + wx3 * flat[q + np.uint64(14)])  # fmt: skip
        return r0, r1, r2
    for b in range(4):
        row = _mirrored(j + b - 1, height)
        wy = wy0 if b == 0 else wy1 if b == 1 else wy2 if b == 2 else wy3
        for a in range(4):
            q = np.uint64((row * width + _mirrored(i + a - 1, width)) * 4)
            w = wy * (wx0 if a == 0 else wx1 if a == 1 else wx2 if a == 2 else wx3)
            r0 += w * flat[q]
            r1 += w * flat[q + np.uint64(1)]
            r2 += w * flat[q + np.uint64(2)]
    return r0, r1, r2


@late_kernel(inline=True)
def _cover(x: Any, y: Any, width: int, height: int, feather: Any) -> Any:
    """1 well inside the picture, falling over `feather` pixels to 0 at its border."""
    d = min(min(x + 0.5, width - 0.5 - x), min(y + 0.5, height - 0.5 - y))
    if d >= feather:
        return np.float32(1)
    if d <= 0:
        return np.float32(1e-5)
    d = d / feather
    return np.float32(max(d * d * (3 - 2 * d), 1e-5))


@late_kernel(inline=True)
def _toned(value: Any, curve: Any, channel: int) -> Any:
    value = min(max(value, np.float32(0)), np.float32(255))
    n = np.uint64(value)
    low = curve[n, channel]
    return low + (value - np.float32(n)) * (curve[n + np.uint64(1), channel] - low)


@late_kernel()
def _places(
    y: int, width: int, height: int, grid: Any, to_grid: Any, to_first: Any, to_last: Any, t: Any,
    share: Any, feather: Any, line: Any,
) -> None:  # fmt: skip
    """For every `APART` pixels of output row y: where to read both pictures, and the last's part."""
    rows, cols = grid.shape[:2]
    q = np.empty(6, np.float32)
    for m in range(len(line)):
        x = m * APART
        depth = 1 / (to_grid[2, 0] * x + to_grid[2, 1] * y + to_grid[2, 2])
        gx = (to_grid[0, 0] * x + to_grid[0, 1] * y + to_grid[0, 2]) * depth
        gy = (to_grid[1, 0] * x + to_grid[1, 1] * y + to_grid[1, 2]) * depth
        cx = min(max(gx, 0.0), cols - 1.001)
        cy = min(max(gy, 0.0), rows - 1.001)
        i, j = int(cx), int(cy)
        u, v = np.float32(cx - i), np.float32(cy - j)
        k00, k01, k10, k11 = (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v
        for c in range(6):
            q[c] = (k00 * grid[j, i, c] + k01 * grid[j, i + 1, c]
                    + k10 * grid[j + 1, i, c] + k11 * grid[j + 1, i + 1, c])  # fmt: skip
        ax, ay = gx - t * q[0], gy - t * q[1]
        bx, by = gx + (1 - t) * q[3], gy + (1 - t) * q[4]
        depth = 1 / (to_first[2, 0] * ax + to_first[2, 1] * ay + to_first[2, 2])
        fx = (to_first[0, 0] * ax + to_first[0, 1] * ay + to_first[0, 2]) * depth
        fy = (to_first[1, 0] * ax + to_first[1, 1] * ay + to_first[1, 2]) * depth
        depth = 1 / (to_last[2, 0] * bx + to_last[2, 1] * by + to_last[2, 2])
        lx = (to_last[0, 0] * bx + to_last[0, 1] * by + to_last[0, 2]) * depth
        ly = (to_last[1, 0] * bx + to_last[1, 1] * by + to_last[1, 2]) * depth
        wa = share[0] * (q[2] + np.float32(1e-4)) * _cover(fx, fy, width, height, feather[0])
        wb = share[1] * (q[5] + np.float32(1e-4)) * _cover(lx, ly, width, height, feather[1])
        line[m, 0], line[m, 1], line[m, 2], line[m, 3] = fx, fy, lx, ly
        line[m, 4] = wb / (wa + wb)


@late_kernel()
def compose(
    first: Any, last: Any, grid: Any, to_grid: Any, to_first: Any, to_last: Any, t: Any,
    share: Any, feather: Any, lit: bool, curve_first: Any, curve_last: Any, out: Any,
) -> None:  # fmt: skip
    """One picture between: `out` H×W×3 uint8.

    `first`, `last` H×W×4 float32; `grid` rows×cols×6 (dx, dy, weight of each, in grid units);
    `to_grid` output pixel → grid node, `to_first`/`to_last` grid node → that picture's pixel (3×3);
    `share` and `feather` the two pictures' weights and border widths; curves 257×3 float32.
    """
    height, width = out.shape[:2]
    flat_first, flat_last = first.reshape(height * width * 4), last.reshape(height * width * 4)
    least, most, half = np.float32(0), np.float32(255), np.float32(0.5)
    none, whole = np.float32(0.004), np.float32(0.996)
    part = np.float32(1 / APART)
    line = np.empty(((width - 1) // APART + 2, 5), np.float32)
    for y in range(height):
        _places(y, width, height, grid, to_grid, to_first, to_last, t, share, feather, line)
        for x in range(width):
            m = np.uint64(x // APART)
            n = m + np.uint64(1)
            u = np.float32(x % APART) * part
            k = line[m, 4] + u * (line[n, 4] - line[m, 4])
            r0: Any = least
            r1: Any = least
            r2: Any = least
            if k < whole:
                fx = line[m, 0] + u * (line[n, 0] - line[m, 0])
                fy = line[m, 1] + u * (line[n, 1] - line[m, 1])
                r0, r1, r2 = _cubic(flat_first, width, height, fx, fy)
                if lit:
                    r0 = _toned(r0, curve_first, 0)
                    r1 = _toned(r1, curve_first, 1)
                    r2 = _toned(r2, curve_first, 2)
            if k > none:
                lx = line[m, 2] + u * (line[n, 2] - line[m, 2])
                ly = line[m, 3] + u * (line[n, 3] - line[m, 3])
                s0, s1, s2 = _cubic(flat_last, width, height, lx, ly)
                if lit:
                    s0 = _toned(s0, curve_last, 0)
                    s1 = _toned(s1, curve_last, 1)
                    s2 = _toned(s2, curve_last, 2)
                if k < whole:
                    r0, r1, r2 = r0 + k * (s0 - r0), r1 + k * (s1 - r1), r2 + k * (s2 - r2)
                else:
                    r0, r1, r2 = s0, s1, s2
            out[y, x, 0] = np.uint8(min(max(r0 + half, least), most))
            out[y, x, 1] = np.uint8(min(max(r1 + half, least), most))
            out[y, x, 2] = np.uint8(min(max(r2 + half, least), most))
