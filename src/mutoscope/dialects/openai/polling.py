"""/v1/videos/{video_id}: what programs ask for all day, with as little around it as can be."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from mutoscope.dialects.openai.answers import video_told
from mutoscope.dialects.shared import refusals
from mutoscope.dialects.shared.answers import Signer

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job
    from mutoscope.server.house import House

Told = tuple[bytes, list[tuple[bytes, bytes]]]

KEPT = 1000  # answers of ended jobs, of a kilobyte or two each


class Retrieve:
    """Answers GET and HEAD; `others` has the methods beside these. A plain ASGI application: no request
    object, no response object."""

    def __init__(
        self, house: House, others: ASGIApp, signer: Callable[[Scope], Signer] | None = None
    ) -> None:
        """`signer`: what signs the links in the answer to a request, where that depends on it."""
        self.ledger = house.ledger
        sign = Signer(house)
        self.signer = signer or (lambda scope: sign)
        self.others = others
        self._ended: dict[str, tuple[Hashable, Told]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await self.others(scope, receive, send)
            return
        id = scope["path_params"]["video_id"]
        job = await self.ledger.get(id, scope["state"]["caller"].reads)
        if job is None or job.object != "video" or job.hidden:
            raise refusals.no_video(id)
        sign = self.signer(scope)
        body, headers = self._told(job, sign) if job.due is None else video_told(job, sign)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _told(self, job: Job, sign: Signer) -> Told:
        """An ended job's answer, kept as long as its row and its link stay the same: programs ask for
        what has ended again and again, to list it or to show it."""
        same = (job.ended, job.expires, job.fence, sign.base, sign.root, sign.end())
        kept = self._ended.get(job.id)
        if kept is not None and kept[0] == same:
            return kept[1]
        told = video_told(job, sign)
        if len(self._ended) >= KEPT:
            del self._ended[next(iter(self._ended))]
        self._ended[job.id] = (same, told)
        return told
