"""/v1/batches: a file of requests, run by a worker as one durable job."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from wired import ADDRESS, app

from fresh_records import put
from mutoscope.config import Limits, Settings
from mutoscope.dialects.openai import batch_lines, batch_run
from mutoscope.dialects.openai.batch_lines import Line, checked, lines
from mutoscope.dialects.openai.batch_state import Fault, State
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.storage.records import Records
from workshop import Sketch, ended, until, working, workshop

SHOT = {"prompt": "slow push in", "model": "sketch", "size": "64x64", "seconds": 0.5, "fps": 12}


def line(custom_id: str, **body: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/videos", "body": SHOT | body}


def written(path: Path, *requests: Any) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in requests))
    return path


class Batching:
    """A house with a client in the same event loop."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client = house, client

    async def create(self, *requests: Any, **more: Any) -> dict[str, Any]:
        content = "".join(json.dumps(one) + "\n" for one in requests).encode()
        file = await self.client.post(
            "/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", content)}
        )
        given = {"input_file_id": file.json()["id"], "endpoint": "/v1/videos"}
        answer = await self.client.post(
            "/v1/batches", json=given | {"completion_window": "24h"} | more
        )
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def seen(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"/v1/batches/{id}")).json()
        return found

    async def file(self, id: str | None) -> dict[str, dict[str, Any]]:
        """The lines of an output file by custom_id."""
        if id is None:
            return {}
        text = (await self.client.get(f"/v1/files/{id}/content")).text
        rows = [json.loads(row) for row in text.splitlines()]
        return {row["custom_id"]: row for row in rows}


@asynccontextmanager
async def batching(
    records: Records, folder: Path, settings: Settings | None = None, **engine: Any
) -> AsyncIterator[Batching]:
    from dataclasses import replace

    house = replace(
        workshop(records, folder, {"sketch": Sketch(**engine)}, settings=settings),
        keys=Keys(records),
        links=Links(b"a secret of these tests", ADDRESS),
    )
    transport = httpx.ASGITransport(app(house))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, timeout=30) as client:
        yield Batching(house, client)


def held(
    folder: Path,
    story: Callable[[Batching], Awaitable[None]],
    settings: Settings | None = None,
    records: Records | None = None,
    **engine: Any,
) -> None:
    async def run() -> None:
        with records or Records.open("", put(folder)) as opened:
            async with batching(opened, folder, settings, **engine) as here:
                await story(here)

    asyncio.run(run())


# the input


def test_lines_are_found_again_by_their_offset(tmp_path: Path) -> None:
    path = written(tmp_path / "in.jsonl", line("a"), line("b"), line("c"))
    path.write_text(path.read_text().replace("\n", "\n\n  \n", 1))
    first = next(lines(path))
    assert isinstance(first, Line)
    assert [one.custom_id for one in lines(path, first.end, 1) if isinstance(one, Line)] == [
        "b",
        "c",
    ]
    assert checked(path) == (3, ())
    assert batch_lines.custom_ids(path) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("{", "invalid_json_line"),
        ("[]", "invalid_json_line"),
        ('{"custom_id": "a", "custom_id": "b"}', "invalid_json_line"),
        ("[" * 100_000, "invalid_json_line"),
        (json.dumps(line("")), "invalid_custom_id"),
        (json.dumps(line("a") | {"custom_id": 7}), "invalid_custom_id"),
        (json.dumps(line("a") | {"method": "GET"}), "invalid_method"),
        (json.dumps(line("a") | {"url": "/v1/chat/completions"}), "invalid_url"),
        (json.dumps(line("a") | {"body": "text"}), "invalid_body"),
        (json.dumps(line("first")), "duplicate_custom_id"),
    ],
)
def test_a_line_that_is_no_request_is_named(tmp_path: Path, bad: str, code: str) -> None:
    path = written(tmp_path / "in.jsonl", line("first"))
    path.write_text(path.read_text() + bad)
    count, (fault,) = checked(path)
    assert (count, fault.code, fault.line) == (2, code, 2)


def test_an_input_without_lines_or_with_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = written(tmp_path / "empty.jsonl")
    assert checked(empty)[1][0].code == "empty_file"
    monkeypatch.setattr(batch_lines, "MOST_LINES", 2)
    many = written(tmp_path / "many.jsonl", *(line(str(n)) for n in range(3)))
    assert checked(many)[1][0].code == "too_many_requests"


