"""The plate's kernels for cells where water or foliage moves: the field is added to each position.

Only cells whose plate is touched by a field come here, after the plain kernels have filled the frame;
the subject stays in front.
"""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.rendering.fill import FIELD, over, square, squares, tap
from mutoscope.engines.flipbook.rendering.positions import GUARD, ONE, STEP


@kernel("void(float64[:,::1], float64[:,::1], float32[:,:,::1], uint8[:,::1], float64, float64)")
def touched(xs, ys, field, cells, left, top):  # type: ignore[no-untyped-def]
    """Set `cells` to 1 where the plate's nodes `xs`, `ys` (frame pixels) see a field that moves."""
    rows, cols = field.shape[:2]
    for j in range(cells.shape[0]):
        for i in range(cells.shape[1]):
            x0 = min(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left
            x1 = max(xs[j, i], xs[j + 1, i], xs[j, i + 1], xs[j + 1, i + 1]) - left
            y0 = min(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top
            y1 = max(ys[j, i], ys[j + 1, i], ys[j, i + 1], ys[j + 1, i + 1]) - top
            cells[j, i] = 0
            for v in range(max(int(y0 / FIELD), 0), min(int(y1 / FIELD) + 2, rows)):
                for u in range(max(int(x0 / FIELD), 0), min(int(x1 / FIELD) + 2, cols)):
                    if field[v, u, 0] != 0 or field[v, u, 1] != 0:
                        cells[j, i] = 1


@kernel("UniTuple(int64, 2)(float32[:,:,::1], int64, int64, float64)")
def pushed(field, x, y, per):  # type: ignore[no-untyped-def]
    """The field at a 16.16 position of samples, `per` samples between its nodes; in 16.16 samples."""
    rows, cols = field.shape[:2]
    u, v = max(x / ONE / per, 0.0), max(y / ONE / per, 0.0)
    iu, iv = min(int(u), cols - 2), min(int(v), rows - 2)
    fu, fv = min(u - iu, 1.0), min(v - iv, 1.0)
    unit = per / FIELD * ONE
    upper = field[iv, iu, 0] * (1 - fu) + field[iv, iu + 1, 0] * fu
    lower = field[iv + 1, iu, 0] * (1 - fu) + field[iv + 1, iu + 1, 0] * fu
    dx = int(np.floor((upper * (1 - fv) + lower * fv) * unit + 0.5))
    upper = field[iv, iu, 1] * (1 - fu) + field[iv, iu + 1, 1] * fu
    lower = field[iv + 1, iu, 1] * (1 - fu) + field[iv + 1, iu + 1, 1] * fu
    dy = int(np.floor((upper * (1 - fv) + lower * fv) * unit + 0.5))
    return dx, dy


@kernel(
    "void(uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint16[:,::1], uint8[:,::1],"
    " int64[:,::1], int64[:,::1], uint16[:,::1], uint16[:,::1],"
    " uint8[:,::1], float32[:,:,::1], float64)"
)
def luma(out, width, height, px, py, plate, modes, sx, sy, front, alpha, cells, field, scale):  # type: ignore[no-untyped-def]
    """As `fill.luma`, for the marked `cells` alone; the field is read every four pixels of a
    row and goes linearly between. `scale`: luma samples a plate pixel."""
    rows, cols = front.shape[0], front.shape[1] - 1
    flat, own, veil = plate.reshape(-1), front.reshape(-1), alpha.reshape(-1)
    most_x, most_y = (plate.shape[1] - 2) * ONE - GUARD, (plate.shape[0] - 1) * ONE - GUARD
    per = FIELD * scale
    for y in range(height):
        j, f = y // STEP, y % STEP
        for i in range(cells.shape[1]):
            if cells[j, i] == 0 or modes[j, i] == 2:
                continue
            start = i * STEP
            count = min(STEP, width - start)
            x0 = (px[j, i] * (STEP - f) + px[j + 1, i] * f) >> 4
            y0 = (py[j, i] * (STEP - f) + py[j + 1, i] * f) >> 4
            dx = (((px[j, i + 1] * (STEP - f) + px[j + 1, i + 1] * f) >> 4) - x0) >> 4
            dy = (((py[j, i + 1] * (STEP - f) + py[j + 1, i + 1] * f) >> 4) - y0) >> 4
            u0 = (sx[j, i] * (STEP - f) + sx[j + 1, i] * f) >> 4
            v0 = (sy[j, i] * (STEP - f) + sy[j + 1, i] * f) >> 4
            du = (((sx[j, i + 1] * (STEP - f) + sx[j + 1, i + 1] * f) >> 4) - u0) >> 4
            dv = (((sy[j, i + 1] * (STEP - f) + sy[j + 1, i + 1] * f) >> 4) - v0) >> 4
            ex, ey = pushed(field, x0, y0, per)
            for k in range(count):
                if k % FIELD == 0:
                    ax, ay = ex, ey
                    ex, ey = pushed(field, x0 + FIELD * dx, y0 + FIELD * dy, per)
                part = k % FIELD
                x = x0 + ((ax * (FIELD - part) + ex * part) >> 2)
                q = y0 + ((ay * (FIELD - part) + ey * part) >> 2)
                x, q = max(min(x, most_x), GUARD), max(min(q, most_y), GUARD)
                place = np.uint64((q >> 16) * plate.shape[1] + (x >> 16))
                back = tap(square(flat, place), x, q)
                iu, iv = u0 >> 16, v0 >> 16
                if modes[j, i] == 1 and 0 <= iu < cols and 0 <= iv < rows:
                    place = np.uint64(iv * front.shape[1] + iu)
                    seen = tap(square(own, place), u0, v0)
                    out[y, start + k] = over(seen, back, tap(square(veil, place), u0, v0))
                else:
                    out[y, start + k] = (back + 128) >> 8
                x0 += dx
                y0 += dy
                u0 += du
                v0 += dv


@kernel(
    "void(uint8[:,::1], uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint32[:,::1],"
    " uint8[:,::1], int64[:,::1], int64[:,::1], uint32[:,::1], uint16[:,::1],"
    " uint8[:,::1], float32[:,:,::1])"
)
def chroma(cb, cr, width, height, px, py, plate, modes, sx, sy, front, alpha, cells, field):  # type: ignore[no-untyped-def]
    """As `fill.chroma`, for the marked `cells` alone."""
    rows, cols = front.shape[0], front.shape[1] - 1
    flat, own, veil = plate.reshape(-1), front.reshape(-1), alpha.reshape(-1)
    most_x, most_y = (plate.shape[1] - 2) * ONE - GUARD, (plate.shape[0] - 1) * ONE - GUARD
    for y in range(height):
        j, f = y // 8, 4 * (y % 8) + 1
        for i in range(cells.shape[1]):
            if cells[j, i] == 0 or modes[j, i] == 2:
                continue
            start = i * 8
            count = min(8, width - start)
            x0 = (px[j, i] * (32 - f) + px[j + 1, i] * f) >> 5
            y0 = (py[j, i] * (32 - f) + py[j + 1, i] * f) >> 5
            dx = (((px[j, i + 1] * (32 - f) + px[j + 1, i + 1] * f) >> 5) - x0) >> 3
            dy = (((py[j, i + 1] * (32 - f) + py[j + 1, i + 1] * f) >> 5) - y0) >> 3
            u0 = (sx[j, i] * (32 - f) + sx[j + 1, i] * f) >> 5
            v0 = (sy[j, i] * (32 - f) + sy[j + 1, i] * f) >> 5
            du = (((sx[j, i + 1] * (32 - f) + sx[j + 1, i + 1] * f) >> 5) - u0) >> 3
            dv = (((sy[j, i + 1] * (32 - f) + sy[j + 1, i + 1] * f) >> 5) - v0) >> 3
            for k in range(count):
                ex, ey = pushed(field, x0, y0, 0.5 * FIELD)
                x = max(min(x0 + ex, most_x), GUARD)
                q = max(min(y0 + ey, most_y), GUARD)
                blue, red = squares(flat, np.uint64((q >> 16) * plate.shape[1] + (x >> 16)))
                back_b, back_r = tap(blue, x, q), tap(red, x, q)
                iu, iv = u0 >> 16, v0 >> 16
                if modes[j, i] == 1 and 0 <= iu < cols and 0 <= iv < rows:
                    place = np.uint64(iv * front.shape[1] + iu)
                    blue, red = squares(own, place)
                    cover = tap(square(veil, place), u0, v0)
                    cb[y, start + k] = over(tap(blue, u0, v0), back_b, cover)
                    cr[y, start + k] = over(tap(red, u0, v0), back_r, cover)
                else:
                    cb[y, start + k] = (back_b + 128) >> 8
                    cr[y, start + k] = (back_r + 128) >> 8
                x0 += dx
                y0 += dy
                u0 += du
                v0 += dv
