"""Compiled loops that change a frame's planes in place. Rows of planes may be longer than the picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel, late_kernel

Plane = npt.NDArray[np.uint8]
Drops = npt.NDArray[np.float32]  # n×8, see `streaks`

f32, i16, i32 = np.float32, np.int16, np.int32
#: Rows of `shade`'s polynomials: what Cb and Cr give to Cb, to Cr and to luma, and what is added to each.
BB, BR, RB, RR, ADD_B, ADD_R, YB, YR = range(8)
#: Powers of luma / 256 in them: 0 to 4.
POWERS = 5


@late_kernel(inline=True)
def _at(row, a):  # type: ignore[no-untyped-def]
    return (((row[4] * a + row[3]) * a + row[2]) * a + row[1]) * a + row[0]


@kernel(
    "void(uint8[:,::1], uint8[:,::1], uint8[:,::1], int64, int64, uint8[::1], float32[:,::1],"
    " int16[::1])"
)
def shade(luma, cb, cr, wide, tall, curve, by, line):  # type: ignore[no-untyped-def]
    """Change colours as a function of luma: `curve` what a luma code becomes, `by` (8×POWERS
    polynomials of luma / 256) what a chroma sample becomes there and gives to luma. `line`: work space
    of wide / 2. Polynomials, because they become vector instructions where a table does not."""
    per, half = f32(1 / 256), f32(128.5)
    for j in range(tall // 2):
        upper, blue, red = luma[2 * j], cb[j], cr[j]
        for i in range(wide // 2):
            a = f32(upper[2 * i]) * per
            b, r = f32(i32(blue[i]) - 128), f32(i32(red[i]) - 128)
            line[i] = i16(i32(b * _at(by[6], a) + r * _at(by[7], a) + f32(512.5)) - 512)
            to_b = b * _at(by[0], a) + r * _at(by[1], a) + _at(by[4], a) + half
            to_r = b * _at(by[2], a) + r * _at(by[3], a) + _at(by[5], a) + half
            blue[i] = np.uint8(i32(min(max(to_b, f32(16)), f32(240))))
            red[i] = np.uint8(i32(min(max(to_r, f32(16)), f32(240))))
        for k in range(2):
            row = luma[2 * j + k]
            for x in range(wide):
                row[x] = curve[row[x]]
            for i in range(wide // 2):
                more = i16(line[i])
                row[2 * i] = min(max(i16(i16(row[2 * i]) + more), i16(16)), i16(235))
                row[2 * i + 1] = min(max(i16(i16(row[2 * i + 1]) + more), i16(16)), i16(235))


@kernel("void(uint8[:,::1], uint8[:,::1], uint8[:,::1], int64, int64, uint16[:,::1], int64[::1])")
def veil(luma, cb, cr, wide, tall, through, light):  # type: ignore[no-untyped-def]
    """What comes `through` (256: all of it, one value a chroma sample) of the picture, and for the rest
    `light` (Y, Cb, Cr codes). Above 256 light is taken away."""
    y, u, v = i32(light[0]), i32(light[1]), i32(light[2])
    for j in range(tall // 2):
        part = through[j]
        for k in range(2):
            row = luma[2 * j + k]
            for i in range(wide // 2):
                t = i32(part[i])
                rest = i32(y * (256 - t) + 128)
                left = i32(i32(row[2 * i]) * t + rest) >> 8
                right = i32(i32(row[2 * i + 1]) * t + rest) >> 8
                row[2 * i] = min(max(left, i32(16)), i32(235))
                row[2 * i + 1] = min(max(right, i32(16)), i32(235))
        blue, red = cb[j], cr[j]
        for i in range(wide // 2):
            t = i32(part[i])
            to_b = i32(i32(blue[i]) * t + i32(u * (256 - t) + 128)) >> 8
            to_r = i32(i32(red[i]) * t + i32(v * (256 - t) + 128)) >> 8
            blue[i] = min(max(to_b, i32(16)), i32(240))
            red[i] = min(max(to_r, i32(16)), i32(240))


@late_kernel(inline=True)
def _unit(value):  # type: ignore[no-untyped-def]
    return min(max(value, f32(0)), f32(1))


#: How soon what is nearer hides a drop: inverse depth, its reciprocal.
_HIDES = 20.0


@kernel("void(uint8[:,::1], int64, int64, float32[:,::1], float32[:,::1], int64, int64)")
def streaks(luma, wide, tall, drops, near, cell, light):  # type: ignore[no-untyped-def]
    """Mix `light` (a Y code) into the picture along falling lines, fading at both ends.

    `drops` n×8: x0, y0, x1, y1 (pixels, y0 < y1), half its width, the pixels over which its edge fades,
    opacity 0..1, inverse depth. `near`: the scene's inverse depth in cells of `cell` pixels: what is
    nearer hides the drop.
    """
    code, one = f32(light), f32(1)
    for n in range(drops.shape[0]):
        x0, y0, x1, y1 = drops[n, 0], drops[n, 1], drops[n, 2], drops[n, 3]
        soft, strong, rho = drops[n, 5], drops[n, 6], drops[n, 7]
        reach = drops[n, 4] + soft * f32(0.5)
        if strong <= 0 or y1 <= y0:
            continue
        slope, per = (x1 - x0) / (y1 - y0), one / soft
        upright = one / np.sqrt(one + slope * slope)
        span = reach / upright
        ends = f32(4) / (y1 - y0)
        for y in range(max(int(np.ceil(y0)), 0), min(int(np.floor(y1)), tall - 1) + 1):
            fy = f32(y)
            middle = x0 + (fy - y0) * slope
            first = max(int(np.ceil(middle - span)), 0)
            last = min(int(np.floor(middle + span)), wide - 1)
            if first > last:
                continue
            at = min(max(int(middle), 0), wide - 1) // cell
            seen = _unit(one - (near[y // cell, at] - rho) * f32(_HIDES))
            part = strong * seen * _unit((fy - y0) * ends) * _unit((y1 - fy) * ends)
            row = luma[y]
            for x in range(first, last + 1):
                share = part * _unit((reach - abs(f32(x) - middle) * upright) * per)
                was = f32(row[x])
                row[x] = np.uint8(i32(was + (code - was) * share + f32(0.5)))


@kernel(
    "void(uint8[:,::1], uint8[:,::1], uint8[:,::1], int64, int64, float32[:,::1], float32[:,::1],"
    " int64, int64[::1])"
)
def flakes(luma, cb, cr, wide, tall, drops, near, cell, light):  # type: ignore[no-untyped-def]
    """Mix `light` (Y, Cb, Cr codes) into the picture on discs that move a little: lines with round soft
    ends. `drops` and `near` as for `streaks`, but y0 may lie below y1."""
    code, u, v = f32(light[0]), f32(light[1]), f32(light[2])
    one = f32(1)
    for n in range(drops.shape[0]):
        x0, y0, x1, y1 = drops[n, 0], drops[n, 1], drops[n, 2], drops[n, 3]
        soft, strong, rho = drops[n, 5], drops[n, 6], drops[n, 7]
        if strong <= 0:
            continue
        reach, per = drops[n, 4] + soft * f32(0.5), one / soft
        dx, dy = x1 - x0, y1 - y0
        back = one / max(dx * dx + dy * dy, f32(1e-6))
        left = max(int(np.ceil(min(x0, x1) - reach)), 0)
        right = min(int(np.floor(max(x0, x1) + reach)), wide - 1)
        top = max(int(np.ceil(min(y0, y1) - reach)), 0)
        bottom = min(int(np.floor(max(y0, y1) + reach)), tall - 1)
        for y in range(top, bottom + 1):
            fy = f32(y)
            for x in range(left, right + 1):
                fx = f32(x)
                along = _unit(((fx - x0) * dx + (fy - y0) * dy) * back)
                ex, ey = fx - x0 - along * dx, fy - y0 - along * dy
                share = _unit((reach - np.sqrt(ex * ex + ey * ey)) * per)
                if share <= 0:
                    continue
                share *= share * (f32(3) - f32(2) * share)
                seen = _unit(one - (near[y // cell, x // cell] - rho) * f32(_HIDES))
                part = share * strong * seen
                was = f32(luma[y, x])
                luma[y, x] = np.uint8(i32(was + (code - was) * part + f32(0.5)))
                if (x | y) & 1 == 0:
                    blue, red = f32(cb[y >> 1, x >> 1]), f32(cr[y >> 1, x >> 1])
                    cb[y >> 1, x >> 1] = np.uint8(i32(blue + (u - blue) * part + f32(0.5)))
                    cr[y >> 1, x >> 1] = np.uint8(i32(red + (v - red) * part + f32(0.5)))
