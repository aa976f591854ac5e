"""The ledger alone: what a create, a get, a page, a claim and a commit cost beside 200,000 ended jobs and
10,000 that wait, on SQLite and, where a URL is given, on PostgreSQL.

    python -m benchmarks.ledger [postgresql://user@host/an_empty_database]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import Connection, insert, text

from mutoscope.jobs.job import Change, Job, Lease, NewJob, Result
from mutoscope.jobs.ledger import Ledger
from mutoscope.jobs.rows import encode, values
from mutoscope.shot import Anchor, Media, Shot
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs

ENDED, WAITING, OWNER = 200_000, 10_000, "benchmark"
PHOTO = Media("5" * 64, "image/jpeg", 1_000_000)
SHOT = Shot(prompt="The camera pushes in slowly while leaves drift by.", anchors=(Anchor(PHOTO),))
RESULT = Result(
    media=dict.fromkeys(("video", "thumbnail", "spritesheet"), PHOTO),
    size="1280x720", seconds=4.0, fps=24.0, frames=96, engine="flipbook",
)  # fmt: skip


def new() -> NewJob:
    return NewJob(
        id=new_id("video_"), project="default", dialect="openai", kind="create", model="sora-2",
        engine="flipbook", shot=SHOT, asked={"prompt": SHOT.prompt, "seconds": "4"}, uses=(PHOTO,),
        fingerprint="a" * 64,
    )  # fmt: skip


def fill(records: Records) -> None:
    """The rows that are there already, in chunks."""

    def put(connection: Connection, count: int, ended: bool) -> None:
        more: dict[str, object] = {"created": 1.0, "due": None if ended else time.time() + 3600}
        if ended:
            more |= {"status": "completed", "stage": "deliver", "result": encode(RESULT)}
        else:
            more |= {"status": "in_progress", "stage": "poll"}
        connection.execute(insert(jobs), [values(new()) | more for _ in range(count)])

    for _ in range(ENDED // 5000):
        records.write_now(lambda c: put(c, 5000, True))
    records.write_now(lambda c: put(c, WAITING, False))
    records.write_now(lambda c: c.execute(text("ANALYZE")))


async def timed(name: str, count: int, work: Callable[[], Awaitable[object]], unit: str) -> None:
    began = time.perf_counter()
    await work()
    spent = time.perf_counter() - began
    value = f"{count / spent:,.0f} a second" if unit == "rate" else f"{spent / count * 1e3:.3f} ms"
    print(f"  {name:34} {value}", flush=True)


async def measure(records: Records) -> None:
    ledger = Ledger(records)
    made: list[str] = []
    claimed: list[Job] = []

    async def create(count: int) -> None:
        made.extend([(await ledger.create(new())).job.id for _ in range(count)])

    async def get(count: int) -> None:
        for _ in range(count):
            await ledger.get(made[0])

    async def page() -> None:
        for _ in range(200):
            await ledger.page("default", limit=20)

    async def claim() -> None:
        for _ in range(20):
            claimed.extend(await ledger.claim(OWNER, limit=50, lease=60))

    async def commit() -> None:
        change = Change(stage="poll", wait=600.0, progress=0.5)
        leases = [Lease(job.id, OWNER, job.fence) for job in claimed]
        assert all(await asyncio.gather(*(ledger.commit(lease, change) for lease in leases)))

    def by(count: int, work: Callable[[int], Awaitable[None]], each: int) -> Awaitable[object]:
        return asyncio.gather(*(work(each) for _ in range(count)))

    await timed("create, one caller", 100, lambda: create(100), "rate")
    await timed("create, 32 callers", 3200, lambda: by(32, create, 100), "rate")
    await timed("create, 1000 at once", 1000, lambda: by(1000, create, 1), "rate")
    await timed("get, one caller", 1000, lambda: get(1000), "ms")
    await timed("get, 32 callers, each", 6400, lambda: by(32, get, 200), "ms")
    await timed("page of 20", 200, page, "ms")
    await timed("claim of 50, 4,300 due", 20, claim, "ms")
    await timed("commit, 1000 at once", len(claimed), commit, "rate")


def main(urls: list[str]) -> None:
    for url in ["", *urls]:
        with tempfile.TemporaryDirectory() as folder, Records.open(url, Path(folder)) as records:
            print(f"{records.dialect}, beside {ENDED:,} ended and {WAITING:,} waiting jobs")
            fill(records)
            asyncio.run(measure(records))


if __name__ == "__main__":
    main(sys.argv[1:])
