"""RGB to the planes of a film: Y'CbCr 4:2:0, BT.709, limited range, chroma sited left (MPEG-2).

Y' = 16 + 219·(.2126 R + .7152 G + .0722 B), Cb = 128 + 224·(B - Y')/1.8556,
Cr = 128 + 224·(R - Y')/1.5748, with R, G, B in 0..1 (ITU-R BT.709-6). A chroma sample lies on its
even luma column and between its two luma rows; it is the mean of 1-2-1 columns by 1-1 rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel

Plane = npt.NDArray[np.uint8]

KR, KG, KB = 0.2126, 0.7152, 0.0722
_ONE = 1 << 16
_Y = tuple(round(219 / 255 * part * _ONE) for part in (KR, KG, KB))
_CB = tuple(round(224 / 255 / 1.8556 * part * _ONE) for part in (-KR, -KG, 1 - KB))
_CR = tuple(round(224 / 255 / 1.5748 * part * _ONE) for part in (1 - KR, -KG, -KB))
YR, YG, YB = _Y
UR, UG, UB = _CB
VR, VG, VB = _CR


@kernel("void(uint8[:,:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1])")
def _convert(rgb: Any, luma: Any, cb: Any, cr: Any) -> None:
    height, width = rgb.shape[:2]
    half = 1 << 15
    for row in range(height):
        for x in range(width):
            r, g, b = np.int32(rgb[row, x, 0]), np.int32(rgb[row, x, 1]), np.int32(rgb[row, x, 2])
            luma[row, x] = ((YR * r + YG * g + YB * b + half) >> 16) + 16
    for j in range(height // 2):
        y = 2 * j
        for i in range(width // 2):
            x = 2 * i
            left = x - 1 if x > 0 else 0
            r = g = b = np.int32(0)
            for k in range(2):
                r += (
                    np.int32(rgb[y + k, left, 0])
                    + 2 * np.int32(rgb[y + k, x, 0])
                    + rgb[y + k, x + 1, 0]
                )
                g += (
                    np.int32(rgb[y + k, left, 1])
                    + 2 * np.int32(rgb[y + k, x, 1])
                    + rgb[y + k, x + 1, 1]
                )
                b += (
                    np.int32(rgb[y + k, left, 2])
                    + 2 * np.int32(rgb[y + k, x, 2])
                    + rgb[y + k, x + 1, 2]
                )
            cb[j, i] = ((UR * r + UG * g + UB * b + (half << 3)) >> 19) + 128
            cr[j, i] = ((VR * r + VG * g + VB * b + (half << 3)) >> 19) + 128


def convert(rgb: Plane, luma: Plane, cb: Plane, cr: Plane) -> None:
    """Fill the planes H×W and H/2×W/2 (each may have spare columns) from RGB H×W×3 of even sides."""
    height, width = rgb.shape[:2]
    if height % 2 or width % 2:
        raise ValueError(f"a film's sides are even; the picture has {width}x{height} pixels")
    if luma.shape[0] < height or luma.shape[1] < width:
        raise ValueError("the luma plane is smaller than the picture")
    if min(cb.shape[0], cr.shape[0]) * 2 < height or min(cb.shape[1], cr.shape[1]) * 2 < width:
        raise ValueError("a chroma plane is smaller than half the picture")
    _convert(np.ascontiguousarray(rgb), luma, cb, cr)


def planes(rgb: Plane) -> tuple[Plane, Plane, Plane]:
    """Y' (H×W), Cb and Cr (H/2×W/2) of RGB H×W×3 of even sides."""
    height, width = rgb.shape[:2]
    luma = np.empty((height, width), np.uint8)
    cb, cr = (np.empty((height // 2, width // 2), np.uint8) for _ in range(2))
    convert(rgb, luma, cb, cr)
    return luma, cb, cr
