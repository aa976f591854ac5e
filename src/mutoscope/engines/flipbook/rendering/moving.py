"""The kernels for cells where something moves by itself: fields are added to each position.

Only cells that a field touches come here, after the plain kernels have filled the frame. Of plate and
subject each has fields of its own. Between the field's nodes a position goes linearly, as it does
between the frame's; where a field is 0 it is exactly what the plain kernels read.

What runs is drawn from two places at once, the later one faded in over the earlier (`second`: x, y,
its share, how much contrast the two lack together, light); see `nature.flow`.
"""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import kernel, late_kernel
from mutoscope.engines.flipbook.rendering.fill import (
    FIELD,
    HALF_STEP,
    edges,
    places,
    shade,
    square,
    squares,
    within,
)
from mutoscope.engines.flipbook.rendering.marking import (
    LIT,
    PUSHED,
    RUNS,
    STEPS,
    WORN,
)
from mutoscope.engines.flipbook.rendering.positions import (
    GUARD,
    ONE,
    STEP,
)
from mutoscope.engines.flipbook.rendering.pushed_lines import (
    bent,
    joined,
    lay,
    level,
    lit,
    seen,
    seen_over,
    smooth,
    steady,
    straight,
    take,
    take_pairs,
    tapped,
)

u32, u64, i32, f32 = np.uint32, np.uint64, np.int32, np.float32
_EIGHT, _WHOLE, _HALF, _ONE = u32(8), u32(256), u32(128), u64(1)
#: Lines of work space as long as a row: packed samples, x and y of the plate's first and second place,
#: what is behind, the subject's samples, alpha, x and y; of chroma Cb's, then Cr's.
LINES = 15
#: Of `second`, and behind them the plate's luma without its detail.
SHARE, CONTRAST, LIGHT, MEAN = 2, 3, 4, 5
#: The luma that light does not change, black, and the chroma, grey; times 256.
BLACK, GREY = 16 << 8, 128 << 8


@late_kernel(inline=True)
def run_of(cells, modes, j, i):  # type: ignore[no-untyped-def]
    """The next run of cells in row `j`, from `i` on, that are drawn anew in the same way."""
    wide = cells.shape[1]
    while i < wide and (
        cells[j, i] == 0
        or (modes[j, i] == 2 and not cells[j, i] & WORN)
        or (modes[j, i] == 0 and cells[j, i] == WORN)
    ):
        i += 1
    first = i
    while i < wide and cells[j, i] == cells[j, first] and modes[j, i] == modes[j, first]:
        i += 1
    return first, i


