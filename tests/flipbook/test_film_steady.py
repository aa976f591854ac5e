"""Shaken films of a known way, and what is left of the shake."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from made_films import drawn, written
from mutoscope.engines.flipbook.footage.reading import frames
from mutoscope.engines.flipbook.footage.source import look
from mutoscope.engines.flipbook.footage.steady import Steadied, measured, needed, shake, steadied
from mutoscope.engines.flipbook.footage.window import through
from mutoscope.finish.frame import rgb_frame
from mutoscope.refilm import edit
from mutoscope.shot import Size

pytestmark = pytest.mark.slow

SIZE = (256, 144)
Rgb = npt.NDArray[np.uint8]


def way(frames: int, amount: float, travel: float, seed: int = 1) -> npt.NDArray[np.float64]:
    """n×4: a pan of `travel` pixels, and a hand that shakes by `amount` at 2 to 8 Hz."""
    chance = np.random.default_rng(seed)
    times = np.arange(frames) / 24
    made = np.zeros((frames, 4))
    for axis, size in enumerate((2.0, 1.6, 0.006, 0.0)):
        hertz, phase = chance.uniform(2, 8, 12), chance.uniform(0, 6.3, 12)
        made[:, axis] = (
            amount * size * np.cos(2 * np.pi * np.outer(times, hertz) + phase).sum(1) / 2.5
        )
    made[:, 0] += np.linspace(-travel / 2, travel / 2, frames)
    return made


def shaken(amount: float = 1.0, travel: float = 0.0, count: int = 30) -> list[Rgb]:
    picture = cv2.resize(drawn(), None, fx=1.3, fy=1.3, interpolation=cv2.INTER_CUBIC)
    tall, wide = picture.shape[:2]
    made = []
    for right, down, turn, _ in way(count, amount, travel):
        cos, sin = np.cos(turn), np.sin(turn)
        window = np.array([[cos, -sin, 0], [sin, cos, 0]])
        window[:, 2] = (wide / 2 + right, tall / 2 + down) - window[:, :2] @ (
            SIZE[0] / 2,
            SIZE[1] / 2,
        )
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        made.append(np.asarray(cv2.warpAffine(picture, window, SIZE, flags=flags), np.uint8))
    return made


def steady(path: Path, most: float = 1.14) -> Steadied:
    source = look(path)
    return steadied(frames(source), source.size, float(source.rate), most)


def left(path: Path, made: Steadied) -> float:
    """The shake that is measured in the steady frames."""
    source = look(path)
    again, _ = measured(through(frames(source), made.windows, source.size))
    return shake(again, source.size)


def test_the_measured_way_is_the_true_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", shaken(travel=40))
    found, cuts = measured(frames(look(path)))
    true = way(30, 1.0, 40)
    true = true - true[0]
    assert cuts == ()
    # the picture goes where the camera does not
    assert np.abs(found[:, 0] + true[:, 0]).max() < 1.5
    assert np.abs(found[:, 1] + true[:, 1]).max() < 1.5
    assert np.abs(found[:, 2] + true[:, 2]).max() < 0.006


def test_a_camera_that_goes_nowhere_stands_afterwards(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", shaken())
    made = steady(path)
    assert made.how == "the camera stands as on a tripod"
    assert made.before > 2
    assert left(path, made) < 0.08 * made.before
    assert 1 < made.crop <= 1.14


def test_a_pan_stays_a_pan_and_goes_evenly(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", shaken(travel=60))
    made = steady(path)
    assert left(path, made) < 0.1 * made.before
    source = look(path)
    again, _ = measured(through(frames(source), made.windows, source.size))
    assert 50 < abs(again[-1, 0] - again[0, 0]) / 1.0 < 75  # enlarged by the crop


@pytest.mark.parametrize("most", [1.03, 1.06, 1.14])
def test_no_border_is_shown_and_the_crop_is_kept(tmp_path: Path, most: float) -> None:
    path = written(tmp_path / "a.mp4", shaken(2.0))
    made = steady(path, most)
    assert made.crop <= most + 1e-6
    corners = np.array([(0, 0, 1), (255, 0, 1), (0, 143, 1), (255, 143, 1)], float)
    seen = made.windows @ corners.T
    assert seen[:, 0].min() >= -0.01
    assert seen[:, 0].max() <= 255.01
    assert seen[:, 1].min() >= -0.01
    assert seen[:, 1].max() <= 143.01


def test_at_a_cut_the_way_begins_anew(tmp_path: Path) -> None:
    other = [np.ascontiguousarray(255 - frame[::-1]) for frame in shaken(count=16)]
    path = written(tmp_path / "a.mp4", [*shaken(count=16), *other])
    _, cuts = measured(frames(look(path)))
    assert cuts == (16,)
    made = steady(path)
    assert made.after < 0.2 * made.before


def test_a_film_that_stands_is_left_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", shaken(0.0, count=12))
    made = steady(path)
    assert made.crop == 1
    assert np.abs(made.windows - np.eye(3)).max() < 1e-9
    one = rgb_frame(shaken(0.0, count=1)[0])
    assert next(through([one], made.windows, Size(*SIZE))) is one


def test_what_is_needed_is_enough_and_no_more() -> None:
    path = np.zeros((3, 4))
    moved = path + np.array([(0, 0, 0, 0), (10, 0, 0, 0), (0, 0, 0.02, 0)])
    crop = needed(path[:2], moved[:2], Size(200, 100))
    assert crop == pytest.approx(99.5 / 89.5)
    assert needed(path, moved, Size(200, 100)) > 1.03


def test_the_report_says_what_was_cut_off(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", shaken(1.5))
    clip = edit(path, "stabilise it", output=tmp_path / "b.mp4")
    (said,) = clip.report.done
    assert "tripod" in said.how
    assert "of the picture was cut off at the borders" in said.how
    before, after = (
        shake(measured(frames(look(one)))[0], Size(*SIZE)) for one in (path, clip.path)
    )
    assert after < 0.12 * before


@pytest.mark.parametrize(
    "words",
    ["steady the footage, backwards", "stabilise it, 2x faster", "stabilise, make it square"],
)
def test_it_goes_with_other_edits(tmp_path: Path, words: str) -> None:
    path = written(tmp_path / "a.mp4", shaken())
    clip = edit(path, words, output=tmp_path / "b.mp4")
    assert not clip.report.not_possible
    source = look(clip.path)
    way_after, _ = measured(frames(source))
    assert shake(way_after, source.size) < 0.25 * shake(
        measured(frames(look(path)))[0], Size(*SIZE)
    )
