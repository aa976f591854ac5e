"""A request that waits for its film ends with its client, and is found again by the next try."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message
from test_interactions_api import BODY
from wired import FILM, SKETCHING, Wired, app, wired

from mutoscope.dialects.google.inline import Inline
from mutoscope.dialects.interactions.repeats import Repeats
from mutoscope.jobs.job import Change, Result

THREADS = 6  # of the loop's pool, where that is tried


class Caller:
    """One POST to the application itself, whose client can hang up."""

    def __init__(self, to: ASGIApp, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.sent: list[Message] = []
        self.begun, self.full = asyncio.Event(), asyncio.Event()
        self.full.set()
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.messages.put_nowait({"type": "http.request", "body": content, "more_body": False})
        head = [(b"host", b"127.0.0.1:8640"), (b"content-type", b"application/json")]
        head.append((b"content-length", str(len(content)).encode()))
        scope = {
            "type": "http", "method": "POST", "path": "/v1/interactions", "query_string": b"",
            "headers": head, "scheme": "http", "client": ("127.0.0.1", 1), "root_path": "",
        }  # fmt: skip
        self.task = asyncio.ensure_future(to(scope, self.messages.get, self._send))

    async def _send(self, message: Message) -> None:
        self.sent.append(message)
        self.begun.set()
        await self.full.wait()

    def hang_up(self) -> None:
        self.messages.put_nowait({"type": "http.disconnect"})

    async def answer(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            await self.task
        told: dict[str, Any] = json.loads(b"".join(one.get("body", b"") for one in self.sent))
        return told


async def jobs(wire: Wired, count: int) -> list[str]:
    """The project's jobs, the newest first, once there are so many."""
    async with asyncio.timeout(10):
        while True:
            page = await wire.house.ledger.page("default", after=None, limit=10, order="desc")
            assert page is not None
            if len(page.jobs) >= count:
                return [job.id for job in page.jobs]
            await asyncio.sleep(0.01)


async def finish(wire: Wired, id: str) -> None:
    media = {"video": wire.house.media.put(FILM)}
    result = Result(media=media, size="1280x720", seconds=4.0, fps=24.0, frames=96, engine="sketch")
    change = Change(ended=True, status="completed", progress=1.0, result=result, expires=4e9)
    await wire._change(id, change)


