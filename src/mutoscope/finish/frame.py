"""Film frames: yuv420p, BT.709, limited range."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from mutoscope.finish.bt709 import convert

Plane = npt.NDArray[np.uint8]


def blank(width: int, height: int) -> av.VideoFrame:
    """A frame whose pixels are yet to be filled, tagged BT.709 limited."""
    frame = av.VideoFrame(width, height, "yuv420p")
    frame.colorspace = Colorspace.ITU709
    frame.color_range = ColorRange.MPEG
    frame.color_primaries = ColorPrimaries.BT709
    frame.color_trc = ColorTrc.BT709
    return frame


def planes_of(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """The frame's own memory, writable: rows may be longer than the picture."""
    luma, cb, cr = (
        np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height].reshape(
            plane.height, plane.line_size
        )
        for plane in frame.planes
    )
    return luma, cb, cr


def rgb_frame(rgb: Plane) -> av.VideoFrame:
    """A frame of RGB pixels H×W×3, uint8, both sides even."""
    frame = blank(rgb.shape[1], rgb.shape[0])
    convert(rgb, *planes_of(frame))
    return frame
