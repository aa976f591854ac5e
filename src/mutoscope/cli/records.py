"""What the verbs share that look into a server's records, or print JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from mutoscope.config import Settings
    from mutoscope.storage.records import Records


@contextmanager
def opened(data: Path | None, config: Path | None) -> Iterator[tuple[Records, Settings]]:
    """The records of a data folder, while a server may run on it, and its settings."""
    from mutoscope.configure import load
    from mutoscope.storage.records import Records

    settings, _ = load(config, given={"server.data": data})
    folder = settings.server.data
    folder.mkdir(parents=True, exist_ok=True)
    with Records.open(settings.server.database, folder, exclusive=False) as records:
        yield records, settings


def print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value)).decode())
