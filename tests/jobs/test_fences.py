"""Of many who hold a job at once only the last one counts."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ledger_jobs import lease_of, new_job
from sqlalchemy import select

from databases import Place
from mutoscope.jobs.job import Change
from mutoscope.jobs.ledger import Ledger
from mutoscope.storage.records import Records
from mutoscope.storage.tables import events, jobs

JOBS = 30


async def work(records: Records, owners: str) -> tuple[list[tuple[str, int]], list[str]]:
    """Four owners claim under leases that end at once, so that each takes jobs from the others."""
    ledger = Ledger(records)
    held: list[tuple[str, int]] = []
    ended: list[str] = []

    async def owner(name: str) -> None:
        while await ledger.seconds_to_next() is not None:
            taken = await ledger.claim(name, limit=3, lease=0.0)
            held.extend((job.id, job.fence) for job in taken)
            for job in taken:
                change = Change(ended=True, status="completed", event="video.completed")
                if await ledger.commit(lease_of(job), change):
                    ended.append(job.id)

    await asyncio.gather(*(owner(name) for name in owners))
    return held, ended


def test_two_owners_never_hold_one_fence_and_one_of_them_ends_the_job(place: Place) -> None:
    with place.open() as one, place.open(exclusive=False) as two, ThreadPoolExecutor(2) as threads:
        ledger = Ledger(one)
        made = [asyncio.run(ledger.create(new_job())).job.id for _ in range(JOBS)]
        both = list(threads.map(lambda at: asyncio.run(work(*at)), [(one, "abcd"), (two, "efgh")]))
        told = one.read_now(lambda c: c.execute(select(events.c.subject)).scalars().all())
        fences = one.read_now(lambda c: c.execute(select(jobs.c.fence)).scalars().all())
    held = both[0][0] + both[1][0]
    assert len(set(held)) == len(held) == sum(fences)
    assert len(held) > JOBS  # they did take them from each other
    assert sorted(both[0][1] + both[1][1]) == sorted(told) == sorted(made)
