"""Compiled loops that fill a film frame's planes, row by row.

A sample is packed with the one below (bits 0 and 8), U and V with theirs share 32 bits, and every row
ends with one sample more: two loads give all that bilinear interpolation needs. Positions are 16.16 fixed point and
weights have 8 bits. Of each row the packed samples are fetched first and interpolated afterwards, from
lines of memory into another and in 32 bits: only so does the arithmetic become vector instructions.
Where the subject covers a cell, the plate is not read, and where there is none, the subject is not.
"""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import kernel, late_kernel
from mutoscope.engines.flipbook.rendering.positions import STEP

#: Pixels between the nodes of a nature field, and between two reads of it along a row.
FIELD = 4
#: Chroma samples across a cell.
HALF_STEP = STEP // 2
# names for numba's types: sums of its 32-bit numbers have 64 bits unless they are cut back
u32, u64 = np.uint32, np.uint64
# constants with their type, so that nothing turns into floats
_EVEN, _LOW, _BYTE = u32(0x00FF00FF), u32(0xFFFF), u32(255)
_EIGHT, _SIXTEEN, _WHOLE, _HALF = u32(8), u32(16), u32(256), u32(32768)
_SHIFT, _NEXT, _HIGH = u64(16), u64(1), u32(0xFFFF0000)
#: Lines of work space: samples of the plate or the subject alone, their x and y; where both
#: show, the subject's samples, alpha, x and y. Of chroma Cb's samples, then Cr's.
LUMA_LINES, CHROMA_LINES = 7, 9


@late_kernel(inline=True)
def mixed(four, x, y):  # type: ignore[no-untyped-def]
    """Samples (bits 0, 8 the left ones) at the fraction of the 16.16 position (x, y), times 65536;
    all uint32."""
    wx, wy = u32((x >> _EIGHT) & _BYTE), u32((y >> _EIGHT) & _BYTE)
    upper = u32(u32(four & _EVEN) * u32(_WHOLE - wy))
    both = u32(upper + u32(u32(u32(four >> _EIGHT) & _EVEN) * wy))
    left = u32(u32(both & _LOW) * u32(_WHOLE - wx))
    return u32(left + u32(u32(both >> _SIXTEEN) * wx))


@late_kernel(inline=True)
def square(flat, place):  # type: ignore[no-untyped-def]
    """The sample at a place and the three to its right and below."""
    return u32(flat[place]) | u32(u32(flat[place + _NEXT]) << _SIXTEEN)


@late_kernel(inline=True)
def squares(flat, place):  # type: ignore[no-untyped-def]
    """As `square`, of both chroma planes."""
    left, right = flat[place], flat[place + _NEXT]
    blue = u32(u32(left & _LOW) | u32(u32(right & _LOW) << _SIXTEEN))
    return blue, u32(u32(left >> _SIXTEEN) | u32(right & _HIGH))


@late_kernel(inline=True)
def over(front, back, alpha):  # type: ignore[no-untyped-def]
    """`front` (premultiplied) over `back`, all 0..65280, rounded to 0..255."""
    rest = u32(u32(65280) - u32(alpha))
    share = u32(u32(rest + u32(rest >> _EIGHT)) + u32(1))  # 1..65536
    seen = u32(u32(u32(back) * share) >> _SIXTEEN)
    value = u32(u32(u32(u32(front) + seen) + u32(128)) >> _EIGHT)
    return min(value, _BYTE)


@late_kernel(inline=True)
def edges(out, nodes, j, weight, shift):  # type: ignore[no-untyped-def]
    """Positions at the cells' left edges in a row `weight` / 2^shift of a cell down."""
    for i in range(nodes.shape[1]):
        out[i] = nodes[j, i] + (((nodes[j + 1, i] - nodes[j, i]) * weight) >> shift)


@late_kernel(inline=True)
def places(xs, ys, start, count, at):  # type: ignore[no-untyped-def]
    """Write the positions of `count` pixels; `at` is x, y, dx, dy."""
    x, y, dx, dy = u32(at[0]), u32(at[1]), u32(at[2]), u32(at[3])
    for k in range(u64(count)):
        xs[u64(start) + k] = u32(x + u32(u32(k) * dx))
    for k in range(u64(count)):
        ys[u64(start) + k] = u32(y + u32(u32(k) * dy))


@late_kernel(inline=True)
def fetch(four, start, count, flat, stride, at):  # type: ignore[no-untyped-def]
    """Packed samples of `count` pixels. Unsigned places spare a test for negative ones."""
    x, y, dx, dy = u64(at[0]), u64(at[1]), u64(at[2]), u64(at[3])
    for k in range(u64(start), u64(start + count)):
        four[k] = square(flat, (y >> _SHIFT) * stride + (x >> _SHIFT))
        x += dx
        y += dy


