"""A file on its way into the media store: written, hashed and counted chunk by chunk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from mutoscope.errors import BadInput, CannotWrite
from mutoscope.storage.sniff import HEAD

FULL = {errno.ENOSPC, errno.EDQUOT}


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

    `write`, `take_name` and `close` block on the disk: they are called in a thread, one at a time.
    `TooLarge` beyond `bound` bytes; `DiskFull` or `CannotWrite` where the disk does not take it.
    """

    def __init__(self, folder: Path, bound: int | None) -> None:
        self.head, self.length = b"", 0
        self._bound, self._digest, self._folder = bound, hashlib.sha256(), folder
        self._path: Path | None = None
        with cannot_write(folder):
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder)
            self._path = Path(name)
            self._file = os.fdopen(handle, "wb")

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.length += len(chunk)
        if self._bound is not None and self.length > self._bound:
            raise TooLarge(f"the file is longer than {self._bound:,} bytes, the most that is taken")
        self._digest.update(chunk)
        with cannot_write(self._folder):
            self._file.write(chunk)
        if len(self.head) < HEAD:
            self.head += chunk[: HEAD - len(self.head)]

    def sha256(self) -> str:
        """Of all that was written, in hexadecimal."""
        return self._digest.hexdigest()

    def take_name(self, place: Path) -> None:
        """Give the finished file its name, in one step; it is read-only from then on."""
        assert self._path is not None
        with cannot_write(self._folder):
            self._file.close()
            self._path.chmod(0o444)
            for _ in range(10):
                place.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.replace(self._path, place)
                except FileNotFoundError:  # the store took the empty shard away in between
                    continue
                self._path = None
                return
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def close(self) -> None:
        """Leave nothing behind that took no name."""
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            self._file.close()
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
