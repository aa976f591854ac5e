"""The film from one picture to another."""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from drawn_pictures import landscape, psnr, view

from mutoscope.direction.model import Direction, Motion, Move
from mutoscope.engines.flipbook.pairs.transition import Transition, same_picture, transition
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.errors import BadShot, Cancelled

SCENE = landscape()
OTHER = landscape(seed=2)


def dimmed(picture: Rgb) -> Rgb:
    return np.asarray(np.rint(picture * 0.55), np.uint8)


PAIRS: dict[str, Callable[[], tuple[Rgb, Rgb]]] = {
    "zoom in": lambda: (view(SCENE), view(SCENE, zoom=1.4)),
    "zoom out": lambda: (view(SCENE, zoom=1.4), view(SCENE)),
    "shift": lambda: (view(SCENE, 480), view(SCENE, 560)),
    "turn": lambda: (view(SCENE), view(SCENE, turn=12)),
    "dimmed": lambda: (view(SCENE), dimmed(view(SCENE, 530))),
}


def film(made: Transition) -> list[Rgb]:
    return list(made.frames())


def steps(frames: list[Rgb]) -> np.ndarray:
    return np.array([np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames)])


@pytest.mark.parametrize("name", PAIRS)
def test_both_pictures_are_met_and_nothing_jumps(name: str) -> None:
    first, last = PAIRS[name]()
    made = transition(first, last, 30)
    frames = film(made)
    assert made.method == "flow"
    assert len(frames) == len(made) == 30
    assert (frames[0] == first).all()
    assert (frames[-1] == last).all()
    step = steps(frames)
    assert step[0] <= 1.3 * step[1] + 0.1
    assert step[-1] <= 1.3 * step[-2] + 0.1
    assert step.max() < 2.2 * np.median(step[10:20])


def test_half_way_through_a_zoom_is_the_true_view() -> None:
    first, last = view(SCENE), view(SCENE, zoom=1.4)
    middle = transition(first, last, 3)
    true = view(SCENE, zoom=1.4**0.5)
    made = film(middle)[1]
    blend = (first.astype(int) + last) // 2
    assert psnr(made, true, 4) > 30
    assert psnr(made, true, 4) > psnr(blend.astype(np.uint8), true, 4) + 10


def test_the_light_changes_evenly() -> None:
    first, last = PAIRS["dimmed"]()
    bright = np.array([frame.mean() for frame in film(transition(first, last, 30))])
    change = np.diff(bright)
    assert (change <= 0.4).all()
    assert np.abs(change).max() < 2.5 * np.abs(change).mean()


def test_something_that_moves_is_moved_not_faded() -> None:
    ground = view(SCENE)
    first, last = ground.copy(), ground.copy()
    ball = view(OTHER)[40:80, 40:80]
    first[80:120, 100:140] = ball
    last[80:120, 124:164] = ball
    middle = film(transition(first, last, 3))[1]
    true = ground.copy()
    true[80:120, 112:152] = ball
    box = np.s_[84:116, 116:148]
    assert psnr(middle[box], true[box]) > 24


def test_unrelated_pictures_are_dissolved_and_that_is_said() -> None:
    first, last = view(SCENE), view(OTHER)
    made = transition(first, last, 24)
    frames = film(made)
    assert made.method == "dissolve"
    assert "do not show the same scene" in made.notes[0]
    assert (frames[0] == first).all()
    assert (frames[-1] == last).all()
    step = steps(frames)
    assert step.max() < 4 * np.median(step)
    assert step.min() > 0.05  # it never stands dead


def test_flat_pictures_are_dissolved() -> None:
    first = np.full((96, 160, 3), 30, np.uint8)
    last = np.full((96, 160, 3), 220, np.uint8)
    made = transition(first, last, 9)
    assert made.method == "dissolve"
    levels = [int(frame.mean()) for frame in made.frames()]
    assert levels == sorted(levels)


