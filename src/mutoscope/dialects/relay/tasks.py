"""/v1/sora/generate makes a task; /v1/sora/tasks tells of it, lists, cancels and deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.relay import asking
from mutoscope.dialects.relay.asking import DIALECT, VENDOR
from mutoscope.dialects.relay.task import NAMES, TASK, Tasks, status, task
from mutoscope.dialects.shared.answers import (
    Signer,
    answer,
    caller,
    listing,
)
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.tasks import job_id
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20


class Handlers:
    """Each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)
        self.desk = self.creating.desk

    async def generate(self, request: Request) -> Response:
        body = await read_body(request, self.house, asking.FILES)
        placed = await self.creating.place(
            Ask.by(
                request,
                self.house,
                body,
                asking.generate(body.fields),
                dialect=DIALECT,
                vendor=VENDOR,
                names=NAMES,
            )
        )
        return self._answer(request, placed.job)

    async def get(self, request: Request) -> Response:
        return self._answer(request, await self._job(request))

    async def list(self, request: Request) -> Response:
        limit, order, after = listing(request, MOST_LISTED, USUALLY_LISTED)
        start = job_id(after, TASK) if after else None
        found = await self.desk.page(
            caller(request).project, after=start, limit=limit or 1, order=order
        )
        if found is None:
            raise Refusal(
                f"Invalid 'after': no task has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        sign = Signer(self.house, request.scope)
        shown = [task(job, sign) for job in found.jobs] if limit else []
        return answer(Tasks(tasks=shown, has_more=found.has_more if limit else bool(found.jobs)))

    async def cancel(self, request: Request) -> Response:
        job = await self._job(request)
        ended = await self.house.ledger.cancel(job.id, job.project)
        return self._answer(request, ended or job)

    async def delete(self, request: Request) -> Response:
        job = await self._job(request)
        await self.desk.delete(job)
        return answer({"task_id": request.path_params["task_id"], "deleted": True})

    async def _job(self, request: Request) -> Job:
        """The job that the address names. Refusal (404)."""
        id = request.path_params["task_id"]
        job = await self.desk.get(job_id(id, TASK), caller(request).reads)
        if job is None or (job.hidden and status(job) != "cancelled"):
            raise Refusal(f"Task '{id[:80]}' not found.", status=404, code="not_found")
        return job

    def _answer(self, request: Request, job: Job) -> Response:
        headers = {}
        if job.warnings:
            headers["x-mutoscope-warnings"] = warning_header(job.warnings, NAMES)
        return answer(task(job, Signer(self.house, request.scope)), headers)
