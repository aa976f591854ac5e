from __future__ import annotations

import pytest

from mutoscope.direction.check import check
from mutoscope.direction.lexicon import LANGUAGES, entries, load
from mutoscope.direction.model import EDITS, Edit
from mutoscope.direction.parse import direct
from mutoscope.direction.read import dump, read


def edits(prompt: str) -> list[tuple[str, str, float | None]]:
    return [(one.edit, one.degree, one.amount) for one in direct(prompt, 8, film=True).edits]


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("warmer", [("warmer", "normal", None)]),
        ("make it slightly cooler", [("cooler", "slight", None)]),
        ("much darker, please", [("darker", "strong", None)]),
        ("brighter by 20%", [("brighter", "normal", 0.2)]),
        ("a lot more contrast", [("more_contrast", "strong", None)]),
        ("reduce the contrast", [("less_contrast", "normal", None)]),
        ("more vivid and a bit brighter", [("more_saturated", "normal", None), ("brighter", "slight", None)]),
        ("black & white", [("black_and_white", "normal", None)]),
        ("in sepia", [("sepia", "normal", None)]),
        ("give it a vintage film look", [("film_look", "normal", None)]),
        ("half speed", [("slower", "normal", 2.0)]),
        ("2x slower", [("slower", "normal", 2.0)]),
        ("slow it down by 50%", [("slower", "normal", 2.0)]),
        ("at 0.25x speed", [("slower", "normal", 4.0)]),
        ("in slow motion", [("slower", "normal", 2.0)]),
        ("twice as fast", [("faster", "normal", 2.0)]),
        ("3 times faster", [("faster", "normal", 3.0)]),
        ("speed it up by 50%", [("faster", "normal", 1.5)]),
        ("200% speed", [("faster", "normal", 2.0)]),
        ("play it backwards", [("reverse", "normal", None)]),
        ("make it vertical", [("reframe", "normal", None)]),
        ("", []),
        ("keep going", []),
    ],
)  # fmt: skip
def test_english(prompt: str, found: list[tuple[str, str, float | None]]) -> None:
    assert edits(prompt) == found


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("etwas wärmer und in Zeitlupe", ["warmer", "slower"]),
        ("schwarz-weiß, doppelt so schnell", ["black_and_white", "faster"]),
        ("Spiel es rückwärts ab, mehr Kontrast", ["reverse", "more_contrast"]),
        ("ins Hochformat, heller", ["reframe", "brighter"]),
        ("gør den lidt varmere, i slowmotion", ["warmer", "slower"]),
        ("sort-hvid, baglæns, mørkere", ["black_and_white", "reverse", "darker"]),
        ("画面更暖一点，慢动作", ["warmer", "slower"]),
        ("改成黑白，竖屏，倒放", ["black_and_white", "reframe", "reverse"]),
        ("2倍速，对比度更高", ["faster", "more_contrast"]),
    ],
)
def test_the_other_languages(prompt: str, found: list[str]) -> None:
    assert [name for name, _, _ in edits(prompt)] == found
    assert direct(prompt, 8, film=True).unread == ()


@pytest.mark.parametrize(
    ("words", "shape"),
    [("9:16", "9:16"), ("crop it square", "1:1"), ("widescreen", "16:9"), ("for TikTok", "9:16"), ("4:5 please", "4:5")],
)  # fmt: skip
def test_shapes(words: str, shape: str) -> None:
    assert [one.shape for one in direct(words, 4, film=True).edits] == [shape]


def test_what_it_was_asked_for_is_kept() -> None:
    (one,) = direct("make the evening sky a bit warmer", 4, film=True).edits
    assert (one.target, one.words) == ("evening sky", "a bit warmer")


@pytest.mark.parametrize(
    ("prompt", "moves", "found"),
    [
        ("warmer, then slowly push in", ["dolly_in"], ["warmer"]),
        ("zoom in slower", ["zoom_in"], []),
        ("dolly backwards, in reverse", ["dolly_out"], ["reverse"]),
        ("pan left while it gets much brighter", ["pan_left"], ["brighter"]),
    ],
)
def test_edits_and_moves_stand_side_by_side(
    prompt: str, moves: list[str], found: list[str]
) -> None:
    made = direct(prompt, 4, film=True)
    assert [one.move for one in made.camera] == moves
    assert [one.edit for one in made.edits] == found


def test_an_edit_that_is_refused_is_left_out_and_said() -> None:
    made = direct("don't make it darker, just warmer", 4, film=True)
    assert [one.edit for one in made.edits] == ["warmer"]
    assert any("darker" in advice.message for advice in made.advice)


def test_with_a_film_whatever_gives_nothing_is_unread() -> None:
    made = direct("warmer, add a dragon, her hair blue", 4, film=True)
    assert made.unread == ("add a dragon", "her hair blue")


@pytest.mark.parametrize(
    "prompt",
    [
        "continue", "Extend the video with the same motion", "the shot continues", "weiter so",
        "pull back to reveal the whole table", "fortsæt", "继续", "Same shot, but in sepia",
    ],
)  # fmt: skip
def test_going_on_asks_for_nothing_new(prompt: str) -> None:
    assert direct(prompt, 4, film=True).unread == ()


def test_without_a_film_nothing_is_an_edit() -> None:
    made = direct("black and white, slow motion, warmer", 4)
    assert made.edits == ()
    assert [one.kind for one in made.motion] == ["slow_motion"]


def test_edits_go_through_json() -> None:
    made = direct("slightly warmer, half speed, crop to 9:16, don't zoom", 4, film=True)
    assert read(dump(made)) == made
    assert set(made.refused) == {"zoom_in", "zoom_out"}


def test_every_language_has_every_edit() -> None:
    for language in LANGUAGES:
        known = {
            sense.name.partition(".")[0]
            for _, sense in load(language, True)
            if sense.table == "edit"
        }
        assert known >= set(EDITS), language


def test_a_wrong_edit_in_a_lexicon_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[edit\] wermer is no edit"):
        list(entries({"language": "en", "edit": {"wermer": "x"}}, "en"))


def test_edits_are_not_told_to_move_something() -> None:
    assert check("warmer, half speed", 4, kind="edit") == ()
    assert check("black and white", 4, kind="remix") == ()
    assert isinstance(direct("warmer", 4, film=True).edits[0], Edit)
