"""The worker on SQLite: from a row to a film, and what may happen on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fresh_records import put
from mutoscope.compute.processes import Processes
from mutoscope.engines.base import Order, Status
from mutoscope.errors import BadShot, NotAccepted, Unconfirmed
from mutoscope.jobs.job import Job
from mutoscope.shot import Anchor, Media, Role
from mutoscope.storage.records import Records
from mutoscope.storage.tables import events, jobs
from workshop import Paper, Sketch, ended, new_job, photo, settings_for, until, working, workshop

pytestmark = pytest.mark.slow


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server waits for in seconds, in parts of one."""
    monkeypatch.setattr("mutoscope.jobs.retention.EVERY", 0.1)
    monkeypatch.setattr("mutoscope.jobs.stages.submit.BACKOFF", (0.05, 0.2))
    monkeypatch.setattr("mutoscope.jobs.worker.CALL_IN", 0.1)
    monkeypatch.setattr("mutoscope.jobs.claimed.BROKEN", 0.01)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def told(records: Records) -> list[tuple[str, str]]:
    """(type, subject) of every event."""
    rows = records.read_now(lambda c: c.execute(events.select()).all())
    return [(row.type, row.subject) for row in rows]


def left(folder: Path) -> list[Path]:
    return list((folder / "work" / "jobs").glob("*"))


def test_a_job_becomes_a_film_with_thumbnail_and_spritesheet(
    records: Records, tmp_path: Path
) -> None:
    house = workshop(records, tmp_path)

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job())
            job = await ended(house, created.job.id)
        assert job.status == "completed", job.error
        assert job.result is not None
        assert set(job.result.media) == {"video", "thumbnail", "spritesheet"}
        assert (job.result.frames, job.result.fps, job.result.size) == (6, 12, "64x64")
        assert all(house.media.has(media) for media in job.result.media.values())
        assert job.progress == 1.0
        assert job.started is not None
        assert job.ended is not None
        assert job.expires is not None
        assert told(records) == [("video.completed", job.id)]

    run(scenario())
    assert not left(tmp_path)


def test_a_photograph_is_planned_and_spoken_of(records: Records, tmp_path: Path) -> None:
    house = workshop(records, tmp_path)
    anchor = Anchor(media=photo(house), role=Role.FIRST_FRAME)

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job(anchors=(anchor,)))
            job = await ended(house, created.job.id)
        assert job.status == "completed", job.error
        assert job.result is not None
        assert job.result.report["image"]
        assert set(job.work["plans"]) == {"0"}

    run(scenario())


def test_an_order_elsewhere_is_sent_once_with_its_picture(records: Records, tmp_path: Path) -> None:
    seen: list[Order] = []
    paper = Paper(tmp_path / "vendor", before=seen.append)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())
    anchor = Anchor(media=photo(house))

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job("paper", anchors=(anchor,)))
            job = await ended(house, created.job.id)
        assert job.status == "completed", job.error
        assert [key for key, _ in paper.created()] == [f"{job.id}/1"]
        assert job.operation is not None
        assert job.intent_at is None

    run(scenario())
    prepared = seen[0].stills[0].prepared
    assert prepared is not None
    assert prepared.parent.parent.name == "media"


def test_a_failing_engine_fails_the_job_with_its_reason(records: Records, tmp_path: Path) -> None:
    house = workshop(records, tmp_path)

    async def scenario() -> None:
        async with working(house):
            broken = await house.ledger.create(new_job(prompt="break it"))
            good = await house.ledger.create(new_job())
            job = await ended(house, broken.job.id)
            assert (await ended(house, good.job.id)).status == "completed"
        assert job.status == "failed"
        assert job.error is not None
        assert job.error.message == "the pencil broke"
        assert ("video.failed", job.id) in told(records)

    run(scenario())
    assert not left(tmp_path)