@pytest.mark.parametrize("frames", [20, 21])
@pytest.mark.parametrize("related", [True, False])
def test_a_loop_goes_there_and_back_and_closes(frames: int, related: bool) -> None:
    first, last = PAIRS["shift"]() if related else (view(SCENE), view(OTHER))
    made = film(transition(first, last, frames, loop=True))
    assert len(made) == frames
    assert (made[0] == first).all()
    assert (made[frames // 2] == last).all()
    step = steps([*made, made[0]])
    assert step[-1] <= 1.2 * max(step[0], step[-2]) + 0.1


@pytest.mark.parametrize(("frames", "loop"), [(1, False), (2, False), (2, True), (1, True)])
def test_the_shortest_clips(frames: int, loop: bool) -> None:
    first, last = PAIRS["shift"]()
    made = film(transition(first, last, frames, loop=loop))
    assert len(made) == frames
    assert (made[0] == first).all()
    if frames == 2:
        assert (made[1] == last).all()


def test_the_same_order_gives_the_same_bytes() -> None:
    first, last = PAIRS["turn"]()
    once, again = film(transition(first, last, 8)), film(transition(first, last, 8))
    assert all((a == b).all() for a, b in zip(once, again, strict=True))


@pytest.mark.parametrize(("width", "height"), [(64, 64), (66, 130), (400, 64)])
def test_small_and_odd_shapes(width: int, height: int) -> None:
    first = np.asarray(cv2.resize(view(SCENE), (width, height)), np.uint8)
    last = np.asarray(cv2.resize(view(SCENE, zoom=1.1), (width, height)), np.uint8)
    frames = film(transition(first, last, 4))
    assert {frame.shape for frame in frames} == {(height, width, 3)}


def test_the_same_picture_is_told_from_two() -> None:
    first = view(SCENE)
    noise = np.random.default_rng(3).integers(-2, 3, first.shape)
    again = np.clip(first.astype(int) + noise, 0, 255).astype(np.uint8)
    changed = first.copy()
    changed[100:116, 100:116] = 255
    assert same_picture(first, first)
    assert same_picture(first, again)
    assert not same_picture(first, changed)
    assert not same_picture(first, view(SCENE, zoom=1.02))
    assert not same_picture(first, first[:-2])


def asked(*moves: Move, motion: tuple[Motion, ...] = ()) -> Direction:
    return Direction(seconds=2.0, camera=moves, motion=motion)


def test_camera_moves_are_answered_by_what_the_pair_shows() -> None:
    first, last = PAIRS["zoom in"]()
    moves = asked(
        Move(move="zoom_in", start=0, end=2, words="push in"),
        Move(move="zoom_out", start=0, end=2),
        Move(move="pan_left", start=0, end=2),
        Move(move="dolly_in", start=0, end=2),
        Move(move="handheld", start=0, end=2),
        motion=(Motion(kind="sway", group="nature", words="trees sway"),),
    )
    told = {one.words: one for one in transition(first, last, 4, direction=moves).instructions}
    assert told["push in"].outcome == "done"
    assert "1.40 times" in told["push in"].how
    assert told["zoom out"].outcome == "not_possible"
    assert told["pan left"].outcome == "not_possible"
    assert told["dolly in"].outcome == "approximated"
    assert told["handheld"].outcome == "not_possible"
    assert told["trees sway"].outcome == "not_possible"


def test_a_view_that_goes_right_is_a_pan_to_the_right() -> None:
    first, last = PAIRS["shift"]()
    moves = asked(Move(move="pan_right", start=0, end=2), Move(move="pan_left", start=0, end=2))
    told = {
        one.words: one.outcome for one in transition(first, last, 4, direction=moves).instructions
    }
    assert told == {"pan right": "done", "pan left": "not_possible"}


def test_a_move_keeps_its_time() -> None:
    first, last = PAIRS["zoom in"]()
    moves = asked(Move(move="static", start=0, end=1), Move(move="zoom_in", start=1, end=2))
    made = transition(first, last, 20, direction=moves)
    frames = film(made)
    assert all((frame == first).all() for frame in frames[:10])
    assert [one.outcome for one in made.instructions] == ["done", "done"]
    assert (frames[-1] == last).all()


def test_a_dissolve_drifts_the_way_that_is_asked_for() -> None:
    moves = asked(Move(move="zoom_out", start=0, end=2), Move(move="orbit_left", start=0, end=2))
    made = transition(view(SCENE), view(OTHER), 6, direction=moves)
    told = {one.words: one.outcome for one in made.instructions}
    assert told == {"zoom out": "approximated", "orbit left": "not_possible"}


def test_it_stops_when_told_to() -> None:
    first, last = PAIRS["shift"]()
    with pytest.raises(Cancelled):
        transition(first, last, 8, cancel=lambda: True)
    stop = False
    made = transition(first, last, 50, cancel=lambda: stop).frames()
    next(made)
    stop = True
    with pytest.raises(Cancelled):
        next(made)


def test_progress_is_told() -> None:
    first, last = PAIRS["shift"]()
    told: list[tuple[str, float]] = []
    film(transition(first, last, 4, progress=lambda stage, done: told.append((stage, done))))
    assert told[0] == ("pair", 0.0)
    assert told[-1] == ("pair", 1.0)


def test_bad_input_is_one_sentence() -> None:
    first = view(SCENE)
    with pytest.raises(BadShot, match="as large as the first picture, 320x192"):
        transition(first, first[:, :100], 4)
    with pytest.raises(BadShot, match="frames is 0; it must be 1 or more"):
        transition(first, first, 0)
