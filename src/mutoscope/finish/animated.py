"""Animated pictures, by Pillow: WebP and AVIF.

Pillow asks for one frame after the other, and holds encoded pictures alone. FFmpeg has no encoder here for
an AVIF's matte, and its WebP never renews what changes by less than a few codes from frame to frame: a
dusk falls in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from mutoscope.finish.rgb import rgba
from mutoscope.finish.spool import Spooled
from mutoscope.finish.whole import whole

Rgb = npt.NDArray[np.uint8]  # H×W×3 or H×W×4

#: A file's ending → what Pillow calls the format, and its options. Every picture of a WebP
#: is whole: between those that are, a slow change is left standing in blocks.
_AS: dict[str, tuple[str, dict[str, int]]] = {
    ".avif": ("AVIF", {}),
    ".webp": ("WEBP", {"kmin": 0, "kmax": 1, "loop": 0}),
}


class AnimatedWriter(Spooled):
    """See the module. `write` frames as in `FilmWriter`; they wait on the disk."""

    def make(self) -> None:
        """The file of the frames that were written. Raises CannotWrite."""
        times = [round(1000 * number / self.rate) for number in range(self.frames + 1)]
        lengths = [after - before for before, after in pairwise(times)]
        options = {name: int(value) for name, value in self.coding.options.items()}
        frames = (rgba(frame, matte) for frame, matte in self.kept())
        if not self.alpha:
            frames = (np.ascontiguousarray(frame[..., :3]) for frame in frames)
        animated(self.path, frames, lengths, **options)


def animated(path: Path, frames: Iterator[Rgb], lengths: Sequence[int], **options: int) -> None:
    """Write the frames, each shown for its length in milliseconds. `options` are Pillow's for the
    format that the path's ending names. Raises CannotWrite."""
    name, usual = _AS[path.suffix.lower()]
    first = Image.fromarray(next(frames))
    rest: list[Any] = [_Later(first.mode, first.size, frames, len(lengths) - 1)]
    with whole(path) as part:
        first.save(
            part, name, save_all=True, append_images=rest if len(lengths) > 1 else [],
            duration=list(lengths) if len(lengths) > 1 else lengths[0], **(usual | options),
        )  # fmt: skip


class _Later:
    """The rest of the frames, as much of a picture as Pillow asks of one that has several."""

    def __init__(self, mode: str, size: tuple[int, int], frames: Iterator[Rgb], count: int):
        self.mode = mode
        self.size = size
        self.n_frames = count
        self._frames = frames
        self._shown = Image.new(mode, (1, 1))

    def seek(self, number: int) -> None:
        frame = next(self._frames, None)
        if frame is None:
            raise EOFError
        self._shown = Image.fromarray(frame)

    def getim(self) -> Any:
        return self._shown.getim()

    def tobytes(self, *how: str) -> bytes:
        return self._shown.tobytes()
