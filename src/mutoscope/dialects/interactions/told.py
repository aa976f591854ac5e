"""Interactions as answers: with the film in them, or with its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini import ids
from mutoscope.dialects.gemini.address import Addresses
from mutoscope.dialects.google.copies import Copies
from mutoscope.dialects.google.inline import After, Films, Inline
from mutoscope.dialects.google.naming import names
from mutoscope.dialects.interactions import interaction as wire
from mutoscope.dialects.interactions.asking import INLINE, NAMES
from mutoscope.dialects.shared.answers import Signer
from mutoscope.dialects.shared.told import content_path, warning_header
from mutoscope.jobs.job import Job
from mutoscope.shot import Media

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Told:
    """What is told of jobs in the answer to one request."""

    def __init__(
        self, house: House, request: Request, copies: Copies, *, files: bool = True
    ) -> None:
        """`files`: there is a room of files beside these; without one, films have signed links."""
        self.films = Films(house.media)
        self.copies = copies
        self.addresses = Addresses(house, request) if files else None
        self.sign = Signer(house, request.scope)

    async def interaction(self, job: Job, *, given: bool = False) -> wire.Interaction:
        """`given`: with what the user sent."""
        shown = wire.inputs(job, self.films.mark) if given else None
        return wire.interaction(job, await self._content(job), shown)

    async def answer(
        self, job: Job, *, given: bool = False, after: After | None = None
    ) -> Response:
        """`after` is told at the end whether the answer was handed over whole."""
        pieces = self.films.json(await self.interaction(job, given=given))
        return Inline(pieces, headers(job), after)

    async def _content(self, job: Job) -> wire.Content:
        """What stands for the film: its bytes, where it was copied to, or its address here."""
        copied = await self.copies.made(job)

        def content(job: Job, film: Media) -> Mapping[str, str]:
            if copied:
                return {"uri": copied}
            if wire.delivery(job) == INLINE:
                return {"data": self.films.mark(film)}
            if self.addresses is None:
                return {"uri": self.sign(content_path(job))}
            return {"uri": self.addresses.download(ids.bare(job.id))}

        return content


def headers(job: Job) -> dict[str, str]:
    """What goes with every answer about a job."""
    if not job.warnings:
        return {}
    return {"x-mutoscope-warnings": warning_header(job.warnings, names(NAMES, job.asked))}
