"""/v1/generations: a request makes a job, and the job is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.luma_agents.asking import DIALECT, NAMES, VENDOR, kind, wish
from mutoscope.dialects.luma_agents.generation import KEPT, generation
from mutoscope.dialects.shared.answers import (
    Signer,
    answer,
    caller,
)
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Generations:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        placed = await self.creating.place(
            Ask.by(
                request,
                self.house,
                body,
                wish(body.fields),
                dialect=DIALECT,
                vendor=VENDOR,
                names=NAMES,
                asked={KEPT: kind(body.fields)},
            )
        )
        return self._told(request, placed.job, 201)

    async def get(self, request: Request) -> Response:
        id = request.path_params["video_id"]
        job = await self.creating.desk.get(id, caller(request).project)
        if job is None or job.hidden:
            raise Refusal(f"Generation '{id[:80]}' not found", status=404, code="not_found")
        return self._told(request, job)

    def _told(self, request: Request, job: Job, status: int = 200) -> Response:
        headers = {"x-should-retry": "false"} if status == 201 else {}
        if job.warnings:
            headers["x-mutoscope-warnings"] = warning_header(job.warnings, NAMES)
        return answer(generation(job, Signer(self.house, request.scope)), headers, status)
