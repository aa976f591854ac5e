"""Frames kept on the disk, without loss, until all of them are known: for formats that look at a film
twice. Memory holds one frame, whatever the film's length."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt

from mutoscope.errors import BadShot, EngineFailed
from mutoscope.finish.encode import FilmWriter
from mutoscope.finish.formats import Coding
from mutoscope.finish.frame import planes_of
from mutoscope.finish.pixels import tagged
from mutoscope.finish.rate import exact
from mutoscope.shot import Size

Plane = npt.NDArray[np.uint8]

_OPAQUE = Coding(pixels="yuv420p", codec="libx264", options={"qp": "0", "preset": "ultrafast"})
_MATTED = Coding(pixels="yuva420p", codec="ffv1", options={"level": "3", "slices": "4"})


class Spooled(ABC):
    """To be inherited by a writer that makes its file of all frames at the end, in `make`."""

    def __init__(self, path: Path | str, size: Size, fps: float | Fraction, coding: Coding, *,
                 alpha: bool = False):  # fmt: skip
        self.path = Path(path)
        self.size = size
        self.rate = exact(fps)
        self.coding = coding
        self.alpha = alpha
        self.frames = 0
        if size.width % 2 or size.height % 2:
            raise BadShot.of("size", str(size), "of even width and height")
        self._spool = self.path.with_name(f".{self.path.stem}-spool.mkv")

    def __enter__(self) -> Self:
        how = _MATTED if self.alpha else _OPAQUE
        self._writer = FilmWriter(self._spool, self.size, self.rate, how).__enter__()
        return self

    def write(self, frame: av.VideoFrame, alpha: Plane | None = None) -> None:
        """The next frame: yuv420p of the film's size, and its matte. Raises BadShot, CannotWrite."""
        self._writer.write(frame, alpha)
        self.frames += 1

    def write_grey(self, values: npt.NDArray[np.uint16]) -> None:
        """No format for the eye has one plane. Raises BadShot."""
        raise BadShot.of(
            "format", self.path.suffix, "one that holds a single plane: png, ffv1 or prores"
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if kind is None and self.frames == 0:
                raise EngineFailed(f"{self.path.name} got no frames")
            self._writer.__exit__(kind, error, trace)
            if kind is None:
                self.make()
        finally:
            self._spool.unlink(missing_ok=True)

    @abstractmethod
    def make(self) -> None:
        """The file, made of `kept` frames."""

    def kept(self) -> Iterator[tuple[av.VideoFrame, Plane | None]]:
        """Every frame that was written, and its matte."""
        with av.open(str(self._spool)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                yield parted(frame)


def parted(frame: av.VideoFrame) -> tuple[av.VideoFrame, Plane | None]:
    """A frame of yuva420p as one of yuv420p and its matte, H×W; one of yuv420p as it is."""
    if frame.format.name == "yuv420p":
        return frame, None
    plain = tagged(av.VideoFrame(frame.width, frame.height, "yuv420p"))
    for to, given in zip(planes_of(plain), frame.planes, strict=False):
        held = np.frombuffer(memoryview(given), np.uint8).reshape(given.height, -1)
        wide = min(to.shape[1], held.shape[1])
        to[:, :wide] = held[:, :wide]
    matte = frame.planes[3]
    rows = np.frombuffer(memoryview(matte), np.uint8).reshape(matte.height, -1)
    return plain, rows[:, : frame.width].copy()
