"""/mutoscope/jobs/{id}: all that is known of a job, in this house's own words, whatever dialect made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.dialects.shared import film, refusals
from mutoscope.dialects.shared.answers import answer, caller, choice
from mutoscope.jobs.job import Job
from mutoscope.server.errors import Refusal
from mutoscope.server.routing import route

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Fields of the row that are shown as they are. Leases and what stages leave for one another are not:
#: they mean nothing outside, and an operation may hold a vendor's own links.
PLAIN = (
    "id", "object", "project", "dialect", "kind", "model", "engine", "status", "stage", "priority",
    "attempt", "progress", "deadline", "created", "started", "ended", "expires", "expected_end",
    "parent", "batch", "take_of", "webhook_url", "cancel_requested", "asked",
)  # fmt: skip


def known(job: Job) -> dict[str, Any]:
    """The job as plain values. Times are seconds since 1970, `progress` is 0 to 1."""
    shown: dict[str, Any] = {name: getattr(job, name) for name in PLAIN}
    result = job.result
    return shown | {
        "shot": msgspec.to_builtins(job.shot, enc_hook=str) if job.shot is not None else None,
        "warnings": msgspec.to_builtins(job.warnings),
        "report": result.report if result is not None else None,
        "took": result.took if result is not None else None,
        "result": None
        if result is None
        else {
            "size": result.size,
            "seconds": result.seconds,
            "fps": result.fps,
            "frames": result.frames,
            "engine": result.engine,
            "media": msgspec.to_builtins(result.media),
        },
        "error": msgspec.to_builtins(job.error),
        "attempts_at_vendor": job.intent_seq,
    }


class Known:
    """The handler."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def retrieve(self, request: Request) -> Response:
        return answer(known(await self._job(request, caller(request).project)))

    async def content(self, request: Request) -> Response:
        """What signed links lead to in every dialect."""
        variant = choice(request, "variant", refusals.VARIANTS)
        return film.answer(
            request, self.house, await self._job(request, caller(request).reads), variant
        )

    async def _job(self, request: Request, project: str | None) -> Job:
        id = request.path_params["job_id"]
        job = await self.house.ledger.get(id, project)
        if job is None or job.hidden:
            raise Refusal(f"there is no job '{id[:80]}'", status=404, code="not_found")
        return job


def routes(house: House) -> list[Route]:
    """What is known of a job, and its films."""
    on = Known(house)
    return [
        route("/mutoscope/jobs/{job_id}", {"GET": on.retrieve}),
        route("/mutoscope/jobs/{job_id}/content", {"GET": on.content}),
    ]
