"""The user's cache: what could be made again, kept so that it need not be.

`MUTOSCOPE_CACHE` names another folder, or is `off`. What cannot be written is not kept; whoever reads
treats a damaged file as one that is not there.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def folder(room: str) -> Path | None:
    """Where a room keeps its files; None where `MUTOSCOPE_CACHE` is `off`. It need not exist yet."""
    chosen = os.environ.get("MUTOSCOPE_CACHE", "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return Path(chosen).expanduser() / room
    from platformdirs import user_cache_path

    return user_cache_path("mutoscope") / room


def keep(path: Path, write: Callable[[IO[bytes]], None], most_bytes: int) -> None:
    """Write a file beside its place and give it its name; then let the folder hold `most_bytes` at most.
    A folder that cannot be written, or a full disk, is no reason to fail."""
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            beside = Path(file.name)
            write(file)
        beside.replace(path)
        _bound(path.parent, most_bytes)
    except OSError:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _bound(place: Path, most_bytes: int) -> None:
    """Remove what was used the longest ago, and parts that a killed process left."""
    kept = []
    for path in place.iterdir():
        with contextlib.suppress(OSError):
            stat = path.stat()
            kept.append((stat.st_mtime, stat.st_size, path))
    total = 0
    for _, size, path in sorted(kept, reverse=True):
        total += size
        if total > most_bytes:
            with contextlib.suppress(OSError):
                path.unlink()
