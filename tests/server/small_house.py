"""A House with real records, media, keys and links in a folder, and nothing that renders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from fresh_records import put
from mutoscope.config import Settings
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.server.metrics import Metrics
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records

SECRET = b"a secret of the tests alone"


@contextmanager
def small_house(folder: Path, settings: Settings | None = None) -> Iterator[House]:
    absent = cast(Any, None)
    with Records.open("", put(folder)) as records:
        yield House(
            settings=settings or Settings(),
            records=records,
            ledger=absent,
            media=MediaStore(folder / "media"),
            compute=absent,
            probes=absent,
            engines=absent,
            fetch=absent,
            keys=Keys(records),
            links=Links(SECRET, "http://127.0.0.1:8640"),
            outbox=absent,
            metrics=Metrics(),
        )
