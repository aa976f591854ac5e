"""/interactions: create makes a job and by default waits for its end; get, cancel and delete tell of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.google import copies
from mutoscope.dialects.google.acquaintance import place
from mutoscope.dialects.google.copies import Copies
from mutoscope.dialects.google.ending import Ends
from mutoscope.dialects.google.inline import leaving
from mutoscope.dialects.google.naming import names
from mutoscope.dialects.interactions import asking, errors
from mutoscope.dialects.interactions import interaction as wire
from mutoscope.dialects.interactions.asking import BUCKET, INLINE, NAMES, Asked
from mutoscope.dialects.interactions.events import Stream
from mutoscope.dialects.interactions.repeats import Repeats, Turn
from mutoscope.dialects.interactions.roles import PREVIOUS
from mutoscope.dialects.interactions.told import Told
from mutoscope.dialects.shared.answers import answer, caller, hosts, idempotency_key
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.fields import flag
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

DIALECT, VENDOR = "interactions", "gemini"
CANCELLED = 3600.0  # seconds for which what was cancelled is told of
REMEMBERED = 1000  # cancelled ones at a time


class Interactions:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House, vendor: str = VENDOR) -> None:
        """`vendor`: whose contracts a bare model name has."""
        self.house, self.vendor = house, vendor
        self.creating = Creating(house)
        self.desk = self.creating.desk
        self.ends = Ends(house)
        self.copies = Copies(house, self.ends)
        self.repeats = Repeats(house.settings.jobs.retry_window)
        self._cancelled: dict[str, tuple[float, Job]] = {}

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        before = await self._before(request, asking.previous(body.fields))
        asked = asking.read(body.fields, before)
        if not asked.background:
            self.ends.room()
        turn = self.repeats.begin(caller(request).project, body.fingerprint)
        try:
            async with turn.placing:
                job = await self._place(request, asked, body.fingerprint, turn.again)
            return await self._answer(request, asked, job, turn)
        except BaseException:
            turn.end(answered=False)
            raise

    async def _answer(self, request: Request, asked: Asked, job: Job, turn: Turn) -> Response:
        """The answer of a creation; its turn ends when that was handed over."""
        told = self._told(request)

        async def after(whole: bool) -> None:
            turn.end(answered=whole)
            # one that is still to be fetched is kept
            if whole and not asked.store and asked.delivery == INLINE:
                await self._forget(job)

        if asked.stream:
            return Stream(job, told, self.ends, after=after)
        if asked.background:
            return await told.answer(job, after=after)
        with leaving(request.receive) as gone:
            ended = await self.ends.of(job, gone)
        if ended is None:
            raise errors.unknown(wire.interaction_id(job.id))
        _refuse(ended)
        return await told.answer(ended, after=after)

    async def get(self, request: Request) -> Response:
        job = await self._job(request)
        query = request.query_params
        if flag("stream", query.get("stream", "false") or "false"):
            seen = query.get("last_event_id", "") or request.headers.get("last-event-id", "")
            return Stream(job, self._told(request), self.ends, seen=seen)
        given = flag("include_input", query.get("include_input", "false") or "false")
        return await self._told(request).answer(job, given=given)

    async def cancel(self, request: Request) -> Response:
        job = await self._job(request)
        if job.due is not None:
            job = await self.house.ledger.cancel(job.id, job.project) or job
            if job.hidden:
                self._remember(job)
        return await self._told(request).answer(job)

    async def delete(self, request: Request) -> Response:
        job = await self._job(request)
        self._cancelled.pop(job.id, None)
        await self.desk.delete(job)
        return answer({})

    async def _place(self, request: Request, asked: Asked, fingerprint: str, again: bool) -> Job:
        kept: dict[str, Any] = {"delivery": asked.delivery, **asked.shown}
        bucket = {}
        if asked.bucket:
            self.copies.buckets.find(BUCKET, asked.bucket)
            bucket = {copies.KEPT: asked.bucket}
        placed = await place(
            self.creating,
            Ask(
                wish=await self.copies.buckets.settled(self.house, asked.wish),
                caller=caller(request),
                dialect=DIALECT,
                vendor=self.vendor,
                names=names(NAMES, asked.sized),
                asked={wire.KEPT: kept, **bucket, **asked.sized},
                hosts=hosts(request, self.house),
                idempotency_key=idempotency_key(request),
                fingerprint=fingerprint,
                retried=again,
            ),
        )
        if placed.fresh:
            self.copies.later(placed.job)
        return placed.job

    async def _before(self, request: Request, id: str) -> Job | None:
        """The video of the previous interaction. Refusal (400)."""
        if not id:
            return None
        job = await self._known(id, caller(request).project)
        if job is None or job.hidden:
            raise errors.unknown(id)
        if job.status != "completed":
            raise Refusal(
                f"{PREVIOUS}: the interaction {id} is {wire.status(job)}; it must be completed",
                param=PREVIOUS,
                code="not_completed",
                hint="wait until its status is completed",
            )
        return job

    async def _job(self, request: Request) -> Job:
        """The job that the address names. Refusal (400), as the service answers what it does not know."""
        id = request.path_params["id"]
        job = await self._known(id, caller(request).reads)
        if job is None:
            raise errors.unknown(id)
        if job.hidden and job.id not in self._cancelled:
            raise errors.unknown(id)
        return job

    async def _known(self, id: str, project: str | None) -> Job | None:
        name = wire.job_id(id)
        if name is None:
            return None
        job = await self.desk.get(name, project)
        if job is None and (kept := self._cancelled.get(name)) is not None:
            at, job = kept
            if time.monotonic() - at > CANCELLED or project not in (None, job.project):
                return None
        return job

    def _remember(self, job: Job) -> None:
        """A cancelled job's row goes as it ends; its clients ask for it once more."""
        while len(self._cancelled) >= REMEMBERED:
            del self._cancelled[next(iter(self._cancelled))]
        self._cancelled[job.id] = time.monotonic(), job

    def _told(self, request: Request) -> Told:
        return Told(self.house, request, self.copies, files=self.vendor == VENDOR)

    async def _forget(self, job: Job) -> None:
        """Delete a film that was not to be stored."""
        ended = await self.desk.get(job.id, job.project)
        if ended is not None and ended.due is None:
            await self.desk.delete(ended)


def _refuse(job: Job) -> None:
    """Refusal (400) for a film that failed by its request's own fault: who waits hears of it as of any
    other fault of the request."""
    error = job.error
    if wire.status(job) == "failed" and error is not None and error.param:
        raise Refusal(error.message, param=error.param, code=error.code, hint=error.hint)
