"""A film as a folder of numbered PNG pictures: 00000.png, 00001.png, ... of 8 bits RGB, or RGBA with straight
alpha, sRGB. What was an earlier sequence there is replaced; a folder with anything else in it is not."""

from __future__ import annotations

import os
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt

from mutoscope.errors import BadShot, CannotWrite, EngineFailed
from mutoscope.finish.formats import NUMBERED, Coding
from mutoscope.finish.rate import exact
from mutoscope.finish.rgb import rgb, rgba
from mutoscope.finish.whole import refuse_other, take_place
from mutoscope.shot import Size

Plane = npt.NDArray[np.uint8]
#: zlib's level and the filter of rows: what is best for photographs at a speed that a film needs.
OPTIONS = {"compression_level": "2", "pred": "paeth"}
MILLISECOND = Fraction(1, 1000)


class StillsWriter:
    """See the module. `write` frames as in `FilmWriter`."""

    def __init__(
        self, path: Path | str, size: Size, fps: float | Fraction, coding: Coding | None = None, *,
        alpha: bool = False,
    ):  # fmt: skip
        self.path = Path(path)
        self.size = size
        self.rate = exact(fps)
        self.alpha = alpha
        self.frames = 0
        self._part: Path | None = None
        self._encoder: av.VideoCodecContext | None = None

    def __enter__(self) -> Self:
        refuse_other(self.path)
        try:
            self._part = Path(tempfile.mkdtemp(prefix=f".{self.path.name}-", dir=self.path.parent))
        except OSError as error:
            raise self._refused(error.strerror) from error
        return self

    def write(self, frame: av.VideoFrame, alpha: Plane | None = None) -> None:
        """The next frame: yuv420p of the film's size, and its matte. Raises BadShot, CannotWrite."""
        if (frame.width, frame.height) != (self.size.width, self.size.height):
            raise BadShot.of("frame", f"{frame.width}x{frame.height}", f"{self.size} pixels")
        if self.alpha:
            self._put(av.VideoFrame.from_ndarray(rgba(frame, alpha), format="rgba"))
        else:
            self._put(av.VideoFrame.from_ndarray(rgb(frame), format="rgb24"))

    def write_grey(self, values: npt.NDArray[np.uint16]) -> None:
        """The next picture: H×W of 16 bits. Raises CannotWrite."""
        self._put(av.VideoFrame.from_ndarray(values.byteswap(), format="gray16be"))

    def _put(self, picture: av.VideoFrame) -> None:
        assert self._part is not None
        if self._encoder is None:
            self._encoder = _encoder(picture)
        picture.pts, picture.time_base = self.frames, MILLISECOND
        place = self._part / (NUMBERED % self.frames)
        try:
            place.write_bytes(b"".join(bytes(packet) for packet in self._encoder.encode(picture)))
        except OSError as error:
            raise self._refused(error.strerror) from error
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if kind is None:
                self._finish()
        finally:
            if self._part is not None:
                shutil.rmtree(self._part, ignore_errors=True)

    def _finish(self) -> None:
        assert self._part is not None
        if self.frames == 0:
            raise EngineFailed(f"{self.path.name} got no frames")
        mask = os.umask(0o077)  # can only be read by setting it
        os.umask(mask)
        self._part.chmod(0o777 & ~mask)
        take_place(self._part, self.path)
        self._part = None

    def _refused(self, why: str | None) -> CannotWrite:
        return CannotWrite(f"{self.path} cannot be written: {why}; name another place")


def _encoder(picture: av.VideoFrame) -> av.VideoCodecContext:
    """Of pictures like this one; each comes out at once."""
    made = av.CodecContext.create("png", "w")
    assert isinstance(made, av.VideoCodecContext)
    made.width, made.height = picture.width, picture.height
    made.pix_fmt = picture.format.name
    made.time_base = MILLISECOND
    made.thread_count = 1
    made.options = OPTIONS
    return made
