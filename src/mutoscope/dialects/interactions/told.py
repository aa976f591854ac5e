"""Interactions as answers: with the film in them, or with its address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.google.inline import Films, Inline
from mutoscope.dialects.interactions import interaction as wire
from mutoscope.dialects.interactions.asking import INLINE, NAMES
from mutoscope.dialects.shared.answers import Signer
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.job import Job
from mutoscope.shot import Media

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Told:
    """What is told of jobs in the answer to one request. `bucket` says where a film was copied to, ""
    where it was not."""

    def __init__(
        self, house: House, request: Request, bucket: Callable[[Job], str] = lambda job: ""
    ) -> None:
        self.films = Films(house.media)
        self.bucket = bucket
        base = Signer(house, request.scope).base
        version = request.path_params.get("version", "v1beta")
        self.place = f"{base}{request.state.prefix}/{version}/files/"

    def content(self, job: Job, film: Media) -> Mapping[str, str]:
        """The film, or its address."""
        if wire.delivery(job) == INLINE:
            return {"data": self.films.mark(film)}
        return {"uri": self.bucket(job) or self.address(job)}

    def address(self, job: Job) -> str:
        """Where the film is, as a file."""
        return f"{self.place}{job.id.removeprefix('video_')}:download?alt=media"

    def interaction(self, job: Job, *, given: bool = False) -> wire.Interaction:
        """`given`: with what the user sent."""
        shown = wire.inputs(job, self.films.mark) if given else None
        return wire.interaction(job, self.content, shown)

    def answer(
        self, job: Job, *, given: bool = False, sent: Callable[[], Awaitable[None]] | None = None
    ) -> Response:
        """`sent` is awaited once the whole answer was handed over."""
        pieces = self.films.json(self.interaction(job, given=given))
        return Inline(pieces, headers(job), sent)


def headers(job: Job) -> dict[str, str]:
    """What goes with every answer about a job."""
    if not job.warnings:
        return {}
    return {"x-mutoscope-warnings": warning_header(job.warnings, NAMES)}
