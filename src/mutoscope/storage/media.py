"""The media store: files by their SHA-256, written once, on a local folder.

::

    FOLDER/ab/abcdef…       the content of the file whose SHA-256 is abcdef…, read-only
    FOLDER/.incoming/…      files being written; what a killed process left is swept out by age
    FOLDER/.leaving/…       a file at the moment of its removal

A file is written beside its place and takes its name in one step when all of it is there, so every
name that can be seen holds its whole content. Two processes that put the same content make one file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from mutoscope.errors import BadInput, CannotWrite, MutoscopeError
from mutoscope.shot import Media
from mutoscope.storage.incoming import DiskFull, Incoming, TooLarge, beginning
from mutoscope.storage.sniff import media_type

CHUNK = 1 << 20
ABANDONED = 24 * 3600.0  # seconds after which a file in .incoming belongs to no living process


class MediaMissing(MutoscopeError):
    """The store has no file under this handle."""

    status = 404
    code = "not_found"


class MediaStore:
    """Content-addressed files under `folder`. `max_bytes` bounds each file."""

    def __init__(self, folder: Path, *, max_bytes: int | None = None) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def put(
        self, content: Path | bytes | IO[bytes], *, type: str = "", max_bytes: int | None = None
    ) -> Media:
        """Store a file, bytes or what a file object gives; the handle to it.

        The media type is told from the content; `type` is what counts where that cannot tell. `TooLarge`
        beyond the bound, `CannotWrite` where the folder cannot be written, `BadInput` where the path
        cannot be read. Content that is here already is not written again.
        """
        with _opened(content) as source, self.incoming(max_bytes=max_bytes) as incoming:
            for chunk in source:
                incoming.write(chunk)
            return self.keep(incoming, type=type)

    def incoming(self, *, max_bytes: int | None = None) -> Incoming:
        """A file to write piece by piece, as it comes; `keep` stores it, closing it leaves nothing."""
        bound = self.max_bytes if max_bytes is None else max_bytes
        return Incoming(self.folder / ".incoming", bound)

    def keep(self, incoming: Incoming, *, type: str = "") -> Media:
        """Store what was written; the handle to it, with the type as for `put`."""
        media = Media(incoming.sha256(), _type(incoming.head, type), incoming.length)
        if not self.touch(media):
            incoming.take_name(self._place(media.sha256))
        incoming.close()
        return media

    def put_pieces(self, pieces: Sequence[bytes], *, type: str = "") -> Media:
        """`put` of content that is in memory in pieces: what is here already costs no writing at all."""
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        kind = _type(beginning(pieces), type)
        media = Media(digest.hexdigest(), kind, sum(map(len, pieces)))
        if self.touch(media):
            return media
        with self.incoming() as incoming:
            incoming.write_hashed(pieces, digest)
            return self.keep(incoming, type=type)

    def path(self, media: Media) -> Path:
        """The file; it must only be read. `MediaMissing` where it is not here."""
        place = self._place(media.sha256)
        if not self.has(media):
            raise MediaMissing(f"the media store has no file {media.sha256[:16]}… ({media.type})")
        return place

    def open(self, media: Media) -> BinaryIO:
        """The content, to read. `MediaMissing` where it is not here."""
        return self.path(media).open("rb")

    def has(self, media: Media) -> bool:
        """Whether the file is here, with the length it should have."""
        try:
            return self._place(media.sha256).stat().st_size == media.length
        except OSError:
            return False

    def touch(self, media: Media) -> bool:
        """`has`; a file that is here is as young as its last sender, so that no sweep takes it meanwhile."""
        try:
            place = self._place(media.sha256)
            if place.stat().st_size != media.length:
                return False
            os.utime(place)
        except OSError:
            return False
        return True

    def verify(self, media: Media) -> bool:
        """Whether the file is here and its content has its SHA-256. Reads all of it."""
        try:
            with self._place(media.sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == media.sha256
        except OSError:
            return False

    def remove(self, media: Media) -> bool:
        """Remove the file; whether it was here. Readers that have it open keep their content."""
        place = self._place(media.sha256)
        try:
            place.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise CannotWrite(f"{place} cannot be removed: {error.strerror}") from None
        with contextlib.suppress(OSError):  # the shard is kept where others are in it
            place.parent.rmdir()
        return True

    def retire(self, sha256: str, *, older_than: float) -> bool:
        """Remove a file that nobody needs, unless somebody sent it within so many seconds: its row may be
        about to be written. Whether it is gone."""
        place, leaving = self._place(sha256), self.folder / ".leaving" / sha256
        try:
            if time.time() - place.stat().st_mtime < older_than:
                return False
            leaving.parent.mkdir(exist_ok=True)
            os.replace(place, leaving)
            # from here on, whoever sends it writes it anew; who did a moment ago made it young
            if time.time() - leaving.stat().st_mtime < older_than:
                os.replace(leaving, place)
                return False
            leaving.unlink()
        except FileNotFoundError:
            return True
        except OSError as error:
            raise CannotWrite(f"{place} cannot be removed: {error.strerror}") from None
        with contextlib.suppress(OSError):  # the shard is kept where others are in it
            place.parent.rmdir()
        return True

    def stored(self) -> Iterator[str]:
        """The SHA-256 of every file that is here."""
        for shard in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            with contextlib.suppress(FileNotFoundError):
                yield from os.listdir(shard)

    def sweep(self, older_than: float = ABANDONED) -> int:
        """Remove what killed processes left in .incoming, by age in seconds; how many there were. What
        was just leaving is put back, to be looked at again."""
        for leaving in (self.folder / ".leaving").glob("*"):
            with contextlib.suppress(OSError):
                place = self._place(leaving.name)
                place.parent.mkdir(exist_ok=True)
                os.replace(leaving, place)
        count = 0
        limit = time.time() - older_than
        for left in (self.folder / ".incoming").glob("*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < limit:
                    left.unlink()
                    count += 1
        return count

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def _type(head: bytes, claimed: str) -> str:
    return media_type(head) or claimed or "application/octet-stream"


@contextlib.contextmanager
def _opened(content: Path | bytes | IO[bytes]) -> Iterator[Iterator[bytes]]:
    """The content in chunks; a path that cannot be read is a BadInput."""
    if isinstance(content, bytes):
        yield iter([content])
    elif isinstance(content, Path):
        try:
            file = content.open("rb")
        except OSError as error:
            raise BadInput(f"{content} cannot be read: {error.strerror}") from None
        with file:
            yield _chunks(file, str(content))
    else:
        yield _chunks(content, "the file")


def _chunks(file: IO[bytes], name: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = file.read(CHUNK)
        except OSError as error:
            raise BadInput(f"{name} cannot be read: {error.strerror or error}") from None
        if not chunk:
            return
        yield chunk


__all__ = ["ABANDONED", "CHUNK", "DiskFull", "Incoming", "MediaMissing", "MediaStore", "TooLarge"]
