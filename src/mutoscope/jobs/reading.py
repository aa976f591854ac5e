"""Point reads and pages of `jobs`, straight from the driver: what a program polls must cost little."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, Object
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs

_ALL = "SELECT " + ", ".join(column.name for column in jobs.c) + " FROM jobs "


@dataclass(frozen=True, slots=True)
class Page:
    jobs: Sequence[Job]
    has_more: bool


def one(connection: Connection, job: str) -> Job | None:
    found = fetch(connection, _ALL + "WHERE id = ?", (job,))
    return rows.job(found[0]) if found else None


def several(connection: Connection, names: Sequence[str]) -> dict[str, Job]:
    """The jobs that are there, by id. PostgreSQL alone."""
    found = fetch(connection, _ALL + "WHERE id = ANY(?)", (list(names),))
    return {made.id: made for made in map(rows.job, found)}


def page(
    connection: Connection, project: str, object: Object, after: str | None, limit: int, order: str
) -> Page | None:
    """See `Ledger.page`."""
    where, values = "WHERE project = ? AND object = ? ", [project, object]
    if after is not None:
        known = "SELECT 1 FROM jobs WHERE id = ? AND project = ? AND object = ?"
        if not fetch(connection, known, (after, project, object)):
            return None
        where += "AND id > ? " if order == "asc" else "AND id < ? "
        values.append(after)
    where += f"ORDER BY id {'ASC' if order == 'asc' else 'DESC'} LIMIT {limit + 1:d}"
    found = fetch(connection, _ALL + where, values)
    return Page([rows.job(row) for row in found[:limit]], has_more=len(found) > limit)


def fetch(connection: Connection, statement: str, values: Sequence[Any]) -> list[Any]:
    """All rows of a statement with `?` in place of its values."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        statement = statement.replace("?", "%s")
    found: list[Any] = driver.execute(statement, values).fetchall()
    return found


class Gatherer:
    """Point reads of an event loop, those that arrive while one is under way going together in the
    next: a round trip and a thread's turn serve many callers."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._waiting: dict[str, asyncio.Future[Job | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def get(self, job: str) -> Job | None:
        loop = asyncio.get_running_loop()
        if self._reading is None or self._reading.get_loop() is not loop:
            self._waiting, self._reading = {}, loop.create_task(self._read())
        future = self._waiting.get(job)
        if future is None:
            future = self._waiting[job] = loop.create_future()
        return await asyncio.shield(future)  # a caller that is cancelled takes no other's answer

    async def _read(self) -> None:
        await asyncio.sleep(0)  # whoever asks in this turn of the loop comes along
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            names = list(asked)
            try:
                found = await self._records.read(lambda c, names=names: several(c, names))  # type: ignore[misc]
            except BaseException as error:
                for future in asked.values():
                    if not future.done():
                        future.set_exception(error)
                        future.exception()  # looked at, even where every caller has gone
                if not isinstance(error, Exception):
                    self._reading = None
                    raise
                continue
            for name, future in asked.items():
                if not future.done():
                    future.set_result(found.get(name))
        self._reading = None
