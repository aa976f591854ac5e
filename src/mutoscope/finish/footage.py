"""Reading a film back, a few frames of it at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Colorspace

from mutoscope.errors import EngineFailed

Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a film's header says."""

    width: int
    height: int
    frames: int
    rate: Fraction

    @property
    def seconds(self) -> float:
        return float(self.frames / self.rate)


def shape(film: Path) -> Shape:
    """The film's size, length and rate."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        if not stream.frames or stream.average_rate is None:
            raise EngineFailed(f"{film.name} does not say how many frames it has")
        return Shape(stream.width, stream.height, stream.frames, stream.average_rate)


def evenly(count: int, frames: int) -> list[int]:
    """`count` frame numbers (fewer where there are fewer frames) from the first to the last."""
    if count <= 1 or frames <= 1:
        return [0]
    count = min(count, frames)
    return [round(i * (frames - 1) / (count - 1)) for i in range(count)]


def chosen(film: Path, numbers: Sequence[int], width: int) -> Iterator[tuple[int, Rgb]]:
    """(number, RGB `width` pixels wide, even height) of the frames with these ascending numbers;
    one frame is held at a time."""
    left = list(numbers)
    with av.open(str(film)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            if not left:
                return
            if number == left[0]:
                left.pop(0)
                rgb = frame.to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709)
                yield number, shrunk(np.asarray(rgb, dtype=np.uint8), width)


def shrunk(rgb: Rgb, width: int) -> Rgb:
    """At most `width` pixels wide, in proportion, both sides even."""
    tall, wide = rgb.shape[:2]
    scale = min(1.0, width / wide)
    size = (max(2, 2 * round(wide * scale / 2)), max(2, 2 * round(tall * scale / 2)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