def test_a_state_survives_being_written_down() -> None:
    from mutoscope.dialects.openai.batch_state import Refused
    from mutoscope.shot import Media

    state = State(input=Media("a" * 64, "x/y", 3), expires_at=5.0)
    state.refused[3] = Refused(status=400, body={"error": {}})
    state.faults = (Fault(code="c", message="m", line=1),)
    state.become("in_progress", 4.0)
    import msgspec

    kept = msgspec.json.decode(msgspec.json.encode(state.work()))
    assert msgspec.convert(kept, State, strict=False) == state


# the whole


@pytest.mark.slow
def test_a_batch_makes_its_films_and_hands_back_both_files(
    tmp_path: Path, records: Records
) -> None:
    async def story(here: Batching) -> None:
        made = await here.create(
            line("good"),
            line("refused", seconds="four"),
            line("fails", prompt="break the pencil"),
            line("also good", seed=7),
            metadata={"for": "tests"},
        )
        assert (made["object"], made["status"]) == ("batch", "validating")
        assert made["id"].startswith("batch_")
        assert made["expires_at"] - made["created_at"] in (86399, 86400, 86401)
        assert made["metadata"] == {"for": "tests"}
        async with working(here.house):
            await ended(here.house, made["id"])
        seen = await here.seen(made["id"])
        assert seen["status"] == "completed"
        assert seen["request_counts"] == {"total": 4, "completed": 2, "failed": 2}
        assert seen["in_progress_at"]
        assert seen["finalizing_at"]
        assert seen["completed_at"]
        good = await here.file(seen["output_file_id"])
        assert set(good) == {"good", "also good"}
        response = good["good"]["response"]
        assert (response["status_code"], good["good"]["error"]) == (200, None)
        body = response["body"]
        assert (body["object"], body["status"], body["progress"]) == ("video", "completed", 100)
        film = await here.client.get(body["video_url"])
        assert film.content[4:8] == b"ftyp"
        bad = await here.file(seen["error_file_id"])
        assert set(bad) == {"refused", "fails"}
        assert bad["refused"]["response"]["status_code"] == 400
        assert bad["refused"]["response"]["body"]["error"]["param"] == "seconds"
        assert bad["fails"]["response"]["body"]["status"] == "failed"
        assert "pencil" in bad["fails"]["error"]["message"]
        file = (await here.client.get(f"/v1/files/{seen['output_file_id']}")).json()
        assert (file["purpose"], file["filename"]) == ("batch_output", f"{made['id']}_output.jsonl")
        listed = (await here.client.get("/v1/batches")).json()
        assert [one["id"] for one in listed["data"]] == [made["id"]]
        again = await here.client.post(f"/v1/batches/{made['id']}/cancel")
        assert (again.status_code, again.headers["x-should-retry"]) == (409, "false")

    held(tmp_path, story, records=records)


def test_a_file_that_is_no_batch_fails_before_any_film(tmp_path: Path) -> None:
    async def story(here: Batching) -> None:
        made = await here.create(line("a"), line("a"), line("b") | {"method": "GET"})
        async with working(here.house):
            await ended(here.house, made["id"])
        seen = await here.seen(made["id"])
        assert (seen["status"], seen["output_file_id"]) == ("failed", None)
        assert [(one["line"], one["code"]) for one in seen["errors"]["data"]] == [
            (2, "duplicate_custom_id"),
            (3, "invalid_method"),
        ]
        assert (await here.client.get("/v1/videos")).json()["data"] == []

    held(tmp_path, story)


def test_a_pass_that_is_repeated_makes_nothing_twice(tmp_path: Path) -> None:
    """A worker that dies after it placed lines, before it wrote that down."""

    async def story(here: Batching) -> None:
        from dataclasses import replace

        from mutoscope.jobs.job import Change, Lease

        made = await here.create(line("a"), line("b"), line("c"))
        house = here.house

        async def hold(stage: str) -> Any:
            (job,) = await house.ledger.claim("w", limit=1, lease=30, stages=(stage,))
            return _Hand(house, job), Lease(job.id, "w", job.fence)

        hand, lease = await hold("validate")
        assert await house.ledger.commit(lease, await batch_run.validate(house, hand))
        hand, lease = await hold("run")
        first = await batch_run.run(house, hand)
        again = await batch_run.run(house, hand)
        assert replace(first, work=None) == replace(again, work=None)
        assert len((await here.client.get("/v1/videos")).json()["data"]) == 3
        assert await house.ledger.commit(lease, Change(stage="parked"))
        assert made["id"] == hand.job.id

    held(tmp_path, story)


class _Hand:
    """A job in the hands of a worker that dies."""

    def __init__(self, house: House, job: Any) -> None:
        from mutoscope.jobs.clock import Clock

        self.house, self.job, self.clock = house, job, Clock()


