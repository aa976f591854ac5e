"""What a pool and its worker processes say to one another: pickled tuples, each after its length.

To a worker: ``("work", name, payload)``, ``("cancel", name)``. From it: ``("ready",)``,
``("taken", name)``, ``("progress", name, stage, fraction, left)``, ``("done", name, result)``,
``("failed", name, error, trace, goes_on)``; payload, result and error are pickled by themselves, so that the pool's thread need not load them.
"""

from __future__ import annotations

import os
import pickle
import select
import struct
import time
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct("!Q")
_PIECE = 1 << 18


def send(pipe: int, message: tuple[Any, ...], *, wait: float | None = None) -> None:
    """Write one message. BrokenPipeError where nobody reads any more; TimeoutError where the reader
    took nothing for `wait` seconds (for a pipe that does not block)."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    left = memoryview(_LENGTH.pack(len(body)) + body)
    while left:
        try:
            left = left[os.write(pipe, left) :]
        except BlockingIOError:
            _, writable, _ = select.select([], [pipe], [], wait)
            if not writable:
                raise TimeoutError(f"the other side took nothing for {wait:g} s") from None


class Incoming:
    """The messages of a pipe, put together from what `os.read` gives."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe
        self._got = bytearray()

    def read(self) -> list[tuple[Any, ...]] | None:
        """Read once, what is there → the messages that are whole; None at the end of the pipe."""
        try:
            piece = os.read(self.pipe, _PIECE)
        except BlockingIOError:
            return []
        if not piece:
            return None
        self._got += piece
        return list(self._whole())

    def _whole(self) -> Iterator[tuple[Any, ...]]:
        while len(self._got) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._got)
            end = _LENGTH.size + length
            if len(self._got) < end:
                return
            message: tuple[Any, ...] = pickle.loads(self._got[_LENGTH.size : end])
            del self._got[:end]
            yield message


class Seldom:
    """Whether it is time again: `due` is true at a new stage and else every `pause` seconds."""

    def __init__(self, pause: float = 0.05) -> None:
        self._pause = pause
        self._stage: str | None = None
        self._last = 0.0

    def due(self, stage: str) -> bool:
        now = time.monotonic()
        if stage == self._stage and now - self._last < self._pause:
            return False
        self._stage, self._last = stage, now
        return True
