from __future__ import annotations

import numpy as np
import pytest

from mutoscope.direction.lexicon import LANGUAGES, load
from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.footage.celluloid import grain_of, stock_of
from mutoscope.engines.flipbook.footage.colour import Grader
from mutoscope.engines.flipbook.footage.grade import Grade, graded, tables
from mutoscope.engines.flipbook.footage.looks import look_named, looks, smooth, thirds
from mutoscope.engines.flipbook.footage.told import shaded
from mutoscope.errors import BadShot
from mutoscope.finish.frame import rgb_frame
from mutoscope.finish.rgb import rgb

Triple = tuple[float, float, float]


def after(look: str, colour: Triple, strength: float = 1.0) -> np.ndarray:
    """A plain colour's middle under a look, without what is laid on in its place."""
    plain = np.full((64, 64, 3), colour, np.uint8)
    shown = rgb(Grader(Grade(look=look, strength=strength), 64, 64, 1).frame(rgb_frame(plain), 0))
    return np.asarray(shown[24:40, 24:40].reshape(-1, 3).mean(axis=0))


@pytest.mark.parametrize("name", looks())
def test_every_look_keeps_the_order_of_light_and_says_what_it_is(name: str) -> None:
    look = look_named(name)
    assert len(look.says) > 20
    assert np.allclose(np.sum(look.mixer, axis=1), 1)  # grey stays grey before its tint
    made = tables(Grade(look=name))
    assert (np.diff(made.luma.astype(int)) >= 0).all()
    assert (made.luma.min(), made.luma.max()) >= (16, 16)
    assert made.luma.max() <= 235
    assert np.abs(made.tint[-1]).max() < 10  # white is nearly clean


@pytest.mark.parametrize("name", looks())
def test_a_slight_look_lies_between(name: str) -> None:
    colour = (170.0, 90.0, 60.0)
    plain, half, whole = (after(name, colour, strength) for strength in (0.0, 0.5, 1.0))
    if look_named(name).mono:
        assert np.ptp(plain) < 60  # black and white is not half so
        return
    assert np.linalg.norm(half - plain) < np.linalg.norm(whole - plain)


def test_noir_darkens_blue_skies_and_brightens_skin() -> None:
    sky, skin = after("noir", (70, 120, 200)), after("noir", (224, 172, 140))
    assert np.ptp(sky) < 2
    assert np.ptp(skin) < 2
    assert sky.mean() < 85  # its luma is 115
    assert skin.mean() > 190  # 180


def test_two_strip_has_two_colours_alone() -> None:
    reds, greens = after("two_strip", (200, 60, 40)), after("two_strip", (60, 150, 60))
    blues = after("two_strip", (60, 90, 200))
    assert reds[0] > reds[2] + 60
    for cold in (greens, blues):
        assert abs(cold[1] - cold[2]) < 45  # green and blue have come together
    assert blues[2] - blues[0] < 100 < 140


def test_teal_and_orange_parts_skin_from_shadow() -> None:
    skin, shade = after("teal_orange", (200, 150, 120)), after("teal_orange", (50, 55, 60))
    assert skin[0] - skin[2] > 80
    assert shade[2] - shade[0] > 14


def test_a_grade_is_laid_on_top_of_a_look() -> None:
    plain = after("negative", (120, 120, 120))
    grade = Grade(look="negative", brightness=1.0, warmth=1.0)
    grey = np.full((64, 64, 3), 120, np.uint8)
    shown = rgb(Grader(grade, 64, 64).frame(rgb_frame(grey), 0)).reshape(-1, 3).mean(axis=0)
    assert shown.mean() > plain.mean() + 8
    assert shown[0] - shown[2] > plain[0] - plain[2] + 10


def test_corners_are_darker_and_frames_flicker_where_the_look_has_that() -> None:
    grey = rgb_frame(np.full((96, 128, 3), 150, np.uint8))
    silent = Grader(Grade(look="silent"), 128, 96, 3)
    frames = [rgb(silent.frame(grey, number)).astype(float) for number in range(8)]
    corner, middle = frames[0][:12, :12].mean(), frames[0][40:56, 56:72].mean()
    assert corner < 0.8 * middle
    light = [frame.mean() for frame in frames]
    assert 0.3 < np.std(light) < 8
    again = Grader(Grade(look="silent"), 128, 96, 3).frame(grey, 5)
    assert np.array_equal(rgb(again).astype(float), frames[5])


def test_grain_is_told_to_the_encoder_where_there_is_much() -> None:
    assert grain_of(Grade(look="small_gauge")) > grain_of(Grade(film=1.0)) > 1.5
    assert grain_of(Grade(look="teal_orange")) == 0
    assert not stock_of(Grade(warmth=1.0))


def test_curves_go_through_their_points_without_turning() -> None:
    at = np.linspace(0, 1, 101)
    made = smooth(((0.0, 0.1), (0.3, 0.3), (0.5, 0.3), (1.0, 0.9)), at)
    assert np.allclose(made[[0, 30, 50, 100]], (0.1, 0.3, 0.3, 0.9))
    assert (np.diff(made) >= -1e-9).all()
    assert np.allclose(np.sum(thirds(at), axis=0), 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_look_has_words_in_every_language(language: str) -> None:
    said = {
        sense.name.partition(".")[2]
        for _, sense in load(language)
        if sense.name.startswith("look.")
    }
    assert said == set(looks())


@pytest.mark.parametrize(
    ("prompt", "look", "film"),
    [
        ("slow push in, teal and orange look", "teal_orange", False),
        ("a film noir look, orbit left", "noir", False),
        ("make it look like super 8 film", "small_gauge", True),
        ("bleach bypass, slightly brighter", "bleach_bypass", True),
        ("wie ein Stummfilm", "silent", True),
        ("langsame Kamerafahrt, Film noir", "noir", False),
        ("som en gammel smalfilm", "small_gauge", True),
        ("拍立得风格", "instant", True),
        ("慢慢推进，黑色电影风格", "noir", False),
    ],
)
def test_words_for_looks(prompt: str, look: str, film: bool) -> None:
    read = direct(prompt, 4, film=film)
    assert [one.look for one in read.edits if one.edit == "look"] == [look]
    assert graded(read.edits).look == look


def test_a_look_of_a_new_film_leaves_the_rest_of_the_prompt() -> None:
    read = direct("the trees sway in the wind, push in, faded film look", 4)
    assert [move.move for move in read.camera] == ["dolly_in"]
    assert [motion.kind for motion in read.motion] == ["sway"]
    assert read.unread == ()
    (said,) = shaded(read.edits)
    assert (said.outcome, said.how) == ("done", look_named("faded").says)


def test_scenes_that_only_sound_like_looks_are_left_alone() -> None:
    for prompt in (
        "a faded sign on a wall",
        "a silver car",
        "people at night",
        "an old cinema, pan left",
    ):
        assert direct(prompt, 4).edits == ()


def test_an_unknown_look_is_one_sentence() -> None:
    with pytest.raises(BadShot, match="it must be one of negative, slide"):
        look_named("sepia")
