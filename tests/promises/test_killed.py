"""`kill -9` wherever it hurts: nothing is lost, and nothing is paid for twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mutoscope.engines.base import Recovery
from workers import Scene, is_over, wait

Scenes = Callable[[Recovery], Scene]

HERE = (
    "claimed", "prepare.planned", "render.started", "render.rendered", "footage.stored",
    "finish.made", "committed", "committed@4",
)  # fmt: skip
ELSEWHERE = (
    "claimed@2", "prepare.planned", "submit.intent", "submit.sending", "submit.accepted",
    "poll.asked", "collect.fetched", "footage.stored", "finish.made", "committed@7",
)  # fmt: skip
CUT_OFF = ("submit.intent", "submit.sending", "submit.accepted@2")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("point", HERE)
def test_a_render_is_made_though_its_server_was_killed(scene: Scenes, point: str) -> None:
    at = scene("idempotent")
    jobs = at.create("sketch")
    first = at.worker(point)
    wait(lambda: not first.alive)
    at.worker()
    at.completed(jobs)


@pytest.mark.parametrize("point", ELSEWHERE)
def test_paid_once_when_killed_at(scene: Scenes, point: str) -> None:
    at = scene("idempotent")
    jobs = at.create("paper")
    first = at.worker(point)
    wait(lambda: not first.alive)
    at.worker()
    at.completed(jobs)
    assert [at.paid(job) for job in jobs] == [1, 1, 1]


@pytest.mark.parametrize("point", [*CUT_OFF, "submit.found"])
def test_paid_once_when_an_order_is_found_in_the_vendors_list(scene: Scenes, point: str) -> None:
    at = scene("listable")
    jobs = at.create("paper")
    first = at.worker("submit.accepted" if point == "submit.found" else point)
    wait(lambda: not first.alive)
    if point == "submit.found":
        second = at.worker(point)
        wait(lambda: not second.alive)
    at.worker()
    at.completed(jobs)
    assert [at.paid(job) for job in jobs] == [1, 1, 1]


@pytest.mark.parametrize("point", CUT_OFF)
def test_never_sent_again_where_the_vendor_cannot_be_asked(scene: Scenes, point: str) -> None:
    at = scene("none")
    jobs = at.create("paper")
    first = at.worker(point)
    wait(lambda: not first.alive)
    at.worker()
    found = at.until(jobs, is_over)
    unsure = [job for job in found if job.stage == "unconfirmed"]
    assert unsure
    assert all(job.status == "in_progress" for job in unsure)
    at.completed([job.id for job in found if job not in unsure])
    assert all(at.paid(job) <= 1 for job in jobs)


def test_paid_once_when_killed_again_and_again(scene: Scenes) -> None:
    at = scene("idempotent")
    jobs = at.create("paper", 5)
    for point in ("submit.accepted", "submit.accepted@2", "poll.asked@2", "footage.stored"):
        dying = at.worker(point)
        wait(lambda dying=dying: not dying.alive)  # type: ignore[misc]
    at.worker()
    at.completed(jobs)
    assert [at.paid(job) for job in jobs] == [1] * 5
