"""Point reads and pages of `jobs`, straight from the driver: what a program polls must cost little."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    Connection,
    Integer,
    String,
    Text,
    and_,
    any_,
    bindparam,
    not_,
    or_,
    select,
)

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, Object
from mutoscope.storage.ids import is_id
from mutoscope.storage.prepared import Prepared
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs


@dataclass(frozen=True, slots=True)
class Page:
    jobs: Sequence[Job]
    has_more: bool


def one(connection: Connection, job: str) -> Job | None:
    found = _ONE.first(connection, {"job": job})
    return None if found is None else rows.job(found)


def several(connection: Connection, names: Sequence[str]) -> dict[str, Job]:
    """The jobs that are there, by id. PostgreSQL alone."""
    found = _SEVERAL.rows(connection, {"names": list(names)})
    return {made.id: made for made in map(rows.job, found)}


def page(
    connection: Connection, project: str, object: Object, after: str | None, limit: int, order: str,
    skip: int = 0,
) -> Page | None:  # fmt: skip
    """See `Ledger.page`."""
    values = {"project": project, "object": object, "after": after, "most": limit + 1, "skip": skip}
    if after is not None and not is_id(after):
        return None
    found = _PAGES[order == "asc", after is not None].rows(connection, values)
    return Page([rows.job(row) for row in found[:limit]], has_more=len(found) > limit)


def takes(connection: Connection, first: str | None, project: str) -> list[Job]:
    """See `Ledger.takes`."""
    found = _TAKES.rows(connection, {"first": first, "project": project})
    return [rows.job(row) for row in found]


_TAKES = Prepared(
    lambda _: (
        select(jobs)
        .where(jobs.c.take_of == bindparam("first"), jobs.c.project == bindparam("project"))
        .order_by(jobs.c.id)
    )
)
_ONE = Prepared(lambda _: select(jobs).where(jobs.c.id == bindparam("job")))
_SEVERAL = Prepared(
    lambda _: select(jobs).where(jobs.c.id == any_(bindparam("names", type_=ARRAY(Text))))
)
_mine = and_(jobs.c.project == bindparam("project"), jobs.c.object == bindparam("object"))
#: A video that is being taken back is gone for everybody but the worker; a film that was ready by the
#: time its batch was cancelled is not.
_seen = or_(
    jobs.c.object != "video",
    not_(jobs.c.cancel_requested),
    and_(jobs.c.batch.is_not(None), jobs.c.status == "completed"),
)


def _page(ascending: bool, after: bool) -> Prepared:
    most, skip = (bindparam(name, type_=Integer) for name in ("most", "skip"))
    listed = select(jobs).where(_mine, _seen).limit(most).offset(skip)
    bound = bindparam("after", type_=String)
    if after:
        listed = listed.where(jobs.c.id > bound if ascending else jobs.c.id < bound)
    ordered = listed.order_by(jobs.c.id.asc() if ascending else jobs.c.id.desc())
    return Prepared(lambda _: ordered)


_PAGES = {(up, after): _page(up, after) for up in (True, False) for after in (True, False)}


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
