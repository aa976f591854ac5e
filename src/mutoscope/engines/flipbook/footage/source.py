"""What a source film is: upright size, constant rate, length. Its packets are looked at, no frame is
decoded.

A phone's film may be turned (a rotation beside the pixels), of oblong pixels, of a rate that changes,
and of odd sides; a cut one may begin before its first shown frame. All of it is settled here, so that
the rest sees frames of even sides, one every 1/rate seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.stream import VideoStream

from mutoscope.errors import BadInput
from mutoscope.finish.probe import CONTAINERS
from mutoscope.finish.rate import LEAST, MOST, exact
from mutoscope.shot import Size
from mutoscope.storage.sniff import HEAD, media_type

#: Rates that films of an uneven rate are brought to.
USUAL = tuple(
    map(Fraction, ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"))
)
#: Of a frame's time, how far frames may be from an even rate and still count as even.
JITTER = 0.45
#: Seconds of the longest film that is taken, and pixels of the longest side.
MOST_SECONDS, MOST_SIDE, LEAST_SIDE = 300.0, 4096, 32


@dataclass(frozen=True, slots=True)
class Source:
    """A film that was looked at. `size` is upright, of square pixels and even sides; `frames` at `rate`
    are what reading it gives; `turned` is clockwise, in degrees."""

    path: Path
    size: Size
    rate: Fraction
    frames: int
    coded: Size  # as the pixels are stored
    turned: int = 0
    even: bool = True  # its own frames come one every 1/rate seconds
    sound: str = ""  # the sound's codec, "" where there is none

    @property
    def seconds(self) -> float:
        return float(self.frames / self.rate)


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The film's container and its picture. Raises BadInput for what is no film."""
    try:
        with path.open("rb") as file:
            kind = media_type(file.read(HEAD))
        if kind.startswith("image/"):
            raise BadInput(
                "the source film is a picture; to make a film of it, create one",
                field="video", code=CODE,
            )  # fmt: skip
        if kind not in CONTAINERS:
            raise BadInput(
                f"the source film cannot be read (it is {kind or 'nothing that is known here'}); "
                "give an MP4, MOV or WebM that plays",
                field="video", code=CODE,
            )  # fmt: skip
        # by the one demuxer of its kind: a playlist could name another file
        container = av.open(str(path), format=CONTAINERS[kind])
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    with container:
        if not container.streams.video:
            raise BadInput("the source film has no picture in it", field="video", code=CODE)
        yield container, container.streams.video[0]


CODE = "invalid_video"


def _unreadable(error: Exception) -> BadInput:
    why = getattr(error, "strerror", None) or str(error)
    return BadInput(
        f"the source film cannot be read ({why}); give an MP4, MOV or WebM that plays",
        field="video", code=CODE,
    )  # fmt: skip


def look(path: Path) -> Source:
    """What the film at `path` is. Raises BadInput where it cannot be read, is too long or too large."""
    with opened(path) as (container, stream):
        context = stream.codec_context
        if not context.width or not context.height:
            raise BadInput("the source film does not say how large it is", field="video", code=CODE)
        coded = Size(*(max(2, side + side % 2) for side in (context.width, context.height)))
        sound = container.streams.audio[0].codec_context.name if container.streams.audio else ""
        pixel = stream.sample_aspect_ratio or Fraction(1)
        average = stream.average_rate
        times = _times(container, stream)
        turned = _turned(container, stream)
    size = upright(context.width, context.height, pixel, turned)
    if max(size.width, size.height) > MOST_SIDE or min(size.width, size.height) < LEAST_SIDE:
        raise BadInput(
            f"the source film has {size} pixels; a side may have {LEAST_SIDE} to {MOST_SIDE}",
            field="video", code=CODE,
        )  # fmt: skip
    rate, even = paced(times, average)
    frames = len(times) if even else max(1, round(float((times[-1] - times[0]) * float(rate))) + 1)
    if frames / rate > MOST_SECONDS:
        raise BadInput(
            f"the source film is {float(frames / rate):.0f} s long; at most {MOST_SECONDS:.0f} s are "
            "taken: cut it first",
            field="video", code=CODE,
        )  # fmt: skip
    return Source(path, size, rate, frames, coded, turned, even, sound)


def upright(width: int, height: int, pixel: Fraction, turned: int) -> Size:
    """The size that a viewer sees, to even sides. `pixel` is a pixel's width to its height."""
    wide = width * float(pixel) if Fraction(1, 8) < pixel < 8 else float(width)
    sides = (wide, float(height)) if turned % 180 == 0 else (float(height), wide)
    return Size(*(max(2, 2 * int((side + 0.5) / 2)) for side in sides))


def paced(times: npt.NDArray[np.float64], average: Fraction | None) -> tuple[Fraction, bool]:
    """The constant rate for frames shown at `times` (seconds, ascending), and whether they are so
    already."""
    if len(times) < 2 or times[-1] <= times[0]:
        return (average if average and LEAST <= average <= MOST else Fraction(24)), True
    measured = float((len(times) - 1) / (times[-1] - times[0]))
    rate = average if average and abs(average / Fraction(measured) - 1) < 0.01 else None
    rate = rate or exact(min(MOST, max(LEAST, measured)))
    off = (times - times[0]) * float(rate) - np.arange(len(times))
    if np.abs(off - np.median(off)).max() < JITTER and LEAST <= rate <= MOST:
        return rate, True
    usual = 1 / max(1e-3, float(np.median(np.diff(times))))
    return min(USUAL, key=lambda one: abs(float(one) - usual)), False


def _times(container: InputContainer, stream: VideoStream) -> npt.NDArray[np.float64]:
    """When each frame is shown, in seconds, in order."""
    found: list[int] = []
    base = stream.time_base or Fraction(1, 90000)
    most = MOST_SECONDS * MOST
    try:
        for packet in container.demux(stream):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is None or not packet.size or packet.is_discard:
                continue
            found.append(stamp)
            if len(found) > most:
                break
    except (OSError, ValueError) as error:
        if len(found) < 2:
            raise _unreadable(error) from error
    if not found:
        raise BadInput("the source film has no frames in it", field="video", code=CODE)
    return np.unique(np.array(found, np.float64)) * float(base)


def _turned(container: InputContainer, stream: VideoStream) -> int:
    """Degrees clockwise that a viewer turns the frames by: the first frame knows."""
    try:
        container.seek(0)
        for frame in container.decode(stream):
            return round(-frame.rotation / 90) * 90 % 360
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    raise BadInput("no frame of the source film can be decoded", field="video", code=CODE)
