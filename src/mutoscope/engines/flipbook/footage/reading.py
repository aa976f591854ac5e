"""A source film's frames: upright, square pixels, yuv420p BT.709 limited, one every 1/rate seconds.

Memory holds a few frames at a time, whatever the film's length; backwards a few dozen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from mutoscope.engines.flipbook.footage.source import Source, opened
from mutoscope.errors import Cancelled, EngineFailed
from mutoscope.finish.frame import blank, planes_of
from mutoscope.finish.rgb import EXACT, rgb
from mutoscope.shot import Size

Cancel = Callable[[], bool]
#: Bytes of frames held at once when a film is read backwards.
HELD = 64 << 20
_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def frames(source: Source, cancel: Cancel = lambda: False) -> Iterator[av.VideoFrame]:
    """Every frame of the film in order. They may be the decoder's own: not to be written into.

    Raises Cancelled between frames when `cancel` says so, EngineFailed where nothing can be decoded.
    """
    made = (ready(frame, source) for frame in _evened(source))
    count = 0
    for frame in made:
        if cancel():
            raise Cancelled("the film was stopped")
        count += 1
        yield frame
    if not count:
        raise EngineFailed("no frame of the source film could be decoded")


def backwards(source: Source, cancel: Cancel = lambda: False) -> Iterator[av.VideoFrame]:
    """Every frame, the last first: stretches of the film are read one before the other."""
    size = source.size.width * source.size.height * 3 // 2
    stretch = max(8, HELD // size)
    ends = range(source.frames, 0, -stretch)
    for end in ends:
        begin = max(0, end - stretch)
        held = [ready(one, source) for one in _stretch(source, begin, end, cancel)]
        while held:
            if cancel():
                raise Cancelled("the film was stopped")
            yield held.pop()


def tail(source: Source, count: int, cancel: Cancel = lambda: False) -> Iterator[av.VideoFrame]:
    """The last `count` frames, in order."""
    for frame in _stretch(source, max(0, source.frames - count), source.frames, cancel):
        yield ready(frame, source)


def picked(source: Source, numbers: Iterable[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """The frames of these ascending numbers."""
    left = deque(sorted(set(numbers)))
    for number, frame in enumerate(_evened(source)):
        if left and number == left[0]:
            left.popleft()
            yield number, ready(frame, source)
        if not left:
            return


def _decoded(
    container: InputContainer, stream: VideoStream, begin: float | None = None
) -> Iterator[av.VideoFrame]:
    stream.thread_type = "AUTO"
    if begin is not None:
        base = stream.time_base
        container.seek(max(0, int(begin / float(base or 1))), stream=stream)
    try:
        for frame in container.decode(stream):
            if not frame.is_corrupt or frame.key_frame:
                yield frame
    except (OSError, ValueError):
        return  # a film that breaks off ends where it does


def _evened(source: Source) -> Iterator[av.VideoFrame]:
    """Decoded frames, each as often as the constant rate shows it."""
    with opened(source.path) as (container, stream):
        if source.even:
            yield from _decoded(container, stream)
            return
        due, begin = 0, None
        before: av.VideoFrame | None = None
        rate = float(source.rate)
        for frame in _decoded(container, stream):
            at = frame.time or 0.0
            begin = at if begin is None else begin
            while before is not None and due / rate + 0.25 / rate < at - begin:
                yield before
                due += 1
            before = frame
        if before is not None:
            yield before


def _stretch(source: Source, begin: int, end: int, cancel: Cancel) -> Iterator[av.VideoFrame]:
    """The decoded frames from number `begin` up to `end`; an even film is entered at the keyframe
    before."""
    if not source.even or begin == 0:
        for number, frame in enumerate(_evened(source)):
            if cancel():
                raise Cancelled("the film was stopped")
            if number >= end:
                return
            if number >= begin:
                yield frame
        return
    with opened(source.path) as (container, stream):
        rate = float(source.rate)
        start = _start(stream)
        for frame in _decoded(container, stream, start + (begin - 0.5) / rate):
            if cancel():
                raise Cancelled("the film was stopped")
            number = round(((frame.time or 0.0) - start) * rate)
            if number >= end:
                return
            if number >= begin:
                yield frame


def _start(stream: VideoStream) -> float:
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def ready(frame: av.VideoFrame, source: Source) -> av.VideoFrame:
    """The frame upright, of the film's size, yuv420p BT.709 limited; itself where it is that already."""
    frame.pict_type = PictureType.NONE  # the encoder decides anew
    turned = source.turned in (90, 270)
    flat = Size(source.size.height, source.size.width) if turned else source.size
    matrix = _matrix(frame)
    plain = frame.format.name == "yuv420p" and matrix == Colorspace.ITU709
    if not plain or (frame.width, frame.height) != (flat.width, flat.height):
        trimmed = (
            plain and 0 <= frame.width - flat.width < 2 and 0 <= frame.height - flat.height < 2
        )
        frame = _trimmed(frame, flat) if trimmed else _converted(frame, flat, matrix)
    return _turned(frame, source.turned) if source.turned else frame


def _matrix(frame: av.VideoFrame) -> Colorspace:
    """The frame's colour matrix; where it names none, by its size as players do."""
    if frame.colorspace in (Colorspace.ITU709, Colorspace.ITU601, Colorspace.SMPTE170M):
        return Colorspace(frame.colorspace)
    if frame.format.is_rgb:
        return Colorspace.ITU709
    small = frame.height < 720 and frame.width < 1280
    return Colorspace.ITU601 if small else Colorspace.ITU709


def _converted(frame: av.VideoFrame, size: Size, matrix: Colorspace) -> av.VideoFrame:
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    made = frame.reformat(
        size.width, size.height, "yuv420p",
        src_colorspace=matrix, dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG, interpolation=EXACT,
    )  # fmt: skip
    made.pict_type = PictureType.NONE
    made.colorspace, made.color_range = Colorspace.ITU709, ColorRange.MPEG
    made.color_primaries, made.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return made


def own(frame: av.VideoFrame) -> av.VideoFrame:
    """A frame of this room that may be written into: another's memory copied."""
    made = blank(frame.width, frame.height)
    sizes = ((frame.width, frame.height), *((frame.width // 2, frame.height // 2),) * 2)
    for to, given, (wide, tall) in zip(planes_of(made), planes_of(frame), sizes, strict=True):
        to[:tall, :wide] = given[:tall, :wide]
    return made


def rgb_of(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """A frame of this room as RGB H×W×3."""
    return rgb(frame)


def _trimmed(frame: av.VideoFrame, size: Size) -> av.VideoFrame:
    """Without the last row or column that an even size has no place for."""
    made = blank(size.width, size.height)
    sizes = ((size.width, size.height), *((size.width // 2, size.height // 2),) * 2)
    for to, given, (wide, tall) in zip(planes_of(made), planes_of(frame), sizes, strict=True):
        to[:tall, :wide] = given[:tall, :wide]
    return made


def _turned(frame: av.VideoFrame, degrees: int) -> av.VideoFrame:
    turned = degrees in (90, 270)
    width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
    made = blank(width, height)
    sizes = ((frame.width, frame.height), *((frame.width // 2, frame.height // 2),) * 2)
    for to, given, (wide, tall) in zip(planes_of(made), planes_of(frame), sizes, strict=True):
        whole = cv2.rotate(np.ascontiguousarray(given[:tall, :wide]), _TURNS[degrees])
        to[: whole.shape[0], : whole.shape[1]] = whole
    return made
