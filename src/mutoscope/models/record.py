"""The record beside a checkpoint: what it is made of, where that came from, and when."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec


class File(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file. A hub's listing knows the SHA-256 of a large one, and of a small one only git's SHA-1; the
    record of a file that is here has its SHA-256."""

    size: int
    sha256: str = ""
    git: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`revision` is what was asked for, `commit` what it meant. `folder` is the owner's, where the
    checkpoint was not pulled; `damaged` are the files that the last `verify` found changed."""

    repository: str
    revision: str
    commit: str
    when: str
    files: dict[str, File] = {}
    folder: str = ""
    damaged: tuple[str, ...] = ()


def read(path: Path) -> Record | None:
    """The record, or None where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None


def write(path: Path, value: Any) -> None:
    """`value` as JSON, there whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def now() -> str:
    """The time, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
