"""Tasks: three POSTs make one, GET tells of it, DELETE ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.runway import credits
from mutoscope.dialects.runway.asking import DIALECT, VENDOR
from mutoscope.dialects.runway.errors import NAMES
from mutoscope.dialects.runway.handling import answer, versioned
from mutoscope.dialects.runway.ids import beginning, task_id
from mutoscope.dialects.runway.task import started, task
from mutoscope.dialects.shared.answers import Signer, caller
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.jobs.desk import Placed
    from mutoscope.server.house import House

Handler = Callable[[Request], Awaitable[Response]]


class Tasks:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)
        self.desk = self.creating.desk

    def creates(
        self,
        read: Callable[[Mapping[str, Any]], Wish],
        names: Mapping[str, str] = NAMES,
        show: Callable[[Job, float], Any] = started,
    ) -> Handler:
        """The handler of a POST that makes a task. `read`: its body → a wish; `names`: what the body calls
        the Shot's fields; `show`: the job and its cost → the answer."""

        async def create(request: Request) -> Response:
            versioned(request)
            body = await read_body(request, self.house)
            placed = await self._place(
                Ask.by(
                    request,
                    self.house,
                    body,
                    read(body.fields),
                    dialect=DIALECT,
                    vendor=VENDOR,
                    names=names,
                )
            )
            job = placed.job
            return answer(show(job, credits.estimated(self.house, job)), job.warnings)

        return create

    async def retrieve(self, request: Request) -> Response:
        versioned(request)
        job = await self._job(request)
        house = self.house
        sign = Signer(house, request.scope)
        told = task(job, credits.estimated(house, job), credits.charged(house, job), sign)
        return answer(told, job.warnings)

    async def delete(self, request: Request) -> Response:
        """A task that has not ended is cancelled, and told of as such for a while; another is deleted."""
        versioned(request)
        await self.desk.delete(await self._job(request))
        return Response(status_code=204)

    async def _place(self, ask: Ask) -> Placed:
        try:
            return await self.creating.place(ask)
        except Refusal as error:
            if error.http_status != 404 or not error.param:
                raise
            # there a bad asset is a bad request; 404 is what a task is that is not there
            raise BadInput(
                f"{error.param} cannot be used: {error.message}",
                field=error.param,
                code="invalid_asset",
                hint="a runway:// address is good for a day, within the project that uploaded it",
            ) from None

    async def _job(self, request: Request) -> Job:
        """The job that the address names, by its task's id or its own; cancelled ones too. Refusal (404)."""
        asked, project = request.path_params["id"], caller(request).project
        begins = beginning(asked)
        name = asked if begins is None else await self._named(begins)
        job = await self.desk.get(name, project) if name is not None else None
        # a task's id has three bits more than begin its job's
        if job is None or (begins is not None and task_id(job.id) != asked.lower()):
            raise Refusal(f"no task has the id {asked[:80]!r}", status=404, code="not_found")
        return job

    async def _named(self, begins: str) -> str | None:
        """The id that begins so."""

        def find(connection: Connection) -> str | None:
            after = select(jobs.c.id).where(jobs.c.id >= begins, jobs.c.id < f"{begins}g")
            return connection.execute(after.limit(1)).scalar()

        return await self.house.records.read(find)
