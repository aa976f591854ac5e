"""What each picture of a shot becomes: a frame of the film, on the canvas as it was planned, or a reference;
what a model would leave out is refused, and what it cannot weigh is said."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engines.diffusion.shot_stage import (
    SIZE,
    checkpoint,
    number,
    numbered,
    order,
    picture,
    played,
)
from mutoscope.catalog.rules import Sides
from mutoscope.direction.model import Direction
from mutoscope.errors import BadShot
from mutoscope.shot import Crop, Fit, Role, Size

FIRST, LAST, FRAME, REFERENCE = Role.FIRST_FRAME, Role.LAST_FRAME, Role.FRAME, Role.REFERENCE


@pytest.mark.parametrize(
    ("conditions", "role", "why"),
    [
        (("first",), LAST, "takes no last frame"),
        (("first", "last"), FRAME, "no picture in the middle"),
        (("video",), FIRST, "takes no first frame"),
    ],
)
def test_a_picture_that_a_model_would_leave_out_is_refused(
    tmp_path: Path, conditions: tuple[str, ...], role: Role, why: str
) -> None:
    more = {"frame": 5} if role is FRAME else {}
    given = order(tmp_path, {picture(tmp_path, 1): (role, more)})
    with pytest.raises(BadShot, match=why):
        played(given, checkpoint(*conditions, words_alone=True))  # type: ignore[arg-type]


def test_a_model_that_needs_a_picture_refuses_words_alone_and_an_end_alone(tmp_path: Path) -> None:
    with pytest.raises(BadShot, match="films a picture"):
        played(order(tmp_path, prompt="a cat"), checkpoint("first"))
    with pytest.raises(BadShot, match="to begin with"):
        played(order(tmp_path, {picture(tmp_path, 1): LAST}), checkpoint("first", "last"))
    assert played(order(tmp_path, prompt="a cat"), checkpoint(words_alone=True)).numbers[0] == 0


def test_a_picture_is_laid_on_the_canvas_whole_and_comes_back_whole(tmp_path: Path) -> None:
    """Of a frame of nearly the canvas' shape nothing is cut off, and no shape is changed."""
    size = Size(94, 64)
    given = order(tmp_path, {picture(tmp_path, 733, size): FIRST}, size=size)
    made = played(given, checkpoint("first"))
    assert made.model.seen[0].size == SIZE
    off = np.abs(made.frames[0].astype(int) - numbered(733, size).astype(int))
    assert np.median(off) <= 3
    assert off.mean() < 8


def test_on_a_canvas_of_another_shape_the_frame_is_a_window(tmp_path: Path) -> None:
    size = Size(96, 32)
    model = checkpoint("first", sides=Sides(a=16, low=64, high=96))
    given = order(tmp_path, {picture(tmp_path, 733, size): FIRST}, size=size)
    made = played(given, model)
    brief = made.model.seen[0]
    assert brief.size == Size(96, 64)
    assert np.array_equal(brief.keyframes[0].image[16:48], numbered(733, size))
    assert made.numbers[0] == 733
    assert "cropped to 96x32" in made.said["size 96x32"][1]


def test_crop_fit_and_pad_colour_reach_the_canvas(tmp_path: Path) -> None:
    wide = picture(tmp_path, 733, Size(192, 64))
    crop = Crop(0.0, 0.0, 0.5, 1.0)
    brief = played(
        order(tmp_path, {wide: (FIRST, {"crop": crop})}), checkpoint("first")
    ).model.seen[0]
    left = np.asarray(Image.open(wide))[:, :96]
    assert np.abs(brief.keyframes[0].image.astype(int) - left.astype(int)).max() <= 3
    padded = order(tmp_path, {wide: FIRST}, fit=Fit.PAD, pad_colour="#ff0000")
    image = played(padded, checkpoint("first")).model.seen[0].keyframes[0].image
    assert (image[:12] == (255, 0, 0)).all()
    assert (image[-12:] == (255, 0, 0)).all()
    assert number(image[16:48]) == 733


def test_strength_is_given_where_a_model_has_it_and_else_said(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 1): (FIRST, {"strength": 0.4})})
    able = played(given, checkpoint("first", strength=True))
    assert able.model.seen[0].keyframes[0].strength == 0.4
    assert able.said["strength 0.4"][0] == "done"
    unable = played(given, checkpoint("first"))
    assert unable.model.seen[0].keyframes[0].strength == 1.0
    assert unable.said["strength 0.4"][0] == "not_possible"


def test_references_are_given_where_there_is_room_and_else_said(tmp_path: Path) -> None:
    files = {picture(tmp_path, n): REFERENCE for n in (1, 2, 3)}
    model = checkpoint("first", "references", references=2, words_alone=True)
    given = order(tmp_path, files)
    made = played(given, model)
    assert [number(one) for one in made.model.seen[0].references] == [1, 2]
    outcomes = [
        one.outcome for one in made.footage.instructions if one.words == "reference picture"
    ]
    assert outcomes == ["approximated", "approximated", "not_possible"]
    first = played(given, checkpoint("first"))
    assert first.numbers[0] == 1
    outcomes = [
        one.outcome for one in first.footage.instructions if one.words == "reference picture"
    ]
    assert outcomes == ["approximated", "not_possible", "not_possible"]


def test_a_lone_reference_begins_the_film_where_the_words_say_so(tmp_path: Path) -> None:
    read = Direction(seconds=1, first_frame=True)
    given = order(tmp_path, {picture(tmp_path, 5): REFERENCE}, direction=read)
    model = checkpoint("first", "references", references=2)
    assert played(given, model).numbers[0] == 5