@pytest.mark.slow
def test_a_killed_render_fails_its_job_and_the_next_works(records: Records, tmp_path: Path) -> None:
    with Processes(1, nice=0) as processes:
        house = workshop(records, tmp_path, compute=processes)

        async def scenario() -> None:
            async with working(house):
                dying = await house.ledger.create(new_job(prompt="die"))
                good = await house.ledger.create(new_job())
                job = await ended(house, dying.job.id)
                assert job.status == "failed"
                assert job.error is not None
                assert job.error.code == "worker_died"
                assert (await ended(house, good.job.id)).status == "completed"

        run(scenario())
    assert not left(tmp_path)


def test_a_running_job_that_is_cancelled_ends_within_a_second(
    records: Records, tmp_path: Path
) -> None:
    house = workshop(records, tmp_path, {"sketch": Sketch(steps=1000, pause=0.01)})

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job())
            await until(lambda: in_stage(house, created.job.id, "render"))
            begin = time.monotonic()
            await house.ledger.cancel(created.job.id, "default")

            async def gone() -> bool:
                job = await house.ledger.get(created.job.id)
                return job is None or job.due is None

            await until(gone)
            assert time.monotonic() - begin < 1.0
            await until(lambda: not left(tmp_path))
            await until(lambda: nothing_of(house, created.job.id))
        assert not told(records)

    run(scenario())


def test_a_waiting_job_is_cancelled_though_every_slot_is_taken(
    records: Records, tmp_path: Path
) -> None:
    house = workshop(records, tmp_path, {"sketch": Sketch(steps=1000, pause=0.01)})

    async def scenario() -> None:
        async with working(house, grace=0.0):
            first = await house.ledger.create(new_job())
            await until(lambda: in_stage(house, first.job.id, "render"))
            second = await house.ledger.create(new_job())
            await until(lambda: in_stage(house, second.job.id, "render"))
            begin = time.monotonic()
            await house.ledger.cancel(second.job.id, "default")
            await until(lambda: nothing_of(house, second.job.id) if second else None)
            assert time.monotonic() - begin < 2.0  # ended at once; deleted at the next sweep

    run(scenario())


def test_an_order_elsewhere_is_stopped_when_its_job_is_cancelled(
    records: Records, tmp_path: Path
) -> None:
    paper = Paper(tmp_path / "vendor", looks=10_000)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job("paper"))
            await until(lambda: in_stage(house, created.job.id, "poll"))
            await house.ledger.cancel(created.job.id, "default")
            await until(lambda: paper.stopped)
        assert paper.stopped == [name for _, name in paper.created()]

    run(scenario())


def test_a_job_past_its_deadline_fails_and_says_so(records: Records, tmp_path: Path) -> None:
    house = workshop(records, tmp_path, {"sketch": Sketch(steps=1000, pause=0.01)})

    async def scenario() -> None:
        async with working(house):
            new = replace(new_job(), deadline=time.time() + 0.6)
            created = await house.ledger.create(new)
            job = await ended(house, created.job.id)
        assert job.status == "failed"
        assert job.error is not None
        assert job.error.code == "deadline_exceeded"
        assert job.ended is not None
        assert job.ended - job.created < 3

    run(scenario())
    assert not left(tmp_path)


def test_a_refusal_for_good_fails_and_one_for_now_is_tried_again(
    records: Records, tmp_path: Path
) -> None:
    tries: list[str] = []

    def refuse(order: Order) -> None:
        tries.append(order.key)
        error = NotAccepted("not now")
        error.retry_after = 0.05
        if "never" in order.shot.prompt:
            error = NotAccepted("not with faces", code="moderation_blocked")
            error.final = True
        if len(tries) < 3 or error.final:
            raise error

    paper = Paper(tmp_path / "vendor", before=refuse)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job("paper"))
            job = await ended(house, created.job.id)
            assert job.status == "completed", job.error
            assert tries == [f"{job.id}/{number}" for number in (1, 2, 3)]
            created = await house.ledger.create(new_job("paper", prompt="never"))
            job = await ended(house, created.job.id)
        assert job.status == "failed"
        assert job.error is not None
        assert (job.error.code, job.error.message) == ("moderation_blocked", "not with faces")
        assert len(paper.created()) == 1

    run(scenario())


