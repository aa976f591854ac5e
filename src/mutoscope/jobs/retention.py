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

from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.job import Job
from mutoscope.shot import Media
from mutoscope.storage.files import Files
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

EVERY = 5.0  # seconds between looks for what has expired
AT_A_TIME = 100
YOUNG = 10.0  # seconds within which a medium's sender may still write the row that needs it
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
        self._leaving: set[str] = set()  # not needed, but too young
        self._swept: float | None = None

    async def turn(self) -> float:
        """Delete what has expired; seconds until the next look."""
        expired = await self.house.ledger.expired(AT_A_TIME)
        for job in expired:
            await self.delete(job)
        names = await self.files.expired(AT_A_TIME)
        for name in names:
            await self.retire(media.sha256 for media in await self.files.delete(name, None) or ())
        if self._leaving:
            again, self._leaving = self._leaving, set()
            await self.retire(again)
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

    async def retire(self, sha256s: Iterable[str], *, younger: float = YOUNG) -> int:
        """Remove those media that nobody needs; how many were. Those that somebody just sent are
        looked at again at the next turn."""
        wanted = set(sha256s)
        if not wanted:
            return 0
        wanted -= await self.house.records.read(lambda c: self.uses.needed(c, wanted))
        gone = await asyncio.to_thread(self._remove, wanted, younger)
        if younger == YOUNG:
            self._leaving |= wanted - gone
        return len(gone)

    async def sweep(self) -> int:
        """Look at everything in the store, and remove what was forgotten; how many files."""
        stored = await asyncio.to_thread(list, self.house.media.stored())
        left, count = iter(stored), 0
        while some := tuple(islice(left, 500)):
            count += await self.retire(some, younger=FORGOTTEN)
        return count

    def _remove(self, sha256s: Iterable[str], younger: float) -> set[str]:
        return {one for one in sha256s if self.house.media.retire(one, older_than=younger)}


def _of(job: Job) -> Iterable[Media]:
    """The media of a job's result: also of one whose uses were dropped before the process was killed."""
    return () if job.result is None else job.result.media.values()
