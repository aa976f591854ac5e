"""The cache: one folder per user, `MUTOSCOPE_WEIGHTS` to have it elsewhere.

::

    u2netp-309c8469258d.onnx     a file of the manifest, by its name and the start of its SHA-256
    own/depth.onnx               a file that the owner gave with `mutoscope weights add`
    own/depth.json               its SHA-256, length and where it came from
    .fetch-matte/                a fetch at work, or one that was cut off; its lock is .fetch-matte.lock
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from mutoscope.errors import WeightsCorrupt
from mutoscope.weights.manifest import Entry

State = Literal["missing", "here", "damaged"]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """The record beside a file that the owner gave."""

    sha256: str
    size: int
    original: str  # the path it was copied from


def folder() -> Path:
    """Where the weights lie; it need not exist yet."""
    if set_by_owner := os.environ.get("MUTOSCOPE_WEIGHTS"):
        return Path(set_by_owner).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("mutoscope") / "weights"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def own_path(entry: Entry) -> Path:
    return folder() / "own" / f"{entry.name}{Path(entry.file).suffix}"


def own_record(entry: Entry) -> Own | None:
    """What is known of the owner's file, or None where there is none or its record is unreadable."""
    try:
        return msgspec.json.decode(own_path(entry).with_suffix(".json").read_bytes(), type=Own)
    except (OSError, msgspec.MsgspecError):
        return None


def find(entry: Entry) -> Path | None:
    """The owner's file, or else the manifest's, if one is here with the length it should have."""
    record = own_record(entry) if entry.form else None
    candidates = [(own_path(entry), record.size)] if record else []
    candidates.append((folder() / entry.cached_as, entry.size))
    for path, size in candidates:
        try:
            if path.stat().st_size == size:
                return path
        except OSError:
            continue
    return None


def state(entry: Entry) -> State:
    """Whether the file that would be used is there, by its length alone."""
    if find(entry):
        return "here"
    return "damaged" if (folder() / entry.cached_as).exists() else "missing"


def verify(entry: Entry) -> Path | None:
    """Read the file that would be used and compare its SHA-256.

    None where nothing is here; `WeightsCorrupt` where what is here is not what it should be."""
    path = find(entry)
    if path is None and not (folder() / entry.cached_as).exists():
        return None
    mend = f"fetch it again with `mutoscope weights fetch {entry.name}`"
    if path is None:
        path = folder() / entry.cached_as
        raise WeightsCorrupt(
            f"{path} has {path.stat().st_size:,} bytes instead of {entry.size:,}; {mend}"
        )
    record = own_record(entry) if path == own_path(entry) else None
    wanted = record.sha256 if record else entry.sha256
    found = sha256_of(path)
    if found != wanted:
        if record:
            mend = f"give it again with `mutoscope weights add {entry.name} FILE`"
        raise WeightsCorrupt(f"{path} has SHA-256 {found[:16]}… instead of {wanted[:16]}…; {mend}")
    return path
