"""/generations: create, modify, reframe, upscale and audio make a job; get, list and delete tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.luma import again, asking
from mutoscope.dialects.luma.asking import DIALECT, NAMES, VENDOR
from mutoscope.dialects.luma.generation import generation, kept, page
from mutoscope.dialects.shared.answers import (
    Signer,
    answer,
    caller,
)
from mutoscope.dialects.shared.creating import Ask, Creating
from mutoscope.dialects.shared.told import warning_header
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Job
from mutoscope.server.body import Body, read_body
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED, MOST_SKIPPED = 100, 100, 1_000_000
Reading = Callable[[Mapping[str, Any]], Wish]


class Generations:
    """The handlers; each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.creating = Creating(house)
        self.desk = self.creating.desk

    async def create(self, request: Request) -> Response:
        return await self._make(request, asking.create, "video")

    async def modify(self, request: Request) -> Response:
        return await self._make(request, asking.modify, "modify_video")

    async def reframe(self, request: Request) -> Response:
        return await self._make(request, asking.reframe, "reframe_video")

    async def upscale(self, request: Request) -> Response:
        job = await self._job(request)
        body = await read_body(request, self.house)
        here = self.house.engines.get(job.engine).local
        made = again.upscale(body.fields, job, here=here)
        return await self._place(request, body, made.wish, "upscale_video", made.asked)

    async def audio(self, request: Request) -> Response:
        job = await self._job(request)
        body = await read_body(request, self.house)
        made = again.audio(body.fields, job)
        return await self._place(request, body, made.wish, "add_audio", made.asked)

    async def get(self, request: Request) -> Response:
        return self._told(request, await self._job(request))

    async def list(self, request: Request) -> Response:
        limit = _count(request, "limit", USUALLY_LISTED, MOST_LISTED)
        offset = _count(request, "offset", 0, MOST_SKIPPED)
        found = await self.desk.page(
            caller(request).project, after=None, limit=max(limit, 1), order="desc", skip=offset
        )
        jobs = found.jobs if found is not None else []
        more = found is not None and (found.has_more or (limit == 0 and bool(jobs)))
        shown = jobs[:limit]
        sign = Signer(self.house, request.scope)
        return answer(page(shown, sign, has_more=more, limit=limit, offset=offset))

    async def delete(self, request: Request) -> Response:
        await self.desk.delete(await self._job(request))
        return Response(status_code=204)

    async def _make(self, request: Request, read: Reading, kind: str) -> Response:
        body = await read_body(request, self.house)
        return await self._place(request, body, read(body.fields), kind)

    async def _place(
        self,
        request: Request,
        body: Body,
        wish: Wish,
        kind: str,
        asked: Mapping[str, Any] | None = None,
    ) -> Response:
        placed = await self.creating.place(
            Ask.by(
                request,
                self.house,
                body,
                wish,
                dialect=DIALECT,
                vendor=VENDOR,
                names=NAMES,
                asked={**kept(body.fields, kind), **(asked or {})},
            )
        )
        return self._told(request, placed.job, 201)

    def _told(self, request: Request, job: Job, status: int = 200) -> Response:
        """The generation; after a POST that made it, trying again would be wrong."""
        headers = {"x-should-retry": "false"} if status == 201 else {}
        if job.warnings:
            headers["x-mutoscope-warnings"] = warning_header(job.warnings, NAMES)
        return answer(generation(job, Signer(self.house, request.scope)), headers, status)

    async def _job(self, request: Request) -> Job:
        """The job that the address names. Refusal (404)."""
        id = request.path_params["video_id"]
        job = await self.desk.get(id, caller(request).project)
        if job is None or job.hidden:
            raise Refusal(f"Generation '{id[:80]}' not found", status=404, code="not_found")
        return job


def _count(request: Request, name: str, usual: int, most: int) -> int:
    text = request.query_params.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most):
        raise BadShot.of(name, text[:40], f"a whole number from 0 to {most:,}")
    return int(text)
