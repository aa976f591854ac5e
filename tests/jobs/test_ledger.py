"""The ledger, method by method, on both databases."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from ledger_jobs import STILL, lease_of, new_job, pass_time
from sqlalchemy import select

from databases import Postgres
from mutoscope.engines.base import Operation
from mutoscope.jobs.job import Change, Job, Lease, Notice, Problem, Result
from mutoscope.jobs.ledger import Ledger
from mutoscope.shot import Anchor, Media, Shot
from mutoscope.storage.records import Records
from mutoscope.storage.tables import events, jobs, media_uses

FILM = Media("f" * 64, "video/mp4", 99_000)
RESULT = Result(
    media={"video": FILM}, size="1280x720", seconds=4.0, fps=24.0, frames=96, engine="flipbook",
    report={"done": ["slow push in"]}, took={"render": 2.5},
)  # fmt: skip


@pytest.fixture
def ledger(records: Records) -> Ledger:
    return Ledger(records)


def rows(records: Records, table: Any) -> list[Any]:
    return list(records.read_now(lambda c: c.execute(select(table)).all()))


async def claimed(ledger: Ledger, owner: str = "a", **fields: Any) -> Job:
    await ledger.create(new_job(**fields))
    (job,) = await ledger.claim(owner, limit=1, lease=30)
    return job


def test_a_job_is_read_as_it_was_written(ledger: Ledger) -> None:
    given = new_job(
        work={"pending": {"0": {"url": "https://example.com/ü"}}}, priority=3, deadline=1e9,
        warnings=(Notice(code="c", message="m", field="seconds"),), parent="video_1", batch="batch_1",
        idempotency_key="k", fingerprint="a" * 64, webhook_url="https://example.com/hook", key_id="key_1",
    )  # fmt: skip
    made = asyncio.run(ledger.create(given))
    assert made.fresh
    assert made.matches
    read = asyncio.run(ledger.get(given.id))
    assert read == made.job
    for field in dataclasses.fields(given):
        if field.name not in ("uses", "delay"):
            assert getattr(read, field.name) == getattr(given, field.name), field.name
    assert read is not None
    assert (read.status, read.fence, read.attempt, read.progress) == ("queued", 0, 0, 0)
    assert (read.operation, read.result, read.error, read.started) == (None, None, None, None)
    assert read.cancel_requested is False


def test_a_read_job_can_be_changed_as_a_value(ledger: Ledger) -> None:
    job = asyncio.run(ledger.create(new_job())).job
    other = dataclasses.replace(job, work={"left": 1}, operation=Operation("flipbook", {"id": "x"}))
    assert other.work == {"left": 1}
    assert other.shot == job.shot == Shot(prompt="slow push in", anchors=(Anchor(STILL),))
    assert job.work == {}


def test_another_projects_job_is_not_there(ledger: Ledger) -> None:
    job = asyncio.run(ledger.create(new_job(project="mine"))).job
    assert asyncio.run(ledger.get(job.id, "mine")) == job
    assert asyncio.run(ledger.get(job.id, "theirs")) is None
    assert asyncio.run(ledger.get("video_none")) is None
    assert asyncio.run(ledger.cancel(job.id, "theirs")) is None
    assert asyncio.run(ledger.get(job.id)) == job


def test_many_reads_at_once_each_get_their_own(ledger: Ledger) -> None:
    async def main() -> None:
        made = [(await ledger.create(new_job())).job for _ in range(5)]
        asked = [job.id for job in made] * 20 + ["video_none"]
        found = await asyncio.gather(*(ledger.get(name) for name in asked))
        assert [job and job.id for job in found] == [*asked[:-1], None]

    asyncio.run(main())
    asyncio.run(main())  # in a new event loop too


def test_a_read_that_is_cancelled_leaves_the_others_theirs(ledger: Ledger) -> None:
    async def main() -> None:
        job = (await ledger.create(new_job())).job
        gone = asyncio.create_task(ledger.get(job.id))
        kept = asyncio.create_task(ledger.get(job.id))
        await asyncio.sleep(0)
        gone.cancel()
        assert await kept == job

    asyncio.run(main())


def test_pages_go_through_all_in_both_orders(ledger: Ledger) -> None:
    async def main() -> None:
        made = [(await ledger.create(new_job())).job.id for _ in range(7)]
        await ledger.create(new_job(project="other"))
        await ledger.create(new_job(object="batch", id="batch_1"))
        for order, expected in (("asc", made), ("desc", made[::-1])):
            seen: list[str] = []
            after, more = None, True
            while more:
                page = await ledger.page("default", after=after, limit=3, order=order)
                assert page is not None
                seen += [job.id for job in page.jobs]
                after, more = seen[-1], page.has_more
            assert seen == expected
        assert await ledger.page("default", after="no id") is None
        empty = await ledger.page("nobody")
        assert empty is not None
        assert (list(empty.jobs), empty.has_more) == ([], False)
        await ledger.cancel(made[1], "default")
        rest = await ledger.page("default", after=made[0], order="asc")
        assert rest is not None
        assert [job.id for job in rest.jobs] == made[2:]

    asyncio.run(main())


def test_claims_go_by_priority_then_age_and_stage(ledger: Ledger) -> None:
    async def main() -> None:
        names = {}
        kinds: dict[str, dict[str, Any]] = {
            "old": {},
            "young": {},
            "later": {"delay": 60.0},
            "urgent": {"priority": 5},
            "poll": {"stage": "poll"},
        }
        for name, fields in kinds.items():
            names[(await ledger.create(new_job(**fields))).job.id] = name
        (poll,) = await ledger.claim("a", limit=9, lease=30, stages=["poll", "room"])
        assert names[poll.id] == "poll"
        taken = await ledger.claim("a", limit=2, lease=30)
        assert [names[job.id] for job in taken] == ["urgent", "old"]
        taken += await ledger.claim("b", limit=9, lease=30)
        assert [names[job.id] for job in taken] == ["urgent", "old", "young"]
        assert all((job.fence, job.attempt) == (1, 1) for job in taken)
        assert taken[2].lease_owner == "b"
        assert await ledger.claim("c", limit=9, lease=30, stages=[]) == []

    asyncio.run(main())


def test_a_lease_that_ended_is_anyones_and_its_holder_is_kept_out(
    ledger: Ledger, records: Records
) -> None:
    first = asyncio.run(claimed(ledger))
    assert asyncio.run(ledger.claim("b", limit=1, lease=30)) == []
    pass_time(records, 31)
    (second,) = asyncio.run(ledger.claim("b", limit=1, lease=30))
    assert (second.id, second.fence, second.attempt) == (first.id, 2, 2)
    before = asyncio.run(ledger.get(first.id))
    change = Change(ended=True, status="completed", event="video.completed", uses=(FILM,))
    assert not asyncio.run(ledger.commit(lease_of(first), change))
    assert asyncio.run(ledger.renew([lease_of(first), lease_of(second)], 30)) == {second.id}
    assert not asyncio.run(ledger.commit(Lease(second.id, "a", 2), change))
    after = asyncio.run(ledger.get(first.id))
    assert after is not None
    assert before is not None
    assert dataclasses.replace(after, lease_until=before.lease_until) == before
    assert rows(records, events) == []


def test_whoever_lost_a_job_and_got_it_again_has_the_new_fence_alone(
    ledger: Ledger, records: Records
) -> None:
    first = asyncio.run(claimed(ledger))
    pass_time(records, 31)
    (second,) = asyncio.run(ledger.claim("a", limit=1, lease=30))
    assert asyncio.run(ledger.renew([lease_of(first)], 30)) == set()
    assert not asyncio.run(ledger.commit(lease_of(first), Change(stage="poll")))
    assert asyncio.run(ledger.commit(lease_of(second), Change(stage="poll")))


def test_a_claim_does_not_wait_for_a_row_that_another_server_has_in_hand(
    postgres: Postgres, tmp_path: Path
) -> None:
    with Records.open(postgres.fresh(), tmp_path, patience=5.0) as records:
        ledger = Ledger(records)
        first, second = (asyncio.run(ledger.create(new_job())).job.id for _ in range(2))
        with records.database.writes.begin() as other:
            other.execute(select(jobs.c.id).where(jobs.c.id == first).with_for_update())
            claiming = ledger.claim("a", limit=2, lease=30)
            taken = asyncio.run(asyncio.wait_for(claiming, 10))
            assert [job.id for job in taken] == [second]


def test_a_lease_that_ended_still_counts_while_nobody_took_the_job(
    ledger: Ledger, records: Records
) -> None:
    job = asyncio.run(claimed(ledger))
    pass_time(records, 31)
    assert asyncio.run(ledger.renew([lease_of(job)], 30)) == {job.id}
    assert asyncio.run(ledger.claim("b", limit=1, lease=30)) == []
    pass_time(records, 31)
    assert asyncio.run(ledger.commit(lease_of(job), Change(stage="poll")))


def test_a_change_goes_into_the_row(ledger: Ledger, records: Records) -> None:
    async def main() -> None:
        job = await claimed(ledger, webhook_url="https://example.com/hook")
        lease = lease_of(job)
        operation = Operation("relay", {"id": "v1"})
        assert await ledger.commit(
            lease,
            Change(stage="submit", hold=True, intent=True, status="in_progress", progress=0.1),
        )
        held = await ledger.get(job.id)
        assert held is not None
        assert (held.stage, held.intent_seq, held.lease_owner, held.attempt) == (
            "submit",
            1,
            "a",
            1,
        )
        assert held.intent_at is not None
        assert held.started is not None
        assert await ledger.commit(
            lease,
            Change(
                stage="poll", wait=60, intent=False, operation=operation, account="main", engine="relay",
                expected_end=2e9, work={"a": 1}, asked={"b": 2}, shot=Shot(prompt="other"),
                warnings=(Notice(code="c", message="m"),), uses=(FILM,), status="in_progress",
            ),
        )  # fmt: skip
        polled = await ledger.get(job.id)
        assert polled is not None
        assert (polled.operation, polled.account, polled.engine) == (operation, "main", "relay")
        assert (polled.intent_at, polled.intent_seq, polled.attempt) == (None, 1, 0)
        assert (polled.lease_owner, polled.lease_until) == (None, None)
        assert (polled.work, polled.asked, polled.shot) == (
            {"a": 1},
            {"b": 2},
            Shot(prompt="other"),
        )
        assert (polled.started, polled.expected_end) == (held.started, 2e9)
        assert 58 < (await ledger.seconds_to_next() or 0) <= 60
        assert await ledger.claim("a", limit=1, lease=30) == []
        pass_time(records, 60)
        (again,) = await ledger.claim("a", limit=1, lease=30)
        ending = Change(
            ended=True, status="completed", progress=1.0, result=RESULT, operation=None, account=None,
            expected_end=None, expires=1e9, error=Problem(code="x", message="y"), event="video.completed",
        )  # fmt: skip
        assert await ledger.commit(lease_of(again), ending)
        ended = await ledger.get(job.id)
        assert ended is not None
        assert (ended.status, ended.due, ended.result) == ("completed", None, RESULT)
        assert (ended.operation, ended.account, ended.expected_end) == (None, None, None)
        assert ended.ended is not None
        assert ended.error == Problem(code="x", message="y")
        assert not await ledger.commit(lease_of(again), ending)
        assert await ledger.seconds_to_next() is None

    asyncio.run(main())
    (event,) = rows(records, events)
    assert (event.project, event.type) == ("default", "video.completed")
    assert (event.subject, event.url) == (
        rows(records, media_uses)[0].owner,
        "https://example.com/hook",
    )


def test_a_job_put_off_and_then_unwanted_does_not_wait(ledger: Ledger) -> None:
    async def main() -> None:
        waiting = (await ledger.create(new_job(delay=500.0))).job
        assert await ledger.claim("a", limit=1, lease=30) == []
        asked = await ledger.cancel(waiting.id, "default")
        assert asked is not None
        assert asked.cancel_requested
        (job,) = await ledger.claim("a", limit=1, lease=30)
        assert job.cancel_requested
        assert await ledger.cancelling("a") == {job.id}
        assert await ledger.cancelling("b") == set()
        assert await ledger.commit(lease_of(job), Change(wait=500.0))
        assert (await ledger.seconds_to_next() or 0) <= 1.0

    asyncio.run(main())


def test_cancelling_what_has_ended_changes_nothing(ledger: Ledger) -> None:
    async def main() -> None:
        job = await claimed(ledger)
        await ledger.commit(lease_of(job), Change(ended=True, status="completed"))
        ended = await ledger.get(job.id)
        assert await ledger.cancel(job.id, "default") == ended
        assert await ledger.claim("a", limit=1, lease=30) == []

    asyncio.run(main())


def test_an_open_job_is_not_removed_and_an_ended_one_with_its_media(
    ledger: Ledger, records: Records
) -> None:
    async def main() -> None:
        job = await claimed(ledger)
        other = (await ledger.create(new_job(uses=(STILL,)))).job
        assert not await ledger.remove(job.id)
        change = Change(ended=True, status="completed", uses=(FILM, STILL))
        assert await ledger.commit(lease_of(job), change)
        assert await ledger.discard(job.id) == [FILM]
        assert await ledger.get(job.id) is None
        assert await ledger.discard(job.id) is None
        assert [(row.owner, row.sha256) for row in rows(records, media_uses)] == [
            (other.id, STILL.sha256)
        ]

    asyncio.run(main())


def test_leases_of_the_dead_are_cleared(ledger: Ledger) -> None:
    async def main() -> None:
        for _ in range(4):
            await ledger.create(new_job())
        await ledger.claim("dead", limit=2, lease=1000)
        (alive,) = await ledger.claim("alive", limit=1, lease=1000)
        assert 0 <= (await ledger.seconds_to_next() or 0.0) < 1
        assert await ledger.clear_leases("dead") == 2
        assert len(await ledger.claim("b", limit=9, lease=1000)) == 3
        assert 990 < (await ledger.seconds_to_next() or 0.0) <= 1000
        assert await ledger.renew([lease_of(alive)], 1000) == {alive.id}
        assert await ledger.clear_leases() == 4

    asyncio.run(main())


def test_counts_for_metrics_limits_and_retention(ledger: Ledger, records: Records) -> None:
    async def main() -> None:
        assert await ledger.queue_age() == 0.0
        first = await claimed(ledger, key_id="k1", batch="batch_1", engine="relay")
        await ledger.create(new_job(key_id="k1", batch="batch_1"))
        await ledger.create(new_job(project="other"))
        await ledger.commit(
            lease_of(first), Change(ended=True, status="failed", expires=first.created + 50)
        )
        assert await ledger.counts() == {("queued", "inputs", "flipbook"): 2}
        assert await ledger.open_of("default") == 1
        assert await ledger.open_of("default", "k1") == 1
        assert await ledger.open_of("default", "k2") == 0
        assert [job.status for job in await ledger.by_batch("batch_1")] == ["failed", "queued"]
        assert len(await ledger.by_batch("batch_1", after=first.id)) == 1
        assert await ledger.batch_counts("batch_1") == {"failed": 1, "queued": 1}
        assert await ledger.expired() == []
        pass_time(records, 51)
        assert [job.id for job in await ledger.expired()] == [first.id]
        assert 51 <= await ledger.queue_age() < 60

    asyncio.run(main())


def test_whoever_watches_hears_of_each_change(ledger: Ledger) -> None:
    async def main() -> None:
        heard: list[str] = []
        end = ledger.watch(heard.append)
        job = await claimed(ledger)
        await ledger.cancel(job.id, "default")
        await ledger.commit(lease_of(job), Change(ended=True, status="failed"))
        await ledger.commit(lease_of(job), Change())
        end()
        await ledger.create(new_job())
        assert heard == [job.id] * 3

    asyncio.run(main())
