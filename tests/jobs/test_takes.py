"""Several films of one request are as many jobs, made together or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_jobs import new_job
from test_desk import held, placing

from mutoscope.jobs.desk import Desk
from mutoscope.jobs.ledger import Ledger
from mutoscope.shot import Shot
from mutoscope.storage.records import Records

Story = Callable[[Desk], Awaitable[None]]


def test_each_take_is_a_job_with_a_seed_of_its_own(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        shot = Shot(prompt="pan left", model="sketch", seed=7)
        placed = await desk.place(placing(shot=shot, takes=3, idempotency_key="k", fingerprint="f"))
        takes = await desk.takes(placed.job)
        assert [one.shot.seed for one in takes if one.shot] == [7, 8, 9]
        assert {one.take_of for one in takes} == {placed.job.id} == {takes[0].id}
        assert [one.idempotency_key for one in takes] == ["k", None, None]
        again = await desk.place(placing(shot=shot, takes=3, idempotency_key="k", fingerprint="f"))
        assert not again.fresh
        assert await desk.takes(again.job) == takes

    held(tmp_path, story)


def test_the_room_that_is_asked_for_is_that_of_all_takes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(desk: Desk) -> None:
        asked: list[int] = []

        async def require(length: int) -> None:
            asked.append(length)

        monkeypatch.setattr(desk.quota, "require", require)
        await desk.place(placing())
        await desk.place(placing(takes=3))
        one, three = asked
        assert three == pytest.approx(3 * one, abs=3)

    held(tmp_path, story)


def test_a_single_film_is_its_own_only_take(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        placed = await desk.place(placing())
        assert placed.job.take_of is None
        assert await desk.takes(placed.job) == [placed.job]

    held(tmp_path, story)


def test_a_take_that_cannot_be_written_takes_the_others_with_it(records: Records) -> None:
    async def story() -> None:
        ledger = Ledger(records)
        first = new_job()
        twin = replace(new_job(), id=first.id)  # the database refuses a second row of one id
        with pytest.raises(Exception, match=r"(?i)unique"):
            await ledger.create(first, more=[twin])
        assert await ledger.get(first.id) is None

    asyncio.run(story())


def test_takes_of_another_project_are_not_seen(records: Records) -> None:
    async def story() -> None:
        ledger = Ledger(records)
        first = new_job()
        await ledger.create(replace(first, take_of=first.id))
        await ledger.create(new_job(project="other", take_of=first.id))
        job = await ledger.get(first.id)
        assert job is not None
        assert [one.id for one in await ledger.takes(job)] == [first.id]

    asyncio.run(story())