@late_kernel(inline=True)
def fetch_pairs(blue, red, start, count, flat, stride, at):  # type: ignore[no-untyped-def]
    """As `fetch`, of both chroma planes."""
    x, y, dx, dy = u64(at[0]), u64(at[1]), u64(at[2]), u64(at[3])
    for k in range(u64(start), u64(start + count)):
        blue[k], red[k] = squares(flat, (y >> _SHIFT) * stride + (x >> _SHIFT))
        x += dx
        y += dy


@late_kernel(inline=True)
def within(x, y, shape):  # type: ignore[no-untyped-def]
    """The place of a position; beyond the subject's transparent brim the brim."""
    rows, wide = shape
    return u64(min(max(y >> 16, 0), rows - 1) * wide + min(max(x >> 16, 0), wide - 2))


@late_kernel(inline=True)
def inside(at, count, shape):  # type: ignore[no-untyped-def]
    """Whether all `count` samples lie in an array: a line does where its ends do."""
    rows, wide = shape
    x, y = at[0] + (count - 1) * at[2], at[1] + (count - 1) * at[3]
    return (
        min(at[0], x) >= 0 and min(at[1], y) >= 0
        and max(at[0], x) < (wide - 1) << 16 and max(at[1], y) < rows << 16
    )  # fmt: skip


@late_kernel(inline=True)
def shade(row, four, xs, ys, start, end):  # type: ignore[no-untyped-def]
    """Fill pixels `start` to `end` of `row` from fetched samples."""
    for k in range(u64(start), u64(end)):
        row[k] = u32(mixed(four[k], xs[k], ys[k]) + _HALF) >> _SIXTEEN


@late_kernel(inline=True)
def shade_both(row, four, xs, ys, front, alpha, us, vs, start, end):  # type: ignore[no-untyped-def]
    """As `shade`, the subject over the plate."""
    for k in range(u64(start), u64(end)):
        back = u32(mixed(four[k], xs[k], ys[k]) >> _EIGHT)
        seen = u32(mixed(front[k], us[k], vs[k]) >> _EIGHT)
        row[k] = over(seen, back, u32(mixed(alpha[k], us[k], vs[k]) >> _EIGHT))


@late_kernel(inline=True)
def run_of_both(modes, j, i):  # type: ignore[no-untyped-def]
    """The next run of cells in row `j`, from `i` on, where subject and plate both show: first, end."""
    cells = modes.shape[1]
    while i < cells and modes[j, i] != 1:
        i += 1
    first = i
    while i < cells and modes[j, i] == 1:
        i += 1
    return first, i


@kernel(
    "void(uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint16[:,::1], uint8[:,::1],"
    " int64[:,::1], int64[:,::1], uint16[:,::1], uint16[:,::1], int64[:,::1], uint32[:,::1])"
)
def luma(out, width, height, px, py, plate, modes, sx, sy, front, alpha, lines, texels):  # type: ignore[no-untyped-def]
    """Fill the luma plane `out` (rows may be longer than `width`). `px`, `py`: the plate's nodes in
    its samples, `sx`, `sy` the subject's; `front` is premultiplied. `lines` (4 rows as long as the
    nodes') and `texels` (LUMA_LINES rows of whole cells) are work space."""
    xs, ys, us, vs = lines[0], lines[1], lines[2], lines[3]
    four, fx, fy = texels[0], texels[1], texels[2]
    mine, cover, gx, gy = texels[3], texels[4], texels[5], texels[6]
    flat, own, veil = plate.reshape(-1), front.reshape(-1), alpha.reshape(-1)
    stride, own_stride = u64(plate.shape[1]), u64(front.shape[1])
    cells = modes.shape[1]
    for y in range(height):
        j, row = y // STEP, out[y]
        edges(xs, px, j, y % STEP, 4)
        edges(ys, py, j, y % STEP, 4)
        edges(us, sx, j, y % STEP, 4)
        edges(vs, sy, j, y % STEP, 4)
        for i in range(cells):
            start = i * STEP
            at = xs[i], ys[i], (xs[i + 1] - xs[i]) >> 4, (ys[i + 1] - ys[i]) >> 4
            u, v, du, dv = us[i], vs[i], (us[i + 1] - us[i]) >> 4, (vs[i + 1] - vs[i]) >> 4
            of = u, v, du, dv
            if modes[j, i] == 2:
                fetch(four, start, STEP, own, own_stride, of)
                places(fx, fy, start, STEP, of)
                continue
            fetch(four, start, STEP, flat, stride, at)
            places(fx, fy, start, STEP, at)
            if modes[j, i] == 1:
                places(gx, gy, start, STEP, of)
                if inside(of, STEP, front.shape):
                    fetch(mine, start, STEP, own, own_stride, of)
                    fetch(cover, start, STEP, veil, own_stride, of)
                    continue
                for k in range(u64(start), u64(start + STEP)):
                    place = within(u, v, front.shape)
                    mine[k], cover[k] = square(own, place), square(veil, place)
                    u += du
                    v += dv
        shade(row, four, fx, fy, 0, width)
        i = 0
        while i < cells:
            first, i = run_of_both(modes, j, i)
            start, end = first * STEP, min(i * STEP, width)
            shade_both(row, four, fx, fy, mine, cover, gx, gy, start, end)