@pytest.mark.parametrize("recovery", ["idempotent", "listable", "none"])
def test_an_answer_that_never_came_is_looked_into(
    records: Records, tmp_path: Path, recovery: Any
) -> None:
    def lost(order: Order) -> None:
        if len(paper.created()) == 1 and not paper.asked:
            raise Unconfirmed("the connection broke")

    paper = Paper(tmp_path / "vendor", recovery, after=lost)
    settings = settings_for(lease=0.5, timeout=0.2)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings)
    if recovery == "idempotent":
        calls: list[str] = []

        def once(order: Order) -> None:
            calls.append(order.key)
            if len(calls) == 1:
                raise Unconfirmed("the connection broke")

        paper.after = once

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job("paper"))
            if recovery == "none":
                await until(lambda: in_stage(house, created.job.id, "unconfirmed"))
                job = await house.ledger.get(created.job.id)
                assert job is not None
                assert job.status == "in_progress"
                assert job.work["last"] == "the connection broke"
            else:
                job = await ended(house, created.job.id)
                assert job.status == "completed", job.error
        assert len(paper.created()) == 1

    run(scenario())


def test_a_refusal_of_the_second_try_says_nothing_about_the_first(
    records: Records, tmp_path: Path
) -> None:
    """The answer to the first was lost; the second meets a closed port; the third finds the first."""
    calls: list[str] = []

    def closed(order: Order) -> None:
        calls.append(order.key)
        if len(calls) == 2:
            raise NotAccepted("connection refused")

    def lost(order: Order) -> None:
        if len(calls) == 1:
            raise Unconfirmed("the connection broke")

    paper = Paper(tmp_path / "vendor", before=closed, after=lost)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job("paper"))
            job = await ended(house, created.job.id)
        assert job.status == "completed", job.error
        assert calls == [f"{job.id}/1"] * 3
        assert len(paper.created()) == 1

    run(scenario())


def test_an_account_has_no_more_at_work_than_it_allows(records: Records, tmp_path: Path) -> None:
    at_work: list[int] = []
    paper = Paper(
        tmp_path / "vendor", looks=2, after=lambda order: at_work.append(count(records, "poll"))
    )
    settings = settings_for(at_once=2)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings)

    async def scenario() -> None:
        async with working(house):
            made = [await house.ledger.create(new_job("paper")) for _ in range(5)]
            for one in made:
                assert (await ended(house, one.job.id)).status == "completed"
        assert max(at_work) <= 1  # beside the one that was being created

    run(scenario())


def test_a_stage_that_breaks_is_tried_again_and_then_given_up(
    records: Records, tmp_path: Path
) -> None:
    class Broken(Sketch):
        def start(self, order: Order) -> Any:
            raise ZeroDivisionError

        def on(self, compute: Any) -> Broken:
            return self

    house = workshop(records, tmp_path, {"sketch": Broken()})

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job())
            job = await ended(house, created.job.id)
        assert job.status == "failed"
        assert job.error is not None
        assert job.error.code == "server_error"
        assert "ZeroDivisionError" not in job.error.message
        assert job.attempt == 3

    run(scenario())


def test_a_stopped_worker_hands_back_and_the_next_goes_on(records: Records, tmp_path: Path) -> None:
    house = workshop(records, tmp_path, {"sketch": Sketch(steps=1000, pause=0.01)})

    async def scenario() -> None:
        async with working(house, grace=0.1):
            created = await house.ledger.create(new_job())
            await until(lambda: in_stage(house, created.job.id, "render"))
        job = await house.ledger.get(created.job.id)
        assert job is not None
        assert (job.stage, job.lease_owner) == ("render", None)
        again = workshop(records, tmp_path)
        async with working(again, "two"):
            assert (await ended(again, created.job.id)).status == "completed"

    run(scenario())
    assert not left(tmp_path)


