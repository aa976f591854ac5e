"""Words of sound, in four languages."""

from __future__ import annotations

import pytest

from mutoscope.direction.model import Direction, Motion
from mutoscope.direction.parse import direct
from mutoscope.sound.cues import LOUD, QUIET, of_picture, read, sources
from mutoscope.sound.lexicon import _table, kinds, phrases, recipes

MADE = {
    "sound of rain": {"rain": 0.0},
    "distant thunder": {"thunder": QUIET},
    "loud waves and soft wind": {"waves": LOUD, "wind": QUIET},
    "birds chirping": {"birds": 0.0},
    "light rain on a window": {"drizzle": 0.0},
    "heavy rain": {"pour": 0.0},
    "café ambience": {"cafe": 0.0},
    "room tone": {"room": 0.0},
    "footsteps": {"steps": 0.0},
    "Geräusch von Regen": {"rain": 0.0},
    "Meeresrauschen": {"waves": 0.0},
    "Vogelgezwitscher": {"birds": 0.0},
    "Verkehrslärm": {"traffic": 0.0},
    "ferner Donner": {"thunder": QUIET},
    "bølgebrus": {"waves": 0.0},
    "fuglesang": {"birds": 0.0},
    "regnen mod ruden": {"rain": 0.0},
    "雨声": {"rain": 0.0},
    "海浪声": {"waves": 0.0},
    "远处的雷声和鸟鸣": {"thunder": QUIET, "birds": 0.0},
    "咖啡馆": {"cafe": 0.0},
}


@pytest.mark.parametrize("words", MADE)
def test_a_cue_names_its_recipes(words: str) -> None:
    cue = read(words)
    assert cue.meaning == "made"
    assert dict(cue.recipes) == MADE[words]


OTHERS = {
    "ambient sound": "picture", "with sound": "picture", "Umgebungsgeräusche": "picture",
    "med lyd": "picture", "环境音": "picture",
    "silence": "silence", "no sound": "silence", "ohne Ton": "silence", "ingen lyd": "silence",
    "静音": "silence",
    "no music": "refused", "ohne Musik": "refused", "no dialogue": "refused",
    "jazz music": "music", "leise Klaviermusik": "music", "blid musik": "music", "钢琴声": "music",
    "she says hello": "speech", "voice over": "speech", "旁白": "speech",
    "a dog barks": "other", "Kirchenglocken": "other", "警笛": "other",
    "the flumph": "unknown", "": "unknown",
}  # fmt: skip


@pytest.mark.parametrize("words", OTHERS)
def test_what_is_no_recipe_is_told_apart(words: str) -> None:
    assert read(words).meaning == OTHERS[words]


def test_words_that_nothing_was_made_of_are_left_over() -> None:
    assert read("sound of footsteps on gravel").left == "gravel"
    assert read("rain and piano music").left == "piano music"
    assert read("the sound of rain").left == ""
    assert read("wir hören das Rauschen der Wellen").left == ""


def test_every_phrase_of_a_recipe_is_found_as_that_recipe() -> None:
    for name, recipe in recipes().items():
        for phrase in recipe.words.split(","):
            word = phrase.strip().replace("*", "")
            assert name in {hit.name for hit in phrases().find(word)}, (name, phrase)


def test_a_picture_sounds_as_what_moves_in_it() -> None:
    for prompt, expected in {
        "the trees sway": "leaves",
        "the water ripples": "lapping",
        "waves crash on the beach": "waves",
        "rain falls, it rains": "rain",
        "the flag flutters": "wind",
        "the fire is burning": "fire",
        "Bäume wiegen sich": "leaves",
        "bølgerne slår mod stranden": "waves",
        "树叶摇曳": "leaves",
    }.items():
        seen = of_picture(direct(prompt), prompt)
        assert seen.recipes[0][0] == expected, prompt
        assert seen.because


def test_a_picture_in_which_nothing_moves_sounds_as_its_place() -> None:
    prompt = "slow push in, a narrow street at noon"
    seen = of_picture(direct(prompt), prompt)
    assert seen.recipes[0][0] == "city"
    assert "street" in seen.because
    nothing = of_picture(direct("slow push in"), "slow push in")
    assert nothing.recipes == (("air", 0.0),)
    assert nothing.because == ""


@pytest.mark.parametrize(
    "prompt", ["a girl by the window", "she waves at us", "we have to see it", "make it square"]
)
def test_words_that_are_no_places_are_not_taken_for_such(prompt: str) -> None:
    assert of_picture(direct(prompt), prompt).because == ""


def test_inside_nothing_of_the_open_is_heard() -> None:
    prompt = "push in, a café at night in the city"
    assert of_picture(direct(prompt), prompt).recipes == (("cafe", 0.0),)


def test_wind_that_is_said_to_blow_is_heard() -> None:
    motion = Motion(kind="dance", group="people", target="she", cause="wind from the left")
    seen = of_picture(Direction(seconds=4, motion=(motion,)), "")
    assert seen.recipes == (("wind", 0.0),)


def test_recipes_together_keep_the_louder_of_a_source() -> None:
    assert sources([("forest", 0.0), ("night", -6.0)])["air"] == -10.0


def test_what_is_heard_beside_a_sound_is_a_sound_too() -> None:
    read_as = direct("push in, sound of rain and distant thunder, the trees sway")
    assert read_as.sound == ("sound of rain", "distant thunder")
    assert [motion.kind for motion in read_as.motion] == ["sway"]  # the rain is heard, not seen


def test_every_kind_of_motion_and_every_place_leads_to_a_recipe() -> None:
    for table in kinds().values():
        assert set(table.values()) <= recipes().keys()
    targets = _table("picture.toml")["targets"]
    assert {name for table in kinds().values() for name in table} <= {*targets, "default"}
