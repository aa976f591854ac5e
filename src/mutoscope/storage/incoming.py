"""A file on its way into the media store: written, hashed and counted chunk by chunk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from mutoscope.errors import BadInput, CannotWrite
from mutoscope.storage.sniff import HEAD

FULL = {errno.ENOSPC, errno.EDQUOT}
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_AT_ONCE = 512  # pieces in one call; the system takes 1,024


class TooLarge(BadInput):
    """The content is longer than the store takes."""

    status = 413
    code = "too_large"


class DiskFull(CannotWrite):
    """There is no room left for the file."""

    status = 507
    code = "insufficient_storage"


class Incoming:
    """A new file in `folder`, gone when it is closed unless it took its name by then.

    `write`, `take_name` and `close` block on the disk: they are called in threads, and wait for one
    another. `TooLarge` beyond `bound` bytes; `DiskFull` or `CannotWrite` where the disk does not take it.
    """

    def __init__(self, folder: Path, bound: int | None) -> None:
        self.head, self.length = b"", 0
        self._bound, self._digest, self._folder = bound, hashlib.sha256(), folder
        self._lock = threading.Lock()
        self._path: Path | None = folder / secrets.token_hex(16)
        with cannot_write(folder):
            try:
                self._file = os.open(self._path, _NEW, 0o444)
            except FileNotFoundError:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self._path, _NEW, 0o444)

    def write(self, *pieces: bytes) -> None:
        """Take the next bytes, in one piece or several."""
        for piece in pieces:
            self._digest.update(piece)
        self._put(pieces)

    def write_hashed(self, pieces: Sequence[bytes], digest: hashlib._Hash) -> None:
        """Take the whole content, whose SHA-256 was reckoned before."""
        self._digest = digest
        self._put(pieces)

    def _put(self, pieces: Sequence[bytes]) -> None:
        with self._lock:
            self.length += sum(map(len, pieces))
            if self._bound is not None and self.length > self._bound:
                raise TooLarge(
                    f"the file is longer than {self._bound:,} bytes, the most that is taken"
                )
            if len(self.head) < HEAD:
                self.head = beginning((self.head, *pieces))
            if self._path is not None:  # else it was closed meanwhile: nobody wants the bytes
                with cannot_write(self._folder):
                    _write(self._file, pieces)

    def sha256(self) -> str:
        """Of all that was written, in hexadecimal."""
        return self._digest.hexdigest()

    def take_name(self, place: Path) -> None:
        """Give the finished file its name, in one step; it is read-only."""
        with self._lock, cannot_write(self._folder):
            if self._path is None:
                raise CannotWrite("the file was given up before it was stored")
            for _ in range(10):
                try:
                    os.replace(self._path, place)
                except FileNotFoundError:  # its shard is new, or the store took it away in between
                    place.parent.mkdir(parents=True, exist_ok=True)
                    continue
                os.close(self._file)
                self._path = None
                return
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def close(self) -> None:
        """Leave nothing behind that took no name."""
        with self._lock:
            if self._path is None:
                return
            with contextlib.suppress(OSError):
                os.close(self._file)
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._path = None

    def __enter__(self) -> Incoming:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def beginning(pieces: Iterable[bytes]) -> bytes:
    """The first HEAD bytes, without joining all of them."""
    head = b""
    for piece in pieces:
        head += piece[: HEAD - len(head)]
        if len(head) >= HEAD:
            break
    return head


@contextlib.contextmanager
def cannot_write(folder: Path) -> Iterator[None]:
    """What the disk refuses, in one sentence."""
    try:
        yield
    except OSError as error:
        kind = DiskFull if error.errno in FULL else CannotWrite
        raise kind(
            f"the media store {folder.parent} cannot be written: {error.strerror or error}"
        ) from None


def _write(file: int, pieces: Sequence[bytes]) -> None:
    """All the pieces, in as few calls as the system lets."""
    for start in range(0, len(pieces), _AT_ONCE):
        some = pieces[start : start + _AT_ONCE]
        written = os.writev(file, some)
        for piece in some:  # what one call left over
            left = memoryview(piece)[min(written, len(piece)) :]
            written = max(0, written - len(piece))
            while left:
                left = left[os.write(file, left) :]
