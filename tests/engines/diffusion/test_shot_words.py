"""The prompt in a model's terms: the words as they are, and the camera as its family is told of it."""

import tomllib
from pathlib import Path

import pytest

from mutoscope.catalog import load
from mutoscope.direction.model import MOVES, Direction, Lens, Motion, Move
from mutoscope.direction.parse import direct
from mutoscope.engines.diffusion.shot import words
from mutoscope.engines.diffusion.shot.words import prompts, setting, table, tokens, without

FAMILIES = sorted(
    {one.checkpoint.family for one in load.contracts("diffusion") if one.checkpoint is not None}
)
WHOLE = [(0.0, 5.0)]


def said(raw: str, family: str = "wan", film: bool = False, **more: object) -> str:
    return prompts(direct(raw, seconds=5, film=film), raw, family, WHOLE, **more)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_words_for_every_move_and_a_length(family: str) -> None:
    rows = tomllib.loads(Path(words.__file__).with_name("words.toml").read_text("utf-8"))
    assert family in rows
    assert setting(family, "tokens") >= 256
    for move in MOVES:
        sentence = words.sentence(Move(move=move, start=0, end=1, speed="slow"), family)
        assert "camera" in sentence
        assert "{" not in sentence
    assert set(table(family, "style")) == {"natural", "stop_motion"}


def test_the_words_come_as_they_are_and_the_camera_as_a_sentence_of_its_own() -> None:
    assert said("slow push in on the cup, steam rises") == (
        "Slow push in on the cup, steam rises. The camera slowly pushes in."
    )
    assert said("steam rises.") == "Steam rises."


def test_moves_are_told_in_their_order() -> None:
    assert said("push in, then pan left").endswith(
        "The camera pushes in, then the camera pans left."
    )
    beside = Direction(
        seconds=5,
        camera=(
            Move(move="dolly_in", start=0, end=5, speed="slow"),
            Move(move="pan_left", start=0, end=5, speed="fast"),
        ),
    )
    assert prompts(beside, "a cat", "wan", WHOLE)[0] == (
        "A cat. The camera slowly pushes in, while the camera quickly pans left."
    )


@pytest.mark.parametrize(
    ("raw", "added"),
    [
        ("Langsamer Schwenk nach links, die Katze läuft", "The camera slowly pans left."),
        ("镜头缓慢推进，猫在走", "The camera slowly pushes in."),
    ],
)
def test_other_languages_go_along_and_the_move_is_added_in_english(raw: str, added: str) -> None:
    made = said(raw)
    assert made.startswith(raw)
    assert made.endswith(added)


def test_a_direction_without_words_is_told_whole() -> None:
    read = Direction(
        seconds=5,
        camera=(Move(move="static", start=0, end=5),),
        motion=(Motion(kind="walk", group="people", target="the cat", direction="left"),),
        lens=Lens(focal_mm=35, focus="shallow"),
        keep=("the logo",),
    )
    assert prompts(read, "", "wan", WHOLE)[0] == (
        "The cat walk left. The camera stays still, a fixed shot, shot on a 35 mm lens, shallow depth "
        "of field. Keep unchanged: the logo."
    )


def test_each_part_is_told_of_the_moves_that_fall_into_it() -> None:
    raw = "slow push in on the cup, steam rises, then the camera pans left. Don't zoom."
    one, other = prompts(direct(raw, seconds=5), raw, "wan", [(0, 2.5), (2.5, 5)])
    assert "pushes in" in one
    assert "pans left" not in one
    assert "pans left" in other
    assert "push" not in other
    assert "steam rises" in one
    assert "steam rises" in other.lower()


def test_a_model_with_sound_is_told_the_cues_and_another_is_not() -> None:
    read = Direction(seconds=5, sound=("rain on leaves",))
    assert prompts(read, "a wood", "ltx2", WHOLE, sound=True)[0] == "A wood. Audio: rain on leaves."
    assert "rain" not in prompts(read, "a wood", "ltx2", WHOLE)[0]
    heard = prompts(read, "a wood with rain on leaves", "ltx2", WHOLE, sound=True)[0]
    assert heard.count("rain on leaves") == 1


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("make it warmer and turn the car red", "Turn the car red."),
        ("add snow and make it warmer.", "Add snow."),
        ("make it twice as fast, and add snow", "Add snow."),
    ],
)
def test_what_the_house_does_is_not_asked_of_the_model(raw: str, left: str) -> None:
    edits = direct(raw, seconds=5, film=True).edits
    assert edits
    assert said(raw, film=True, leave=edits) == left


def test_words_are_taken_out_whole() -> None:
    assert without("the warmer the better", ["warm"]) == "the warmer the better"
    assert without("a, b, then c. d", ["c"]) == "a, b. d"
    assert without("猫在走，变暖", ["变暖"]) == "猫在走"
    assert without("a cat", ["", "dog"]) == "a cat"


def test_tokens_are_estimated_on_the_safe_side() -> None:
    assert tokens("a cat walks over the wall") >= 6
    assert tokens("猫在走") == 3
