"""A folder for what work leaves in the temporary folder: gone with the process, also a killed one's."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "mutoscope-work-"
_LOCK = ".held"


class Scratch:
    """A folder that this process holds by a lock. Those that nobody holds any more are removed when the
    next one is made."""

    def __init__(self, under: Path | None = None) -> None:
        place = Path(tempfile.gettempdir()) if under is None else under
        place.mkdir(parents=True, exist_ok=True)
        sweep(place)
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        self._lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def room(self, name: str) -> Path:
        """A new, empty folder in it."""
        room = self.folder / name
        room.mkdir()
        return room

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def sweep(place: Path) -> int:
    """Remove the folders of processes that have ended; how many there were."""
    count = 0
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = os.open(folder / _LOCK, os.O_RDWR)  # one without a lock is just being made
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                count += 1
            finally:
                os.close(lock)
    return count
