"""An interaction as server-sent events, in the order in which the clients read them::

    interaction.created → interaction.status_update → (the film is made)
        → step.start → step.delta with the film → step.stop → interaction.completed → [DONE]

Each has a number, after which a client can go on with `last_event_id`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mutoscope.dialects.google.ending import Ends
from mutoscope.dialects.google.inline import After, Piece, leaving, pour
from mutoscope.dialects.interactions import interaction as wire
from mutoscope.dialects.interactions.told import Told, headers
from mutoscope.dialects.shared.told import model
from mutoscope.jobs.job import Job
from mutoscope.server.connection import abort

HEARTBEAT = 15.0  # seconds between two signs of life
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx passes it on at once
}
Event = tuple[str, dict[str, Any]]


def begun(job: Job) -> list[Event]:
    """What is told at once."""
    id = wire.interaction_id(job.id)
    partial = {"id": id, "object": "interaction", "status": "in_progress"}
    return [
        ("interaction.created", {"interaction": partial | {"model": model(job)}}),
        ("interaction.status_update", {"interaction_id": id, "status": "in_progress"}),
    ]


async def ended(job: Job, told: Told) -> list[Event]:
    """What is told of a job that has ended."""
    whole = await told.interaction(job)
    summary = msgspec.to_builtins(whole)
    steps = summary.pop("steps")
    state = {"interaction_id": whole.id, "status": whole.status}
    if whole.status != "completed":
        error = {"code": "cancelled", "message": "it was cancelled"}
        if whole.status == "failed":
            error = wire.failure(job)
        return [("interaction.status_update", state), ("error", {"error": error})]
    events: list[Event] = []
    for place, step in enumerate(steps):
        events.append(("step.start", {"index": place, "step": {"type": step["type"]}}))
        events += [("step.delta", {"index": place, "delta": one}) for one in step["content"]]
        events.append(("step.stop", {"index": place}))
    return [*events, ("interaction.completed", {"interaction": summary})]


class Stream(Response):
    """One client's stream. `after` is awaited at its end: whether all of it was handed over."""

    def __init__(
        self, job: Job, told: Told, ends: Ends, *, seen: str = "",
        after: After | None = None,
    ) -> None:  # fmt: skip
        super().__init__(headers=HEADERS | headers(job))
        del self.headers["content-length"]
        self.job, self.told, self.ends, self.after = job, told, ends, after
        self.seen = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 4 else 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = False
        try:
            self.ends.room()
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            with leaving(receive) as gone:
                async with aclosing(self._pieces(gone)) as pieces:
                    async for piece in pieces:
                        await pour([piece], send, gone)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                whole = not gone.done()
        except (TimeoutError, ClientDisconnect):
            abort(scope)
        finally:
            if self.after is not None:
                await self.after(whole)

    async def _pieces(self, gone: asyncio.Future[None]) -> AsyncGenerator[Piece, None]:
        first = begun(self.job)
        for piece in self._written(1, first):
            yield piece
        waiting = asyncio.ensure_future(self.ends.of(self.job, gone))
        try:
            while not waiting.done():
                await asyncio.wait([waiting], timeout=HEARTBEAT)
                if not waiting.done():
                    yield b": still here\n\n"
            job = await waiting
        finally:
            waiting.cancel()
        if job is None:
            deleted = {"error": {"code": "not_found", "message": "it was deleted"}}
            events: Iterable[Event] = [("error", deleted)]
        else:
            events = await ended(job, self.told)
        for piece in self._written(1 + len(first), events):
            yield piece
        yield b"event: done\ndata: [DONE]\n\n"

    def _written(self, number: int, events: Iterable[Event]) -> Iterable[Piece]:
        """The events as they are sent, without those that the client has seen."""
        for at, (kind, values) in enumerate(events, number):
            if at > self.seen:
                text = msgspec.json.encode({"event_type": kind, **values, "event_id": str(at)})
                yield from self.told.films.pieces(
                    b"id: %d\nevent: %s\ndata: %s\n\n" % (at, kind.encode(), text)
                )
