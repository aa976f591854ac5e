"""/v1/videos: create, remix, edit and extend make a job; retrieve, list, content and delete tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.openai import asking
from mutoscope.dialects.openai.answers import answer, video_answer
from mutoscope.dialects.openai.asking import DIALECT, VENDOR
from mutoscope.dialects.openai.video import page
from mutoscope.dialects.shared import film, refusals
from mutoscope.dialects.shared.answers import (
    Signer,
    caller,
    choice,
    listing,
)
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.wish import Operation, Wish
from mutoscope.jobs.job import Job
from mutoscope.server.body import Body, read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20


class Videos:
    """The handlers; each is parse → call → render."""

    several: tuple[str, ...] = ()  # parts of a form that may come more than once

    def __init__(self, house: House, dialect: str = DIALECT, vendor: str = VENDOR) -> None:
        """`dialect` and `vendor`: whose jobs and whose contracts these are, where another service speaks
        this dialect."""
        self.house = house
        self.dialect, self.vendor = dialect, vendor
        self.creating = Creating(house)
        self.desk = self.creating.desk
        self.sign = Signer(house)

    def signer(self, request: Request) -> Signer:
        """What signs the links in the answer to a request."""
        return self.sign

    async def wish(
        self, operation: Operation, body: Body, request: Request, original: str
    ) -> tuple[Wish, dict[str, Any]]:
        """What a request asks for, and what its job shows again beside the usual."""
        return asking.read(operation, body.fields, original), {}

    async def create(self, request: Request) -> Response:
        return await self._make("create", request)

    async def remix(self, request: Request) -> Response:
        return await self._make("remix", request, request.path_params["video_id"])

    async def edit(self, request: Request) -> Response:
        return await self._make("edit", request)

    async def extend(self, request: Request) -> Response:
        return await self._make("extend", request)

    async def list(self, request: Request) -> Response:
        limit, order, after = listing(request, MOST_LISTED, USUALLY_LISTED)
        found = await self.desk.page(
            caller(request).project, after=after, limit=max(limit, 1), order=order
        )
        if found is None:
            raise Refusal(
                f"Invalid 'after': no video has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        sign = self.signer(request)
        if limit == 0:
            return answer(page([], bool(found.jobs), sign))
        return answer(page(found.jobs, found.has_more, sign))

    async def delete(self, request: Request) -> Response:
        job = await self._job(request)
        await self.desk.delete(job)
        return answer({"id": job.id, "object": "video.deleted", "deleted": True})

    async def content(self, request: Request) -> Response:
        variant = choice(request, "variant", refusals.VARIANTS)
        job = await self._job(request)
        return film.answer(request, self.house, job, variant)

    async def _make(self, operation: Operation, request: Request, original: str = "") -> Response:
        if original:  # an unknown video is a 404, whatever the body holds
            await self._job(request)
        body = await read_body(request, self.house, self.several)
        wish, asked = await self.wish(operation, body, request, original)
        placed = await self.creating.place(
            Ask.by(
                request,
                self.house,
                body,
                wish,
                dialect=self.dialect,
                vendor=self.vendor,
                asked=asked,
            )
        )
        return video_answer(placed.job, self.signer(request), made=True)

    async def _job(self, request: Request) -> Job:
        """The job that the address names. Refusal (404)."""
        id = request.path_params["video_id"]
        job = await self.desk.get(id, caller(request).reads)
        if job is None or job.hidden:
            raise refusals.no_video(id)
        return job
