"""The desk: where every dialect hands in a shot, and what can be known at once is told at once.

::

    a repeat? → limits → cast → route → ready? → contracts → picture headers → written down, durably

What is found later (an address that gives nothing, a clip that cannot be decoded) is a failed job with
the same `error` that the request would have got.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mutoscope.characters.admission import agreed, cast_of
from mutoscope.characters.store import Characters
from mutoscope.checks import MAX_WHOLE
from mutoscope.engines.admission import admitted
from mutoscope.errors import ContractRefused
from mutoscope.jobs.job import Job, NewJob, Object
from mutoscope.jobs.looking import look
from mutoscope.jobs.placing import Placed, Placing
from mutoscope.jobs.queue import Queue
from mutoscope.jobs.quota import Quota
from mutoscope.jobs.ready import ready
from mutoscope.jobs.retention import Retention
from mutoscope.server.errors import Refusal
from mutoscope.shot import Media, Shot
from mutoscope.storage.ids import new_id
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.jobs.reading import Page
    from mutoscope.server.callers import Caller
    from mutoscope.server.house import House


class Desk:
    """See the module."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.queue = Queue(house)
        self.quota = Quota(house)
        self.retention = Retention(house)

    async def place(self, placing: Placing) -> Placed:
        """Admit the shot and write its job down. Raises BadInput, ContractRefused, Missing, or Refusal
        (429 for a limit, 503 for an engine that cannot film now, 507 for a full disk, 400 for an idempotency key that came with another body)."""
        if (earlier := await self.earlier(placing)) is not None:
            return earlier
        ahead = await self.within_limits(placing.caller)
        house, project = self.house, placing.caller.project
        cast = await cast_of(Characters(house.records), project, placing.shot)
        placing = replace(placing, shot=cast.shot, warnings=(*placing.warnings, *cast.notices))
        shot = replace(placing.shot, takes=placing.takes)  # as the contracts see it
        left = placing.left()
        compat = str(left.get("compat") or house.settings.server.compat)
        engine = await self._routed(shot)
        notices = admitted(shot, engine, house.engines, compat)
        notices += agreed(house, cast.characters, shot, engine, compat)
        await self.quota.admit(shot)
        shot = placing.shot
        contract = house.engines.contract(shot.model)
        exact = compat == "strict" and contract is not None and contract.inputs.exact_size
        most = house.settings.limits.image_bytes
        await asyncio.to_thread(look, house.media, placing, most=most, exact=exact)
        made = NewJob(
            id=new_id("video_"),
            project=project,
            key_id=placing.caller.key_id,
            dialect=placing.dialect,
            kind=str(shot.kind),
            model=shot.model,
            engine=engine,
            shot=shot,
            asked={**placing.asked, **self._expected(shot, engine, ahead)},
            work={**left, **cast.work},
            warnings=(*placing.warnings, *notices),
            priority=placing.priority,
            deadline=placing.deadline or time.time() + house.settings.jobs.deadline,
            parent=placing.parent,
            batch=placing.batch,
            idempotency_key=placing.idempotency_key,
            fingerprint=placing.fingerprint,
            webhook_url=placing.webhook_url,
            uses=placing.here(),
        )
        return await self.write(made, placing.retried, placing.takes)

    async def write(self, made: NewJob, retried: bool = False, takes: int = 1) -> Placed:
        """Write a job down, or find the one that its idempotency key, or a silent retry, had made. With
        several `takes` there are as many jobs, written at once; the first has the key."""
        window = self.house.settings.jobs.retry_window if retried else None
        more = [_take(made, number) for number in range(1, takes)]
        if more:
            made = replace(made, take_of=made.id)
        created = await self.house.ledger.create(made, repeat_within=window, more=more)
        if not created.matches:
            raise _other_body()
        return Placed(created.job, created.fresh)

    async def earlier(self, placing: Placing) -> Placed | None:
        """The job that this request's first try made: a repeat is answered before any limit is asked."""
        key, print_ = placing.idempotency_key, placing.fingerprint
        if key is None and not (placing.retried and print_):
            return None
        window = self.house.settings.jobs.retry_window
        project = placing.caller.project

        def find(connection: Connection) -> str | None:
            of = select(jobs.c.id).where(jobs.c.project == project).order_by(jobs.c.id.desc())
            if key is not None:
                of = of.where(jobs.c.idempotency_key == key)
            else:
                since = self.house.records.now(connection) - window
                of = of.where(jobs.c.fingerprint == print_, jobs.c.created > since)
            return connection.execute(of.limit(1)).scalar()

        name = await self.house.records.read(find)
        job = await self.house.ledger.get(name, project) if name is not None else None
        if job is None:
            return None
        if job.fingerprint != print_:
            raise _other_body()
        return Placed(job, fresh=False)

    async def get(self, job: str, project: str | None, object: Object = "video") -> Job | None:
        """The job, where the project has it (None: any project's, for a signed link)."""
        found = await self.house.ledger.get(job, project)
        return found if found is not None and found.object == object else None

    async def takes(self, first: Job) -> list[Job]:
        """All takes of the request that made `first`, in their order, without those that were deleted."""
        return [first] if first.take_of is None else await self.house.ledger.takes(first)

    async def page(
        self, project: str, object: Object = "video", *, after: str | None, limit: int, order: str,
        skip: int = 0,
    ) -> Page | None:  # fmt: skip
        """A page in the order of creation, after `skip` that are left out; None where `after` is none of
        the project's."""
        return await self.house.ledger.page(
            project, object=object, after=after, limit=limit, order=order, skip=skip
        )

    async def delete(self, job: Job) -> None:
        """Delete an ended job with its files. One that runs is cancelled and hidden from then on; the
        retention deletes it as soon as it has ended."""
        if job.due is not None:
            await self.house.ledger.cancel(job.id, job.project)
        else:
            await self.retention.delete(job)

    async def retire(self, medias: Iterable[Media]) -> None:
        """Remove media that were dropped, unless somebody needs them."""
        await self.retention.retire(media.sha256 for media in medias)

    async def within_limits(self, caller: Caller) -> int:
        """How many jobs of the project are open. Refusal (429) where it, or the key, has all it may."""
        return await self.queue.admit(caller)

    async def _routed(self, shot: Shot) -> str:
        """The engine, which can film now. Raises BadInput, Missing, Refusal."""
        engines = self.house.engines
        try:
            engine = engines.route(shot)
        except ContractRefused:
            await engines.look()  # who could is named only where it is ready
            engine = engines.route(shot)
        await ready(engine, engines, shot)
        return engine

    def _expected(self, shot: Shot, engine: str, ahead: int) -> dict[str, float]:
        """Seconds until the film is ready, where this server has seen the engine work or its contract
        says how long it usually takes: how often pollers should ask, until the work itself can tell."""
        door = self.house.engines.get(engine)
        if door.local:
            alone = self.house.pace.left(engine, shot, 0.0, 0.0)
            at_once = door.devices if door.device else self.house.settings.compute.at_once
            turns = 1 + ahead / max(1, at_once)
            return {} if alone is None else {"expected": round(alone * turns, 1)}
        minutes = getattr(self.house.engines.contract(shot.model), "minutes", None)
        return {} if minutes is None else {"expected": 60.0 * minutes}


def _take(first: NewJob, number: int) -> NewJob:
    """Another film of the same shot: its seed is as many higher."""
    shot = first.shot
    if shot is None:
        raise ValueError("only a shot has takes")
    return replace(
        first,
        id=new_id("video_"),
        shot=replace(shot, seed=(shot.seed + number) % (MAX_WHOLE + 1)),
        take_of=first.id,
        idempotency_key=None,
        fingerprint=None,
    )


def _other_body() -> Refusal:
    return Refusal(
        "this Idempotency-Key came before with another request",
        status=400,
        code="idempotency_key_reused",
        hint="send the same request again with its key, or a new key with a new request",
        headers={"x-should-retry": "false"},
    )


__all__ = ["Desk", "Placed", "Placing"]
