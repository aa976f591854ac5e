"""A film's frame as the codecs want it: deeper, with its matte, or as RGB.

Frames come as yuv420p, BT.709, limited range; a matte comes beside them as H×W uint8, straight: the colours
are not multiplied by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from mutoscope.finish.frame import planes_of, rgb_frame
from mutoscope.finish.rgb import EXACT, rgb, rgba, usual

Plane = npt.NDArray[np.uint8]
Maker = Callable[[av.VideoFrame, Plane | None], av.VideoFrame]

_CODE = np.arange(256)
_LIGHT = np.clip(np.rint((_CODE - 16) * 255 / 219), 0, 255).astype(np.uint8)
_COLOUR = np.clip(np.rint((_CODE - 128) * 255 / 224 + 128), 0, 255).astype(np.uint8)
#: What the planes' codes are in full range.
_STRETCH = (_LIGHT, _COLOUR, _COLOUR)


def _same(frame: av.VideoFrame, alpha: Plane | None) -> av.VideoFrame:
    return frame


def _deeper(pixels: str) -> Maker:
    def made(frame: av.VideoFrame, alpha: Plane | None) -> av.VideoFrame:
        to = frame.reformat(
            format=pixels, src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.MPEG, dst_color_range=ColorRange.MPEG, interpolation=EXACT,
        )  # fmt: skip
        return tagged(to)

    return made


def _ten_with_matte(frame: av.VideoFrame, alpha: Plane | None) -> av.VideoFrame:
    full = _deeper("yuv444p10le")(frame, None)
    made = tagged(av.VideoFrame(frame.width, frame.height, "yuva444p10le"))
    for to, given in zip(made.planes, full.planes, strict=False):
        _rows(to)[:] = _rows(given)[:, : to.line_size]
    matte = _rows(made.planes[3]).view(np.uint16)[:, : frame.width]
    deep = np.full(matte.shape, 255, np.uint16) if alpha is None else alpha.astype(np.uint16)
    matte[:] = (deep << 2) | (deep >> 6)
    return made


def _with_matte(frame: av.VideoFrame, alpha: Plane | None) -> av.VideoFrame:
    made = tagged(av.VideoFrame(frame.width, frame.height, "yuva420p"))
    for to, given, (rows, columns) in zip(
        made.planes, planes_of(frame), _sizes(frame), strict=False
    ):
        _rows(to)[:rows, :columns] = given[:rows, :columns]
    _rows(made.planes[3])[:, : frame.width] = 255 if alpha is None else alpha
    return made


def _full(frame: av.VideoFrame, alpha: Plane | None) -> av.VideoFrame:
    """Full range, with the curve of sRGB, as picture files have it."""
    made = av.VideoFrame(frame.width, frame.height, "yuv420p")
    for to, given, codes in zip(planes_of(made), planes_of(frame), _STRETCH, strict=True):
        wide = min(to.shape[1], given.shape[1])
        to[:, :wide] = cv2.LUT(given[:, :wide], codes)
    made.colorspace, made.color_range = Colorspace.ITU709, ColorRange.JPEG
    made.color_primaries, made.color_trc = ColorPrimaries.BT709, ColorTrc.IEC61966_2_1
    return made


def _packed(pixels: str) -> Maker:
    def made(frame: av.VideoFrame, alpha: Plane | None) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray(rgba(frame, alpha), format=pixels)

    return made


def grey(values: npt.NDArray[np.uint16], pixels: str) -> av.VideoFrame:
    """One plane of 16 bits (H×W, 0..65535) as a frame: of gray16le as it is, of yuv422p10le in limited
    range, where black is 64 and white 940."""
    made = tagged(av.VideoFrame(values.shape[1], values.shape[0], pixels))
    if pixels == "gray16le":
        made.color_range = ColorRange.JPEG
        codes = values
    else:
        codes = (64 + (values.astype(np.uint32) * 876 + 32767) // 65535).astype(np.uint16)
        for plane in made.planes[1:]:
            _rows(plane).view(np.uint16)[:] = 512
    _rows(made.planes[0]).view(np.uint16)[:, : values.shape[1]] = codes
    return made


def plain(frame: av.VideoFrame) -> av.VideoFrame:
    """A decoded frame as this house's films have them: yuv420p, BT.709, limited range."""
    frame.pict_type = PictureType.NONE  # the encoder decides anew
    if usual(frame):
        return frame
    return rgb_frame(rgb(frame))


def tagged(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame, said to be BT.709 of limited range."""
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return frame


def _rows(plane: av.video.plane.VideoPlane) -> Plane:
    held = np.frombuffer(memoryview(plane), np.uint8)
    return held[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)


def _sizes(frame: av.VideoFrame) -> tuple[tuple[int, int], ...]:
    half = (frame.height // 2, frame.width // 2)
    return (frame.height, frame.width), half, half


#: What a codec takes → how a frame and its matte become that.
MAKERS: Mapping[str, Maker] = {
    "yuv420p": _same,
    "yuvj420p": _full,
    "yuv422p10le": _deeper("yuv422p10le"),
    "yuva444p10le": _ten_with_matte,
    "yuva420p": _with_matte,
    "rgba": _packed("rgba"),
}
