"""One server to a data folder: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from mutoscope.errors import BadInput, CannotWrite

NAME = "server.lock"


class FolderInUse(BadInput):
    """Another server owns the data folder."""

    code = "data_in_use"


class FolderLock:
    """Held from `take` to `release`. The file says who has it; its being there means nothing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._file: int | None = None

    def take(self) -> None:
        """`FolderInUse` where another process holds it, `CannotWrite` where it cannot be held here."""
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotWrite(f"{self.path} cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(file, 32).decode("ascii", "replace").strip()
            os.close(file)
            if not isinstance(error, BlockingIOError):
                raise CannotWrite(
                    f"{self.path} cannot be locked: {error.strerror}; put the data folder on a disk "
                    "of this machine"
                ) from None
            raise FolderInUse(
                f"the data folder {self.path.parent} is in use by another server"
                f"{f' (process {holder})' if holder else ''}; stop that one, or give this one a folder "
                "of its own with --data"
            ) from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
