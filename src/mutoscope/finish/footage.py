"""Reading a film back, a few frames of it at a time, whichever format it is in.

What is transparent is seen on grey. Frames come as RGB, exact (`rgb`); animated WebP and AVIF are read by
Pillow, everything else by FFmpeg.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from PIL import Image

from mutoscope.errors import EngineFailed
from mutoscope.finish.rgb import rgb
from mutoscope.finish.spool import parted

Rgb = npt.NDArray[np.uint8]

#: What a transparent film is seen on.
GREY = 118
#: Read by Pillow.
_PICTURES = (".webp", ".avif")
#: A sequence of pictures does not say how fast it is.
_USUAL = Fraction(24)


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


def shape(film: Path, rate: Fraction | None = None) -> Shape:
    """The film's size, length and rate (`rate` for a folder of pictures, which does not say it)."""
    if film.is_dir():
        names = _pictures(film)
        first = cv2.imread(str(names[0]))
        if first is None:
            raise EngineFailed(f"{names[0].name} cannot be read")
        return Shape(first.shape[1], first.shape[0], len(names), rate or _USUAL)
    if film.suffix in _PICTURES:
        with Image.open(film) as shown:
            starts, step = _times(shown)
            frames = max(1, round(starts[-1] / step))
            made = rate or Fraction(frames * 1000, starts[-1])
            return Shape(shown.width, shown.height, frames, made)
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        frames = stream.frames or _counted(container)
        if not frames or stream.average_rate is None:
            raise EngineFailed(f"{film.name} does not say how many frames it has")
        return Shape(stream.width, stream.height, frames, stream.average_rate)


def _times(shown: Image.Image) -> tuple[list[int], float]:
    """When each picture begins and the last one ends, and how long a frame is, in milliseconds: frames that
    are the same are often kept as one that stays longer."""
    starts = [0]
    for number in range(getattr(shown, "n_frames", 1)):
        shown.seek(number)
        shown.load()
        starts.append(starts[-1] + max(1, int(shown.info.get("duration", 0)) or 1000 // 24))
    lengths = np.diff(starts)
    return starts, float(lengths[lengths < 1.5 * lengths.min()].mean())


def _counted(container: InputContainer) -> int:
    return sum(1 for packet in container.demux(video=0) if packet.size)


def _pictures(folder: Path) -> list[Path]:
    names = sorted(folder.glob("*.png"))
    if not names:
        raise EngineFailed(f"{folder.name} has no pictures in it")
    return names


def evenly(count: int, frames: int) -> list[int]:
    """`count` frame numbers (fewer where there are fewer frames) from the first to the last."""
    if count <= 1 or frames <= 1:
        return [0]
    count = min(count, frames)
    return [round(i * (frames - 1) / (count - 1)) for i in range(count)]


def chosen(film: Path, numbers: Sequence[int], width: int) -> Iterator[tuple[int, Rgb]]:
    """(number, RGB `width` pixels wide, even height) of the frames with these ascending numbers;
    one frame is held at a time."""
    for number, made in _chosen(film, list(numbers)):
        yield number, shrunk(made, width)


def _chosen(film: Path, numbers: list[int]) -> Iterator[tuple[int, Rgb]]:
    if film.is_dir():
        names = _pictures(film)
        for number in numbers:
            read = cv2.imread(str(names[number]), cv2.IMREAD_UNCHANGED)
            if read is None:
                raise EngineFailed(f"{names[number].name} cannot be read")
            order = cv2.COLOR_BGRA2RGBA if read.shape[2] == 4 else cv2.COLOR_BGR2RGB
            yield number, on_grey(np.asarray(cv2.cvtColor(read, order), np.uint8))
        return
    if film.suffix in _PICTURES:
        with Image.open(film) as shown:
            starts, step = _times(shown)
            for number in numbers:
                at = bisect(starts, (number + 0.5) * step) - 1
                shown.seek(min(at, len(starts) - 2))
                yield number, on_grey(np.asarray(shown.convert("RGBA"), np.uint8))
        return
    left = list(numbers)
    for number, frame in enumerate(decoded(film)):
        if not left:
            return
        if number == left[0]:
            left.pop(0)
            yield number, seen(frame)


def decoded(film: Path) -> Iterator[av.VideoFrame]:
    """Every frame of a film in a container, its matte too where it has one."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        tags = {name.lower(): value for name, value in stream.metadata.items()}
        if tags.get("alpha_mode") == "1":
            # FFmpeg's own decoder leaves the matte of VP9 out
            reader = av.CodecContext.create("libvpx-vp9", "r")
            assert isinstance(reader, av.VideoCodecContext)
            for packet in container.demux(stream):
                yield from reader.decode(packet if packet.size else None)
            return
        yield from container.decode(stream)


def seen(frame: av.VideoFrame) -> Rgb:
    """A frame as RGB, what is transparent on grey."""
    if frame.format.name == "yuva420p":
        flat, alpha = parted(frame)
        return _laid(rgb(flat), alpha)
    if any(part.is_alpha for part in frame.format.components):
        return on_grey(np.asarray(frame.to_ndarray(format="rgba"), np.uint8))
    return rgb(frame)


def on_grey(shown: Rgb) -> Rgb:
    """RGBA of straight alpha laid on grey; RGB as it is."""
    return shown if shown.shape[2] == 3 else _laid(shown[..., :3], shown[..., 3])


def _laid(shown: Rgb, alpha: npt.NDArray[np.uint8] | None) -> Rgb:
    if alpha is None or alpha.min() == 255:
        return np.ascontiguousarray(shown)
    share = alpha[..., None].astype(np.uint16)
    return np.asarray((shown * share + GREY * (255 - share) + 127) // 255, np.uint8)


def shrunk(rgb: Rgb, width: int) -> Rgb:
    """At most `width` pixels wide, in proportion, both sides even."""
    tall, wide = rgb.shape[:2]
    scale = min(1.0, width / wide)
    size = (max(2, 2 * round(wide * scale / 2)), max(2, 2 * round(tall * scale / 2)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