def test_the_wait_ends_when_the_client_goes_away(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        caller = Caller(app(wire.house), BODY)
        (id,) = await jobs(wire, 1)
        assert not caller.task.done()
        caller.hang_up()
        async with asyncio.timeout(10):
            await caller.task
        assert caller.sent == []
        job = await wire.house.ledger.get(id)
        assert job is not None
        assert (job.status, job.cancel_requested) == ("queued", False)

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_the_next_try_finds_the_film_of_a_lost_one(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        to = app(wire.house)
        lost = Caller(to, BODY)
        (id,) = await jobs(wire, 1)
        lost.hang_up()
        await lost.task
        again = Caller(to, BODY)
        await asyncio.sleep(0.1)
        await finish(wire, id)
        told = await again.answer()
        assert told["id"].removeprefix("v1_") == id.removeprefix("video_")
        assert len(await jobs(wire, 1)) == 1

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_after_a_restart_the_next_try_finds_it_too(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        lost = Caller(app(wire.house), BODY)
        (id,) = await jobs(wire, 1)
        lost.task.cancel()
        again = Caller(app(wire.house), BODY)  # another process knows of no request
        await asyncio.sleep(0.1)
        await finish(wire, id)
        assert (await again.answer())["status"] == "completed"
        assert len(await jobs(wire, 1)) == 1

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_two_who_wait_for_the_same_words_wait_for_two_films(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        to = app(wire.house)
        first, second = Caller(to, BODY), Caller(to, BODY)
        for id in await jobs(wire, 2):
            await finish(wire, id)
        ids = {(await one.answer())["id"] for one in (first, second)}
        assert len(ids) == 2
        third = Caller(to, BODY)  # and what was answered is no lost one
        newest = (await jobs(wire, 3))[0]
        await finish(wire, newest)
        assert (await third.answer())["id"] not in ids

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_the_wait_ends_when_the_server_goes_down(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        caller = Caller(app(wire.house), BODY)
        await jobs(wire, 1)
        wire.house.closing.set()
        told = await caller.answer()
        assert caller.sent[0]["status"] == 503
        assert told["error"]["code"] == "unavailable"
        assert "finds the same film" in told["error"]["hint"]

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_a_stream_ends_when_its_client_goes_away(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        caller = Caller(app(wire.house), BODY | {"stream": True})
        await jobs(wire, 1)
        async with asyncio.timeout(10):
            await caller.begun.wait()
            caller.hang_up()
            await caller.task
        assert b"interaction.completed" not in b"".join(one.get("body", b"") for one in caller.sent)

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_an_answer_that_was_not_taken_whole_is_none(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        to = app(wire.house)
        lost = Caller(to, BODY)
        (id,) = await jobs(wire, 1)
        lost.full.clear()  # it stops reading
        await finish(wire, id)
        async with asyncio.timeout(10):
            await lost.begun.wait()
        lost.hang_up()
        await asyncio.sleep(0.01)
        lost.full.set()
        await lost.task
        told = await Caller(to, BODY).answer()
        assert told["id"].removeprefix("v1_") == id.removeprefix("video_")

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_what_is_not_to_be_stored_is_kept_until_it_was_taken(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        to, body = app(wire.house), BODY | {"store": False}
        lost = Caller(to, body)
        (id,) = await jobs(wire, 1)
        lost.full.clear()
        await finish(wire, id)
        async with asyncio.timeout(10):
            await lost.begun.wait()
        lost.hang_up()
        await asyncio.sleep(0.01)
        lost.full.set()
        await lost.task
        assert await wire.house.ledger.get(id) is not None
        await Caller(to, body).answer()
        assert await wire.house.ledger.get(id) is None

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(scenario(wire))


def test_many_wait_without_a_thread_of_their_own(tmp_path: Path) -> None:
    async def scenario(wire: Wired) -> None:
        to = app(wire.house)
        callers = [Caller(to, BODY | {"labels": {"n": str(n)}}) for n in range(3 * THREADS)]
        while await wire.house.ledger.open_of("default") < len(callers):
            await asyncio.sleep(0.01)
        together = threading.Barrier(THREADS, timeout=10.0)  # every thread of the pool is free
        await asyncio.gather(*(asyncio.to_thread(together.wait) for _ in range(THREADS)))
        assert not any(one.task.done() for one in callers)
        for one in callers:
            one.hang_up()
        await asyncio.gather(*(one.task for one in callers))

    async def with_few_threads(wire: Wired) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        async with asyncio.timeout(60):
            await scenario(wire)

    with wired(tmp_path, SKETCHING) as wire:
        asyncio.run(with_few_threads(wire))


def test_what_was_answered_is_forgotten_in_the_end() -> None:
    repeats = Repeats(0.0)
    for number in range(10_100):
        turn = repeats.begin("p", str(number))
        assert turn.again
        turn.end(answered=True)
    assert len(repeats._seen) <= 10_001


def test_only_an_answer_makes_the_next_request_another() -> None:
    repeats = Repeats(90.0)
    repeats.begin("p", "f").end(answered=False)
    turn = repeats.begin("p", "f")
    assert turn.again
    assert not repeats.begin("p", "f").again
    turn.end(answered=True)
    turn.end(answered=False)
    assert not repeats.begin("p", "f").again
    assert repeats.begin("other", "f").again


def test_an_answer_that_breaks_off_is_told_of_as_not_handed_over() -> None:
    told: list[bool] = []

    async def after(whole: bool) -> None:
        told.append(whole)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("the film cannot be read")

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def broken() -> None:
        scope = {"type": "http", "method": "GET", "headers": [], "path": "/"}
        await Inline([b"{}"], after=after)(scope, receive, send)

    with pytest.raises(OSError, match="cannot be read"):
        asyncio.run(broken())
    assert told == [False]
