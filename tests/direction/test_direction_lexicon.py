from __future__ import annotations

from typing import Any

import pytest

from mutoscope.direction.lexicon import LANGUAGES, entries, families, index, load, telling_words
from mutoscope.direction.tokens import tokens


@pytest.mark.parametrize("language", LANGUAGES)
def test_lexicon_is_valid_and_whole(language: str) -> None:
    tables = {sense.table for _, sense in load(language)}
    for needed in (
        "camera",
        "sure",
        "verb",
        "weak",
        "direction",
        "speed",
        "negation",
        "time",
        "motion.nature",
        "first_frame",
    ):
        assert needed in tables, needed


@pytest.mark.parametrize("language", ["en", "de"])
def test_full_languages_have_every_table(language: str) -> None:
    tables = {sense.table for _, sense in load(language)}
    assert {
        "sound",
        "keep",
        "style",
        "lens",
        "motion.object",
        "motion.people",
        "motion.light",
        "vague",
    } <= tables


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        ({}, "language must be"),
        ({"language": "en", "spede": {"slow": "x"}}, r"\[spede\] is no table"),
        ({"language": "en", "speed": {"slwo": "x"}}, r"\[speed\] has no slwo"),
        ({"language": "en", "sure": {"pann": "x"}}, "pann is no family"),
        ({"language": "en", "sure": {"zoom.left": "x"}}, "zoom.left is no family"),
        ({"language": "en", "speed": {"slow": 3}}, "must be a string"),
        ({"language": "en", "motion": {"thing": {"x": "y"}}}, "motion.thing"),
    ],
)
def test_wrong_lexicons_are_refused(read: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        list(entries(read, "en"))


def test_families_name_known_moves() -> None:
    assert families()["pan"]["left"] == "pan_left"
    assert families()["pan"]["up"] == "tilt_up"


def test_telling_words_cover_the_latin_languages() -> None:
    assert set(telling_words()) == {"en", "de", "da"}


def test_first_language_wins_a_clash() -> None:
    assert "speed" in index(("en", "de"))["fast"].senses["fast",]
    assert "speed" not in index(("de", "en"))["fast"].senses["fast",]


def test_tokens() -> None:
    read = [
        (token.text, token.kind) for token in tokens("Push-in 0,5 s; 2-4s — don’t sloooow 镜头")
    ]
    assert read == [
        ("push", "word"), ("in", "word"), ("0.5", "number"), ("s", "word"), (";", "mark"), ("2", "number"),
        ("-", "mark"), ("4", "number"), ("s", "word"), ("—", "mark"), ("don't", "word"), ("sloow", "word"),
        ("镜", "word"), ("头", "word"),
    ]  # fmt: skip
