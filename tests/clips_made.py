"""Clips drawn for tests: an orange figure with stripes before a green wall; and a matte that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.stream import VideoStream

from mutoscope.images.subject import SubjectMatte

Rgb = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 320, 240
STILL = 0.97  # a matte's quality that nobody doubts


def frame(
    x: float = 160, y: float = 130, *, height: int = 120, wide: float = 0.5, mirrored: bool = False
) -> Rgb:
    """The figure with its middle at (x, y), `height` pixels high."""
    rng = np.random.default_rng(5)
    wall = np.full((HEIGHT, WIDTH, 3), (40, 90, 60), np.int16)
    wall += rng.integers(-12, 12, (HEIGHT // 4, WIDTH // 4, 1)).repeat(4, 0).repeat(4, 1)
    picture = np.clip(wall, 0, 255).astype(np.uint8)
    width = int(height * wide)
    body = np.full((height, width, 3), (230, 120, 30), np.uint8)
    body[:: max(2, height // 12)] = (150, 60, 10)
    body[:, : width // 4] = (250, 170, 60)
    if mirrored:
        body = body[:, ::-1]
    left, top = int(x - width / 2), int(y - height / 2)
    x0, x1, y0, y1 = max(0, left), min(WIDTH, left + width), max(0, top), min(HEIGHT, top + height)
    if x1 > x0 and y1 > y0:
        picture[y0:y1, x0:x1] = body[y0 - top : y1 - top, x0 - left : x1 - left]
    return picture


def smeared(rgb: Rgb, length: int = 17) -> Rgb:
    """As if the camera had moved sideways."""
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    return np.asarray(cv2.filter2D(rgb, -1, kernel), np.uint8)


def dark(rgb: Rgb) -> Rgb:
    return (rgb * 0.08).astype(np.uint8)


def written(
    path: Path,
    frames: Iterable[Rgb],
    *,
    rate: int = 12,
    form: str = "mp4",
    codec: str = "libx264",
    aspect: Fraction | None = None,
) -> Path:
    """The frames as a film; `aspect`: how much wider than high a pixel is shown."""
    with av.open(str(path), "w", format=form) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=rate))
        stream.pix_fmt = "yuv420p"
        if codec == "libx264":
            stream.options = {"crf": "12", "preset": "ultrafast"}
        for number, rgb in enumerate(frames):
            if number == 0:
                stream.height, stream.width = rgb.shape[:2]
                if aspect is not None:
                    stream.codec_context.sample_aspect_ratio = aspect
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        container.mux(stream.encode())
    return path


def turned(path: Path) -> Path:
    """The film with a note in its header to be turned by 90° against the clock, as telephones write it."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4
    at += 4 + (20 if content[at] == 0 else 32) + 16
    matrix = (0, -0x10000, 0, 0x10000, 0, 0, 0, 0, 0x40000000)
    content[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    path.write_bytes(bytes(content))
    return path


def orange(rgb: Rgb, *, cancel: Callable[[], bool] | None = None) -> SubjectMatte | None:
    """Stands in for `find_subject`: whatever is orange, by day or by night."""
    if cancel is not None:
        cancel()
    wide = rgb.astype(np.int16)
    hue = (wide[..., 0] - wide[..., 2] > 60) & (wide[..., 0] > wide[..., 1])
    inside = cv2.morphologyEx(hue.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    cover = float(inside.mean())
    return SubjectMatte(np.asarray(inside, np.float32), STILL if cover > 0 else 0.0, cover)
