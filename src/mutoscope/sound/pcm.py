"""Sound on disk while it is made: 32-bit floats in a scratch file, so that minutes take no memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mutoscope.sound.span import BLOCK, Sound, Source


class Pcm:
    """Samples in a file. Before the first and after the last there is silence, or with `loop` the film's
    other end."""

    def __init__(self, path: Path, samples: int, loop: bool = False) -> None:
        self.path, self.samples, self.loop = path, samples, loop
        self._held = np.memmap(path, np.float32, "r", shape=(samples, 2)) if samples else None

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = np.zeros((2, stop - start), np.float32)
        if self._held is None:
            return made
        at = start
        while at < stop:
            place = at % self.samples if self.loop else at
            if place < 0:
                at = min(stop, 0)
                continue
            if place >= self.samples:
                break
            count = min(stop - at, self.samples - place)
            made[:, at - start : at - start + count] = self._held[place : place + count].T
            at += count
        return made


def written(source: Source, samples: int, path: Path, *, loop: bool = False,
            heard: Callable[[int, Sound], None] = lambda at, sound: None) -> Pcm:  # fmt: skip
    """`samples` of the source in a file. `heard(at, block)` is told of each block."""
    with path.open("wb") as file:
        for at in range(0, samples, BLOCK):
            block = source.render(at, min(samples, at + BLOCK))
            heard(at, block)
            file.write(np.ascontiguousarray(block.T).tobytes())
    return Pcm(path, samples, loop)
