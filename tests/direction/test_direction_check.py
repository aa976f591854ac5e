from __future__ import annotations

import pytest

from mutoscope.direction.build import Parts, build, unsaid
from mutoscope.direction.check import check
from mutoscope.errors import BadShot

WHOLE = "Slow push-in, medium close-up. The woman smiles, trees sway. Warm light. Sound of waves."


def messages(prompt: str, kind: str = "create", engine: str = "") -> dict[str, str]:
    return {one.code: one.message for one in check(prompt, 8, kind=kind, engine=engine)}


def test_whole_prompt_gets_likelihoods_alone() -> None:
    found = check(WHOLE, 8)
    assert [advice.code for advice in found] == ["likelihood"]
    text = " ".join(advice.message for advice in found)
    assert all(share in text for share in ("85%", "90%", "65%"))


def test_object_motion_has_its_share() -> None:
    assert "78%" in messages("the ball bounces")["likelihood"]


def test_numbers_that_are_too_exact() -> None:
    found = [
        advice.message
        for advice in check("pan 47 degrees left in 3.2 s", 8)
        if advice.code == "over_exact"
    ]
    assert "about a quarter turn" in found[0]
    assert "about 3 seconds" in found[1]


@pytest.mark.parametrize("prompt", ["pan left 90 degrees in 3 s", "dolly in 2.5 s", "zoom in 20 %"])
def test_round_numbers_are_fine(prompt: str) -> None:
    assert "over_exact" not in messages(prompt)


def test_flipbook_takes_numbers_at_their_word() -> None:
    assert (
        not {"over_exact", "likelihood"}
        & messages("pan 47 degrees left in 3.2 s", engine="flipbook").keys()
    )


@pytest.mark.parametrize(
    "prompt",
    ["water flows uphill", "the cat walks through the wall", "Regen fällt nach oben", "水往上流"],
)
def test_impossible_physics(prompt: str) -> None:
    assert "physics" in messages(prompt)["impossible"]


@pytest.mark.parametrize(
    "prompt", ["animate it", "bring it to life", "a cat", "mach es lebendig", "让它动起来"]
)
def test_vague(prompt: str) -> None:
    assert "vague" in messages(prompt)


def test_remix_changes_one_thing() -> None:
    prompt = "change the car to red, add a dog and remove the sign"
    assert "3 changes" in messages(prompt, kind="remix")["several_changes"]
    assert "several_changes" not in messages(prompt)
    assert "several_changes" not in messages("make the sky pink", kind="remix")


def test_missing_parts_are_named() -> None:
    sentence = messages("slow pan left")["missing_parts"]
    assert "light and mood" in sentence
    assert "sound" in sentence
    assert "tempo" not in sentence


PARTS = Parts(
    shot="medium close-up, slow push-in",
    action="she turns to the window.",
    tempo="slowly, over 4 s",
    light="warm evening light",
    sound="distant gulls",
    keep=("her face", "the logo"),
    change=("the sky",),
)


@pytest.mark.parametrize("engine", ["", "sora-2", "veo-3.1-generate-001", "ray-2", "wan2.2"])
def test_built_prompt_says_what_was_given(engine: str) -> None:
    prompt = build(PARTS, engine).lower()
    for words in (
        "medium close-up",
        "turns to the window",
        "4 s",
        "evening light",
        "her face, the logo",
        "the sky",
    ):
        assert words in prompt
    assert ".." not in prompt


def test_forms_differ() -> None:
    assert build(PARTS, "sora-2").startswith("Cinematography: medium close-up")
    assert build(PARTS, "wan2.2").startswith("She turns to the window.")
    assert unsaid(PARTS, "gen4_turbo") == ("sound",)


def test_built_prompt_is_read_back() -> None:
    from mutoscope.direction.parse import direct

    read = direct(build(PARTS, "flipbook"), 4)
    assert [move.move for move in read.camera] == ["dolly_in"]
    assert read.keep == ("her face", "the logo")


@pytest.mark.parametrize(
    ("parts", "engine", "sentence"),
    [
        ({}, "", "no parts"),
        ({"shots": "x"}, "", "no field 'shots'"),
        ({"shot": 3}, "", "parts.shot is 3; it must be text"),
        ({"keep": [1]}, "", "parts.keep is"),
        ({"shot": "x" * 2000}, "gen4_turbo", "at most 1000"),
    ],
)
def test_refused_parts(parts: dict[str, object], engine: str, sentence: str) -> None:
    with pytest.raises(BadShot, match=sentence):
        build(parts, engine)
