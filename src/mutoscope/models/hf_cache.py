"""The cache of the hub's own client, where a checkpoint may lie already: read, never written.

::

    models--OWNER--NAME/refs/main              the commit that a branch was
    models--OWNER--NAME/snapshots/COMMIT/...   the files by their names, links into blobs
    models--OWNER--NAME/blobs/HASH             SHA-256 of a large file, git's SHA-1 of a small one
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from mutoscope.models import layout
from mutoscope.models.listing import Listing
from mutoscope.models.record import File


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where it is: as the client has it, by HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME."""
    if said := environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE"):
        return _expanded(said)
    if said := environment.get("HF_HOME"):
        return _expanded(said) / "hub"
    return _expanded(environment.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def whole(repository: str, revision: str) -> bool:
    """Whether it has a whole checkpoint of that revision, by the names of its files."""
    commit = _commit(repository, revision)
    return bool(commit) and not layout.lacks(_room(repository) / "snapshots" / commit)


def listing(repository: str, revision: str) -> Listing | None:
    """What it has of a revision, a branch or a commit; None where it has nothing of it."""
    if not (commit := _commit(repository, revision)):
        return None
    snapshot = _room(repository) / "snapshots" / commit
    files = {
        path.relative_to(snapshot).as_posix(): file
        for path in sorted(snapshot.rglob("*"))
        if path.is_file() and (file := _file(path)) is not None
    }
    return Listing(commit=commit, files=files) if files else None


def blob(repository: str, file: File) -> Path | None:
    """Where it has this content of a repository's, of whatever revision."""
    for digest in (file.sha256, file.git):
        path = _room(repository) / "blobs" / digest
        try:
            if digest and path.stat().st_size == file.size:
                return path.resolve()
        except OSError:
            continue
    return None


def _commit(repository: str, revision: str) -> str:
    """What a branch was when the client last asked; "" where it never did."""
    if re.fullmatch(r"[0-9a-f]{40}", revision):
        return revision
    try:
        return (_room(repository) / "refs" / revision).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _file(path: Path) -> File | None:
    """Where the blobs' names do not say the hash — a cache on a disk without links — nothing is known."""
    target = Path(os.readlink(path)).name if path.is_symlink() else ""
    size = path.stat().st_size
    if re.fullmatch(r"[0-9a-f]{64}", target):
        return File(size=size, sha256=target)
    return File(size=size, git=target) if re.fullmatch(r"[0-9a-f]{40}", target) else None


def _room(repository: str) -> Path:
    return folder() / f"models--{repository.replace('/', '--')}"


def _expanded(path: str) -> Path:
    return Path(os.path.expandvars(path)).expanduser()
