"""What is no longer kept: expired films and files, and media that nobody needs.

A film's files go before its row: a row that is there and has no file any more can be told from one that
never was, and the next look takes up where a killed one stopped. A medium is removed only when no row
needs it and nobody sent it within the last moments, for whoever sent it may be about to write his row.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete

from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.job import Job
from mutoscope.shot import Media
from mutoscope.storage.files import Files
from mutoscope.storage.tables import media_uses
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

EVERY = 5.0  # seconds between looks for what has expired
AT_A_TIME = 100
YOUNG = 10.0  # seconds within which a medium's sender may still write the row that needs it
LEAVING = "leaving"  # the owner of media that nobody needs and that are too young to be removed
SWEEP = 3600.0  # seconds between looks at everything that lies in the store
FORGOTTEN = (
    6 * 3600.0
)  # seconds after which what lies there without a row was forgotten by a killed process


class Retention:
    """See the module."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.files = Files(house.records)
        self.uses = Uses()
        self._swept: float | None = None

    async def turn(self) -> float:
        """Delete what has expired; seconds until the next look."""
        expired = await self.house.ledger.expired(AT_A_TIME)
        for job in expired:
            await self.delete(job)
        names = await self.files.expired(AT_A_TIME)
        for name in names:
            await self.retire(media.sha256 for media in await self.files.delete(name, None) or ())
        await self.retire(await self.house.records.write(self._left))
        now = asyncio.get_running_loop().time()
        if self._swept is None or now - self._swept > SWEEP:
            self._swept = now
            if removed := await self.sweep():
                _log.info("%d files that nobody needed were removed", removed)
        full = len(expired) == AT_A_TIME or len(names) == AT_A_TIME
        return 0.0 if full else EVERY

    async def delete(self, job: Job) -> None:
        """Delete an ended job: its files, then its row."""
        dropped = await self.house.records.write(lambda c: self.uses.drop(c, job.id))
        await self.retire(media.sha256 for media in (*dropped, *_of(job)))
        reach("swept")
        await self.house.ledger.discard(job.id)

    async def retire(self, sha256s: Iterable[str], *, younger: float | None = None) -> int:
        """Remove those media that nobody needs; how many are gone. One that somebody sent within
        `younger` seconds (None: `YOUNG`) is removed at a later turn, by whichever server has that."""
        unneeded = await self._unneeded(sha256s)
        gone = await self._removed(unneeded, YOUNG if younger is None else younger)
        if young := unneeded - gone:
            media = [Media(one, "application/octet-stream", 0) for one in young]
            await self.house.records.write(lambda c: self.uses.add(c, LEAVING, media))
        return len(gone)

    async def sweep(self) -> int:
        """Look at everything in the store, and remove what was forgotten; how many files."""
        stored = await asyncio.to_thread(list, self.house.media.stored())
        left, count = iter(stored), 0
        while some := tuple(islice(left, 500)):
            count += len(await self._removed(await self._unneeded(some), FORGOTTEN))
        return count

    def _left(self, connection: Connection) -> list[str]:
        """Media that were too young to be removed, and no longer are."""
        old = media_uses.c.created <= self.house.records.now(connection) - YOUNG
        left = delete(media_uses).where(media_uses.c.owner == LEAVING, old)
        return list(connection.execute(left.returning(media_uses.c.sha256)).scalars())

    async def _unneeded(self, sha256s: Iterable[str]) -> set[str]:
        wanted = set(sha256s)
        if not wanted:
            return wanted
        return wanted - await self.house.records.read(lambda c: self.uses.needed(c, wanted))

    async def _removed(self, sha256s: set[str], older_than: float) -> set[str]:
        """Those that are gone now."""
        media = self.house.media

        def remove() -> set[str]:
            return {one for one in sha256s if media.retire(one, older_than=older_than)}

        return await asyncio.to_thread(remove) if sha256s else set()


def _of(job: Job) -> Iterable[Media]:
    """The media of a job's result: also of one whose uses were dropped before the process was killed."""
    return () if job.result is None else job.result.media.values()
