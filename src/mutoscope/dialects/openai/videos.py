"""/v1/videos: create, remix, edit and extend make a job; retrieve, list, content and delete tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.openai import asking
from mutoscope.dialects.openai.answers import answer, video_answer
from mutoscope.dialects.openai.asking import DIALECT, VENDOR
from mutoscope.dialects.openai.video import page
from mutoscope.dialects.shared import refusals
from mutoscope.dialects.shared.answers import (
    Signer,
    caller,
    choice,
    hosts,
    idempotency_key,
    listing,
    retried,
)
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.wish import Operation
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20
ENDINGS = {"video/mp4": "mp4", "image/webp": "webp", "image/jpeg": "jpg", "image/png": "png"}


class Videos:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House, dialect: str = DIALECT, vendor: str = VENDOR) -> None:
        """`dialect` and `vendor`: whose jobs and whose contracts these are, where another service speaks
        this dialect."""
        self.house = house
        self.dialect, self.vendor = dialect, vendor
        self.creating = Creating(house)
        self.desk = self.creating.desk
        self.sign = Signer(house)

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
        if limit == 0:
            return answer(page([], bool(found.jobs), self.sign))
        return answer(page(found.jobs, found.has_more, self.sign))

    async def delete(self, request: Request) -> Response:
        job = await self._job(request)
        await self.desk.delete(job)
        return answer({"id": job.id, "object": "video.deleted", "deleted": True})

    async def content(self, request: Request) -> Response:
        variant = choice(request, "variant", refusals.VARIANTS)
        job = await self._job(request)
        if job.status != "completed" or job.result is None:
            raise refusals.no_content(job)
        media = job.result.media.get(variant)
        if media is None:
            raise refusals.no_variant(variant)
        if not self.house.media.has(media):
            raise refusals.expired(job)
        ending = ENDINGS.get(media.type, "bin")
        name = job.id if variant == "video" else f"{job.id}-{variant}"
        return content(
            request,
            self.house.media.path(media),
            media_type=media.type,
            filename=f"{name}.{ending}",
            etag=media.sha256,
            inline=caller(request).link,
        )

    async def _make(self, operation: Operation, request: Request, original: str = "") -> Response:
        if original:  # an unknown video is a 404, whatever the body holds
            await self._job(request)
        body = await read_body(request, self.house)
        placed = await self.creating.place(
            Ask(
                wish=asking.read(operation, body.fields, original),
                caller=caller(request),
                dialect=self.dialect,
                vendor=self.vendor,
                hosts=hosts(request, self.house),
                idempotency_key=idempotency_key(request),
                fingerprint=body.fingerprint,
                retried=retried(request),
            )
        )
        return video_answer(placed.job, self.sign, made=True)

    async def _job(self, request: Request) -> Job:
        """The job that the address names. Refusal (404)."""
        id = request.path_params["video_id"]
        job = await self.desk.get(id, caller(request).reads)
        if job is None or job.hidden:
            raise refusals.no_video(id)
        return job
