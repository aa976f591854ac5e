"""Whether a file is the one that was listed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mutoscope.models.record import File

CHUNK = 1 << 22


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked(path: Path, wanted: File) -> str:
    """The file's SHA-256 where it is the wanted one by length and hash, "" where it is another. Git's
    SHA-1 of a file is that of its length, its kind and its content."""
    size = path.stat().st_size
    if size != wanted.size:
        return ""
    digest = hashlib.sha256()
    git = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if not wanted.sha256:
                git.update(chunk)
    if wanted.sha256:
        return wanted.sha256 if digest.hexdigest() == wanted.sha256 else ""
    return "" if wanted.git and git.hexdigest() != wanted.git else digest.hexdigest()
