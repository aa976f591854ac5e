"""Watching jobs for many listeners at little cost: one reader a process, however many listen to how much.

The rows are read together, at once where this process changed one, else in a pace that follows how much
happens. A listener is told that there is news, and takes the newest: what it was too slow for is gone,
so a slow one costs no memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mutoscope.errors import MutoscopeError
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.server")

BUSY, QUIET = 0.5, 2.0  # seconds between two reads while things change, and while they do not
GATHER = 0.05  # seconds in which changes of this process are read together
TOGETHER = 500  # rows to a read

#: A job's id and the job, or None where it is gone → its news.
Render = Callable[[str, "Job | None"], "News"]


@dataclass(frozen=True, slots=True)
class News:
    """What a listener is sent. `name` is the state's, the same in every process; `last` where nothing can
    follow. `preview` is the text of an event of its own, "" where there is nothing to see."""

    kind: str
    name: str
    text: str
    last: bool
    preview: str = ""


@dataclass(slots=True)
class Watched:
    news: News
    seen: tuple[object, ...] = ()
    listeners: set[asyncio.Event] = field(default_factory=set)


class Watch:
    """See the module."""

    def __init__(self, house: House, render: Render) -> None:
        self._house = house
        self._render = render
        self._watched: dict[str, Watched] = {}
        self._dirty: set[str] = set()
        self._hint = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listen(self, job: Job) -> Iterator[tuple[Watched, asyncio.Event]]:
        """The job's watched state and an event that is set at every change, and when the server ends."""
        watched = self._watched.setdefault(job.id, Watched(self._render(job.id, job)))
        news = asyncio.Event()
        watched.listeners.add(news)
        self._dirty.add(job.id)  # it may have changed since it was read
        self._hint.set()
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read_on(), name="watch")
        try:
            yield watched, news
        finally:
            watched.listeners.discard(news)
            if not watched.listeners and self._watched.get(job.id) is watched:
                del self._watched[job.id]
                self._hint.set()

    async def _read_on(self) -> None:
        """Read while anybody listens."""
        closing = asyncio.create_task(self._house.closing.wait())
        stop = self._house.ledger.watch(self._changed)
        pause = BUSY
        try:
            while self._watched and not closing.done():
                hinted = await _either(self._hint, closing, pause)
                if hinted:
                    await asyncio.sleep(GATHER)
                self._hint.clear()
                chosen = list(self._dirty & self._watched.keys() if hinted else self._watched)
                self._dirty.clear()
                news = await self._look(chosen)
                pause = BUSY if news else min(QUIET, pause * 1.25)
        finally:
            stop()
            closing.cancel()
            for watched in self._watched.values():
                _tell(watched)

    def _changed(self, job: str) -> None:
        if job in self._watched:
            self._dirty.add(job)
            self._hint.set()

    async def _look(self, ids: Sequence[str]) -> bool:
        """Read these rows; whether any has news."""
        found: dict[str, tuple[object, ...]] = {}
        try:
            for at in range(0, len(ids), TOGETHER):
                some = ids[at : at + TOGETHER]
                found |= await self._house.records.read(lambda c: _states(c, some))  # noqa: B023
            moved = [id for id in ids if self._moved(id, found.get(id))]
            for id in moved:
                job = await self._house.ledger.get(id) if id in found else None
                self._publish(id, found.get(id, ()), job)
        except MutoscopeError as error:  # the database is away
            _log.warning("live progress waits: %s", error.message)
            return False
        except Exception:
            _log.exception("live progress waits")
            return False
        return bool(moved)

    def _moved(self, id: str, state: tuple[object, ...] | None) -> bool:
        watched = self._watched.get(id)
        return watched is not None and (state is None or state != watched.seen)

    def _publish(self, id: str, state: tuple[object, ...], job: Job | None) -> None:
        watched = self._watched.get(id)
        if watched is None:
            return
        watched.seen = state
        news = self._render(id, job)
        if news != watched.news:
            watched.news = news
            _tell(watched)


def _states(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """What can be news of these jobs, by id."""
    of = select(
        jobs.c.id, jobs.c.status, jobs.c.stage, jobs.c.progress, jobs.c.cancel_requested
    ).where(jobs.c.id.in_(ids))
    return {
        row.id: (
            row.status,
            row.stage,
            int(100 * row.progress),
            bool(row.cancel_requested),
        )
        for row in connection.execute(of)
    }


async def _either(hint: asyncio.Event, closing: asyncio.Task[bool], pause: float) -> bool:
    """Wait for a hint, the end of the server or the end of the pause; whether there was a hint."""
    hinted = asyncio.create_task(hint.wait())
    try:
        await asyncio.wait([hinted, closing], timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        return hinted.done()
    finally:
        hinted.cancel()


def _tell(watched: Watched) -> None:
    for listener in watched.listeners:
        listener.set()
