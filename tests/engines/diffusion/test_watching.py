"""What is told while a model films: how far it is, when it will be done, what there is to see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mutoscope.engines.diffusion.brief import Rgb
from mutoscope.engines.diffusion.measured import Pace
from mutoscope.engines.diffusion.shot.project import Project
from mutoscope.engines.diffusion.worker.watching import Watching
from mutoscope.engines.diffusion.worker.work import PREVIEW
from mutoscope.errors import Cancelled
from mutoscope.shot import Size


class Listener:
    """A Progress that writes down what it is told; a clock that goes when it is set."""

    def __init__(self) -> None:
        self.now = 100.0
        self.left: float | None = None
        self.told: list[tuple[str, float, float | None]] = []

    def __call__(self, stage: str, done: float) -> None:
        self.told.append((stage, done, self.left))

    def expect(self, left: float | None) -> None:
        self.left = left

    def clock(self) -> float:
        return self.now


def project(parts: int = 1) -> Project:
    size = Size(64, 64)

    def brief(place: int, before: Any) -> Any:
        raise AssertionError

    return Project(parts, brief, size, 24, 24.0, 24.0)


@pytest.fixture
def listener() -> Listener:
    return Listener()


def watching(folder: Path, listener: Listener, parts: int = 1, preview_steps: int = 0) -> Watching:
    return Watching(folder, listener, lambda: False, project(parts), preview_steps, listener.clock)


def film(watch: Watching, listener: Listener, parts: int, steps: int, each: float = 2.0) -> None:
    """As the worker does: 3 seconds to load, `each` a step, 5 to decode, 1 to finish."""
    watch.part(0, steps)
    watch.stage("load")
    listener.now += 3
    watch.stage("load", 1.0)
    for part in range(parts):
        watch.part(part, steps)
        watch.stage("encode")
        watch.began()
        for step in range(steps):
            listener.now += each
            watch.step(step + 1, steps)
        watch.stage("decode")
        listener.now += 5
        watch.stage("decode", 0.9)
        watch.made()
    for done in (0.0, 0.5, 1.0):
        watch.stage("finish", done)


@pytest.mark.parametrize("parts", [1, 3])
def test_progress_never_goes_back_and_has_its_places(
    tmp_path: Path, listener: Listener, parts: int
) -> None:
    film(watching(tmp_path, listener, parts), listener, parts, 10)
    done = [fraction for _, fraction, _ in listener.told]
    assert done == sorted(done)
    assert all(0 <= one <= 0.99 for one in done)
    if parts == 1:
        by_stage = {stage: fraction for stage, fraction, _ in listener.told}
        assert by_stage["encode"] == pytest.approx(0.05)
        assert by_stage["denoise 10/10"] == pytest.approx(0.90)
        assert by_stage["denoise 5/10"] == pytest.approx(0.475)
        assert by_stage["decode"] == pytest.approx(0.95)
        assert by_stage["finish"] == pytest.approx(0.99)


def test_a_part_that_is_made_again_does_not_take_progress_back(
    tmp_path: Path, listener: Listener
) -> None:
    watch = watching(tmp_path, listener)
    watch.part(0, 10)
    watch.step(8, 10)
    watch.again()
    watch.step(1, 10)
    assert listener.told[-1][1] == listener.told[-2][1]


def test_the_expected_end_is_by_this_films_own_steps(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener)
    watch.pace = Pace(step=50.0, decode=4.0, finish=1.0)  # the machine was busy then
    watch.part(0, 20)
    watch.began()
    for step in range(4):
        listener.now += 30.0 if step == 0 else 3.0  # the first one compiles
        watch.step(step + 1, 20)
    assert listener.left == pytest.approx(16 * 3.0 + 4.0 + 1.0)


def test_before_the_first_step_what_earlier_films_took_counts(
    tmp_path: Path, listener: Listener
) -> None:
    watch = watching(tmp_path, listener, parts=2)
    watch.pace = Pace(step=2.0, decode=4.0, finish=1.0, load=60.0)
    watch.part(0, 10)
    listener.now += 20
    watch.stage("load")
    assert listener.left == pytest.approx(40 + 2 * (10 * 2.0 + 4.0 + 1.0))
    watch.stage("load", 1.0)
    assert listener.left == pytest.approx(2 * (10 * 2.0 + 4.0 + 1.0))


def test_how_long_a_model_takes_to_load_is_not_guessed(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener)
    watch.pace = Pace(step=2.0)
    watch.part(0, 10)
    watch.stage("load")
    assert listener.left is None
    watch.stage("load", 1.0)
    assert listener.left is not None


def test_nobody_guesses_before_anything_was_measured(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener)
    watch.part(0, 10)
    watch.stage("load")
    assert listener.left is None


def test_the_expected_end_comes_nearer_to_the_end(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener, parts=2)
    watch.pace = Pace(step=2.0, decode=5.0, finish=1.0, load=3.0)
    film(watch, listener, 2, 10)
    lefts = [left for _, _, left in listener.told if left is not None]
    assert lefts == sorted(lefts, reverse=True)
    assert lefts[0] == pytest.approx(3 + 2 * (20 + 5 + 1))
    assert lefts[-1] == 0


def picture() -> Rgb:
    shown = np.zeros((300, 600, 3), np.uint8)
    shown[:, :, 0] = 255  # red
    return shown


def test_a_preview_every_few_steps_is_a_small_picture(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener, preview_steps=4)
    made: list[int] = []

    def preview(step: int) -> Callable[[], Rgb]:
        def shown() -> Rgb:
            made.append(step)
            return picture()

        return shown

    for step in range(1, 13):
        watch.step(step, 12, preview(step))
    assert made == [4, 8]  # the last step's film is nearly there
    shown = cv2.imread(str(tmp_path / PREVIEW))
    assert shown is not None
    assert shown.shape == (192, 384, 3)
    blue, green, red = shown.mean(axis=(0, 1))
    assert red > 240 > 30 > max(blue, green)
    assert [one.name for one in tmp_path.iterdir()] == [PREVIEW]


def test_what_latents_show_is_enlarged_to_be_seen(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener, preview_steps=1)
    watch.step(1, 2, lambda: np.full((10, 16, 3), 200, np.uint8))
    shown = cv2.imread(str(tmp_path / PREVIEW))
    assert shown is not None
    assert shown.shape == (240, 384, 3)


def test_no_previews_where_none_are_wanted(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener, preview_steps=0)

    def shown() -> Rgb:
        raise AssertionError

    for step in range(1, 9):
        watch.step(step, 8, shown)


def test_a_preview_that_cannot_be_made_costs_no_film(tmp_path: Path, listener: Listener) -> None:
    watch = watching(tmp_path, listener, preview_steps=1)
    asked: list[int] = []

    def shown() -> Rgb:
        asked.append(1)
        raise RuntimeError("CUDA out of memory")

    for step in range(1, 4):
        watch.step(step, 9, shown)
    assert len(asked) == 1  # and is not tried again
    gone = watching(tmp_path / "gone", listener, preview_steps=1)
    gone.step(1, 9, picture)  # the order was cancelled, its folder is removed


@pytest.mark.parametrize("at", ["step", "stage", "began", "made"])
def test_every_word_is_a_place_to_stop(tmp_path: Path, listener: Listener, at: str) -> None:
    watch = Watching(tmp_path, listener, lambda: True, project(), 0, listener.clock)
    calls: dict[str, Callable[[], None]] = {
        "step": lambda: watch.step(1, 2),
        "stage": lambda: watch.stage("decode"),
        "began": watch.began,
        "made": watch.made,
    }
    with pytest.raises(Cancelled):
        calls[at]()
    assert not listener.told
