"""Pieces of the kernels of `moving`: a row of samples at a time, in whole numbers."""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.rendering.fill import mixed, over, square, squares
from mutoscope.engines.flipbook.rendering.marking import STEPS
from mutoscope.engines.flipbook.rendering.positions import GUARD

u32, u64, i32, f32 = np.uint32, np.uint64, np.int32, np.float32
_EIGHT, _WHOLE, _HALF, _ONE = u32(8), u32(256), u32(128), u64(1)


@late_kernel(inline=True)
def level(line, field, channel, m, part, times):  # type: ignore[no-untyped-def]
    """A channel of a sampled field along a row, `part` of the way from its row `m` on, `times` as much,
    in whole numbers."""
    upper, lower, n = field[channel, m], field[channel, m + 1], u64(line.shape[0])
    for k in range(n):
        value = f32(upper[k] + (lower[k] - upper[k]) * f32(part)) * f32(times)
        line[k] = i32(np.floor(value + f32(0.5)))


@late_kernel(inline=True)
def lay(xs, ys, start, at, shift, n0, ex, ey, most):  # type: ignore[no-untyped-def]
    """Write the pushed positions of a cell's pixels, kept within an array (`most`: its last place).
    `ex`, `ey`: the push along the row, 2^shift samples apart, from `n0` on this cell's."""
    length = i32(1 << shift)
    x, y, dx, dy = i32(at[0]), i32(at[1]), i32(at[2]), i32(at[3])
    k = u64(start)
    for n in range(u64(n0), u64(n0 + STEPS)):
        px, py = x + ex[n], y + ey[n]
        sx = dx + ((ex[n + _ONE] - ex[n]) >> i32(shift))
        sy = dy + ((ey[n + _ONE] - ey[n]) >> i32(shift))
        qx, qy = px + length * sx, py + length * sy
        if (
            min(px, qx) >= GUARD and min(py, qy) >= GUARD
            and max(px, qx) <= most[0] and max(py, qy) <= most[1]
        ):  # fmt: skip
            for m in range(u64(length)):
                xs[k + m] = u32(px + i32(m) * sx)
                ys[k + m] = u32(py + i32(m) * sy)
        else:
            for m in range(u64(length)):
                xs[k + m] = u32(min(max(px + i32(m) * sx, GUARD), most[0]))
                ys[k + m] = u32(min(max(py + i32(m) * sy, GUARD), most[1]))
        k += u64(length)
        x += length * dx
        y += length * dy


@late_kernel(inline=True)
def bent(us, vs, start, at, shift, n0, ex, ey):  # type: ignore[no-untyped-def]
    """As `lay`, where a position may lie outside: whole numbers with their sign."""
    length = 1 << shift
    x, y, dx, dy = at
    k = u64(start)
    for n in range(u64(n0), u64(n0 + STEPS)):
        sx = dx + ((ex[n + _ONE] - ex[n]) >> i32(shift))
        sy = dy + ((ey[n + _ONE] - ey[n]) >> i32(shift))
        for m in range(u64(length)):
            us[k + m] = i32(x + ex[n] + i32(m) * sx)
            vs[k + m] = i32(y + ey[n] + i32(m) * sy)
        k += u64(length)
        x += length * dx
        y += length * dy


@late_kernel(inline=True)
def smooth(out, start, count, shift, line):  # type: ignore[no-untyped-def]
    """Values between a row's nodes, 2^shift samples apart."""
    length = 1 << shift
    for n in range(u64(start >> shift), u64((start + count) >> shift)):
        one = line[n]
        step = line[n + _ONE] - one
        for m in range(u64(length)):
            out[(n << u64(shift)) + m] = one + ((i32(m) * step) >> i32(shift))


@late_kernel(inline=True)
def straight(us, vs, start, count, at):  # type: ignore[no-untyped-def]
    """As `bent`, of what is not pushed."""
    for m in range(u64(count)):
        us[u64(start) + m] = i32(at[0] + i32(m) * at[2])
        vs[u64(start) + m] = i32(at[1] + i32(m) * at[3])


@late_kernel(inline=True)
def joined(behind, one, x, y, two, u, v, share, start, end):  # type: ignore[no-untyped-def]
    """What is behind: both places, the second by its share (256 = all)."""
    for k in range(u64(start), u64(end)):
        first = u32(mixed(one[k], x[k], y[k]) >> _EIGHT)
        later = u32(mixed(two[k], u[k], v[k]) >> _EIGHT)
        part = u32(share[k])
        behind[k] = u32(u32(u32(first * u32(_WHOLE - part)) + u32(later * part)) >> _EIGHT)


@late_kernel(inline=True)
def lit(behind, more, pivot, start, end):  # type: ignore[no-untyped-def]
    """What is behind drawn away from `pivot` by `more` (shares of 256 of its distance)."""
    for k in range(u64(start), u64(end)):
        value = i32(behind[k])
        value += i32(i32(value - pivot[k]) * more[k]) >> i32(8)
        behind[k] = u32(min(max(value, i32(0)), i32(65280)))


@late_kernel(inline=True)
def steady(line, value, start, end):  # type: ignore[no-untyped-def]
    for k in range(u64(start), u64(end)):
        line[k] = i32(value)


@late_kernel(inline=True)
def tapped(behind, four, xs, ys, start, end):  # type: ignore[no-untyped-def]
    for k in range(u64(start), u64(end)):
        behind[k] = u32(mixed(four[k], xs[k], ys[k]) >> _EIGHT)


@late_kernel(inline=True)
def seen(row, behind, start, end):  # type: ignore[no-untyped-def]
    for k in range(u64(start), u64(end)):
        row[k] = u32(behind[k] + _HALF) >> _EIGHT


@late_kernel(inline=True)
def seen_over(row, behind, mine, cover, us, vs, start, end):  # type: ignore[no-untyped-def]
    for k in range(u64(start), u64(end)):
        front = u32(mixed(mine[k], us[k], vs[k]) >> _EIGHT)
        row[k] = over(front, behind[k], u32(mixed(cover[k], us[k], vs[k]) >> _EIGHT))


@late_kernel(inline=True)
def take(four, xs, ys, start, end, flat, stride):  # type: ignore[no-untyped-def]
    """Packed samples of positions that lie inside."""
    for k in range(u64(start), u64(end)):
        place = u64(ys[k] >> u32(16)) * stride + u64(xs[k] >> u32(16))
        four[k] = square(flat, place)


@late_kernel(inline=True)
def take_pairs(blue, red, xs, ys, start, end, flat, stride):  # type: ignore[no-untyped-def]
    for k in range(u64(start), u64(end)):
        place = u64(ys[k] >> u32(16)) * stride + u64(xs[k] >> u32(16))
        blue[k], red[k] = squares(flat, place)
