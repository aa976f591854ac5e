"""Everything that a running server holds, as one value that is handed to whoever needs a part of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mutoscope.jobs.pace import Pace
from mutoscope.jobs.previews import Previews
from mutoscope.server.intake import Intake

if TYPE_CHECKING:
    from mutoscope.compute.base import Compute
    from mutoscope.config import Settings
    from mutoscope.engines.registry import Engines
    from mutoscope.jobs.ledger import Ledger
    from mutoscope.jobs.outbox import Outbox
    from mutoscope.outside.fetch import Fetcher
    from mutoscope.server.keys import Keys
    from mutoscope.server.links import Links
    from mutoscope.server.metrics import Metrics
    from mutoscope.storage.media import MediaStore
    from mutoscope.storage.records import Records


@dataclass(frozen=True, slots=True)
class House:
    """`compute` renders, `probes` looks into what strangers sent; both are processes beside this one.
    `pace` is how fast engines worked here, learned by the worker and read at the desk.
    `closing` is set when the server goes down: whatever streams without end then ends."""

    settings: Settings
    records: Records
    ledger: Ledger
    media: MediaStore
    compute: Compute
    probes: Compute
    engines: Engines
    fetch: Fetcher
    keys: Keys
    links: Links
    outbox: Outbox
    metrics: Metrics
    intake: Intake = field(default_factory=Intake)
    pace: Pace = field(default_factory=Pace)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def previews(self) -> Previews:
        """The pictures of films that are being made."""
        return Previews(self.records.folder)