@kernel(
    "void(uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint16[:,::1], uint8[:,::1],"
    " int64[:,::1], int64[:,::1], uint16[:,::1], uint16[:,::1], uint8[:,::1], float32[:,:,::1],"
    " float32[:,:,::1], float32[:,:,::1], float64, int64[:,::1], uint32[:,::1], int32[:,::1],"
    " int32[:,::1])"
)
def luma(  # type: ignore[no-untyped-def]
    out, width, height, px, py, plate, modes, sx, sy, front, alpha, cells, push, second, worn, scale,
    lines, texels, shares, levels,
):  # fmt: skip
    """As `fill.luma`, for the marked `cells` alone. `push`, `second`, `worn`: the fields `sampled` for
    this frame; a `second` without MEAN gives no contrast back. `scale`: luma samples a pixel. `lines`
    (4 rows as long as the nodes'), `texels` (LINES rows of whole cells), `shares` (6 rows of those) and `levels` (8 rows of the fields' columns) are
    work space."""
    xs, ys, us, vs = lines[0], lines[1], lines[2], lines[3]
    four, fx, fy, behind = texels[0], texels[1], texels[2], texels[3]
    two, gx, gy = texels[4], texels[5], texels[6]
    mine, cover, hx, hy = texels[7], texels[8], texels[9], texels[10]
    bx, by = shares[4], shares[5]
    ex, ey, ox, oy, wx, wy = levels[0], levels[1], levels[2], levels[3], levels[4], levels[5]
    flat, own, veil = plate.reshape(-1), front.reshape(-1), alpha.reshape(-1)
    stride = u64(plate.shape[1])
    most = i32((plate.shape[1] - 2) * ONE - GUARD), i32((plate.shape[0] - 1) * ONE - GUARD)
    unit = scale * ONE
    runs, wears = second.shape[1] > 1, worn.shape[1] > 1
    for y in range(height):
        j, row = y // STEP, out[y]
        first, i = run_of(cells, modes, j, 0)
        if first == i:
            continue
        edges(xs, px, j, y % STEP, 4)
        edges(ys, py, j, y % STEP, 4)
        edges(us, sx, j, y % STEP, 4)
        edges(vs, sy, j, y % STEP, 4)
        m, part = y // FIELD, (y % FIELD) / FIELD
        level(ex, push, 0, m, part, unit)
        level(ey, push, 1, m, part, unit)
        if runs:
            level(ox, second, 0, m, part, unit)
            level(oy, second, 1, m, part, unit)
        if wears:
            level(wx, worn, 0, m, part, unit)
            level(wy, worn, 1, m, part, unit)
        while first < i:
            kind, mode = cells[j, first], modes[j, first]
            start, end = first * STEP, min(i * STEP, width)
            for c in range(first, i):
                k = c * STEP
                at = xs[c], ys[c], (xs[c + 1] - xs[c]) >> 4, (ys[c + 1] - ys[c]) >> 4
                if mode != 2:
                    if kind & (PUSHED | RUNS | LIT):
                        lay(fx, fy, k, at, 2, c * STEPS, ex, ey, most)
                    else:
                        places(fx, fy, k, STEP, at)
                    if kind & RUNS:
                        lay(gx, gy, k, at, 2, c * STEPS, ox, oy, most)
                if mode != 0:
                    of = us[c], vs[c], (us[c + 1] - us[c]) >> 4, (vs[c + 1] - vs[c]) >> 4
                    if kind & WORN:
                        bent(bx, by, k, of, 2, c * STEPS, wx, wy)
                    else:
                        straight(bx, by, k, STEP, of)
            if mode != 2:
                take(four, fx, fy, start, end, flat, stride)
            if mode != 2 and kind & RUNS:
                take(two, gx, gy, start, end, flat, stride)
                level(levels[6], second, SHARE, m, part, 256.0)
                smooth(shares[0], start, (i - first) * STEP, 2, levels[6])
                joined(behind, four, fx, fy, two, gx, gy, shares[0], start, end)
                if second.shape[0] > MEAN:
                    level(levels[6], second, CONTRAST, m, part, 256.0)
                    smooth(shares[1], start, (i - first) * STEP, 2, levels[6])
                    level(levels[6], second, MEAN, m, part, 256.0)
                    smooth(shares[3], start, (i - first) * STEP, 2, levels[6])
                    lit(behind, shares[1], shares[3], start, end)
            elif mode == 1 or (mode == 0 and kind & LIT):
                tapped(behind, four, fx, fy, start, end)
            if mode != 2 and kind & LIT:
                level(levels[6], second, LIGHT, m, part, 256.0)
                smooth(shares[2], start, (i - first) * STEP, 2, levels[6])
                steady(shares[3], BLACK, start, end)
                lit(behind, shares[2], shares[3], start, end)
            if mode != 0:
                for k in range(u64(start), u64(end)):
                    place = within(bx[k], by[k], front.shape)
                    mine[k], cover[k] = square(own, place), square(veil, place)
                    hx[k], hy[k] = u32(bx[k]), u32(by[k])
            if mode == 1:
                seen_over(row, behind, mine, cover, hx, hy, start, end)
            elif mode == 2:
                shade(row, mine, hx, hy, start, end)
            elif kind & (RUNS | LIT):
                seen(row, behind, start, end)
            else:
                shade(row, four, fx, fy, start, end)
            first, i = run_of(cells, modes, j, i)


