"""Fresh SQLite records for tests: the tables are made once for a process and copied from then on."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from mutoscope.storage.records import Records
from mutoscope.storage.sqlite import FILE


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with Records.open("", Path(folder)):
            pass
        return (Path(folder) / FILE).read_bytes()


def put(folder: Path) -> Path:
    """The folder, with the tables' file in it where it has none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / FILE).exists():
        (folder / FILE).write_bytes(_template())
    return folder
