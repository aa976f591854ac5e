"""A process that is halted past its lease and goes on; a database that goes away; many jobs at a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from databases import Postgres
from mutoscope.engines.base import Operation, Recovery
from mutoscope.jobs.job import Change, Lease
from workers import LEASE, Scene, is_over, wait

Scenes = Callable[[Recovery], Scene]

pytestmark = pytest.mark.slow


def test_paid_once_when_halted_between_accept_and_save(shared: Scenes) -> None:
    at = shared("idempotent")
    jobs = at.create("paper", 1)
    first = at.worker("submit.accepted:stop")
    wait(lambda: first.halted)
    at.worker()
    at.completed(jobs)
    first.thaw()
    time.sleep(LEASE)  # long enough for it to do harm
    at.completed(jobs)
    assert at.paid(jobs[0]) == 1


@pytest.mark.parametrize("point", ["submit.sending", "submit.accepted"])
def test_an_answer_that_comes_late_is_still_used(shared: Scenes, point: str) -> None:
    at = shared("none")
    jobs = at.create("paper", 1)
    first = at.worker(f"{point}:stop")
    wait(lambda: first.halted)
    at.worker()
    at.until(jobs, lambda job: job.stage == "unconfirmed")
    first.thaw()
    at.completed(jobs)
    assert at.paid(jobs[0]) == 1


def test_a_halted_render_is_made_by_another_and_kept_once(shared: Scenes) -> None:
    at = shared("idempotent")
    jobs = at.create("sketch", 1)
    first = at.worker("render.started:stop")
    wait(lambda: first.halted)
    at.worker()
    (job,) = at.completed(jobs)
    first.thaw()
    time.sleep(LEASE)
    assert first.alive
    (again,) = at.completed(jobs)
    assert again.ended == job.ended


def test_a_lone_server_that_was_halted_goes_on(scene: Scenes) -> None:
    at = scene("idempotent")
    jobs = at.create("paper")
    worker = at.worker("submit.accepted:stop")
    wait(lambda: worker.halted)
    time.sleep(1.5 * LEASE)
    worker.thaw()
    at.completed(jobs)
    assert [at.paid(job) for job in jobs] == [1, 1, 1]


def test_workers_outlive_a_crash_of_the_database(shared: Scenes, postgres: Postgres) -> None:
    at = shared("idempotent")
    at.looks = 20
    jobs = [*at.create("paper", 5), *at.create("sketch", 3)]
    worker = at.worker()
    at.until(jobs[:5], lambda job: job.stage in ("poll", "collect", "finish"))
    postgres.restart("immediate")
    at.completed(jobs, 60)
    assert [at.paid(job) for job in jobs[:5]] == [1] * 5
    assert worker.alive


def test_two_workers_share_the_jobs(shared: Scenes) -> None:
    at = shared("none")
    jobs = at.create("paper", 12)
    at.worker()
    at.worker()
    at.completed(jobs)
    assert [at.paid(job) for job in jobs] == [1] * 12


def test_a_stopped_worker_hands_back_at_once(shared: Scenes) -> None:
    at = shared("idempotent")
    at.looks = 10_000
    jobs = at.create("paper", 5)
    first = at.worker()
    at.until(jobs, lambda job: job.stage == "poll")
    first.stop()
    assert all(job.lease_owner is None for job in at.jobs(jobs))
    assert not any(map(is_over, at.jobs(jobs)))


def test_a_thousand_open_jobs_move_within_seconds_of_a_restart(scene: Scenes) -> None:
    at = scene("idempotent")
    at.looks = 10_000
    jobs = at.create("paper", 1000)

    async def into_poll() -> None:
        """As if a server before this one had handed them all over."""
        claimed = await at.ledger.claim("before", limit=2000, lease=60.0)
        await asyncio.gather(*(
            at.ledger.commit(
                Lease(job.id, "before", job.fence),
                Change(stage="poll", operation=Operation("paper", {"name": "x"}), wait=0.0),
            )
            for job in claimed
        ))  # fmt: skip
        (at.paper.folder / "x.order").write_text("x")

    asyncio.run(into_poll())
    first = at.worker()
    wait(lambda: sum(job.fence > 1 for job in at.jobs(jobs[-50:])) == 50)
    first.kill()
    before = {job.id: job.fence for job in at.jobs(jobs)}
    begin = time.monotonic()
    at.worker()
    at.until(jobs, lambda job: job.fence > before[job.id])
    assert time.monotonic() - begin < 10.0  # 5 on a machine of its own
