"""/v1/videos: create, remix, edit and extend make a job; retrieve, list, content and delete tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.openai import refusals
from mutoscope.dialects.openai.answers import (
    Signer,
    answer,
    caller,
    choice,
    hosts,
    listing,
    video_answer,
)
from mutoscope.dialects.openai.asking import Operation
from mutoscope.dialects.openai.creating import Ask, Creating
from mutoscope.dialects.openai.video import page
from mutoscope.jobs.job import Job
from mutoscope.server.body import read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 20
MAX_KEY = 255  # characters of an Idempotency-Key
ENDINGS = {"video/mp4": "mp4", "image/webp": "webp", "image/jpeg": "jpg", "image/png": "png"}


class Videos:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
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
                operation=operation,
                fields=body.fields,
                caller=caller(request),
                hosts=hosts(request, self.house),
                original=original,
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


def idempotency_key(request: Request) -> str | None:
    """The client's own name for the request. Refusal (400) for one that is no name."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY and key.isprintable()):
        raise Refusal(
            f"Idempotency-Key must be 1 to {MAX_KEY} printable characters",
            code="invalid_header",
            hint="a UUID does well",
        )
    return key


def retried(request: Request) -> bool:
    """Whether the SDK says that it tries again: it does so by itself, without an idempotency key."""
    count = request.headers.get("x-stainless-retry-count", "0")
    return count.isascii() and count.isdigit() and int(count[:6]) > 0
