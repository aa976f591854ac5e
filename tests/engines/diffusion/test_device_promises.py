"""Promises of a device's process, kept with a real one: a tiny checkpoint, through the door of the engine."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from mutoscope.config import EngineAccount, Gpu, Settings
from mutoscope.engines.base import Footage, Operation, Order, Status
from mutoscope.engines.diffusion.engine import DiffusionEngine
from mutoscope.engines.diffusion.worker.work import ON_CPU, PREVIEW, Wanted
from mutoscope.engines.diffusion.worker.work import filmed as here
from mutoscope.engines.run import run
from mutoscope.errors import Cancelled, EngineFailed, Missing
from mutoscope.shot import Quality, Shot, Size
from mutoscope.steps import directed, ordered
from tiny.wan import ti2v

pytestmark = pytest.mark.torch

LONG = 300.0  # seconds after which a wait has failed; the machine may be busy
Orders = Callable[..., Order]


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(scope="module")
def checkpoint() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tiny-ti2v-") as folder:
        yield ti2v(Path(folder))


@pytest.fixture(scope="module")
def engine(checkpoint: Path) -> Iterator[DiffusionEngine]:
    """Two devices: the CPU stands for both."""
    account = EngineAccount(kind="diffusion", model="wan2.2-ti2v-5b", folder=checkpoint)
    settings = Settings(gpu=Gpu(devices=("cpu", "cpu"), preview_steps=1))
    made = DiffusionEngine("tiny", account).under(settings)
    yield made
    made.close()


@pytest.fixture
def order(tmp_path: Path) -> Orders:
    def made(name: str = "film", quality: Quality = Quality.DRAFT, **fields: object) -> Order:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        values: dict[str, object] = {"prompt": "the sea", "size": Size(64, 64), "seconds": 0.5}
        shot = Shot(quality=quality, **(values | fields))  # type: ignore[arg-type]
        return ordered(shot, directed(shot), folder, {}, {})

    return made


def filmed(engine: DiffusionEngine, order: Order, tell: Callable[[str, float], None]) -> Footage:
    return run(engine, order, tell, lambda: False)


def until(engine: DiffusionEngine, operation: Operation, true: Callable[[Status], bool]) -> Status:
    said: list[Status] = []

    def there() -> bool:
        said.append(engine.status(operation))
        assert said[-1].state in ("queued", "running"), said[-1]
        return true(said[-1])

    eventually(there)
    return said[-1]


def denoising(status: Status) -> bool:
    return status.stage.startswith("denoise ")


def test_an_order_becomes_a_film_and_progress_rises_step_by_step(
    engine: DiffusionEngine, order: Orders
) -> None:
    assert engine.check().ready
    assert any(one.startswith("on the CPU") for one in engine.check().limits)
    seen: list[tuple[str, float]] = []
    footage = filmed(engine, order(), lambda stage, done: seen.append((stage, done)))
    assert footage.path.is_file()
    assert footage.frames == order().shot.frames
    assert ON_CPU in footage.notes
    done = [one for _, one in seen]
    assert done == sorted(done)
    assert len({stage for stage, _ in seen if stage.startswith("denoise ")}) >= 5
    spent = footage.seconds_spent
    assert 0 <= spent["load"] <= spent["first_step"] <= spent["load"] + spent["film"] + 60
    assert spent["finish"] > 0


def test_while_it_films_there_is_a_picture_of_it_and_an_expected_end(
    engine: DiffusionEngine, order: Orders
) -> None:
    filmed(engine, order("before"), lambda stage, done: None)  # what is known the next time
    operation = engine.start(order(quality=Quality.BEST))
    try:
        said = until(
            engine, operation, lambda one: one.preview is not None and one.left is not None
        )
        assert said.preview is not None
        shown = cv2.imread(str(said.preview))
        assert shown is not None
        assert shown.ndim == 3
    finally:
        engine.cancel(operation)


@pytest.mark.parametrize("steps", [3, 0])
def test_the_settings_say_how_often_there_is_a_picture(
    engine: DiffusionEngine, checkpoint: Path, order: Orders, steps: int
) -> None:
    asked, settings = order(), Gpu(devices=("cpu",), preview_steps=steps)
    there: list[bool] = []

    def tell(stage: str, done: float) -> None:
        if denoising(Status("running", stage=stage)):
            there.append((asked.folder / PREVIEW).is_file())

    wanted = Wanted(
        engine="tiny", model=engine.model, folder=checkpoint, checkpoint=engine.checkpoint,
        settings=settings,
    )  # fmt: skip
    here(asked, wanted, tell, lambda: False)
    # a step is told of before its picture is made
    assert (there.index(True) == steps) if steps else not any(there)


def test_a_film_that_is_cancelled_ends_within_a_step_and_the_model_stays(
    engine: DiffusionEngine, order: Orders
) -> None:
    filmed(engine, order("a"), lambda stage, done: None)
    pids = engine.fleet.pids
    operation = engine.start(order("b", Quality.BEST))
    until(engine, operation, denoising)
    engine.cancel(operation)
    eventually(lambda: engine.status(operation).state == "cancelled")
    with pytest.raises(Cancelled):
        engine.fetch(operation)
    filmed(engine, order("c"), lambda stage, done: None)
    assert {one for one in pids.values() if one} <= set(engine.fleet.pids.values())


def test_a_device_killed_in_mid_film_fails_that_film_alone(
    engine: DiffusionEngine, order: Orders
) -> None:
    first, second = (engine.start(order(name, Quality.BEST)) for name in "ab")
    for one in (first, second):
        until(engine, one, denoising)
    devices = {engine.fleet.device(one.detail["job"]) for one in (first, second)}
    assert devices == {"cpu:0", "cpu:1"}  # two at once
    (pid,) = engine.fleet.pids[engine.fleet.device(first.detail["job"])]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: engine.status(first).state == "failed")
    assert engine.status(first).code == "worker_died"
    with pytest.raises(
        EngineFailed, match=r"the process of the film on cpu:\d was killed from outside"
    ):
        engine.fetch(first)
    until(engine, second, denoising)
    engine.cancel(second)
    assert filmed(engine, order("c"), lambda stage, done: None).path.is_file()


def test_an_engine_that_lacks_its_checkpoint_says_so_and_starts_nothing(
    tmp_path: Path, order: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    plain = DiffusionEngine("wan2.2-ti2v-5b", None, Gpu(devices=("cpu",)))
    with pytest.raises(Missing, match=r"mutoscope models pull wan2\.2-ti2v-5b"):
        plain.start(order())
    account = EngineAccount(kind="diffusion", model="wan2.2-ti2v-5b", folder=tmp_path)
    with pytest.raises(Missing, match=r"engines\.mine\.folder is .*no model_index\.json"):
        DiffusionEngine("mine", account, Gpu(devices=("cpu",))).start(order())
