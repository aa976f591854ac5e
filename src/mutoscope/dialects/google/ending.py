"""Waiting for the end of a job, with neither a thread nor a connection to the database held meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from mutoscope.server.errors import Refusal
from mutoscope.server.watching import News, Watch

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job
    from mutoscope.server.house import House

WAITING = 1000  # clients at a time, in one process


class Ends:
    """One watch for everybody who waits."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.waiting = 0
        self.watch = Watch(house, _news)

    def room(self) -> None:
        """Refusal (503) where as many wait as may."""
        if self.waiting >= WAITING:
            raise Refusal(
                f"{WAITING} clients wait already, the most that are served",
                status=503,
                hint="create it in the background, and ask for it from time to time",
                headers={"retry-after": "10"},
            )

    async def of(self, job: Job, gone: asyncio.Future[None] | None = None) -> Job | None:
        """The job once it has ended or was taken back; None where it is gone. ClientDisconnect where
        `gone`, the waiting client, is done first. Refusal (503) where the server goes down."""
        self.room()
        self.waiting += 1
        try:
            with self.watch.listen(job) as (watched, news):
                if gone is not None:
                    gone.add_done_callback(lambda _: news.set())
                while not watched.news.last:
                    if gone is not None and gone.done():
                        raise ClientDisconnect
                    if self.house.closing.is_set():
                        raise Refusal(
                            "the server goes down; the film is made when it is back",
                            status=503,
                            code="unavailable",
                            hint="send the same request again: it finds the same film",
                            headers={"retry-after": "5"},
                        )
                    news.clear()
                    await news.wait()
        finally:
            self.waiting -= 1
        return await self.house.ledger.get(job.id, job.project)


def _news(id: str, job: Job | None) -> News:
    ended = job is None or job.due is None or job.hidden
    return News("ended" if ended else "open", "ended" if ended else "open", "", last=ended)
