"""Uploads that come in parts: what has come lies on the disk, so that a server that is started again, or
another one on the same folder, takes what follows.

::

    MEDIA/.uploads/ID.json    whose it is and what it is to be called
    MEDIA/.uploads/ID.part    the bytes that have come
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path

import msgspec

from mutoscope.storage.incoming import cannot_write

LASTING = 48 * 3600.0  # seconds until an upload that goes no further is swept out
_ENDINGS = (".json", ".part")


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """An upload under way. `size` is as its sender said, None where it did not; `file` is the id that it
    became, from then on its content is in the store alone."""

    id: str
    project: str
    filename: str
    type: str
    size: int | None = None
    file: str = ""


class Partials:
    """The uploads under way, below the media's folder. Every method blocks on the disk."""

    def __init__(self, media: Path) -> None:
        self.folder = media / ".uploads"

    def begin(self, project: str, filename: str, type: str, size: int | None) -> Session:
        """A new upload, of which nothing has come."""
        session = Session(
            id=secrets.token_hex(24), project=project, filename=filename, type=type, size=size
        )
        with cannot_write(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._path(session.id, ".part").touch()
        self.write(session)
        self.sweep()
        return session

    def find(self, id: str) -> Session | None:
        """The upload; None for one that was never begun, was given up or swept out."""
        if not (id.isascii() and id.isalnum()):
            return None
        try:
            return msgspec.json.decode(self._path(id, ".json").read_bytes(), type=Session)
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, session: Session) -> None:
        """Keep what is known of an upload, in one step."""
        place = self._path(session.id, ".json")
        beside = place.with_suffix(f".{secrets.token_hex(4)}")
        with cannot_write(self.folder):
            beside.write_bytes(msgspec.json.encode(session))
            os.replace(beside, place)

    def received(self, session: Session) -> int:
        """How many bytes have come."""
        try:
            return self.content(session).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, session: Session, at: int, pieces: list[bytes]) -> None:
        """Put the bytes where they belong; sent again, they land in the same place."""
        with cannot_write(self.folder), self.content(session).open("r+b") as file:
            file.seek(at)
            for piece in pieces:
                file.write(piece)

    def content(self, session: Session) -> Path:
        """The file of what has come."""
        return self._path(session.id, ".part")

    def finished(self, session: Session, file: str) -> None:
        """Its content became a file: whoever sends the last part again is told of that one."""
        self.write(msgspec.structs.replace(session, file=file))
        self.content(session).unlink(missing_ok=True)

    def drop(self, session: Session) -> None:
        """Give it up."""
        for ending in _ENDINGS:
            self._path(session.id, ending).unlink(missing_ok=True)

    def sweep(self, older_than: float = LASTING) -> int:
        """Remove what went no further for so many seconds; how many files."""
        count, limit = 0, time.time() - older_than
        for left in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < limit:
                    left.unlink()
                    count += 1
        return count

    def _path(self, id: str, ending: str) -> Path:
        return self.folder / f"{id}{ending}"
