"""Engines with devices of their own: their queue holds up no render, and is worked off in its order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from fresh_records import put
from mutoscope.compute.base import Compute
from mutoscope.compute.threads import Threads
from mutoscope.engines.base import Operation, Order
from mutoscope.jobs.job import Job
from mutoscope.jobs.pace import Pace
from mutoscope.jobs.stages.table import LANES, TIMED
from mutoscope.server.house import House
from mutoscope.shot import Quality, Shot, Size
from mutoscope.storage.records import Records
from workshop import Sketch, ended, new_job, until, working, workshop


class Etching(Sketch):
    """A Sketch that is made on a device; it counts how many are made at a time."""

    name = "etching"
    device = True

    def __init__(self, devices: int = 1, *, steps: int = 4, pause: float = 0.05) -> None:
        super().__init__(steps=steps, pause=pause)
        self.devices = devices
        self.begun: list[str] = []
        self.at_work, self.most = set[str](), 0

    def on(self, compute: Compute) -> Sketch:
        return self  # it has its own

    def start(self, order: Order) -> Operation:
        operation = super().start(order)
        self.begun.append(order.shot.prompt)
        self.at_work = {one for one in self.at_work if not self.compute.ended(one)}
        self.at_work.add(operation.detail["work"])
        self.most = max(self.most, len(self.at_work))
        return operation

    def fetch(self, operation: Operation) -> Any:
        self.at_work.discard(operation.detail["work"])
        return super().fetch(operation)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


async def created(house: House, engine: str, count: int) -> list[str]:
    made = [await house.ledger.create(new_job(engine, f"{number}")) for number in range(count)]
    return [one.job.id for one in made]


def test_a_queue_for_a_device_holds_up_no_render(records: Records, tmp_path: Path) -> None:
    etching = Etching(steps=1000)  # none of its films ends within the test
    house = workshop(records, tmp_path, {"etching": etching, "sketch": Sketch()}, compute=Threads())

    async def scenario() -> None:
        slow = await created(house, "etching", 12)  # more than any lane of this machine has slots
        quick = await created(house, "sketch", 3)
        async with working(house, grace=0.0):
            for id in quick:
                assert (await ended(house, id)).status == "completed"
            waiting = [await house.ledger.get(id) for id in slow]
            assert {job.stage for job in waiting if job is not None} == {"generate"}
            for id in slow:
                await house.ledger.cancel(id, "default")

    run(scenario())
    assert len(etching.begun) == 1


@pytest.mark.parametrize("devices", [1, 2])
def test_every_device_makes_one_film_at_a_time_in_the_order_of_the_queue(
    records: Records, tmp_path: Path, devices: int
) -> None:
    etching = Etching(devices)
    house = workshop(records, tmp_path, {"etching": etching}, compute=Threads())

    async def scenario() -> None:
        jobs = await created(house, "etching", 4)

        async def ready() -> bool:
            seen = [await house.ledger.get(id) for id in jobs]
            return all(job is not None and job.stage != "inputs" for job in seen)

        async with working(house):
            await until(ready)
            for id in jobs:
                assert (await ended(house, id)).status == "completed"

    run(scenario())
    assert etching.most == devices
    if devices == 1:
        assert etching.begun == sorted(etching.begun)


def test_a_deadline_ends_a_film_on_a_device(records: Records, tmp_path: Path) -> None:
    assert "generate" in TIMED
    house = workshop(records, tmp_path, {"etching": Etching(steps=1000)}, compute=Threads())

    async def scenario() -> Job:
        async with working(house):
            made = await house.ledger.create(new_job("etching", deadline=_soon()))
            return await ended(house, made.job.id)

    async def checked() -> None:
        job = await scenario()
        assert job.error is not None
        assert job.error.code == "deadline_exceeded"

    run(checked())


def _soon() -> float:
    return time.time() + 0.5


def test_every_lane_has_slots() -> None:
    stages = [stage for lane in LANES for stage in lane.stages]
    assert len(stages) == len(set(stages))
    assert all(isinstance(one.slots, str) or one.slots > 0 for one in LANES)


def test_a_draft_says_nothing_of_how_long_the_best_takes() -> None:
    pace = Pace()
    draft, best = (
        Shot(size=Size(1000, 1000), seconds=1, fps=10, quality=one)
        for one in (Quality.DRAFT, Quality.BEST)
    )
    pace.learn("etching", draft, 20.0)
    assert pace.left("etching", best, 0.0, 0.0) is None
    assert pace.left("etching", draft, 0.0, 0.0) == pytest.approx(20.0)
