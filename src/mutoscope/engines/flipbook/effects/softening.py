"""Compiled loops that lay what is out of focus into a frame's planes.

Planes come as `soft` (luma, at the frame's size), `share` of it in the picture, the same for chroma
(`soft_b`, `soft_r`, `share_c`), and so the blurred subject: `front` (times alpha), `cover` (its alpha).
`modes` tells the cells of STEP pixels that show the plate alone (0), the subject over it (1) and the
subject alone (2). Arrays are read at places that the nodes of the renderer give.
"""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import kernel, late_kernel
from mutoscope.engines.flipbook.rendering.positions import STEP

f32, i32, u32, u64 = np.float32, np.int32, np.uint32, np.uint64
_MASK, _BITS, _EIGHT, _SIXTEEN = u32(0x00FF00FF), u32(255), u32(8), u32(16)
_ALL_OF, _ROUND = u32(256), u32(0x00800080)
_SHIFT, _NEXT = u64(16), u64(1)
HALF = STEP // 2
#: Alpha (0..1) below which a pixel is all plate, and above which it is all subject.
NONE, ALL = f32(0.004), f32(0.996)
_BYTE = f32(1 / 255)


@late_kernel(inline=True)
def _whole(share):  # type: ignore[no-untyped-def]
    """0..255 → 0..256. Sums of 32 bits must be cut back to them, or nothing becomes vector code."""
    return i32(i32(share) + i32(i32(share) >> i32(7)))


@late_kernel(inline=True)
def _both(one, part, other, rest):  # type: ignore[no-untyped-def]
    return np.uint8(i32(i32(i32(one * part) + i32(other * rest)) + i32(128)) >> i32(8))


@late_kernel(inline=True)
def _pair(one, other, part):  # type: ignore[no-untyped-def]
    """Two numbers of 8 bits in 32 (bits 0 and 16), `part` (0..256) of the other."""
    mixed = u32(u32(one * u32(_ALL_OF - part)) + u32(other * part))
    return u32(u32(mixed + _ROUND) >> _EIGHT) & _MASK


