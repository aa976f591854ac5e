"""Motion by the interpolation network: what it finds, when it is asked, and what is done without it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_pictures import landscape, psnr, view

from made_films import moved
from mutoscope.engines.flipbook.engine import FlipbookEngine
from mutoscope.engines.flipbook.footage.between import Between
from mutoscope.engines.flipbook.footage.reading import rgb_of
from mutoscope.engines.flipbook.footage.retime import retimed
from mutoscope.engines.flipbook.pairs import learned
from mutoscope.engines.flipbook.pairs.learned import Learned, Motion, copy_size, refined
from mutoscope.engines.flipbook.pairs.transition import transition
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.finish.frame import planes_of, rgb_frame
from mutoscope.shot import Quality

SCENE, OTHER = landscape(), landscape(seed=2)
#: To the first (x, y), to the last, and the first's share, at three places; the original's figures.
TORCH = [
    [-1.7984, -0.032, 4.5657, 0.0121, 0.651],
    [-1.6809, -0.0096, 4.6448, 0.0145, 0.7048],
    [-1.1847, -0.0527, 3.8718, 0.1003, 0.7507],
]


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))


def with_ball(at: int, top: int = 80) -> Rgb:
    """The scene with a patch of another one, 40 pixels wide, `at` so many from the left."""
    made = view(SCENE).copy()
    made[top : top + 40, at : at + 40] = view(OTHER)[40:80, 40:80]
    return made


@pytest.mark.parametrize(
    ("size", "fine", "wanted"),
    [
        ((1280, 720), False, (640, 352)),
        ((720, 1280), False, (352, 640)),
        ((768, 576), False, (640, 480)),
        ((320, 192), False, (320, 192)),
        ((3840, 2160), False, (960, 544)),
        ((1280, 720), True, (1280, 704)),
        ((3840, 2160), True, (1280, 704)),
        ((64, 20), False, (64, 32)),
    ],
)
def test_the_copy_that_the_network_sees(
    size: tuple[int, int], fine: bool, wanted: tuple[int, int]
) -> None:
    assert copy_size(*size, fine) == wanted


def test_flow_has_the_word_only_where_it_is_sure_near_and_better() -> None:
    first = np.tile(np.linspace(0, 252, 64, dtype=np.float32), (32, 1))
    last = np.roll(first, 2, axis=1)

    def motion(x: float) -> Motion:
        to_first, to_last = np.zeros((2, 32, 64, 2), np.float32)
        to_first[..., 0], to_last[..., 0] = -x / 2, x / 2
        return Motion(to_first, to_last, np.full((32, 64), 0.5, np.float32))

    inner = np.s_[10:20, 20:40, 0]
    sure, unsure = np.ones((32, 64), np.float32), np.full((32, 64), 0.5, np.float32)
    right, wrong, far = motion(2.0), motion(0.0), motion(40.0)
    assert refined(wrong, right, sure, first, last).to_last[inner] == pytest.approx(1, abs=0.05)
    assert (refined(wrong, right, unsure, first, last).to_last[inner] == 0).all()
    assert refined(right, wrong, sure, first, last).to_last[inner] == pytest.approx(1, abs=0.01)
    # what lies still does not put out what passes before it
    assert (refined(far, right, sure, first, last).to_last[inner] == 20).all()


@pytest.mark.usefixtures("no_weights")
def test_without_weights_flow_does_it_and_that_is_said() -> None:
    assert not learned.here()
    made = transition(with_ball(100), with_ball(124), 3)
    assert made.method == "flow"
    assert any("mutoscope weights fetch interpolate" in note for note in made.notes)
    assert any("interpolate" in limit for limit in FlipbookEngine().check().limits)


@pytest.mark.weights
def test_the_network_is_asked_where_flow_leaves_something_and_never_for_a_draft() -> None:
    first, last = with_ball(100), with_ball(124)
    assert transition(first, last, 3).method == "network"
    assert transition(first, last, 3, quality=Quality.DRAFT).method == "flow"
    assert transition(view(SCENE), view(SCENE, zoom=1.2), 3).method == "flow"
    assert transition(first, view(OTHER), 3).method == "dissolve"


@pytest.mark.weights
def test_it_is_the_network_that_its_authors_trained() -> None:
    """Figures of the original in torch 2.13, for the same pictures."""
    y, x = np.mgrid[:64, :96].astype(np.float64)
    drawn = [
        np.dstack([128 + 90 * np.sin((x - shift) / 7 + k) * np.cos(y / (5 + k)) for k in range(3)])
        for shift in (0, 6)
    ]
    first, last = (np.rint(one).astype(np.uint8) for one in drawn)
    found = learned.run(first, last, 0.25)
    places = [(10, 20), (32, 48), (50, 80)]
    told = [[*found.to_first[place], *found.to_last[place], found.share[place]] for place in places]
    assert np.array(told) == pytest.approx(np.array(TORCH), abs=2e-3)


def with_disk(at: float) -> Rgb:
    """A shaded disk before the softened scene, its middle `at` from the left."""
    ground = cv2.GaussianBlur(view(SCENE), (0, 0), 3.0).astype(np.float64)
    y, x = np.mgrid[: ground.shape[0], : ground.shape[1]].astype(np.float64)
    cover = np.clip(28.5 - np.hypot(x - at, y - 96), 0, 1)[..., None]
    shade = np.array([235.0, 120.0, 40.0]) * (0.75 + 0.25 * np.cos((x - at) / 9))[..., None]
    return np.asarray(np.rint(ground + cover * (shade - ground)), np.uint8)


@pytest.mark.weights
@pytest.mark.parametrize("t", [0.25, 0.5, 0.8])
@pytest.mark.parametrize("way", [10, 24])
def test_a_thing_is_where_it_would_be_at_the_time(way: int, t: float) -> None:
    """A short way, and one long enough for a keyframe in its middle."""
    first, last, true = (with_disk(120 + way * part) for part in (0, 1, t))
    found = Learned(first, last)
    made = learned.shown(first, last, found.at(t))
    assert (found._keyframe is not None) == (way == 24)
    blend = np.asarray(np.rint((1 - t) * first + t * last), np.uint8)
    assert psnr(made, true, 8) > psnr(blend, true, 8) + 5


@pytest.mark.weights
@pytest.mark.parametrize("quality", [Quality.STANDARD, Quality.BEST])
def test_two_stills_are_met_and_nothing_jumps_on_the_way(quality: Quality) -> None:
    first, last = with_ball(100), with_ball(130)
    made = transition(first, last, 21, quality=quality)
    frames = list(made.frames())
    assert made.method == "network"
    assert (frames[0] == first).all()
    assert (frames[-1] == last).all()
    step = np.array([np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames)])
    assert step.max() < 2.5 * np.median(step[5:15])
    again = list(transition(first, last, 21, quality=quality).frames())
    assert all((a == b).all() for a, b in zip(frames, again, strict=True))


@pytest.mark.weights
def test_slow_motion_by_the_network_moves_evenly_and_to_the_place() -> None:
    given = moved(4, lambda number: (8.0 * number, 0.0, 1.0), (320, 192))
    frames = [rgb_frame(rgb) for rgb in given]
    made = list(retimed(frames, 4, 0.25, by_network=True))
    assert made[0] is frames[0]
    assert made[4] is frames[1]
    lumas = [np.array(planes_of(frame)[0][:192, :320], float) for frame in made[:13]]
    steps = [np.abs(b - a).mean() for a, b in pairwise(lumas)]
    assert max(steps) < 1.5 * min(steps)
    middle = rgb_of(Between(frames[0], frames[2], by_network=True).at(0.5))[16:-16, 32:-32]
    assert psnr(middle, given[1][16:-16, 32:-32]) > 32


@pytest.mark.weights
def test_the_network_does_not_mend_a_cut() -> None:
    one, other = rgb_frame(view(SCENE)), rgb_frame(255 - view(OTHER))
    between = Between(one, other, by_network=True)
    assert between.cut
    assert between.at(0.3) is one
    near = Between(one, rgb_frame(view(SCENE, 484)), by_network=True)
    assert not near.cut
