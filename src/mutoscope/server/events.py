"""GET /v1/videos/{id}/events: a job's progress as server-sent events (HTML Living Standard, 9.2)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mutoscope.dialects.openai.video import video
from mutoscope.dialects.shared import refusals
from mutoscope.dialects.shared.answers import Signer, caller
from mutoscope.dialects.shared.film import content_path
from mutoscope.jobs.job import Job
from mutoscope.server.errors import Refusal
from mutoscope.server.routing import route
from mutoscope.server.watching import News, Watch, Watched

if TYPE_CHECKING:
    from mutoscope.server.house import House

HEARTBEAT = 15.0  # seconds between two signs of life: shorter than the patience of usual proxies
LONGEST = 3600.0  # seconds of one stream; a client goes on where it was
STREAMS = 1000  # at a time, in one process
RETRY = 2000  # milliseconds until a client comes back by itself
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx passes it on at once
}


class Events:
    """The handler and what it watches with."""

    def __init__(self, house: House, *, heartbeat: float) -> None:
        self.house = house
        self.heartbeat = heartbeat
        self.streams = 0
        self.watch = Watch(house, self._news)
        self._sign = Signer(house)

    async def events(self, request: Request) -> Response:
        id = request.path_params["video_id"]
        job = await self.house.ledger.get(id, caller(request).reads)
        if job is None or job.object != "video" or job.hidden:
            raise refusals.no_video(id)
        if request.method == "HEAD":
            return Response(headers=HEADERS)
        seen = request.headers.get("last-event-id", "")
        news = self._news(id, job)
        if news.last and news.name == seen:
            return Response(status_code=204)  # which tells an EventSource not to come back
        if self.streams >= STREAMS:
            raise Refusal(
                f"{STREAMS} clients listen already, the most that are served",
                status=503,
                hint="GET /v1/videos/{id} tells the same",
                headers={"retry-after": "10", "x-should-retry": "false"},
            )
        return Stream(self, job, seen)

    def _news(self, id: str, job: Job | None) -> News:
        """The video as it is polled, with its stage and the end that is expected."""
        if job is None or job.hidden:
            gone = {"id": id, "object": "video.deleted", "deleted": True}
            return News("deleted", "deleted", msgspec.json.encode(gone).decode(), last=True)
        shown = video(job, self._sign)
        values = msgspec.to_builtins(shown)
        values |= {"stage": job.stage, "expected_end": job.expected_end and round(job.expected_end)}
        last = shown.status in ("completed", "failed")
        return News(
            kind=shown.status if last else "progress",
            name=f"{shown.status}.{job.stage}.{shown.progress}",
            text=msgspec.json.encode(values).decode(),
            last=last,
            preview=self._preview(job),
        )

    def _preview(self, job: Job) -> str:
        """Where what there is of the film can be seen: a link that needs no key, another for each picture."""
        if not (version := self.house.previews.version(job)):
            return ""
        url = f"{self._sign(content_path(job, 'thumbnail'))}&at={version}"
        shown = {"id": job.id, "object": "video.preview", "url": url}
        return msgspec.json.encode(shown).decode()


class Stream(Response):
    """One client's stream, until the job has ended, the client has gone or the server goes down."""

    def __init__(self, events: Events, job: Job, seen: str) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._events = events
        self._job = job
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        self._events.streams += 1
        try:
            with self._events.watch.listen(self._job) as (watched, news):
                leaving = asyncio.create_task(_left(receive, news))
                try:
                    await self._tell(send, watched, news, leaving)
                finally:
                    leaving.cancel()
        finally:
            self._events.streams -= 1
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(
        self, send: Send, watched: Watched, news: asyncio.Event, leaving: asyncio.Task[None]
    ) -> None:
        await _send(send, f"retry: {RETRY}\n\n")
        until = time.monotonic() + LONGEST
        closing = self._events.house.closing
        shown = ""
        while not leaving.done():
            now = watched.news
            if now.name != self._seen:
                self._seen = now.name
                await _send(send, _written(now))
            if now.preview and now.preview != shown:
                shown = now.preview
                await _send(send, f"event: preview\ndata: {shown}\n\n")
            if now.last or closing.is_set() or time.monotonic() > until:
                return
            news.clear()
            if watched.news is now and not await _heard(news, self._events.heartbeat):
                await _send(send, ": still here\n\n")


def _written(news: News) -> str:
    """JSON holds no line ends, so the data is one line."""
    return f"event: {news.kind}\nid: {news.name}\ndata: {news.text}\n\n"


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _heard(news: asyncio.Event, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            return await news.wait()
    except TimeoutError:
        return False


async def _left(receive: Receive, news: asyncio.Event) -> None:
    """Until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    news.set()


def routes(house: House, *, heartbeat: float = HEARTBEAT) -> list[Route]:
    """The route."""
    events = Events(house, heartbeat=heartbeat)
    return [route("/v1/videos/{video_id}/events", {"GET": events.events})]
