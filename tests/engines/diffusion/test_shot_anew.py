"""A film made anew, in a marked place, in another shape; and what the house does to it by itself."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engines.diffusion.shot_stage import (
    SIZE,
    checkpoint,
    clip,
    decoded,
    media,
    number,
    order,
    picture,
    played,
    rate_of,
)
from mutoscope.catalog.checkpoint import Licence
from mutoscope.direction.model import Direction, Motion, Move
from mutoscope.errors import BadShot
from mutoscope.shot import Fit, Kind, Region, Role, Size

SOURCE = Role.SOURCE
VIDEO = checkpoint("first", "video", longest=60)
MASK = checkpoint("first", "frame", "lead", "video", "mask", lead_frames=5, longest=60)
RED = (200, 40, 40)


def mask(folder: Path, left: int, size: Size = SIZE) -> Path:
    """White from `left` on."""
    page = np.zeros((size.height, size.width), np.uint8)
    page[:, left:] = 255
    path = folder / f"mask-{left}.png"
    Image.fromarray(page).save(path)
    return path


def edit(folder: Path, film: Path, prompt: str, kind: Kind = Kind.EDIT, **more: object):  # type: ignore[no-untyped-def]
    return order(folder, {film: SOURCE}, kind=kind, prompt=prompt, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("fps", [12.0, 16.0, 24.0])
@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.REMIX])
def test_a_film_made_anew_has_its_own_length_rate_and_order(
    tmp_path: Path, fps: float, kind: Kind
) -> None:
    film = clip(tmp_path, range(100, 140), fps=fps)
    made = played(edit(tmp_path, film, "turn it into a watercolor", kind), VIDEO)
    assert made.project.parts > 1
    assert made.footage.frames == 40
    assert made.footage.fps == fps
    assert rate_of(made.footage.path) == fps
    if fps == 16:
        assert made.numbers == list(range(100, 140))
    else:  # computed from computed ones: as near as a frame
        assert len(made.frames) == 40
        assert made.numbers[0] == 100


def test_each_part_is_given_its_own_stretch_of_the_film(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 140))
    made = played(edit(tmp_path, film, "a watercolor"), VIDEO)
    parts = made.project.finish.timing.parts  # type: ignore[union-attr]
    for brief, part in zip(made.model.seen, parts, strict=True):
        assert brief.video is not None
        assert number(brief.video[0]) == 100 + part.start
        assert number(brief.video[-1]) == min(139, 100 + part.end - 1)


@pytest.mark.parametrize(
    ("kind", "strength", "freedom"),
    [(Kind.EDIT, 1.0, 0.7), (Kind.REMIX, 1.0, 0.85), (Kind.EDIT, 0.0, 1.0), (Kind.EDIT, 0.5, 0.85)],
)
def test_a_sources_strength_says_how_freely(
    tmp_path: Path, kind: Kind, strength: float, freedom: float
) -> None:
    film = clip(tmp_path, range(16))
    given = order(
        tmp_path, {film: (SOURCE, {"strength": strength})}, kind=kind, prompt="a watercolor"
    )
    made = played(given, VIDEO)
    assert made.model.seen[0].strength == pytest.approx(freedom)
    words = f"{kind} the film" if strength == 1 else f"strength {strength:g}"
    assert made.said[words][0] == "done"
    assert f"{freedom:.2g}" in made.said[words][1]


def test_what_the_house_can_do_alone_it_does_and_the_model_is_not_asked(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 116))
    made = played(edit(tmp_path, film, "make it black and white"), VIDEO)
    assert made.model.seen == []
    assert made.project.parts == 0
    assert made.said["black and white"][0] == "done"
    assert np.ptp(made.frames[3].astype(int), axis=2).max() <= 3
    assert any("nothing for the model" in note for note in made.footage.notes)


def test_the_house_does_its_part_after_the_model(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 132))
    given = edit(tmp_path, film, "make it twice as fast and turn the car red")
    made = played(given, VIDEO)
    assert [brief.prompt for brief in made.model.seen] == ["Turn the car red."] * len(
        made.model.seen
    )
    assert made.numbers == list(range(100, 132, 2))
    assert made.said["twice as fast"][0] == "done"
    assert made.said["turn the car red"] == ("approximated", "left to the model, in words")


def test_an_edits_camera_is_the_houses_and_the_model_is_not_told_of_it(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 116))
    made = played(edit(tmp_path, film, "turn the car red, slow push in"), VIDEO)
    assert made.model.seen[0].prompt == "Turn the car red."
    assert "times as large" in made.said["slow push in"][1]


def test_an_edit_into_another_shape_is_brought_there_by_the_house(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 116))
    made = played(edit(tmp_path, film, "turn the car red", size=Size(64, 96), fit=Fit.PAD), VIDEO)
    assert {one.shape for one in made.frames} == {(96, 64, 3)}
    assert made.footage.size == Size(64, 96)
    assert made.said["size 64x96"][0] == "done"


def test_a_picture_to_begin_with_goes_along_in_an_edit_and_others_are_answered(
    tmp_path: Path,
) -> None:
    film = clip(tmp_path, range(16))
    files = {film: SOURCE, picture(tmp_path, 900): Role.FIRST_FRAME, picture(tmp_path, 901): Role.REFERENCE}  # fmt: skip
    made = played(order(tmp_path, files, kind=Kind.EDIT, prompt="a watercolor"), VIDEO)
    assert [number(one.image) for one in made.model.seen[0].keyframes] == [900]
    assert made.said["reference"][0] == "not_possible"


def test_a_remix_of_a_film_of_a_picture_is_a_remix_of_the_film(tmp_path: Path) -> None:
    film, first = clip(tmp_path, range(16)), picture(tmp_path, 900)
    files = {film: SOURCE, first: Role.FIRST_FRAME}
    given = order(tmp_path, files, kind=Kind.REMIX, prompt="at night")
    made = played(given, VIDEO)
    assert made.model.seen[0].video is not None
    assert made.said["first frame"][0] == "approximated"
    anew = played(given, checkpoint("first"))  # that makes no film from a film
    assert anew.numbers[0] == 900


def test_a_remix_keeps_the_motion_that_its_words_do_not_speak_of(tmp_path: Path) -> None:
    read = Direction(
        seconds=1,
        camera=(Move(move="dolly_in", start=0, end=1),),
        motion=(Motion(kind="walk", group="people", words="the cat walks"),),
    )
    files = {clip(tmp_path, range(16)): SOURCE, picture(tmp_path, 9): Role.FIRST_FRAME}
    given = order(tmp_path, files, kind=Kind.REMIX, prompt="at night.", direction=read)
    for model in (VIDEO, checkpoint("first")):
        prompt = played(given, model).model.seen[0].prompt
        assert prompt == "At night, the cat walks. The camera pushes in."


def test_what_is_not_marked_stays_as_it_was(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 140))
    region = mask(tmp_path, 72)
    given = edit(
        tmp_path, film, "a red wall", regions=(Region("wall", media(region)),), masks={0: region}
    )
    made = played(given, MASK)
    for one, other in zip(decoded(film), made.frames, strict=True):
        assert np.abs(one[:, :60].astype(int) - other[:, :60].astype(int)).mean() < 2
        assert np.abs(other[:, 82:].astype(int) - RED).mean() < 8
    assert made.said["region wall"][0] == "done"
    later = made.model.seen[1]
    assert later.mask is not None
    assert not later.mask[:5].any()
    assert later.mask[5:].any()


def test_in_a_picture_only_what_is_marked_moves(tmp_path: Path) -> None:
    region = mask(tmp_path, 72)
    first = picture(tmp_path, 733)
    given = order(
        tmp_path, {first: Role.FIRST_FRAME}, prompt="pan left, water flows", seconds=2,
        regions=(Region("water", media(region)), Region("smoke", point=(0.5, 0.5))),
        masks={0: region},
    )  # fmt: skip
    made = played(given, MASK)
    assert made.numbers[0] == 733
    still = np.asarray(Image.open(first)).astype(int)
    for at, frame in enumerate(made.frames):
        assert np.abs(frame[:, :60].astype(int) - still[:, :60]).mean() < 2
        if at > 0:
            assert np.abs(frame[:, 82:].astype(int) - RED).mean() < 8
    assert made.said["region water"][0] == "done"
    assert made.said["region smoke"][0] == "not_possible"
    assert made.said["pan left"][0] == "not_possible"
    assert "camera" not in made.model.seen[0].prompt


def test_marks_that_a_model_takes_none_of_are_answered(tmp_path: Path) -> None:
    region = mask(tmp_path, 72)
    given = order(
        tmp_path, {picture(tmp_path, 1): Role.FIRST_FRAME},
        regions=(Region("water", media(region)),), masks={0: region},
    )  # fmt: skip
    assert played(given, checkpoint("first")).said["region water"][0] == "not_possible"


def test_a_film_in_another_shape_is_whole_and_what_is_around_it_is_made(tmp_path: Path) -> None:
    film = clip(tmp_path, range(100, 140))
    given = order(tmp_path, {film: SOURCE}, kind=Kind.REFRAME, size=Size(64, 96), prompt="a garden")
    made = played(given, MASK)
    shown = made.frames
    assert len(shown) == 40
    assert {one.shape for one in shown} == {(96, 64, 3)}
    small = [np.asarray(Image.fromarray(one).resize((64, 42))) for one in decoded(film)]
    for one, other in zip(small, shown, strict=True):
        assert np.abs(other[31:66, 4:60].astype(int) - one[5:40, 4:60].astype(int)).mean() < 6
        assert np.abs(other[:20].astype(int) - RED).mean() < 10
        assert np.abs(other[-20:].astype(int) - RED).mean() < 10
    assert made.said["size 64x96"][0] == "done"
    brief = made.model.seen[0]
    assert brief.mask is not None
    assert brief.mask[0, 0, 0] == 255
    assert brief.mask[0, brief.size.height // 2, brief.size.width // 2] == 0


def test_a_reframe_that_is_to_stretch_is_the_houses(tmp_path: Path) -> None:
    film = clip(tmp_path, range(16))
    given = order(tmp_path, {film: SOURCE}, kind=Kind.REFRAME, size=Size(64, 96), fit=Fit.STRETCH)
    made = played(given, MASK)
    assert made.project.parts == 0
    assert {one.shape for one in made.frames} == {(96, 64, 3)}


def test_a_model_that_makes_no_film_anew_refuses(tmp_path: Path) -> None:
    film = clip(tmp_path, range(16))
    with pytest.raises(BadShot, match="makes no film anew"):
        played(edit(tmp_path, film, "a watercolor"), checkpoint("first"))


def test_the_mark_is_on_a_film_that_the_house_changed_afterwards_too(tmp_path: Path) -> None:
    film = clip(tmp_path, [0] * 8, size=Size(192, 128))
    licence = Licence(name="x", source="x", mark="Made with X")
    given = edit(tmp_path, film, "make it brighter and turn the car red", size=Size(192, 128))
    plain = played(given, checkpoint("first", "video", area=192 * 128)).frames
    made = played(given, checkpoint("first", "video", area=192 * 128, licence=licence)).frames
    assert len(made) == len(plain) == 8
    for one, other in zip(made, plain, strict=True):
        off = np.abs(one.astype(int) - other.astype(int)).mean(axis=2)
        assert (off[110:, 100:] > 60).sum() > 25
        assert off[:100, :90].max() < 12


@pytest.mark.parametrize(
    ("words", "fit", "asked"),
    [
        ("make it vertical", Fit.AUTO, True),
        ("make it vertical", Fit.COVER, False),
        ("make it vertical and push in", Fit.AUTO, False),
        ("make it vertical, half speed", Fit.AUTO, False),
    ],
)
def test_words_for_another_shape_have_the_rest_painted_where_the_model_can(
    words: str, fit: Fit, asked: bool, tmp_path: Path
) -> None:
    film = clip(tmp_path, range(8))
    made = played(edit(tmp_path, film, words, size=Size(64, 96), fit=fit), MASK)
    assert bool(made.model.seen) is asked
    assert made.said["make it vertical" if asked else "quality draft"][0] == "done"
    assert not [one for one in made.footage.instructions if one.how.startswith("given to")]


def test_of_a_model_that_makes_nothing_no_steps_and_no_negative_prompt_are_claimed(
    tmp_path: Path,
) -> None:
    film = clip(tmp_path, range(8))
    made = played(edit(tmp_path, film, "warmer", negative_prompt="rain"), VIDEO)
    assert made.project.parts == 0
    assert made.said["not: rain"][0] == "not_possible"
    assert "steps" not in made.said["quality draft"][1]
