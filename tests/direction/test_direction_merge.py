from __future__ import annotations

import pytest

from mutoscope.direction.merge import remix_direction, remixed
from mutoscope.direction.model import Direction, Edit, Move
from mutoscope.direction.parse import direct


def moves(direction: Direction) -> list[str]:
    return [move.move for move in direction.camera]


def test_new_moves_take_the_place_of_the_old() -> None:
    assert moves(remix_direction("push in, 50 mm, the trees sway", "pan left instead", 4)) == [
        "pan_left"
    ]


def test_what_the_prompt_does_not_speak_of_is_kept() -> None:
    old = direct("slow push in, 50 mm, stop motion, the trees sway, keep the house", 4)
    new = remixed(old, direct("make it warmer", 4, film=True))
    assert new.camera == old.camera
    assert new.motion == old.motion
    assert (new.lens, new.style, new.keep) == (old.lens, old.style, old.keep)
    assert [edit.edit for edit in new.edits] == ["warmer"]


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("don't zoom", ["pan_left"]),
        ("no panning", ["zoom_in"]),
        ("without zoom or pan", ["static"]),
        ("no camera movement", ["static"]),
        ("nicht zoomen", ["pan_left"]),
    ],
)
def test_refused_moves_are_left_out(prompt: str, left: list[str]) -> None:
    assert moves(remix_direction("zoom in and pan left", prompt, 4)) == left


def test_moves_are_laid_on_another_length() -> None:
    new = remix_direction(direct("pan left 2 s, then tilt up 2 s", 4), "warmer", 8)
    assert [(move.start, move.end) for move in new.camera] == [(0.0, 4.0), (4.0, 8.0)]
    assert new.seconds == 8


@pytest.mark.parametrize(
    ("prompt", "speed"), [("slower", "slow"), ("faster", "fast"), ("etwas langsamer", "slow")]
)
def test_slower_alone_slows_the_camera(prompt: str, speed: str) -> None:
    new = remix_direction("pan left", prompt, 4)
    assert [move.speed for move in new.camera] == [speed]
    assert new.edits == ()


def test_a_new_edit_takes_the_place_of_its_family() -> None:
    old = Direction(seconds=4, edits=(Edit(edit="warmer"), Edit(edit="film_look")))
    new = remixed(old, direct("cooler", 4, film=True))
    assert [edit.edit for edit in new.edits] == ["film_look", "cooler"]


def test_a_direction_may_be_given_in_place_of_the_words() -> None:
    old = Direction(seconds=4, camera=(Move(move="roll_cw", start=0, end=4, amount=2),))
    assert remix_direction(old, "", 4).camera == old.camera
    assert moves(remix_direction(old, "do not roll", 4)) == ["static"]


def test_motion_of_the_same_thing_is_replaced() -> None:
    new = remix_direction("the trees sway, the water ripples", "the trees rustle", 4)
    assert [(one.kind, one.target) for one in new.motion] == [
        ("ripple", "water"),
        ("flutter", "trees"),
    ]
