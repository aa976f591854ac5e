"""/video/generations/jobs: create makes one or several films, get and list tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.azure import asking
from mutoscope.dialects.azure.asking import DIALECT, MODEL, VENDOR
from mutoscope.dialects.azure.beginning import settled
from mutoscope.dialects.azure.deployments import deployed
from mutoscope.dialects.azure.errors import no_generation, no_job
from mutoscope.dialects.azure.job import GENERATION, NAMES, TASK, Jobs, generation, job
from mutoscope.dialects.azure.listing import Asked as AskedFor
from mutoscope.dialects.azure.listing import page, query
from mutoscope.dialects.shared import film
from mutoscope.dialects.shared.answers import (
    Signer,
    answer,
    caller,
    hosts,
)
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.tasks import job_id, named
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body

if TYPE_CHECKING:
    from mutoscope.server.house import House


class VideoJobs:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)
        self.desk = self.creating.desk

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house, asking.FILES)
        given = dict(body.fields)
        if given.get("model") is None and "deployment" in request.path_params:
            given["model"] = request.path_params["deployment"]
        who, names = caller(request), hosts(request, self.house)
        finder = Finder(self.house, self.creating.files, who, names)
        wish = await settled(self.house, asking.job(given), finder)
        wish, asked = deployed(self.house, wish, MODEL)
        placed = await self.creating.place(
            Ask.by(
                request,
                self.house,
                body,
                asking.counted(wish),
                dialect=DIALECT,
                vendor=VENDOR,
                names=NAMES,
                asked=asked,
            )
        )
        return self._answer(request, await self.desk.takes(placed.job), 201)

    async def get(self, request: Request) -> Response:
        return self._answer(request, await self._takes(request))

    async def list(self, request: Request) -> Response:
        asked: AskedFor = query(request)
        found, has_more = await page(self.desk, caller(request).project, asked)
        sign = self._signer(request)
        data = [job(takes, sign) for takes in found]
        return answer(
            Jobs(
                data=data,
                first_id=data[0].id if data else None,
                last_id=data[-1].id if data else None,
                has_more=has_more,
            )
        )

    async def delete(self, request: Request) -> Response:
        for take in await self._takes(request):
            await self.desk.delete(take)
        return Response(status_code=204)

    async def generation(self, request: Request) -> Response:
        made = await self._film(request)
        takes = [take for take in await self.desk.takes(made) if not take.hidden]
        first = takes[0] if takes else made
        return answer(generation(made, named(first.id, TASK), self._signer(request)))

    async def video(self, request: Request) -> Response:
        return film.answer(request, self.house, await self._film(request))

    async def thumbnail(self, request: Request) -> Response:
        return film.answer(request, self.house, await self._film(request), "thumbnail")

    async def _takes(self, request: Request) -> Sequence[Job]:
        """The films of the job that the address names. Refusal (404)."""
        id, project = request.path_params["job_id"], caller(request).reads
        own = job_id(id, TASK)
        one = await self.desk.get(own, project)
        if one is not None:
            takes = await self.desk.takes(one)
        else:  # its first film may be gone, and others be left
            takes = [] if project is None else await self.house.ledger.takes_of(own, project)
        left = [take for take in takes if not take.hidden]
        if not left:
            raise no_job(id)
        return left

    async def _film(self, request: Request) -> Job:
        """The finished film that the address names. Refusal (404)."""
        id = request.path_params["generation_id"]
        one = await self.desk.get(job_id(id, GENERATION, TASK), caller(request).reads)
        if one is None or one.hidden:
            raise no_generation(id)
        if one.status != "completed":
            why = f"its job is {one.status}; a generation is there once it has succeeded"
            raise no_generation(id, why)
        return one

    def _signer(self, request: Request) -> Signer:
        return Signer(self.house, request.scope)

    def _answer(self, request: Request, takes: Sequence[Job], status: int = 200) -> Response:
        warnings = takes[0].warnings
        headers = {"x-mutoscope-warnings": warning_header(warnings, NAMES)} if warnings else {}
        if status == 201:
            headers["x-should-retry"] = "false"
        return answer(job(takes, self._signer(request)), headers, status)
