"""The outbox: events are written down in the commit that they tell of, and delivered afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from mutoscope.storage.ids import new_id
from mutoscope.storage.tables import events

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mutoscope.config import Settings
    from mutoscope.storage.records import Records


class Outbox:
    """See the module."""

    def __init__(self, records: Records, settings: Settings) -> None:
        self.records = records
        self.settings = settings

    def add(
        self, connection: Connection, project: str, type: str, subject: str, url: str | None = None
    ) -> str:
        """Write an event down, as part of the caller's transaction; its id. `subject` is the job's id,
        `url` its own webhook."""
        event = new_id("evt_")
        connection.execute(
            insert(events).values(
                id=event,
                project=project,
                type=type,
                subject=subject,
                url=url,
                created=self.records.now(connection),
            )
        )
        return event