@kernel(
    "void(uint8[:,::1], uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint32[:,::1],"
    " uint8[:,::1], int64[:,::1], int64[:,::1], uint32[:,::1], uint16[:,::1], int64[:,::1],"
    " uint32[:,::1])"
)
def chroma(cb, cr, width, height, px, py, plate, modes, sx, sy, front, alpha, lines, texels):  # type: ignore[no-untyped-def]
    """Fill the chroma planes of `width`×`height` samples; nodes are in chroma samples, 8 to a cell,
    and a row lies half a luma row below the even one (a quarter of 8 in 32nds: 4·row + 1)."""
    xs, ys, us, vs = lines[0], lines[1], lines[2], lines[3]
    blue, red, fx, fy = texels[0], texels[1], texels[2], texels[3]
    front_blue, front_red, cover, gx, gy = texels[4], texels[5], texels[6], texels[7], texels[8]
    flat, own, veil = plate.reshape(-1), front.reshape(-1), alpha.reshape(-1)
    stride, own_stride = u64(plate.shape[1]), u64(front.shape[1])
    cells = modes.shape[1]
    for y in range(height):
        j, f = y // HALF_STEP, 4 * (y % HALF_STEP) + 1
        edges(xs, px, j, f, 5)
        edges(ys, py, j, f, 5)
        edges(us, sx, j, f, 5)
        edges(vs, sy, j, f, 5)
        for i in range(cells):
            start = i * HALF_STEP
            at = xs[i], ys[i], (xs[i + 1] - xs[i]) >> 3, (ys[i + 1] - ys[i]) >> 3
            u, v, du, dv = us[i], vs[i], (us[i + 1] - us[i]) >> 3, (vs[i + 1] - vs[i]) >> 3
            of = u, v, du, dv
            if modes[j, i] == 2:
                fetch_pairs(blue, red, start, HALF_STEP, own, own_stride, of)
                places(fx, fy, start, HALF_STEP, of)
                continue
            fetch_pairs(blue, red, start, HALF_STEP, flat, stride, at)
            places(fx, fy, start, HALF_STEP, at)
            if modes[j, i] == 1:
                places(gx, gy, start, HALF_STEP, of)
                if inside(of, HALF_STEP, front.shape):
                    fetch_pairs(front_blue, front_red, start, HALF_STEP, own, own_stride, of)
                    fetch(cover, start, HALF_STEP, veil, own_stride, of)
                    continue
                for k in range(u64(start), u64(start + HALF_STEP)):
                    place = within(u, v, front.shape)
                    front_blue[k], front_red[k] = squares(own, place)
                    cover[k] = square(veil, place)
                    u += du
                    v += dv
        shade(cb[y], blue, fx, fy, 0, width)
        shade(cr[y], red, fx, fy, 0, width)
        i = 0
        while i < cells:
            first, i = run_of_both(modes, j, i)
            if first < i:
                start, end = first * HALF_STEP, min(i * HALF_STEP, width)
                shade_both(cb[y], blue, fx, fy, front_blue, cover, gx, gy, start, end)
                shade_both(cr[y], red, fx, fy, front_red, cover, gx, gy, start, end)


@kernel("void(uint8[:,::1], int16[:,::1], int64)")
def add(plane, rest, weight):  # type: ignore[no-untyped-def]
    """Add `rest`·weight/256 to `plane` (whose rows may be longer), kept in 0..255."""
    for y in range(rest.shape[0]):
        row, more = plane[y], rest[y]
        for x in range(more.shape[0]):
            value = np.int32(row[x]) + np.int32(
                np.int32(np.int32(more[x]) * np.int32(weight) + np.int32(128)) >> np.int32(8)
            )
            row[x] = max(np.int32(0), min(np.int32(255), np.int32(value)))