@pytest.mark.slow
def test_a_batch_that_is_cancelled_hands_back_what_was_made(tmp_path: Path) -> None:
    async def story(here: Batching) -> None:
        made = await here.create(*(line(str(n)) for n in range(12)))
        id = made["id"]
        async with working(here.house):

            async def begun() -> bool:
                return bool((await here.seen(id))["request_counts"]["completed"])

            await until(begun)
            answer = await here.client.post(f"/v1/batches/{id}/cancel")
            assert answer.json()["status"] == "cancelling"
            await ended(here.house, id)
        seen = await here.seen(id)
        assert seen["status"] == "cancelled"
        assert seen["cancelling_at"]
        assert seen["cancelled_at"]
        good, bad = await here.file(seen["output_file_id"]), await here.file(seen["error_file_id"])
        assert good
        assert bad
        assert set(good) | set(bad) == {str(n) for n in range(12)}
        assert {row["error"]["code"] for row in bad.values()} == {"batch_cancelled"}
        left = (await here.client.get("/v1/videos")).json()["data"]
        assert {one["id"] for one in left} == {
            row["response"]["body"]["id"] for row in good.values()
        }

    held(tmp_path, story, pause=0.1)


@pytest.mark.slow
def test_a_batch_waits_where_the_queue_is_full(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(batch_run, "FULL_WAIT", 0.1)

    async def story(here: Batching) -> None:
        made = await here.create(*(line(str(n)) for n in range(6)))
        async with working(here.house):
            await ended(here.house, made["id"])
        seen = await here.seen(made["id"])
        assert seen["request_counts"] == {"total": 6, "completed": 6, "failed": 0}
        assert seen["error_file_id"] is None

    held(tmp_path, story, Settings(limits=Limits(queued=3)))


def test_a_batch_past_its_window_is_expired(tmp_path: Path) -> None:
    async def story(here: Batching) -> None:
        from sqlalchemy import update

        from mutoscope.storage.tables import jobs

        made = await here.create(line("a"), line("b"))
        job = await here.house.ledger.get(made["id"])
        assert job is not None
        late = json.dumps(job.work | {"expires_at": 1.0})
        await here.house.records.write(lambda c: c.execute(update(jobs).values(work=late)))
        async with working(here.house):
            await ended(here.house, made["id"])
        seen = await here.seen(made["id"])
        assert (seen["status"], seen["output_file_id"]) == ("expired", None)
        bad = await here.file(seen["error_file_id"])
        assert {row["error"]["code"] for row in bad.values()} == {"batch_expired"}

    held(tmp_path, story)


BAD: list[tuple[dict[str, Any], str, int]] = [
    ({"input_file_id": None}, "input_file_id", 400),
    ({"input_file_id": 7}, "input_file_id", 400),
    ({"input_file_id": "file-none"}, "input_file_id", 404),
    ({"endpoint": "/v1/responses"}, "endpoint", 400),
    ({"endpoint": None}, "endpoint", 400),
    ({"completion_window": "soon"}, "completion_window", 400),
    ({"completion_window": "99d"}, "completion_window", 400),
    ({"completion_window": 24}, "completion_window", 400),
    ({"metadata": {"a": 7}}, "metadata", 400),
    ({"metadata": {str(n): "a" for n in range(17)}}, "metadata", 400),
    ({"metadata": []}, "metadata", 400),
    (
        {"output_expires_after": {"anchor": "created_at", "seconds": 5}},
        "output_expires_after.seconds",
        400,
    ),
]


def test_a_batch_that_will_not_do(tmp_path: Path) -> None:
    async def story(here: Batching) -> None:
        file = await here.client.post(
            "/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", b"{}")}
        )
        well = {
            "input_file_id": file.json()["id"], "endpoint": "/v1/videos", "completion_window": "24h",
        }  # fmt: skip
        for given, param, status in BAD:
            answer = await here.client.post("/v1/batches", json=well | given)
            seen = (answer.status_code, answer.json()["error"]["param"])
            assert seen == (status, param), given

    held(tmp_path, story)


def test_an_unknown_batch_is_a_404(tmp_path: Path) -> None:
    async def story(here: Batching) -> None:
        for method, path in (("GET", ""), ("POST", "/cancel")):
            answer = await here.client.request(method, f"/v1/batches/batch_none{path}")
            assert answer.status_code == 404
            assert answer.json()["error"]["message"] == "No batch found with id 'batch_none'."

    held(tmp_path, story)