def test_an_input_is_fetched_before_anything_else(records: Records, tmp_path: Path) -> None:
    class Fetching:
        def __init__(self) -> None:
            self.asked: list[tuple[str, tuple[str, ...]]] = []

        async def get(self, url: str, *, kinds: tuple[str, ...], tries: int) -> Media:
            self.asked.append((url, kinds))
            if "bad" in url:
                raise BadShot("that address gave nothing", code="fetch_failed")
            return photo(house)

    fetching = Fetching()
    house = workshop(records, tmp_path, fetch=fetching)
    unknown = Anchor(media=Media("0" * 64, "image/unknown", 0))

    async def scenario() -> None:
        async with working(house):
            made = []
            for url in ("https://example.com/a.jpg", "https://example.com/bad"):
                new = new_job(
                    anchors=(unknown,),
                    work={"pending": {"0": {"url": url, "field": "input_reference"}}},
                )
                made.append(await house.ledger.create(replace(new, uses=())))
            good, bad = [await ended(house, one.job.id) for one in made]
        assert good.status == "completed", good.error
        assert good.shot is not None
        assert good.shot.anchors[0].media.type == "image/jpeg"
        assert fetching.asked[0] == ("https://example.com/a.jpg", ("image",))
        assert bad.error is not None
        assert bad.error.code == "fetch_failed"

    run(scenario())


def test_ten_thousand_polls_are_asked_in_few_questions(records: Records, tmp_path: Path) -> None:
    questions: list[int] = []

    class Telling(Paper):
        async def statuses(self, operations: Any) -> list[Status | BaseException]:
            questions.append(len(operations))
            told: list[Status | BaseException] = [Status("done", 1.0) for _ in operations]
            if len(told) > 1:
                told[0] = OSError("a broken line says nothing about a film")
            return told

    paper = Telling(tmp_path / "vendor")
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())

    async def scenario() -> None:
        async with working(house):
            made = await asyncio.gather(*(house.ledger.create(new_job("paper")) for _ in range(12)))
            for one in made:
                assert (await ended(house, one.job.id)).status == "completed"
        assert max(questions) > 1

    run(scenario())


def test_a_job_that_is_asked_about_with_others_is_cancelled_at_once(
    records: Records, tmp_path: Path
) -> None:
    class Slow(Paper):
        async def statuses(self, operations: Any) -> list[Status | BaseException]:
            questions.append(len(operations))
            await asyncio.sleep(60 if len(questions) == 1 else 0)
            return [Status("done", 1.0) for _ in operations]

    questions: list[int] = []
    paper = Slow(tmp_path / "vendor")
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())

    async def scenario() -> None:
        async with working(house):
            made = [await house.ledger.create(new_job("paper")) for _ in range(3)]
            await until(lambda: questions)
            asked = [job for job in made if await in_stage(house, job.job.id, "poll")]
            await house.ledger.cancel(asked[0].job.id, "default")
            await until(lambda: nothing_of(house, asked[0].job.id))
            for one in made:
                if one is not asked[0]:
                    assert (await ended(house, one.job.id)).status == "completed"

    run(scenario())


async def in_stage(house: Any, job: str, stage: str) -> bool:
    found: Job | None = await house.ledger.get(job)
    assert found is not None, "the job was lost"
    assert found.due is not None or stage == "", found.error
    return found.stage == stage


async def nothing_of(house: Any, job: str) -> bool:
    return await house.ledger.get(job) is None


def count(records: Records, stage: str) -> int:
    of = jobs.select().where(jobs.c.stage == stage, jobs.c.due.is_not(None))
    return len(records.read_now(lambda c: c.execute(of).all()))
