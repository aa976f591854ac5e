"""Engines by name, and one order from start to footage."""

from pathlib import Path

import pytest

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Operation, Order, Readiness, Recovery, Status
from mutoscope.engines.find import engine, names
from mutoscope.engines.run import run
from mutoscope.errors import BadShot, Cancelled, EngineFailed
from mutoscope.shot import Shot


class Stand:
    """A stand-in engine, by the same door as every other: `steps` looks until it is done."""

    name = "stand"
    recovery: Recovery = "repeatable"

    def __init__(self, steps: int) -> None:
        self.left, self.cancelled = steps, False

    def check(self) -> Readiness:
        return Readiness(ready=True)

    def start(self, order: Order) -> Operation:
        return Operation(self.name, {"job": 1})

    def status(self, operation: Operation) -> Status:
        self.left -= 1
        return Status("running", 0.5, "render") if self.left >= 0 else Status("done", 1.0)

    def fetch(self, operation: Operation) -> Footage:
        return Footage(Path("footage.mp4"), 24)

    def cancel(self, operation: Operation) -> None:
        self.cancelled = True


ORDER = Order(shot=Shot(), direction=Direction(seconds=4.0), folder=Path())


def test_an_order_runs_from_start_to_footage() -> None:
    seen: list[tuple[str, float]] = []
    footage = run(Stand(2), ORDER, lambda stage, done: seen.append((stage, done)), lambda: False)
    assert footage.frames == 24
    assert seen == [("render", 0.5)] * 2


def test_cancel_stops_the_engine() -> None:
    stand = Stand(1000)
    with pytest.raises(Cancelled):
        run(stand, ORDER, lambda stage, done: None, lambda: True)
    assert stand.cancelled


def test_an_interrupted_wait_stops_the_engine() -> None:
    def interrupted(stage: str, done: float) -> None:
        raise KeyboardInterrupt

    stand = Stand(1000)
    with pytest.raises(KeyboardInterrupt):
        run(stand, ORDER, interrupted, lambda: False)
    assert stand.cancelled


def test_the_built_in_engine_comes_through_the_entry_points() -> None:
    assert "flipbook" in names()
    assert engine("flipbook").name == "flipbook"


def test_an_unknown_engine_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(BadShot, match=r"flipbok.*did you mean flipbook"):
        engine("flipbok")


def test_a_job_of_an_earlier_process_is_said_to_be_lost() -> None:
    flipbook = engine("flipbook")
    lost = Operation("flipbook", {"job": "0" * 32})
    assert flipbook.status(lost).state == "failed"
    with pytest.raises(EngineFailed, match="start it again"):
        flipbook.fetch(lost)
    flipbook.cancel(lost)
