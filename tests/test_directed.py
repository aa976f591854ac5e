"""How a shot's direction comes about, by its kind."""

from __future__ import annotations

import pytest

from mutoscope.direction.model import Direction, Move
from mutoscope.direction.parse import direct
from mutoscope.shot import Anchor, Kind, Media, Role, Shot
from mutoscope.steps import directed

FILM = Anchor(Media("0" * 64, "video/mp4", 1), Role.SOURCE)


def shot(kind: Kind, prompt: str, direction: Direction | None = None) -> Shot:
    anchors = () if kind is Kind.CREATE else (FILM,)
    return Shot(prompt=prompt, kind=kind, anchors=anchors, direction=direction)


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.EXTEND, Kind.REFRAME, Kind.REMIX])
def test_edits_are_read_where_there_is_a_film(kind: Kind) -> None:
    assert [one.edit for one in directed(shot(kind, "warmer")).edits] == ["warmer"]
    assert directed(shot(Kind.CREATE, "warmer")).edits == ()


@pytest.mark.parametrize("before", ["pan left, 50 mm", direct("pan left, 50 mm", 4)])
def test_a_remix_changes_what_was_before(before: Direction | str) -> None:
    made = directed(shot(Kind.REMIX, "black and white"), before)
    assert [move.move for move in made.camera] == ["pan_left"]
    assert made.lens.focal_mm == 50
    assert [one.edit for one in made.edits] == ["black_and_white"]
    made = directed(shot(Kind.REMIX, "tilt up instead"), before)
    assert [move.move for move in made.camera] == ["tilt_up"]


def test_what_was_before_matters_to_a_remix_alone() -> None:
    assert directed(shot(Kind.EDIT, "warmer"), "pan left").camera == ()


def test_a_direction_that_is_given_is_taken() -> None:
    given = Direction(seconds=4, camera=(Move(move="roll_cw", start=0, end=4),))
    assert directed(shot(Kind.REMIX, "warmer", given), "pan left") is given
