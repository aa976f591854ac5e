"""The planes of a film to RGB: the way of `bt709` back, exact to rounding.

R = 255·(1.16438·(Y - 16) + 1.79274·(Cr - 128)) / 255, ... (ITU-R BT.709-6, limited range). Chroma lies on
its even luma column and between its two luma rows: a column between two takes the mean of both, a row
three quarters of the nearer and one of the other.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from mutoscope.compute.kernel import kernel
from mutoscope.finish.bt709 import KB, KG, KR
from mutoscope.finish.frame import planes_of

Plane = npt.NDArray[np.uint8]
Rgb = npt.NDArray[np.uint8]

#: How swscale converts what this room does not know: its usual way is a code too dark.
EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
#: The matrix that a film's file names (ITU-T H.273, table 4) → swscale's number for it.
MATRICES = {
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,  # SMPTE 170M: the same matrix
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}
_BITS = 13  # chroma comes eightfold: 3 more bits
_LIFT = round(255 / 219 * (1 << (_BITS + 3)))
_CHROMA = 255 / 224 * (1 << _BITS)
RED = round(2 * (1 - KR) * _CHROMA)
GREEN_B = round(-2 * KB * (1 - KB) / KG * _CHROMA)
GREEN_R = round(-2 * KR * (1 - KR) / KG * _CHROMA)
BLUE = round(2 * (1 - KB) * _CHROMA)


@kernel("void(uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,:,::1])")
def _back(luma: Any, cb: Any, cr: Any, out: Any) -> None:
    height, width = out.shape[:2]
    rows, cols = height // 2, width // 2
    half = np.int32(1 << 15)
    for y in range(height):
        j = y >> 1
        other = min(j + 1, rows - 1) if y & 1 else max(j - 1, 0)
        for i in range(cols):
            after = min(i + 1, cols - 1)
            b0 = 3 * np.int32(cb[j, i]) + np.int32(cb[other, i]) - 512
            b1 = 3 * np.int32(cb[j, after]) + np.int32(cb[other, after]) - 512
            r0 = 3 * np.int32(cr[j, i]) + np.int32(cr[other, i]) - 512
            r1 = 3 * np.int32(cr[j, after]) + np.int32(cr[other, after]) - 512
            for k in range(2):
                b = 2 * b0 if k == 0 else b0 + b1
                r = 2 * r0 if k == 0 else r0 + r1
                x = 2 * i + k
                light = np.int32(_LIFT) * (np.int32(luma[y, x]) - 16) + half
                out[y, x, 0] = min(max((light + RED * r) >> 16, 0), 255)
                out[y, x, 1] = min(max((light + GREEN_B * b + GREEN_R * r) >> 16, 0), 255)
                out[y, x, 2] = min(max((light + BLUE * b) >> 16, 0), 255)


def rgb(frame: av.VideoFrame) -> Rgb:
    """A film's frame as RGB H×W×3."""
    return _made(frame, 3)


def rgba(frame: av.VideoFrame, alpha: Plane | None = None) -> Rgb:
    """The same with its matte as a fourth channel (opaque where it has none)."""
    made = _made(frame, 4)
    made[..., 3] = 255 if alpha is None else alpha
    return made


def _made(frame: av.VideoFrame, channels: int) -> Rgb:
    made = np.empty((frame.height, frame.width, channels), np.uint8)
    if usual(frame):
        _back(*planes_of(frame), made)
    else:
        made[..., :3] = _converted(frame)
    return made


def usual(frame: av.VideoFrame) -> bool:
    """Whether a frame is one of a film as this house writes it: yuv420p, BT.709, limited range."""
    return (
        frame.format.name == "yuv420p"
        and frame.width % 2 == frame.height % 2 == 0
        and frame.colorspace in (Colorspace.ITU709, 2)  # 2: it does not say
        and frame.color_range != ColorRange.JPEG
    )


def _converted(frame: av.VideoFrame) -> Rgb:
    """Another's frame, by swscale; its own matrix where it names one."""
    if frame.format.is_rgb:
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    matrix = MATRICES.get(int(frame.colorspace), Colorspace.ITU709)
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    made = frame.reformat(
        format="rgb24", src_colorspace=matrix, dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG, interpolation=EXACT,
    )  # fmt: skip
    return np.asarray(made.to_ndarray(), np.uint8)
