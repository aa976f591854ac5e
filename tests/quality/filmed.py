"""Films whose motion is known: a photograph under a drawn camera, and files of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Frames = npt.NDArray[np.uint8]
EXAMPLES = Path(__file__).parents[2] / "examples"
RATE = 48_000


@cache
def photograph(name: str, width: int) -> Rgb:
    """One of the examples, `width` pixels wide, RGB."""
    bgr = cv2.imread(str(EXAMPLES / f"{name}.jpg"))
    assert bgr is not None
    size = (width, round(bgr.shape[0] * width / bgr.shape[1]))
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)[..., ::-1], np.uint8)


@cache
def textured(width: int, height: int, seed: int = 0, fine: float = 3.0) -> Rgb:
    """Coloured noise, soft by `fine` pixels: something to follow everywhere."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), fine) + 2 * cv2.GaussianBlur(noise, (0, 0), 4 * fine)
    soft = (soft - soft.mean()) / soft.std()
    return np.asarray(np.clip(128 + 45 * soft, 0, 255), np.uint8)


def under_a_camera(
    photo: Rgb, size: tuple[int, int], count: int, *,
    pan: float = 0.0, tilt: float = 0.0, zoom: float = 1.0, roll: float = 0.0,
    shape: Sequence[float] | None = None,
) -> Frames:  # fmt: skip
    """`count` frames of `size` from the middle of `photo`. At the end the camera has gone `pan` of the
    width right and `tilt` of the height up, shows things `zoom` times as large and has rolled `roll`
    degrees clockwise; `shape` is how much of that each frame has (0..1, evenly where left out)."""
    width, height = size
    shares = np.linspace(0, 1, count) if shape is None else np.asarray(shape)
    start = np.array([(photo.shape[1] - width) / 2, (photo.shape[0] - height) / 2])
    frames = []
    for share in shares:
        angle, scale = np.radians(-roll * share), np.exp(np.log(zoom) * share)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        gone = np.array([-pan * width, tilt * height]) * share
        # photo → frame: about the frame's middle, then off by what the camera has gone
        matrix = np.c_[turn, middle + gone - turn @ (middle + start)]
        frames.append(cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))  # fmt: skip
    return np.asarray(np.stack(frames), np.uint8)


def film(
    path: Path, frames: Frames, fps: Fraction | int = 24, sound: npt.NDArray[np.float32] | None = None
) -> Path:  # fmt: skip
    """The frames as H.264 at `path`, with mono `sound` at 48 kHz where it is given."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps), options={"crf": "12", "preset": "ultrafast"})  # fmt: skip
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        track = container.add_stream("aac", rate=RATE) if sound is not None else None
        for frame in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
        if track is not None and sound is not None:
            for at in range(0, len(sound), 1024):
                block = sound[at : at + 1024].astype(np.float32)
                made = av.AudioFrame.from_ndarray(
                    np.stack([block, block]), format="fltp", layout="stereo"
                )
                made.sample_rate, made.pts, made.time_base = RATE, at, Fraction(1, RATE)
                for packet in track.encode(made):
                    container.mux(packet)
            for packet in track.encode(None):
                container.mux(packet)
    return path
