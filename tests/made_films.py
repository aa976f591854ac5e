"""Small films for tests: a drawn picture under a known motion, written in one way or another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Way = Callable[
    [int], tuple[float, float, float]
]  # frame → pixels right, pixels down, times as large


def drawn(width: int = 480, height: int = 320) -> Rgb:
    """A picture with detail at several sizes, and nothing at its right end."""
    chance = np.random.default_rng(5)
    made = np.zeros((height, width, 3), np.float32)
    for size, weight in ((48, 70), (16, 60), (5, 45)):
        coarse = chance.random((height // size + 2, width // size + 2, 3)).astype(np.float32)
        made += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(made + 25, 0, 255).astype(np.uint8)


def moved(frames: int, way: Way, size: tuple[int, int] = (192, 108)) -> list[Rgb]:
    """Frames of the drawn picture's middle: its window goes `way`."""
    picture = drawn()
    tall, wide = picture.shape[:2]
    made = []
    for number in range(frames):
        right, down, large = way(number)
        scale = 1 / large
        x = wide / 2 + right - scale * size[0] / 2
        y = tall / 2 + down - scale * size[1] / 2
        window = np.array([[scale, 0, x], [0, scale, y]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        made.append(np.asarray(cv2.warpAffine(picture, window, size, flags=flags), np.uint8))
    return made


def still(number: int) -> tuple[float, float, float]:
    return 0.0, 0.0, 1.0


def pan(number: int) -> tuple[float, float, float]:
    """Two pixels right a frame."""
    return 2.0 * number - 40, 0.0, 1.0


def written(
    path: Path,
    frames: Sequence[Rgb],
    *,
    fps: int = 24,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    crf: int = 8,
    turned: int = 0,
    times: Sequence[float] | None = None,
    sound: bool = False,
    gop: int = 12,
) -> Path:
    """The frames as a film. `turned`: a rotation for the viewer, counterclockwise degrees; `times`: when
    each is shown, in seconds."""
    with av.open(str(path), "w") as container:
        options = {"crf": str(crf), "preset": "veryfast"} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=fps, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.gop_size = gop
        base = Fraction(1, 60000)
        stream.time_base = stream.codec_context.time_base = base
        if turned:
            stream.set_display_rotation(turned)
        heard = container.add_stream("aac", rate=16000) if sound else None
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            at = times[number] if times is not None else number / fps
            frame.pts, frame.time_base = round(at * 60000), base
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
        if heard is not None:
            seconds = len(frames) / fps
            tone = np.sin(np.arange(int(16000 * seconds)) / 16000 * 2 * np.pi * 440)
            for begin in range(0, len(tone) - 1024, 1024):
                piece = tone[None, begin : begin + 1024].astype(np.float32)
                block = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
                block.sample_rate, block.pts = 16000, begin
                for packet in heard.encode(block):
                    container.mux(packet)
            for packet in heard.encode(None):
                container.mux(packet)
    return path
