"""Progress as server-sent events: what is told, to whom, and what many or slow listeners cost."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mutoscope.config import Settings
from mutoscope.jobs.job import Change, Lease, NewJob, Problem
from mutoscope.server import watching
from mutoscope.server.house import House
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records
from outgoing_house import app, asking, house
from receivers import until


def go(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(run())


class Listening:
    """One client of the stream, spoken to in ASGI. `hold` keeps it from reading."""

    def __init__(self) -> None:
        self.status = 0
        self.text = ""
        self.sends = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.hold.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.sends += 1
            self.text += message["body"].decode()

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Kind and data of what came."""
        found = []
        for block in self.text.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found

    @property
    def last_id(self) -> str:
        return [line[4:] for line in self.text.split("\n") if line.startswith("id: ")][-1]


@contextlib.asynccontextmanager
async def listening(
    application: Any, job: str, *, seen: str = "", key: str = ""
) -> AsyncIterator[tuple[Listening, asyncio.Task[None]]]:
    client = Listening()
    headers = [(b"host", b"127.0.0.1:8640")]
    headers += [(b"last-event-id", seen.encode())] if seen else []
    headers += [(b"authorization", f"Bearer {key}".encode())] if key else []
    scope = {
        "type": "http", "method": "GET", "path": f"/v1/videos/{job}/events", "raw_path": b"",
        "query_string": b"", "headers": headers, "scheme": "http", "http_version": "1.1",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8640), "root_path": "",
        "asgi": {"version": "3.0"},
    }  # fmt: skip
    task = asyncio.create_task(application(scope, client.receive, client.send))
    try:
        yield client, task
    finally:
        client.hold.set()
        client.gone.set()
        await asyncio.wait_for(task, 5)


class Film:
    """A job that is brought forward as a worker does it."""

    def __init__(self, made: House, project: str = "default") -> None:
        self.made = made
        self.id = new_id("video_")
        self.project = project
        self._lease: Lease | None = None

    async def begin(self) -> Film:
        await self.made.ledger.create(
            NewJob(
                id=self.id, project=self.project, dialect="openai", kind="create",
                model="sora-2", engine="flipbook", asked={"prompt": "p", "seconds": "4"},
            )
        )  # fmt: skip
        [job] = await self.made.ledger.claim("tests", limit=1, lease=60)
        self._lease = Lease(job.id, "tests", job.fence)
        return self

    async def go_on(self, **change: Any) -> None:
        assert self._lease is not None
        assert await self.made.ledger.commit(self._lease, Change(hold=True, **change))

    async def fail(self) -> None:
        error = Problem(code="engine_failed", message="it did not work")
        await self.go_on(ended=True, status="failed", error=error)