@kernel("void(uint8[:,::1], int64, int64, uint8[:,::1], uint8[:,::1], uint8[:,::1], int64)")
def plain(plane, wide, tall, soft, share, modes, step):  # type: ignore[no-untyped-def]
    """`share` (255: all) of `soft` in the cells that show the plate alone; `step`: pixels across."""
    for y in range(tall):
        row, blur, part = plane[y], soft[y], share[y]
        cell = 0
        while cell < modes.shape[1]:
            if modes[y // step, cell] != 0:
                cell += 1
                continue
            first = cell
            while cell < modes.shape[1] and modes[y // step, cell] == 0:
                cell += 1
            start, end = first * step, min(cell * step, wide)
            run, soft_run, part_run = row[start:end], blur[start:end], part[start:end]
            for x in range(end - start):  # from 0: only then is it vector code
                to = _whole(part_run[x])
                run[x] = _both(i32(run[x]), i32(256 - to), i32(soft_run[x]), to)


@kernel(
    "void(uint32[:,::1], int64[:,::1], int64[:,::1], int64, int64, uint8[:,::1], uint8[:,::1],"
    " uint8[:,::1], uint8[:,::1], uint32[:,::1])"
)
def sampled(four, xs, ys, wide, tall, luma, cb, cr, share, lines):  # type: ignore[no-untyped-def]
    """Four packed planes at positions, bilinear, into planes of `wide`×`tall`: `xs`, `ys` (16.16 places
    in `four`, within it) at nodes HALF pixels apart. `lines`: work space, 6 rows of whole cells."""
    flat, stride = four.reshape(-1), u64(four.shape[1])
    one, two, three, last = lines[0], lines[1], lines[2], lines[3]
    across, along = lines[4], lines[5]
    for y in range(tall):
        j, down = y // HALF, 4 * (y % HALF) + 1
        for i in range(xs.shape[1] - 1):
            # a sample lies half a pixel of the whole size right of and below its first pixel
            x0 = xs[j, i] + (((xs[j + 1, i] - xs[j, i]) * down) >> 5)
            x1 = xs[j, i + 1] + (((xs[j + 1, i + 1] - xs[j, i + 1]) * down) >> 5)
            y0 = ys[j, i] + (((ys[j + 1, i] - ys[j, i]) * down) >> 5)
            y1 = ys[j, i + 1] + (((ys[j + 1, i + 1] - ys[j, i + 1]) * down) >> 5)
            dx, dy = u64((x1 - x0) >> 3), u64((y1 - y0) >> 3)
            px, py = u64(x0 + ((x1 - x0) >> 5)), u64(y0 + ((y1 - y0) >> 5))
            for k in range(u64(i * HALF), u64((i + 1) * HALF)):
                at = (py >> _SHIFT) * stride + (px >> _SHIFT)
                one[k], two[k] = flat[at], flat[at + _NEXT]
                three[k], last[k] = flat[at + stride], flat[at + stride + _NEXT]
                across[k], along[k] = u32(px), u32(py)
                px += dx
                py += dy
        to_y, to_b, to_r, to_s = luma[y], cb[y], cr[y], share[y]
        for k in range(wide):
            fx, fy = u32(u32(across[k] >> _EIGHT) & _BITS), u32(u32(along[k] >> _EIGHT) & _BITS)
            upper = _pair(one[k] & _MASK, two[k] & _MASK, fx)
            even = _pair(upper, _pair(three[k] & _MASK, last[k] & _MASK, fx), fy)
            upper = _pair(u32(one[k] >> _EIGHT) & _MASK, u32(two[k] >> _EIGHT) & _MASK, fx)
            lower = _pair(u32(three[k] >> _EIGHT) & _MASK, u32(last[k] >> _EIGHT) & _MASK, fx)
            odd = _pair(upper, lower, fy)
            to_y[k], to_r[k] = np.uint8(even & _BITS), np.uint8(even >> _SIXTEEN)
            to_b[k], to_s[k] = np.uint8(odd & _BITS), np.uint8(odd >> _SIXTEEN)


@late_kernel(inline=True)
def _read(plane, x, y):  # type: ignore[no-untyped-def]
    """Bilinear, the last row and column repeated."""
    rows, cols = plane.shape
    x = min(max(x, f32(0)), f32(cols - 1))
    y = min(max(y, f32(0)), f32(rows - 1))
    i, j = min(int(x), cols - 2), min(int(y), rows - 2)
    fx, fy = x - f32(i), y - f32(j)
    upper = f32(plane[j, i]) * (1 - fx) + f32(plane[j, i + 1]) * fx
    lower = f32(plane[j + 1, i]) * (1 - fx) + f32(plane[j + 1, i + 1]) * fx
    return upper * (1 - fy) + lower * fy


@late_kernel(inline=True)
def _cover(alpha, x, y):  # type: ignore[no-untyped-def]
    """The subject's alpha at a place of its own (times 256, whole numbers), 0..1; nothing beyond it."""
    i, j = x >> 8, y >> 8
    if i < 0 or j < 0 or i >= alpha.shape[1] - 1 or j >= alpha.shape[0] - 1:
        i, j = min(max(i, 0), alpha.shape[1] - 1), min(max(j, 0), alpha.shape[0] - 1)
        outside = x < -128 or y < -128 or x >> 8 > i or y >> 8 > j
        return f32(0) if outside else f32(alpha[j, i]) * _BYTE
    at = u64(j) * u64(alpha.shape[1]) + u64(i)
    flat = alpha.reshape(-1)
    one, two = i32(flat[at]), i32(flat[at + _NEXT])
    at += u64(alpha.shape[1])
    three, last = i32(flat[at]), i32(flat[at + _NEXT])
    if one == two and three == last and one == three:  # nearly everywhere
        return f32(one) * _BYTE
    fx, fy = i32(x & 255), i32(y & 255)
    upper = one * (256 - fx) + two * fx
    return f32(upper * (256 - fy) + (three * (256 - fx) + last * fx) * fy) * f32(1 / 16711680)


@late_kernel(inline=True)
def _line(nodes, j, i, down):  # type: ignore[no-untyped-def]
    """The position at a cell's left edge, `down` (0..1) in it, and what it gains in a pixel."""
    left = nodes[j, i] + (nodes[j + 1, i] - nodes[j, i]) * down
    right = nodes[j, i + 1] + (nodes[j + 1, i + 1] - nodes[j, i + 1]) * down
    return f32(left), f32((right - left) / STEP)


@late_kernel(inline=True)
def _kept(value):  # type: ignore[no-untyped-def]
    return np.uint8(i32(min(max(value, f32(16)), f32(240)) + f32(0.5)))


@kernel(
    "void(uint8[:,::1], int64, int64, uint8[:,::1], uint8[:,::1], uint8[:,::1], float64[:,::1],"
    " float64[:,::1], float64[:,::1], float64[:,::1], uint8[:,::1], int64, int64, uint8[:,::1],"
    " int64, int64, int64)"
)
def outline(  # type: ignore[no-untyped-def]
    plane, wide, tall, soft, share, modes, xs, ys, us, vs, alpha, left, top, plate, margin_x,
    margin_y, halved,
):  # fmt: skip
    """The cells where the subject's outline runs: what the plate has in a pixel is replaced by its
    blurred self, and the subject's part stays. `alpha` is the subject's, at (`left`, `top`), `plate`
    the sharp plane; `halved` 1 for chroma, whose samples lie two pixels apart and half a row down."""
    step, each = STEP >> halved, f32(1 << halved)
    size, shift = f32(1) / each, f32(0.5) * halved
    for j in range(modes.shape[0]):
        for i in range(modes.shape[1]):
            if modes[j, i] != 1:
                continue
            for y in range(j * step, min((j + 1) * step, tall)):
                down = (y - j * step + 0.5 * shift) / step
                fu, du = _line(us, j, i, down)
                fv, dv = _line(vs, j, i, down)
                u, v = i32((fu - left) * f32(256)), i32((fv - top) * f32(256))
                du, dv = i32(du * each * f32(256)), i32(dv * each * f32(256))
                px, dx = _line(xs, j, i, down)
                py, dy = _line(ys, j, i, down)
                for x in range(i * step, min((i + 1) * step, wide)):
                    at = f32(x - i * step) * each
                    part = _cover(alpha, u, v)
                    u += du
                    v += dv
                    if part > ALL:
                        continue
                    was = f32(plane[y, x])
                    sharp = was
                    if part > NONE:
                        over_x = (px + at * dx + margin_x) * size
                        sharp = _read(plate, over_x, (py + at * dy + margin_y - shift) * size)
                    to = f32(share[y, x]) * _BYTE * (1 - part)
                    plane[y, x] = _kept(was + (f32(soft[y, x]) - sharp) * to)


@kernel("void(uint8[:,::1], int64, int64, uint8[:,::1], uint8[:,::1], int64)")
def laid(plane, wide, tall, front, cover, zero):  # type: ignore[no-untyped-def]
    """The blurred subject over a frame that shows the plate alone; `zero`: 128 for chroma, which is
    times alpha about it."""
    for y in range(tall):
        row, blur, veil = plane[y], front[y], cover[y]
        for x in range(wide):
            rest = i32(256 - _whole(veil[x]))
            behind = i32(i32(i32(i32(row[x]) - i32(zero)) * rest) + i32(128)) >> i32(8)
            row[x] = np.uint8(min(max(i32(i32(blur[x]) + i32(behind)), i32(16)), i32(240)))


@kernel(
    "void(uint8[:,::1], int64, int64, uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], float64,"
    " uint8[:,::1], float64[:,::1], float64[:,::1], float64[:,::1], float64[:,::1], uint8[:,::1],"
    " int64, int64, uint8[:,::1], int64, int64, int64)"
)
def over(  # type: ignore[no-untyped-def]
    plane, wide, tall, soft, share, front, cover, much, modes, xs, ys, us, vs, alpha, left, top,
    plate, margin_x, margin_y, halved,
):  # fmt: skip
    """`much` (0..1) of the blurred subject over a frame that shows the sharp one, after `plain` and
    `outline`: where it does, the plate is read again. Other arguments as for `outline`."""
    step, each, whole = STEP >> halved, f32(1 << halved), f32(much)
    size, shift, zero = f32(1) / each, f32(0.5) * halved, f32(128 * halved)
    for j in range(modes.shape[0]):
        for i in range(modes.shape[1]):
            mode = modes[j, i]
            first, last = i * step, min((i + 1) * step, wide)
            for y in range(j * step, min((j + 1) * step, tall)):
                down = (y - j * step + 0.5 * shift) / step
                fu, du = _line(us, j, i, down)
                fv, dv = _line(vs, j, i, down)
                u, v = i32((fu - left) * f32(256)), i32((fv - top) * f32(256))
                du, dv = i32(du * each * f32(256)), i32(dv * each * f32(256))
                px, dx = _line(xs, j, i, down)
                py, dy = _line(ys, j, i, down)
                for x in range(first, last):
                    at = f32(x - first) * each
                    veil = f32(cover[y, x]) * _BYTE
                    was = f32(plane[y, x])
                    behind = was
                    part = f32(0)
                    if mode == 1:
                        part = _cover(alpha, u, v)
                        u += du
                        v += dv
                    elif mode == 2:
                        part = f32(1)
                    if veil < ALL and part > NONE:
                        over_x = (px + at * dx + margin_x) * size
                        sharp = _read(plate, over_x, (py + at * dy + margin_y - shift) * size)
                        behind = sharp + (f32(soft[y, x]) - sharp) * f32(share[y, x]) * _BYTE
                    made = f32(front[y, x]) + (behind - zero) * (1 - veil)
                    plane[y, x] = _kept(was + (made - was) * whole)
