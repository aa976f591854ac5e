"""What a file is: a picture or a film, how large, how long. For files that strangers sent.

Run it in a process of its own (`Processes`, `compute.awaited.called`): memory and time are bounded
there, and a decoder that breaks takes nothing else with it. Here the kind is told from the bytes, a
film is opened by the one demuxer of its kind, so that no playlist can name another file, and what a
header claims is bounded before a pixel is decoded. One frame is: a header alone may lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mutoscope.errors import BadInput
from mutoscope.storage.sniff import HEAD, media_type

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: media type → FFmpeg's demuxer
CONTAINERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
}
#: Packets that are read to find a first frame, and to count frames that no header counts.
_MOST_SEARCHED, _MOST_COUNTED = 500, 200_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that a file may have: a frame's pixels and a side's, frames, seconds, frames a second.
    Pictures are bounded by `images.decode`."""

    side: int = 8192
    pixels: int = 8192 * 4320
    frames: int = 200_000
    seconds: float = 3600.0
    fps: float = 240.0


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Probe:
    """`width` and `height` as it is seen, turned upright. A picture has one frame and no length."""

    kind: Literal["image", "video"]
    type: str  # media type
    width: int
    height: int
    seconds: float = 0.0
    fps: float = 0.0
    frames: int = 1
    has_sound: bool = False


def probe(path: Path, bounds: Bounds = BOUNDS) -> Probe:
    """Raises BadImage for a picture that cannot be used, BadInput for a film that cannot, for what is
    neither, or is beyond the bounds; one sentence each."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    kind = media_type(head)
    if kind in CONTAINERS:
        return _film(path, kind, bounds)
    if kind.startswith("image/"):
        return _picture(path, kind)
    if not head:
        raise BadInput("the file is empty; send a picture or a film", code="empty_file")
    what = f"is {kind}" if kind else "has no content that is known here"
    raise BadInput(
        f"the file {what}; it must be a picture (JPEG, PNG, WebP, AVIF) or a film (MP4, MOV, WebM)",
        code="invalid_file",
    )


def _picture(path: Path, kind: str) -> Probe:
    import pyvips

    from mutoscope.images.decode import open_photo

    photo = open_photo(path, name="the picture")
    try:
        photo.thumbnail(64)  # a header alone may lie
    except pyvips.Error as error:
        raise photo.damaged(error) from None
    return Probe("image", kind, photo.width, photo.height)


def _film(path: Path, kind: str, bounds: Bounds) -> Probe:
    import av
    import av.error

    av.logging.set_level(None)
    try:
        with av.open(str(path), format=CONTAINERS[kind]) as container:
            if not container.streams.video:
                raise BadInput("the file has sound alone, no film", code="invalid_video")
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise BadInput(
                    "the film is coded in a way that is not known here; send it as MP4 (H.264)",
                    code="invalid_video",
                )
            _bounded(stream.codec_context.width, stream.codec_context.height, bounds)
            stream.codec_context.thread_count = 1
            first = _first_frame(container, stream)
            _bounded(first.width, first.height, bounds)
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            frames, seconds = _length(path, kind, container, stream, fps)
            sound = bool(container.streams.audio)
    except (av.error.FFmpegError, ValueError, EOFError, OverflowError) as error:
        raise _unreadable(error) from None
    if frames < 1 or seconds <= 0 or fps <= 0:
        raise _unreadable(None)
    _within("frames", frames, bounds.frames)
    _within("seconds", seconds, bounds.seconds)
    _within("frames a second", fps, bounds.fps)
    width, height = first.width, first.height
    if round(first.rotation / 90) % 2:
        width, height = height, width
    return Probe("video", kind, width, height, seconds, fps, frames, sound)


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    for read, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            return frame
        if read >= _MOST_SEARCHED:
            break
    raise _unreadable(None)


def _length(
    path: Path, kind: str, container: InputContainer, stream: VideoStream, fps: float
) -> tuple[int, float]:
    """Frames and seconds, by the header where it says, else counted."""
    base = float(stream.time_base or 0)
    seconds = float(stream.duration * base) if stream.duration else (container.duration or 0) / 1e6
    frames = stream.frames
    if not frames or not seconds:
        frames, counted = _counted(path, kind)
        seconds = seconds or counted or (frames / fps if fps else 0.0)
    return frames, seconds


def _counted(path: Path, kind: str) -> tuple[int, float]:
    """Every packet read, none decoded → frames, and the seconds up to the end of the last."""
    import av

    count, end = 0, 0.0
    with av.open(str(path), format=CONTAINERS[kind]) as container:
        stream = container.streams.video[0]
        base = float(stream.time_base or 0)
        for packet in container.demux(stream):
            if packet.size == 0:  # the last one, which only says that it is over
                continue
            count += 1
            if packet.pts is not None:
                end = max(end, (packet.pts + (packet.duration or 0)) * base)
            if count > _MOST_COUNTED:
                break
    return count, end


def _bounded(width: int, height: int, bounds: Bounds) -> None:
    if width < 1 or height < 1:
        raise _unreadable(None)
    if max(width, height) > bounds.side or width * height > bounds.pixels:
        raise BadInput(
            f"the film claims to be {width}×{height} pixels; it must be at most {bounds.side} a side "
            f"and {bounds.pixels / 1e6:.0f} megapixels",
            code="invalid_video",
        )


def _within(what: str, value: float, most: float) -> None:
    if value > most:
        raise BadInput(
            f"the film has {value:,.6g} {what}; it must have at most {most:,.6g}; send a shorter part",
            code="invalid_video",
        )


def _unreadable(error: Exception | None) -> BadInput:
    said = getattr(error, "strerror", None)  # FFmpeg's own; others speak of the library's insides
    reason = f": {said}" if said else ""
    return BadInput(
        f"the film is damaged or cut short{reason}; send it as MP4 (H.264), MOV or WebM",
        code="invalid_video",
    )
