"""Animated AVIF with transparency, by Pillow: FFmpeg has no encoder here for the matte's own pictures.

Pillow asks for one frame after the other; they wait on the disk. It holds encoded pictures alone, and
writes the file at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from mutoscope.finish.rgb import rgba
from mutoscope.finish.spool import Spooled
from mutoscope.finish.whole import whole

Plane = npt.NDArray[np.uint8]


class AvifWriter(Spooled):
    """See the module. `write` frames as in `FilmWriter`."""

    def make(self) -> None:
        """The AVIF of the frames that were written. Raises CannotWrite."""
        times = [round(1000 * number / self.rate) for number in range(self.frames + 1)]
        lengths = [after - before for before, after in pairwise(times)]
        frames = self.kept()
        first = Image.fromarray(rgba(*next(frames)), "RGBA")
        options = {name: int(value) for name, value in self.coding.options.items()}
        with whole(self.path) as part:
            first.save(
                part, "AVIF", save_all=True, append_images=[_Later(first.size, frames)],
                duration=lengths, **options,
            )  # fmt: skip


class _Later:
    """The rest of the frames, as much of a picture as Pillow asks of one that has several."""

    mode = "RGBA"

    def __init__(self, size: tuple[int, int], frames: Iterator[tuple[av.VideoFrame, Plane | None]]):
        self.size = size
        self._frames = frames
        self._shown = b""

    def seek(self, number: int) -> None:
        frame, alpha = next(self._frames, (None, None))
        if frame is None:
            raise EOFError
        self._shown = rgba(frame, alpha).tobytes()

    def tobytes(self, *how: str) -> bytes:
        return self._shown
