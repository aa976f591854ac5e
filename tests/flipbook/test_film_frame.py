"""The frame over a film: windows, camera moves, crops that follow, bars."""

from __future__ import annotations

import numpy as np
import pytest

from made_films import moved, still
from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.camera.model import AT_REST, TX, YAW, ZOOM, Lens, source
from mutoscope.engines.flipbook.footage.focus import Attention, Focus
from mutoscope.engines.flipbook.footage.moves import FLAT
from mutoscope.engines.flipbook.footage.moves import moved as laid
from mutoscope.engines.flipbook.footage.reading import rgb_of
from mutoscope.engines.flipbook.footage.reframe import crop, followed, padded, stretched, used
from mutoscope.engines.flipbook.footage.window import cut, looks, seen
from mutoscope.errors import ContractRefused
from mutoscope.finish.frame import rgb_frame
from mutoscope.shot import Fit, Size

WIDE, TALL = Size(320, 180), Size(180, 320)


def applied(window: np.ndarray, x: float, y: float) -> np.ndarray:
    at: np.ndarray = window @ np.array([x, y, 1.0])
    return np.asarray(at[:2] / at[2])


@pytest.mark.parametrize("axis", [TX, YAW, ZOOM])
def test_a_window_is_the_cameras_own_map(axis: int) -> None:
    pose = np.array([AT_REST])
    pose[0, axis] += 0.07
    lens = Lens(320, 180)
    window = looks(pose, lens, FLAT)[0]
    points = np.array([[0.0, 0.0], [319, 0], [12, 170], [160, 90]])
    wanted = source(pose, lens, points, 1 / 12 + 11 / 12 * FLAT)[0]
    found = np.array([applied(window, x, y) for x, y in points])
    assert np.abs(found - wanted).max() < 1e-9


def test_a_still_window_gives_the_frame_itself() -> None:
    frame = rgb_frame(moved(1, still)[0])
    assert seen(frame, np.eye(3), Size(192, 108)) is frame


def test_a_crop_shows_what_lies_there() -> None:
    rgb = moved(1, still, (320, 180))[0]
    made = rgb_of(seen(rgb_frame(rgb), cut(100, 40, 80, 90, Size(160, 180)), Size(160, 180)))
    inside = made[::2, ::2].astype(int) - rgb[40:130, 100:180]
    assert np.abs(inside[4:-4, 4:-4]).mean() < 12


@pytest.mark.parametrize("words", ["pan right", "push in", "zoom out", "roll clockwise", "tilt up"])
def test_moves_never_look_beyond_the_film(words: str) -> None:
    made = laid(direct(words, 3, film=True), WIDE, fps=24, frames=72, seed=0)
    assert made.windows is not None
    assert len(made.windows) == 72
    for window in made.windows:
        for x, y in ((0, 0), (319, 0), (0, 179), (319, 179)):
            at = applied(window, x, y)
            assert (at >= -0.6).all()
            assert (at <= np.array([319.6, 179.6])).all()


def test_moves_begin_and_end_softly() -> None:
    windows = laid(direct("pan right", 3, film=True), WIDE, fps=24, frames=72, seed=0).windows
    assert windows is not None
    middle = np.array([applied(window, 159.5, 89.5)[0] for window in windows])
    steps = np.diff(middle)
    assert steps.max() > 3 * steps[0]
    assert steps.max() > 3 * steps[-1]
    assert np.abs(np.diff(steps)).max() < 0.2 * steps.max()


def test_moves_through_depth_are_said_to_be_flat() -> None:
    said = laid(direct("push in", 3, film=True), WIDE, fps=24, frames=72, seed=0).instructions
    assert [one.outcome for one in said] == ["approximated"]
    assert "no depth" in said[0].how
    said = laid(direct("zoom in", 3, film=True), WIDE, fps=24, frames=72, seed=0).instructions
    assert [one.outcome for one in said] == ["done"]


def test_an_orbit_goes_across() -> None:
    made = laid(direct("orbit left", 3, film=True), WIDE, fps=24, frames=72, seed=0)
    assert made.windows is not None
    assert applied(made.windows[0], 159.5, 89.5)[0] > applied(made.windows[-1], 159.5, 89.5)[0] + 3
    assert made.instructions[0].words == "orbit left"


