"""What is sent for an order, field by field, and what is told of the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.orders_made import media, order
from mutoscope.direction.model import Direction
from mutoscope.engines.base import CastMember
from mutoscope.engines.openai_videos.quirks import Quirks, quirks, table, words
from mutoscope.engines.openai_videos.request import Request, Upload, requested
from mutoscope.errors import Missing, NotAccepted
from mutoscope.shot import Anchor, Kind, Region, Role


def sent(made: Any, name: str = "relay", model: str = "sora-2") -> Request:
    return requested(made, quirks(name, "relay"), "relay", model)


def outcomes(request: Request) -> dict[str, str]:
    return {one.words: one.outcome for one in request.said}


def test_a_plain_shot(tmp_path: Path) -> None:
    made = sent(order(tmp_path))
    assert made.route == ""
    assert made.fields == {
        "prompt": "slow push in", "model": "sora-2", "size": "128x72", "seconds": "4",
    }  # fmt: skip
    assert made.uploads == (Upload("input_reference", tmp_path / "0.png"),)
    assert outcomes(made) == {"slow push in": "approximated"}


@pytest.mark.parametrize(
    ("name", "seconds", "fields"),
    [
        ("sora", 4.0, {"seconds": "4"}),
        ("sora", 3.5, {"seconds": "4"}),
        ("sglang", 5.0, {"seconds": 5, "fps": 24, "seed": 7}),
        ("vllm-omni", 5.0, {"seconds": "5", "fps": 24, "seed": 7}),
        ("fastvideo", 5.0, {"seconds": 5, "fps": 24, "seed": 7}),
        ("mutoscope", 3.5, {"seconds": 3.5, "fps": 24, "seed": 7, "quality": "standard"}),
    ],
)
def test_seconds_and_extras_in_each_server_s_own_form(
    tmp_path: Path, name: str, seconds: float, fields: dict[str, object]
) -> None:
    made = sent(order(tmp_path, seconds=seconds, seed=7), name)
    basic = {"prompt", "model", "size"}
    assert {key: value for key, value in made.fields.items() if key not in basic} == fields


def test_half_a_second_more_is_told(tmp_path: Path) -> None:
    assert outcomes(sent(order(tmp_path, seconds=3.5)))["3.5 seconds"] == "approximated"


def test_a_rate_that_a_server_cannot_take_is_told(tmp_path: Path) -> None:
    made = sent(order(tmp_path, fps=23.976), "sglang")
    assert made.fields["fps"] == 24
    assert outcomes(made)["23.976 frames a second"] == "approximated"
    assert sent(order(tmp_path, fps=23.976), "mutoscope").fields["fps"] == 23.976


def test_what_has_no_field_is_not_possible(tmp_path: Path) -> None:
    made = sent(
        order(
            tmp_path, seed=7, negative_prompt="blur", sound=True, loop=True,
            regions=(Region("water", point=(0.5, 0.5)),),
        )
    )  # fmt: skip
    assert outcomes(made) == {
        "slow push in": "approximated",
        "negative prompt": "not_possible",
        "seed": "not_possible",
        "sound": "not_possible",
        "marked regions": "not_possible",
        "loop": "not_possible",
    }
    assert set(made.fields) == {"prompt", "model", "size", "seconds"}


def test_sora_s_films_have_sound(tmp_path: Path) -> None:
    assert outcomes(sent(order(tmp_path, sound=True), "sora"))["sound"] == "done"


def test_another_mutoscope_takes_everything(tmp_path: Path) -> None:
    made = sent(
        order(
            tmp_path, Role.FIRST_FRAME, Role.LAST_FRAME, loop=True, sound=True, seed=3,
            negative_prompt="blur", direction=Direction(seconds=4.0),
        ),
        "mutoscope",
    )  # fmt: skip
    assert [one.field for one in made.uploads] == ["input_reference", "last_frame"]
    assert made.fields["loop"] is True
    assert made.fields["sound"] is True
    assert made.fields["negative_prompt"] == "blur"
    assert made.fields["direction"]["seconds"] == 4.0
    assert "not_possible" not in outcomes(made).values()


@pytest.mark.parametrize(
    ("name", "roles", "fields", "not_possible"),
    [
        ("sora", (Role.REFERENCE,), ["input_reference"], []),
        ("sora", (Role.FIRST_FRAME, Role.LAST_FRAME), ["input_reference"], ["last frame"]),
        ("mutoscope", (Role.FIRST_FRAME, Role.LAST_FRAME), ["input_reference", "last_frame"], []),
        ("vllm-omni", (Role.FIRST_FRAME, Role.REFERENCE), ["input_reference"], ["reference"]),
        ("vllm-omni", (Role.REFERENCE, Role.REFERENCE), [], ["reference"]),
        ("vllm-omni-h3", (Role.REFERENCE, Role.REFERENCE), ["input_references"] * 2, []),
        ("sora", (Role.FIRST_FRAME, Role.REFERENCE), ["input_reference"], ["reference"]),
        ("sora", (Role.LAST_FRAME,), [], ["last frame"]),
        ("mutoscope", (Role.LAST_FRAME,), ["last_frame"], []),
        ("sora", (Role.FIRST_FRAME, Role.FRAME), ["input_reference"], ["frame"]),
    ],
)  # fmt: skip
def test_every_picture_goes_where_its_role_has_a_field(
    tmp_path: Path, name: str, roles: tuple[Role, ...], fields: list[str], not_possible: list[str]
) -> None:
    made = sent(order(tmp_path, *roles), name)
    assert [one.field for one in made.uploads] == fields
    assert [one for one, outcome in outcomes(made).items() if outcome == "not_possible"] == not_possible  # fmt: skip


def test_a_picture_at_a_frame(tmp_path: Path) -> None:
    assert sent(order(tmp_path, Role.FRAME), "mutoscope").fields["frame_index"] == 5
    made = sent(order(tmp_path, Role.FRAME), "sora")
    assert outcomes(made)["picture at frame 5"] == "approximated"


def test_a_loop_by_first_and_last_frame(tmp_path: Path) -> None:
    row = Quirks(about="", last="last_frame")
    made = requested(order(tmp_path, loop=True), row, "relay", "m")
    assert [one.field for one in made.uploads] == ["input_reference", "last_frame"]
    assert made.uploads[0].path == made.uploads[1].path
    assert outcomes(made)["loop"] == "approximated"


def test_strength(tmp_path: Path) -> None:
    weak = (Anchor(media(), Role.REFERENCE, strength=0.5),)
    assert sent(order(tmp_path, anchors=weak), "mutoscope").fields["influence_strength"] == 0.5
    for name in ("relay", "sglang-h3", "vllm-omni-h3"):
        assert outcomes(sent(order(tmp_path, anchors=weak), name))["strength 0.5"] == "not_possible"


def test_characters(tmp_path: Path) -> None:
    cast = replace(
        order(tmp_path), cast={"mira": CastMember("Mira", pictures=(tmp_path / "mira.png",))}
    )
    for name in ("relay", "vllm-omni-h3"):  # which takes references only without a first frame
        assert outcomes(sent(cast, name))["@mira"] == "not_possible"
    cast = replace(cast, shot=replace(cast.shot, anchors=()), stills={})
    made = sent(cast, "vllm-omni-h3")
    assert made.uploads == (Upload("input_reference", tmp_path / "mira.png"),)
    assert outcomes(made)["@mira"] == "approximated"


@pytest.mark.parametrize(
    ("kind", "route"), [(Kind.EDIT, "edits"), (Kind.REMIX, "edits"), (Kind.EXTEND, "extensions")]
)
def test_films_that_start_from_a_film(tmp_path: Path, kind: Kind, route: str) -> None:
    source = (Anchor(media(kind="video/mp4"), Role.SOURCE),)
    made = replace(
        order(tmp_path, kind=kind, anchors=source), clips={0: tmp_path / "film.mp4"}, stills={}
    )
    there = sent(made, "sora")
    assert there.route == route
    assert there.uploads == (Upload("video", tmp_path / "film.mp4"),)
    assert set(there.fields) == {"prompt"} | ({"seconds"} if kind is Kind.EXTEND else set())
    assert "seed" in sent(made, "mutoscope").fields
    with pytest.raises(NotAccepted, match=f"relay cannot {kind} a film; another engine may") as no:
        sent(made, "relay")
    assert no.value.final


def test_words_are_needed_where_no_direction_is_taken(tmp_path: Path) -> None:
    silent = order(tmp_path, prompt="", direction=Direction(seconds=4.0))
    with pytest.raises(NotAccepted, match="films by words"):
        sent(silent)
    assert "prompt" not in sent(silent, "mutoscope").fields


def test_the_mark_by_which_a_lost_order_is_found(tmp_path: Path) -> None:
    assert sent(order(tmp_path), "marked").fields["metadata"] == {"mutoscope": "video_1/1"}


def test_an_unknown_row_is_named_with_its_setting() -> None:
    with pytest.raises(Missing, match=r"engines\.relay\.quirks is 'sorra'; it must be one of "):
        quirks("sorra", "relay")
    assert quirks("", "relay") == table()["relay"]


def test_every_row_says_what_it_is_and_recovers_as_it_can() -> None:
    for name, row in table().items():
        assert row.about.endswith("."), name
        assert (row.recovery == "listable") == bool(row.mark), name


def test_no_word_means_two_things() -> None:
    known = [word for found in words().status.values() for word in found]
    assert len(known) == len(set(known))
    assert all(word == word.lower().replace(" ", "_").replace("-", "_") for word in known)
