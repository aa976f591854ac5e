"""PostgreSQL restarts in mid-claim: no job is lost, none is ended twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ledger_jobs import lease_of, new_job
from sqlalchemy import select

from databases import Place, Postgres
from mutoscope.jobs.job import Change
from mutoscope.jobs.ledger import Ledger
from mutoscope.storage.tables import events, jobs


@pytest.fixture
def here(postgres: Postgres, tmp_path: Path) -> Place:
    return Place(postgres.fresh(), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_nothing_is_lost_or_done_twice_while_postgres_restarts_in_mid_claim(
    here: Place, postgres: Postgres, mode: str
) -> None:
    """Three owners on two servers create, claim, renew and end jobs while PostgreSQL restarts."""
    made: list[str] = []
    ended: list[str] = []
    held: list[tuple[str, int]] = []
    enough = 150

    async def create(ledger: Ledger) -> None:
        for _ in range(enough // 3):
            created = await ledger.create(new_job())
            made.append(created.job.id)

    async def work(ledger: Ledger, owner: str) -> None:
        while len(ended) < enough:
            for job in await ledger.claim(owner, limit=5, lease=3.0):
                held.append((job.id, job.fence))
                await ledger.renew([lease_of(job)], 3.0)
                assert await ledger.commit(lease_of(job), Change(stage="poll", hold=True))
                change = Change(ended=True, status="completed", event="video.completed")
                if await ledger.commit(lease_of(job), change):
                    ended.append(job.id)
            await asyncio.sleep(0.01)

    async def restart() -> None:
        for _ in range(2):
            before = len(ended)
            while len(ended) < min(before + 20, enough):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(postgres.restart, mode)

    async def main() -> None:
        with here.open() as one, here.open() as two:
            first, second = Ledger(one), Ledger(two)
            creating = (create(first), create(second), create(second))
            working = (work(first, "a"), work(second, "b"), work(second, "c"))
            async with asyncio.timeout(50):
                await asyncio.gather(*creating, *working, restart())
            found = one.read_now(lambda c: c.execute(select(jobs.c.id, jobs.c.status)).all())
            told = one.read_now(lambda c: c.execute(select(events.c.subject)).scalars().all())
        assert {row.id for row in found} == set(made)
        assert {row.status for row in found} == {"completed"}
        assert sorted(told) == sorted(made)

    asyncio.run(main())
    assert sorted(ended) == sorted(made)
    assert len(set(held)) == len(held)