def test_no_camera_words_move_nothing() -> None:
    assert laid(direct("warmer", 3, film=True), WIDE, fps=24, frames=72, seed=0).windows is None


def centres(windows: np.ndarray, target: Size) -> np.ndarray:
    middle = ((target.width - 1) / 2, (target.height - 1) / 2)
    return np.array([applied(window, *middle) for window in windows])


def test_a_crop_without_attention_is_in_the_middle() -> None:
    at = centres(followed(WIDE, TALL, None, 10, 24), TALL)
    assert np.abs(at - (159.5, 89.5)).max() < 1e-6


def test_a_crop_follows_without_a_jump_and_stays_inside() -> None:
    points = tuple(Focus(24 * k, 0.1 + 0.2 * k, 0.5, 1.0) for k in range(5))
    windows = followed(WIDE, TALL, Attention(points, ()), 97, 24)
    x = centres(windows, TALL)[:, 0]
    box = crop(WIDE, TALL)
    assert x[0] >= box.width / 2 - 1
    assert x[-1] <= 320 - box.width / 2
    assert x[-1] - x[0] > 120
    steps = np.diff(x)
    assert steps.min() >= -1e-9
    assert steps.max() < 4
    assert np.abs(np.diff(steps)).max() < 0.4


def test_a_crop_rests_where_the_subject_hardly_moves() -> None:
    chance = np.random.default_rng(1)
    points = tuple(Focus(24 * k, 0.7 + 0.01 * chance.standard_normal(), 0.5, 1.0) for k in range(5))
    x = centres(followed(WIDE, TALL, Attention(points, ()), 97, 24), TALL)[:, 0]
    assert np.ptp(x) == 0
    assert abs(x[0] - 0.7 * 320) < 8


def test_a_crop_jumps_only_at_a_cut() -> None:
    points = (Focus(0, 0.3, 0.5, 1.0), Focus(48, 0.7, 0.5, 1.0))
    x = centres(followed(WIDE, TALL, Attention(points, (48,)), 97, 24), TALL)[:, 0]
    steps = np.abs(np.diff(x))
    assert steps[47] > 80
    assert np.delete(steps, 47).max() == 0


def test_one_wild_guess_does_not_pull_the_crop() -> None:
    places = (0.3, 0.3, 0.95, 0.3, 0.3)
    points = tuple(Focus(24 * k, x, 0.5, 1.0) for k, x in enumerate(places))
    x = centres(followed(WIDE, TALL, Attention(points, ()), 97, 24), TALL)[:, 0]
    assert np.ptp(x) < 2


@pytest.mark.parametrize(("fill", "darker"), [("", True), ("#102030", False), ("white", False)])
def test_bars_hold_the_whole_picture(fill: str, darker: bool) -> None:
    rgb = moved(1, still, (320, 180))[0]
    made = rgb_of(next(padded([rgb_frame(rgb)], WIDE, TALL, fill))).astype(int)
    assert made.shape == (320, 180, 3)
    top, middle = made[:90], made[112:208]
    assert middle.std() > 20
    if fill == "#102030":
        assert np.abs(top.reshape(-1, 3).mean(0) - (16, 32, 48)).max() < 3
    elif fill == "white":
        assert top.mean() > 250
    else:
        assert top.std() < middle.std()
        assert top.mean() < middle.mean()


def test_stretch_shows_all_of_it() -> None:
    window = stretched(WIDE, TALL, 3)[1]
    assert np.allclose(applied(window, -0.5, -0.5), (-0.5, -0.5))
    assert np.allclose(applied(window, 179.5, 319.5), (319.5, 179.5))


def test_what_fit_comes_to() -> None:
    assert used(WIDE, TALL, Fit.AUTO) is Fit.COVER
    assert used(WIDE, TALL, Fit.PAD) is Fit.PAD
    assert used(WIDE, WIDE, Fit.STRICT) is Fit.COVER
    with pytest.raises(ContractRefused):
        used(WIDE, TALL, Fit.STRICT)