@kernel(
    "void(uint8[:,::1], uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint32[:,::1],"
    " uint8[:,::1], int64[:,::1], int64[:,::1], uint32[:,::1], uint16[:,::1],"
    " uint8[:,::1], float32[:,:,::1], float32[:,:,::1], float32[:,:,::1],"
    " int64[:,::1], uint32[:,::1], int32[:,::1], int32[:,::1])"
)
def chroma(  # type: ignore[no-untyped-def]
    cb, cr, width, height, px, py, plate, modes, sx, sy, front, alpha, cells, push, second, worn,
    lines, texels, shares, levels,
):  # fmt: skip
    """As `fill.chroma`, for the marked `cells` alone; the rest as for `luma`."""
    xs, ys, us, vs = lines[0], lines[1], lines[2], lines[3]
    blue, red, fx, fy, behind = texels[0], texels[1], texels[2], texels[3], texels[4]
    blue2, red2, gx, gy = texels[5], texels[6], texels[7], texels[8]
    mine_blue, mine_red, cover, hx = texels[9], texels[10], texels[11], texels[12]
    hy, back_red = texels[13], texels[14]
    bx, by = shares[4], shares[5]
    ex, ey, ox, oy, wx, wy = levels[0], levels[1], levels[2], levels[3], levels[4], levels[5]
    flat, own, veil = plate.reshape(-1), front.reshape(-1), alpha.reshape(-1)
    stride = u64(plate.shape[1])
    most = i32((plate.shape[1] - 2) * ONE - GUARD), i32((plate.shape[0] - 1) * ONE - GUARD)
    unit = 0.5 * ONE
    runs, wears = second.shape[1] > 1, worn.shape[1] > 1
    for y in range(height):
        j, f = y // HALF_STEP, 4 * (y % HALF_STEP) + 1
        first, i = run_of(cells, modes, j, 0)
        if first == i:
            continue
        edges(xs, px, j, f, 5)
        edges(ys, py, j, f, 5)
        edges(us, sx, j, f, 5)
        edges(vs, sy, j, f, 5)
        m, part = (2 * y) // FIELD, (2 * y % FIELD + 0.5) / FIELD
        level(ex, push, 0, m, part, unit)
        level(ey, push, 1, m, part, unit)
        if runs:
            level(ox, second, 0, m, part, unit)
            level(oy, second, 1, m, part, unit)
        if wears:
            level(wx, worn, 0, m, part, unit)
            level(wy, worn, 1, m, part, unit)
        while first < i:
            kind, mode = cells[j, first], modes[j, first]
            start, end = first * HALF_STEP, min(i * HALF_STEP, width)
            for c in range(first, i):
                k = c * HALF_STEP
                at = xs[c], ys[c], (xs[c + 1] - xs[c]) >> 3, (ys[c + 1] - ys[c]) >> 3
                if mode != 2:
                    if kind & (PUSHED | RUNS | LIT):
                        lay(fx, fy, k, at, 1, c * STEPS, ex, ey, most)
                    else:
                        places(fx, fy, k, HALF_STEP, at)
                    if kind & RUNS:
                        lay(gx, gy, k, at, 1, c * STEPS, ox, oy, most)
                if mode != 0:
                    of = us[c], vs[c], (us[c + 1] - us[c]) >> 3, (vs[c + 1] - vs[c]) >> 3
                    if kind & WORN:
                        bent(bx, by, k, of, 1, c * STEPS, wx, wy)
                    else:
                        straight(bx, by, k, HALF_STEP, of)
            if mode != 2:
                take_pairs(blue, red, fx, fy, start, end, flat, stride)
            if mode != 2 and kind & RUNS:
                take_pairs(blue2, red2, gx, gy, start, end, flat, stride)
                level(levels[6], second, SHARE, m, part, 256.0)
                smooth(shares[0], start, (i - first) * HALF_STEP, 1, levels[6])
                joined(behind, blue, fx, fy, blue2, gx, gy, shares[0], start, end)
                joined(back_red, red, fx, fy, red2, gx, gy, shares[0], start, end)
            elif mode != 2:
                tapped(behind, blue, fx, fy, start, end)
                tapped(back_red, red, fx, fy, start, end)
            if mode != 2 and kind & LIT:
                level(levels[6], second, LIGHT, m, part, 256.0)
                smooth(shares[2], start, (i - first) * HALF_STEP, 1, levels[6])
                steady(shares[3], GREY, start, end)
                lit(behind, shares[2], shares[3], start, end)
                lit(back_red, shares[2], shares[3], start, end)
            if mode == 0:
                seen(cb[y], behind, start, end)
                seen(cr[y], back_red, start, end)
            else:
                for k in range(u64(start), u64(end)):
                    place = within(bx[k], by[k], front.shape)
                    mine_blue[k], mine_red[k] = squares(own, place)
                    cover[k] = square(veil, place)
                    hx[k], hy[k] = u32(bx[k]), u32(by[k])
                if mode == 2:
                    shade(cb[y], mine_blue, hx, hy, start, end)
                    shade(cr[y], mine_red, hx, hy, start, end)
                else:
                    seen_over(cb[y], behind, mine_blue, cover, hx, hy, start, end)
                    seen_over(cr[y], back_red, mine_red, cover, hx, hy, start, end)
            first, i = run_of(cells, modes, j, i)


@kernel("void(uint8[:,::1], int16[:,::1], int64, uint8[:,::1], int64)")
def add(plane, rest, weight, held, cell):  # type: ignore[no-untyped-def]
    """`fill.add`, less where the subject moves by itself: `held` (0..255 at the cells' corners)."""
    for y in range(rest.shape[0]):
        j, v = y // cell, y % cell
        for x in range(rest.shape[1]):
            i, u = x // cell, x % cell
            upper = held[j, i] * (cell - u) + held[j, i + 1] * u
            lower = held[j + 1, i] * (cell - u) + held[j + 1, i + 1] * u
            share = (upper * (cell - v) + lower * v) * weight // (255 * cell * cell)
            value = int(plane[y, x]) + ((int(rest[y, x]) * share + 128) >> 8)
            plane[y, x] = max(0, min(255, value))
