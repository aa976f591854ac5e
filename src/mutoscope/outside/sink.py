"""Where the bytes of an answer go: decoded in bounded steps, counted, told by their first bytes."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from mutoscope.errors import CannotWrite
from mutoscope.storage.sniff import HEAD, media_type

STEP = 1 << 18  # bytes that one step of decoding may come to
IN_MEMORY = 1 << 20  # bytes; what is longer goes to a file without a name

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Undecodable(Exception):
    """The content is not what its encoding says."""


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(
            f"the media store's {folder} cannot be written: {error.strerror or error}"
        ) from None


class Sink:
    """`take` and `end` belong in a thread; both may raise what `judge` raises, or Undecodable.

    `judge(type, length)` is called with the media type as soon as the first bytes tell it and with the
    bytes so far, then after each step: it stops the whole by raising.
    """

    def __init__(self, folder: Path, *, encoding: str, judge: Callable[[str, int], None]) -> None:
        with _written(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder))  # noqa: SIM115
        self._folder = folder
        self._inflate = zlib.decompressobj(GZIP_OR_ZLIB) if encoding else None
        self._judge = judge
        self._head = b""
        self._type: str | None = None
        self._length = 0
        self._lock = threading.Lock()  # a step that was given up may still be running

    def take(self, data: bytes) -> None:
        with self._lock:
            for piece in self._decoded(data):
                self._keep(piece)

    def end(self) -> int:
        """All was taken: the length in bytes; the file stands at its beginning."""
        with self._lock:
            if self._inflate is not None and self._length and not self._inflate.eof:
                raise Undecodable
            self._tell()
            self.file.seek(0)
            return self._length

    def close(self) -> None:
        with self._lock:
            self.file.close()

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            yield data
            return
        try:
            while data and not self._inflate.eof:
                yield self._inflate.decompress(data, STEP)
                data = self._inflate.unconsumed_tail
        except zlib.error:
            raise Undecodable from None

    def _keep(self, piece: bytes) -> None:
        if self.file.closed:
            return
        self._length += len(piece)
        if self._type is None:
            self._head += piece[: HEAD - len(self._head)]
            if len(self._head) >= HEAD:
                self._tell()
        else:
            self._judge(self._type, self._length)
        with _written(self._folder):
            self.file.write(piece)

    def _tell(self) -> None:
        if self._type is None:
            self._type = media_type(self._head)
            self._judge(self._type, self._length)
