"""Compiled loops that fill a film frame's planes, cell by cell.

A sample is packed with the three to its right and below (bits 0, 8, 16, 24), so that one load gives
all that bilinear interpolation needs; U and V share 64 bits. Positions are 16.16 fixed point and
weights have 8 bits. Where the subject covers a cell, the plate is not read.
"""

from __future__ import annotations

import numpy as np

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.rendering.positions import STEP

#: Pixels between the nodes of a nature field, and between two reads of it along a row.
FIELD = 4
# constants with their type, so that nothing turns into floats
_EVEN, _LOW, _BYTE = np.uint64(0x00FF00FF), np.uint64(0xFFFF), np.uint64(255)
_EIGHT, _SIXTEEN, _THIRTY_TWO = np.uint64(8), np.uint64(16), np.uint64(32)
_LOWER, _WHOLE, _HALF = np.uint64(0xFFFFFFFF), np.uint64(256), np.uint64(32768)


@kernel("int64(uint32, int64, int64)", inline=True)
def tap(packed, x, y):  # type: ignore[no-untyped-def]
    """The 2×2 samples at the fraction of the 16.16 position (x, y), times 256 (0..65280)."""
    wx, wy = np.uint64((x >> 8) & 255), np.uint64((y >> 8) & 255)
    four = np.uint64(packed)
    both = (four & _EVEN) * (_WHOLE - wx) + ((four >> _EIGHT) & _EVEN) * wx
    value = (both & _LOW) * (_WHOLE - wy) + (both >> _SIXTEEN) * wy
    return np.int64(value >> _EIGHT)


@kernel("void(uint8[::1], int64, int64, uint32[:,::1], int64, int64, int64, int64)", inline=True)
def run(row, start, count, plane, x, y, dx, dy):  # type: ignore[no-untyped-def]
    """Fill `count` pixels of `row` from one plane; unsigned places spare a test for negative ones."""
    u, v, du, dv = np.uint64(x), np.uint64(y), np.uint64(dx), np.uint64(dy)
    for k in range(count):
        wx, wy = (u >> _EIGHT) & _BYTE, (v >> _EIGHT) & _BYTE
        four = np.uint64(plane[v >> _SIXTEEN, u >> _SIXTEEN])
        both = (four & _EVEN) * (_WHOLE - wx) + ((four >> _EIGHT) & _EVEN) * wx
        value = (both & _LOW) * (_WHOLE - wy) + (both >> _SIXTEEN) * wy
        row[np.uint64(start + k)] = (value + _HALF) >> _SIXTEEN
        u += du
        v += dv


@kernel(
    "void(uint8[::1], uint8[::1], int64, int64, uint64[:,::1], int64, int64, int64, int64)",
    inline=True,
)
def run_pairs(cb, cr, start, count, plane, x, y, dx, dy):  # type: ignore[no-untyped-def]
    """As `run`, for both chroma rows at once."""
    u, v, du, dv = np.uint64(x), np.uint64(y), np.uint64(dx), np.uint64(dy)
    for k in range(count):
        wx, wy = (u >> _EIGHT) & _BYTE, (v >> _EIGHT) & _BYTE
        pair = plane[v >> _SIXTEEN, u >> _SIXTEEN]
        four = pair & _LOWER
        both = (four & _EVEN) * (_WHOLE - wx) + ((four >> _EIGHT) & _EVEN) * wx
        value = (both & _LOW) * (_WHOLE - wy) + (both >> _SIXTEEN) * wy
        cb[np.uint64(start + k)] = (value + _HALF) >> _SIXTEEN
        four = pair >> _THIRTY_TWO
        both = (four & _EVEN) * (_WHOLE - wx) + ((four >> _EIGHT) & _EVEN) * wx
        value = (both & _LOW) * (_WHOLE - wy) + (both >> _SIXTEEN) * wy
        cr[np.uint64(start + k)] = (value + _HALF) >> _SIXTEEN
        u += du
        v += dv


@kernel("int64(int64, int64, int64)", inline=True)
def over(front, back, alpha):  # type: ignore[no-untyped-def]
    """`front` (premultiplied) over `back`, all 0..65280, rounded to 0..255."""
    rest = 65280 - alpha
    value = (front + ((back * (rest + (rest >> 8))) >> 16) + 128) >> 8
    return min(value, 255)


