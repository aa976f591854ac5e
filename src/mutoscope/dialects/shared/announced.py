"""What a job's own webhook is sent, in the form of the dialect that the job was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutoscope.dialects.all import NAMES, dialect
from mutoscope.jobs import reading

if TYPE_CHECKING:
    from mutoscope.config import Settings
    from mutoscope.server.links import Links
    from mutoscope.storage.records import Records


class Announced:
    """For an Outbox: a job's id and an event's type → the body, None where it is the event itself. It is
    made when it is sent: a link in it is good for as long as any."""

    def __init__(self, records: Records, links: Links, settings: Settings) -> None:
        self._records, self._links = records, links
        self._seconds = settings.retention.links_hours * 3600.0

    async def __call__(self, subject: str, event: str) -> str | None:
        job = await self._records.read(lambda c: reading.one(c, subject))
        if job is None or job.dialect not in NAMES:
            return None
        news = dialect(job.dialect).news
        return news(job, event, self._sign).decode() if news is not None else None

    def _sign(self, path: str) -> str:
        return self._links.sign(path, seconds=self._seconds)
