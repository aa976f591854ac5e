"""Films made in a process beside this one: the same film, stopped in time, and failing alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mutoscope.compute.processes import Processes
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Operation, Order, Still
from mutoscope.engines.flipbook.engine import FlipbookEngine
from mutoscope.engines.run import run
from mutoscope.errors import EngineFailed
from mutoscope.images.plan import plan
from mutoscope.shot import Anchor, Media, Quality, Shot, Size

LONG = 600  # seconds: a film that a busy machine does not end while the test looks away
PHOTO = Path(__file__).parents[2] / "examples" / "coffee.jpg"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(1, scratch=tmp_path_factory.mktemp("work"), nice=0) as processes:
        yield processes


def order(folder: Path, *, seconds: float = 0.5, size: Size = Size(160, 90)) -> Order:  # noqa: B008
    shot = Shot(
        prompt="slow push in", seconds=seconds, size=size, quality=Quality.DRAFT,
        anchors=(Anchor(Media("0" * 64, "image/jpeg", 1)),),
    )  # fmt: skip
    still = Still(PHOTO, plan(Size(600, 400), size))
    return Order(shot, direct(shot.prompt, seconds=seconds), folder, {0: still})


def begun(engine: FlipbookEngine, made: Order, pool: Processes) -> tuple[int, Operation]:
    """Start a long film → the worker's process, once frames are made."""
    operation = engine.start(made)
    end = time.monotonic() + 60
    while engine.status(operation).stage != "render":
        assert time.monotonic() < end
        time.sleep(0.01)
    (pid,) = pool.pids
    return pid, operation


def test_it_is_the_same_film(tmp_path: Path, pool: Processes) -> None:
    made = {}
    for name, engine in {"here": FlipbookEngine(), "there": FlipbookEngine().on(pool)}.items():
        folder = tmp_path / name
        folder.mkdir()
        footage = run(engine, order(folder), lambda stage, done: None, lambda: False)
        made[name] = footage.path.read_bytes(), footage.instructions, footage.notes
    assert made["here"] == made["there"]


def test_a_render_that_is_killed_fails_alone(tmp_path: Path, pool: Processes) -> None:
    engine = FlipbookEngine().on(pool)
    pid, operation = begun(engine, order(tmp_path, seconds=LONG, size=Size(1280, 720)), pool)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(EngineFailed, match="killed from outside"):
        engine.fetch(operation)
    footage = run(engine, order(tmp_path), lambda stage, done: None, lambda: False)
    assert footage.frames == 12


def test_a_running_render_stops_long_before_its_end(tmp_path: Path, pool: Processes) -> None:
    engine = FlipbookEngine().on(pool)
    _, operation = begun(engine, order(tmp_path, seconds=LONG, size=Size(1280, 720)), pool)
    engine.cancel(operation)
    status = engine.status(operation)
    assert status.state == "cancelled"
    assert status.progress < 0.9


def test_a_render_within_too_little_memory_says_so(tmp_path: Path) -> None:
    with Processes(1, memory=200 << 20, scratch=tmp_path / "work", nice=0) as pool:
        engine = FlipbookEngine().on(pool)
        made = order(tmp_path, seconds=1, size=Size(3840, 2160))
        with pytest.raises(EngineFailed, match=r"ran out of memory, the limit is 0\.195 GiB"):
            run(engine, made, lambda stage, done: None, lambda: False)