@kernel(
    "void(uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint32[:,::1], uint8[:,::1],"
    " int64[:,::1], int64[:,::1], uint32[:,::1], uint32[:,::1])"
)
def luma(out, width, height, px, py, plate, modes, sx, sy, front, alpha):  # type: ignore[no-untyped-def]
    """Fill the luma plane `out` (rows may be longer than `width`). `px`, `py`: the plate's nodes in
    its samples, `sx`, `sy` the subject's; `front` is premultiplied."""
    rows, cols = front.shape
    for y in range(height):
        j, f = y // STEP, y % STEP
        for i in range(modes.shape[1]):
            start = i * STEP
            count = min(STEP, width - start)
            mode = modes[j, i]
            if mode != 2:
                x0 = (px[j, i] * (STEP - f) + px[j + 1, i] * f) >> 4
                y0 = (py[j, i] * (STEP - f) + py[j + 1, i] * f) >> 4
                dx = (((px[j, i + 1] * (STEP - f) + px[j + 1, i + 1] * f) >> 4) - x0) >> 4
                dy = (((py[j, i + 1] * (STEP - f) + py[j + 1, i + 1] * f) >> 4) - y0) >> 4
            if mode != 0:
                u0 = (sx[j, i] * (STEP - f) + sx[j + 1, i] * f) >> 4
                v0 = (sy[j, i] * (STEP - f) + sy[j + 1, i] * f) >> 4
                du = (((sx[j, i + 1] * (STEP - f) + sx[j + 1, i + 1] * f) >> 4) - u0) >> 4
                dv = (((sy[j, i + 1] * (STEP - f) + sy[j + 1, i + 1] * f) >> 4) - v0) >> 4
            if mode == 0:
                run(out[y], start, count, plate, x0, y0, dx, dy)
            elif mode == 2:
                run(out[y], start, count, front, u0, v0, du, dv)
            else:
                for k in range(count):
                    back = tap(plate[np.uint64(y0 >> 16), np.uint64(x0 >> 16)], x0, y0)
                    iu, iv = u0 >> 16, v0 >> 16
                    if 0 <= iu < cols and 0 <= iv < rows:
                        seen = tap(front[np.uint64(iv), np.uint64(iu)], u0, v0)
                        out[y, start + k] = over(
                            seen, back, tap(alpha[np.uint64(iv), np.uint64(iu)], u0, v0)
                        )
                    else:
                        out[y, start + k] = (back + 128) >> 8
                    x0 += dx
                    y0 += dy
                    u0 += du
                    v0 += dv


@kernel(
    "void(uint8[:,::1], uint8[:,::1], int64, int64, int64[:,::1], int64[:,::1], uint64[:,::1],"
    " uint8[:,::1], int64[:,::1], int64[:,::1], uint64[:,::1], uint32[:,::1])"
)
def chroma(cb, cr, width, height, px, py, plate, modes, sx, sy, front, alpha):  # type: ignore[no-untyped-def]
    """Fill the chroma planes of `width`×`height` samples; nodes are in chroma samples, 8 to a cell,
    and a row lies half a luma row below the even one (a quarter of 8 in 32nds: 4·row + 1)."""
    rows, cols = front.shape
    for y in range(height):
        j, f = y // 8, 4 * (y % 8) + 1
        for i in range(modes.shape[1]):
            start = i * 8
            count = min(8, width - start)
            mode = modes[j, i]
            x0 = (px[j, i] * (32 - f) + px[j + 1, i] * f) >> 5
            y0 = (py[j, i] * (32 - f) + py[j + 1, i] * f) >> 5
            dx = (((px[j, i + 1] * (32 - f) + px[j + 1, i + 1] * f) >> 5) - x0) >> 3
            dy = (((py[j, i + 1] * (32 - f) + py[j + 1, i + 1] * f) >> 5) - y0) >> 3
            if mode == 0:
                run_pairs(cb[y], cr[y], start, count, plate, x0, y0, dx, dy)
                continue
            u0 = (sx[j, i] * (32 - f) + sx[j + 1, i] * f) >> 5
            v0 = (sy[j, i] * (32 - f) + sy[j + 1, i] * f) >> 5
            du = (((sx[j, i + 1] * (32 - f) + sx[j + 1, i + 1] * f) >> 5) - u0) >> 3
            dv = (((sy[j, i + 1] * (32 - f) + sy[j + 1, i + 1] * f) >> 5) - v0) >> 3
            if mode == 2:
                run_pairs(cb[y], cr[y], start, count, front, u0, v0, du, dv)
            else:
                for k in range(count):
                    pair = plate[np.uint64(y0 >> 16), np.uint64(x0 >> 16)]
                    back_b = tap(np.uint32(pair), x0, y0)
                    back_r = tap(np.uint32(pair >> np.uint64(32)), x0, y0)
                    iu, iv = u0 >> 16, v0 >> 16
                    if 0 <= iu < cols and 0 <= iv < rows:
                        pair = front[np.uint64(iv), np.uint64(iu)]
                        cover = tap(alpha[np.uint64(iv), np.uint64(iu)], u0, v0)
                        seen_b = tap(np.uint32(pair), u0, v0)
                        seen_r = tap(np.uint32(pair >> np.uint64(32)), u0, v0)
                        cb[y, start + k] = over(seen_b, back_b, cover)
                        cr[y, start + k] = over(seen_r, back_r, cover)
                    else:
                        cb[y, start + k] = (back_b + 128) >> 8
                        cr[y, start + k] = (back_r + 128) >> 8
                    x0 += dx
                    y0 += dy
                    u0 += du
                    v0 += dv


@kernel("void(uint8[:,::1], int16[:,::1], int64, uint8[:,::1], int64)")
def add(plane, rest, weight, cells, side):  # type: ignore[no-untyped-def]
    """Add `rest`·weight/256 to `plane` (whose rows may be longer), kept in 0..255, but for marked
    `cells` of `side` samples."""
    for y in range(rest.shape[0]):
        for i in range(cells.shape[1]):
            if cells[y // side, i] != 0:
                continue
            for x in range(i * side, min(i * side + side, rest.shape[1])):
                value = plane[y, x] + ((rest[y, x] * weight + 128) >> 8)
                plane[y, x] = max(0, min(255, value))