def test_progress_is_told_until_the_job_has_ended(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        async with listening(app(made), film.id) as (client, task):
            await until(lambda: client.events)
            assert client.status == 200
            assert client.text.startswith("retry: 2000\n\n")
            for progress in (0.25, 0.5):
                await film.go_on(status="in_progress", stage="render", progress=progress, expected_end=2e9)  # fmt: skip
                await until(lambda: client.events[-1][1]["progress"] == int(100 * progress))  # noqa: B023
            kind, said = client.events[-1]
            assert kind == "progress"
            assert (said["status"], said["stage"]) == ("in_progress", "render")
            assert said["expected_end"] == 2_000_000_000
            await film.fail()
            await asyncio.wait_for(asyncio.shield(task), 5)  # the stream ends by itself
            kind, said = client.events[-1]
            assert kind == "failed"
            assert said["error"]["message"] == "it did not work"
            assert [event[0] for event in client.events].count("failed") == 1

    go(run)


def test_who_comes_back_goes_on_where_it_was(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        application = app(made)
        async with listening(application, film.id) as (client, _):
            await until(lambda: client.events)
            seen = client.last_id
        async with listening(application, film.id, seen=seen) as (client, _):
            await until(lambda: client.sends)
            await film.go_on(status="in_progress", progress=0.5)
            await until(lambda: client.events)
            assert client.events[0][1]["progress"] == 50  # the state it knew was not told again
        await film.fail()
        async with listening(application, film.id) as (client, _):
            await until(lambda: client.events)
            seen = client.last_id
        async with listening(application, film.id, seen=seen) as (client, task):
            await asyncio.wait_for(asyncio.shield(task), 5)
            assert client.status == 204  # which ends an EventSource for good

    go(run)


def test_a_job_that_is_deleted_says_so(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        async with listening(app(made), film.id) as (client, task):
            await until(lambda: client.events)
            await made.ledger.cancel(film.id, "default")
            await asyncio.wait_for(asyncio.shield(task), 5)
            assert client.events[-1] == (
                "deleted", {"id": film.id, "object": "video.deleted", "deleted": True},
            )  # fmt: skip

    go(run)


def test_what_another_server_changes_is_told_too(records: Records) -> None:
    async def run() -> None:
        made, other = house(records), house(records)
        film = await Film(other).begin()
        async with listening(app(made), film.id) as (client, task):
            await until(lambda: client.events)
            await film.fail()
            await asyncio.wait_for(asyncio.shield(task), 5)
            assert client.events[-1][0] == "failed"

    go(run)


def test_many_listeners_of_one_job_cost_one_reader(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    states = watching._states

    def counted(connection: Any, ids: Any) -> Any:
        reads.append(len(ids))
        return states(connection, ids)

    monkeypatch.setattr(watching, "_states", counted)

    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        application = app(made)
        async with contextlib.AsyncExitStack() as stack:
            clients = [
                (await stack.enter_async_context(listening(application, film.id)))[0]
                for _ in range(200)
            ]
            await until(lambda: all(client.events for client in clients))
            reads.clear()
            await film.go_on(status="in_progress", progress=0.5)
            await until(lambda: all(len(client.events) == 2 for client in clients))
            assert len(reads) <= 3
            assert set(reads) == {1}
            await film.fail()

    go(run)


def test_a_slow_client_gets_the_newest_and_holds_nothing(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        application = app(made)
        async with (
            listening(application, film.id) as (slow, task),
            listening(application, film.id) as (quick, _),
        ):
            await until(lambda: slow.events and quick.events)
            slow.hold.clear()
            for n in range(1, 20):
                await film.go_on(status="in_progress", progress=n / 20)
                await until(lambda: quick.events[-1][1]["progress"] == int(5 * n))  # noqa: B023
            await film.fail()
            await until(lambda: quick.events[-1][0] == "failed")
            slow.hold.set()
            await asyncio.wait_for(asyncio.shield(task), 5)
            assert len(slow.events) <= 3
            assert slow.events[-1][0] == "failed"

    go(run)


def test_a_quiet_stream_shows_that_it_lives(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        async with listening(app(made, heartbeat=0.05), film.id) as (client, _):
            await until(lambda: client.text.count(": still here\n\n") >= 3)
            assert len(client.events) == 1

    go(run)


def test_streams_end_when_the_server_goes_down_or_the_client_has_gone(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        application = app(made)
        async with listening(application, film.id) as (client, task):
            await until(lambda: client.events)
            client.gone.set()
            await asyncio.wait_for(asyncio.shield(task), 5)
        async with listening(application, film.id) as (client, task):
            await until(lambda: client.events)
            made.closing.set()
            await asyncio.wait_for(asyncio.shield(task), 5)
            assert [kind for kind, _ in client.events] == ["progress"]
        await asyncio.sleep(0)
        assert not [one for one in asyncio.all_tasks() if one.get_name() == "watch"]

    go(run)


def test_another_projects_job_and_what_is_no_video_are_not_there(records: Records) -> None:
    async def run() -> None:
        made = house(records, Settings())
        key, _ = await asyncio.to_thread(made.keys.create, project="theirs")
        film = await Film(made, "mine").begin()
        async with asking(made, key) as client:
            for id in (film.id, "video_none"):
                answer = await client.get(f"/v1/videos/{id}/events")
                assert answer.status_code == 404
                assert answer.json()["error"]["message"] == f"Video with id '{id}' not found."
        async with listening(app(made), film.id, key=key) as (stream, task):
            await asyncio.wait_for(asyncio.shield(task), 5)
            assert stream.status == 404

    go(run)


def test_a_signed_link_opens_the_stream_for_pages_that_cannot_send_a_key(records: Records) -> None:
    async def run() -> None:
        made = house(records)
        await asyncio.to_thread(made.keys.create, project="theirs")
        film = await Film(made).begin()
        await film.fail()
        async with asking(made) as client:
            path = f"/v1/videos/{film.id}/events"
            assert (await client.get(path)).status_code == 401
            answer = await client.get(made.links.sign(path, seconds=60))
            assert answer.status_code == 200
            assert "event: failed" in answer.text

    go(run)


def test_a_new_preview_is_an_event_with_a_link_that_needs_no_key(
    records: Records, tmp_path: Path
) -> None:
    given = tmp_path / "given"

    async def run() -> None:
        made = house(records)
        film = await Film(made).begin()
        async with listening(app(made), film.id) as (client, _):
            links = []
            for count in (1, 2):
                given.write_bytes(b"\xff\xd8\xff" + bytes(count))
                made.previews.show(film.id, given)
                await film.go_on(status="in_progress", stage="generate", progress=count / 10)
                await until(lambda: [kind for kind, _ in client.events].count("preview") == count)  # noqa: B023
                kind, said = client.events[-1]
                assert (kind, said["id"], said["object"]) == ("preview", film.id, "video.preview")
                links.append(said["url"])
            assert links[0] != links[1]  # a browser asks again
            place = urlsplit(links[1])
            assert parse_qs(place.query)["variant"] == ["thumbnail"]
            assert made.links.opens("GET", place.path, place.query)
            assert "in_progress.generate.20" in client.last_id  # where it comes back, as before
            await film.go_on(progress=0.3)  # no new picture
            await until(lambda: client.events[-1][1].get("progress") == 30)
            assert [kind for kind, _ in client.events].count("preview") == 2

    asyncio.run(run())
