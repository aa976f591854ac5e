"""Film frames into a file: an MP4 that browsers and players take as it is, or another format's."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from mutoscope.compute.ahead import ahead
from mutoscope.errors import BadShot, CannotWrite, EngineFailed
from mutoscope.finish.formats import CONTAINERS, Coding
from mutoscope.finish.frame import rgb_frame
from mutoscope.finish.rate import exact
from mutoscope.finish.x264 import steady
from mutoscope.shot import Size

__all__ = ["FilmWriter", "Mp4Writer", "pipe", "rgb_frame"]

Plane = npt.NDArray[np.uint8]

#: Seconds between keyframes at most: how far a player must decode to seek.
KEYFRAMES = 2
MILLISECOND = Fraction(1, 1000)
#: A container's own options: an MP4's index in front; no random numbers in a Matroska.
_CONTAINER = {
    "mp4": {"movflags": "+faststart"},
    "mov": {"movflags": "+faststart"},
    "webm": {"fflags": "+bitexact"},
    "matroska": {"fflags": "+bitexact"},
}


class FilmWriter:
    """Writes frames of yuv420p, BT.709 limited, as `coding` says, into the container that the file's
    ending names; frame n is shown at exactly n/fps (to the millisecond where the container counts those).

    ::

        with FilmWriter(path, Size(1280, 720), 24, named("vp9").coding) as film:
            for frame in render(scene, poses):
                film.write(frame)

    The film is written beside `path` and takes its name when the block ends well; otherwise nothing
    is left. `threads` 0 lets the codec choose; its bytes are the same for the same number. Raises
    CannotWrite where the folder cannot be written or the disk is full.
    """

    def __init__(
        self, path: Path | str, size: Size, fps: float | Fraction, coding: Coding, *,
        threads: int = 0,
    ):  # fmt: skip
        self.path = Path(path)
        self.size = size
        self.rate = exact(fps)
        self.frames = 0
        if size.width % 2 or size.height % 2:
            raise BadShot.of("size", str(size), "of even width and height")
        self.coding = coding
        self._kind = CONTAINERS[self.path.suffix.lower() or ".mp4"]
        self._base = MILLISECOND if self._kind == "webp" else 1 / self.rate
        self._threads = threads
        self._part: Path | None = None

    def __enter__(self) -> Self:
        if self.path.is_dir():
            raise CannotWrite(f"{self.path} is a folder; name a file, such as film.mp4")
        try:
            handle, name = tempfile.mkstemp(
                self.path.suffix, f".{self.path.stem}-", self.path.parent
            )
            os.close(handle)
        except OSError as error:
            raise self._refused(error) from error
        self._part = Path(name)
        try:
            options = self.coding.container | _CONTAINER.get(self._kind, {})
            self._container = av.open(name, "w", format=self._kind, options=options)
            self._stream = self._opened()
        except (OSError, ValueError) as error:
            self._discard()
            raise self._refused(error) from error
        return self

    def _opened(self) -> VideoStream:
        coding = self.coding
        options = steady(coding.options) if coding.codec == "libx264" else coding.options
        stream = self._container.add_stream(coding.codec, rate=self.rate, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self.size.width, self.size.height
        full = coding.pixels == "yuvj420p"
        stream.pix_fmt = "yuv420p" if full else coding.pixels
        stream.time_base = self._base
        context = stream.codec_context
        context.time_base = self._base
        context.gop_size = max(1, round(KEYFRAMES * self.rate))
        context.thread_count = self._threads
        if coding.tag:
            context.codec_tag = coding.tag
        if coding.pixels.startswith("yuv"):
            context.colorspace = Colorspace.ITU709
            context.color_range = ColorRange.JPEG if full else ColorRange.MPEG
            context.color_primaries = ColorPrimaries.BT709
            context.color_trc = ColorTrc.IEC61966_2_1 if full else ColorTrc.BT709
        return stream

    def write(self, frame: av.VideoFrame, alpha: Plane | None = None) -> None:
        """The next frame: yuv420p of the film's size; `alpha`: its matte, H×W, where the coding has
        one. Raises BadShot, CannotWrite."""
        if (frame.width, frame.height) != (self.size.width, self.size.height):
            raise BadShot.of("frame", f"{frame.width}x{frame.height}", f"{self.size} pixels")
        if self.coding.pixels != "yuv420p":
            from mutoscope.finish.pixels import MAKERS  # a film for players needs none of it

            frame = MAKERS[self.coding.pixels](frame, alpha)
        self._encode(frame)

    def write_grey(self, values: npt.NDArray[np.uint16]) -> None:
        """The next frame of a film of one plane, H×W of 16 bits. Raises CannotWrite."""
        from mutoscope.finish.pixels import grey

        self._encode(grey(values, self.coding.pixels))

    def _encode(self, frame: av.VideoFrame) -> None:
        begin, end = (
            round(number / self.rate / self._base) for number in (self.frames, self.frames + 1)
        )
        frame.pts, frame.duration = begin, end - begin
        frame.time_base = self._base
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except OSError as error:
            raise self._refused(error) from error
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def _finish(self) -> None:
        if self.frames == 0:
            raise EngineFailed(f"{self.path.name} got no frames")
        assert self._part is not None
        try:
            for packet in self._stream.encode(None):
                self._container.mux(packet)
            self._container.close()
            os.chmod(self._part, 0o666 & ~_umask())
            os.replace(self._part, self.path)
        except OSError as failed:
            raise self._refused(failed) from failed
        self._part = None

    def _discard(self) -> None:
        if self._part is None:
            return
        container = getattr(self, "_container", None)
        if container is not None:
            with contextlib.suppress(OSError):  # the file goes anyway
                container.close()
        self._part.unlink(missing_ok=True)
        self._part = None

    def _refused(self, error: Exception) -> CannotWrite:
        why = getattr(error, "strerror", None) or str(error)
        return CannotWrite(f"{self.path} cannot be written: {why}; name another place")


class Mp4Writer(FilmWriter):
    """Writes H.264 High, faststart: what every player takes. See `FilmWriter`."""

    def __init__(
        self, path: Path | str, size: Size, fps: float | Fraction, *,
        crf: float = 18, preset: str = "veryfast", threads: int = 0,
    ):  # fmt: skip
        options = {"crf": f"{crf:g}", "preset": preset, "profile": "high"}
        coding = Coding(pixels="yuv420p", codec="libx264", options=options)
        super().__init__(path, size, fps, coding, threads=threads)


def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def pipe(
    frames: Iterable[av.VideoFrame | npt.NDArray[np.uint8]], writer: FilmWriter,
    progress: Callable[[int], None] | None = None,
) -> int:  # fmt: skip
    """Write every frame, made (and, where it is RGB H×W×3, converted) in a thread of its own while
    this one encodes. `progress` hears the number written. Returns that number."""
    made = (rgb_frame(one) if isinstance(one, np.ndarray) else one for one in frames)
    for frame in ahead(made):
        writer.write(frame)
        if progress is not None:
            progress(writer.frames)
    return writer.frames
