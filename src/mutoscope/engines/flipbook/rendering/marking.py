"""Which cells of a frame something moves in by itself, and what the fields are there."""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.rendering.fill import FIELD
from mutoscope.engines.flipbook.rendering.positions import REACH, STEP, TILE

f32 = np.float32
#: What a cell has: a field on the plate, one that runs there, one on the subject, one with light.
PUSHED, RUNS, WORN, LIT = 1, 2, 4, 8
#: Steps of a field across a cell.
STEPS = STEP // FIELD


@kernel(
    "void(float64[:,::1], float64[:,::1], float32[:,:,::1], int64, int64, uint8[:,::1], float64,"
    " float64, uint8)"
)
def touched(xs, ys, field, first, end, cells, left, top, bit):  # type: ignore[no-untyped-def]
    """Set `bit` of `cells` where the nodes `xs`, `ys` (frame pixels) see a field that is not 0 in its
    channels from `first` to before `end`."""
    rows, cols = field.shape[:2]
    for j in range(cells.shape[0]):
        for i in range(cells.shape[1]):
            x0 = min(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left
            x1 = max(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left
            y0 = min(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top
            y1 = max(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top
            u0, u1 = max(int(x0 / FIELD), 0), min(int(x1 / FIELD) + 2, cols)
            found = False
            for v in range(max(int(y0 / FIELD), 0), min(int(y1 / FIELD) + 2, rows)):
                for u in range(u0, u1):
                    for c in range(first, end):
                        if field[v, u, c] != 0:
                            found = True
                            break
                    if found:
                        break
                if found:
                    break
            if found:
                cells[j, i] |= bit


@kernel(
    "void(float64[:,::1], float64[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1],"
    " float64, float64, int64, int64, float64)"
)
def spread_modes(xs, ys, least, most, modes, cells, left, top, width, height, reach):  # type: ignore[no-untyped-def]
    """`positions.classify` again for cells whose subject is pushed by up to `reach` pixels."""
    beyond = REACH + reach
    for j in range(modes.shape[0]):
        for i in range(modes.shape[1]):
            if not cells[j, i] & WORN:
                continue
            x0 = min(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left - beyond
            x1 = max(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left + beyond
            y0 = min(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top - beyond
            y1 = max(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top + beyond
            modes[j, i] = 0
            if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
                continue
            whole = x0 >= 0 and y0 >= 0 and x1 < width and y1 < height
            low, high = 255, 0
            for tj in range(max(int(y0), 0) // TILE, min(int(y1), height - 1) // TILE + 1):
                for ti in range(max(int(x0), 0) // TILE, min(int(x1), width - 1) // TILE + 1):
                    low = min(low, least[tj, ti])
                    high = max(high, most[tj, ti])
            if high > 0:
                modes[j, i] = 2 if whole and low == 255 else 1


@kernel(
    "void(float64[:,::1], float64[:,::1], float32[:,:,::1], uint8[:,::1], uint8, float64, float64,"
    " float32[:,:,::1], int64)"
)
def sampled(xs, ys, field, cells, bits, left, top, out, first):  # type: ignore[no-untyped-def]
    """The field's channels at every `FIELD`th pixel of the frame's rows and columns, where a cell has
    one of `bits`, as `out` (channels, from `first` on; rows; columns)."""
    rows, cols, channels = field.shape
    high, wide = cells.shape
    per = 1.0 / FIELD
    for j in range(high):
        for i in range(wide):
            if not cells[j, i] & bits:
                continue
            # a corner that a later cell has is left to it
            tall = STEPS if j + 1 < high and cells[j + 1, i] & bits else STEPS + 1
            across = STEPS if i + 1 < wide and cells[j, i + 1] & bits else STEPS + 1
            for m in range(tall):
                g = m / STEPS
                for n in range(across):
                    f = n / STEPS
                    a, b = xs[j, i] + (xs[j, i + 1] - xs[j, i]) * f, xs[j + 1, i]
                    x = a + (b + (xs[j + 1, i + 1] - b) * f - a) * g
                    a, b = ys[j, i] + (ys[j, i + 1] - ys[j, i]) * f, ys[j + 1, i]
                    y = a + (b + (ys[j + 1, i + 1] - b) * f - a) * g
                    u = min(max((x - left) * per, 0.0), cols - 1.001)
                    v = min(max((y - top) * per, 0.0), rows - 1.001)
                    iu, iv = int(u), int(v)
                    fu, fv = f32(u - iu), f32(v - iv)
                    for c in range(channels):
                        p, q = field[iv, iu, c], field[iv + 1, iu, c]
                        upper = p + (field[iv, iu + 1, c] - p) * fu
                        lower = q + (field[iv + 1, iu + 1, c] - q) * fu
                        out[first + c, j * STEPS + m, i * STEPS + n] = upper + (lower - upper) * fv
