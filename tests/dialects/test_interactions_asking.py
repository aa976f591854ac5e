"""A request of the Interactions API → a wish: every form of its input, what each picture is for, each field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from google_jobs import job

from mutoscope.dialects.interactions.asking import Asked, read
from mutoscope.dialects.interactions.interaction import interaction_id, job_id
from mutoscope.dialects.shared.references import Address, Data, Resource, VideoId
from mutoscope.errors import BadInput
from mutoscope.shot import Role, Size

MODEL = "gemini-omni-1.1-flash"
IMAGE = {"type": "image", "data": "AAAA", "mime_type": "image/png"}
OTHER = {"type": "image", "data": "BBBB", "mime_type": "image/png"}
VIDEO = {"type": "video", "uri": "https://generativelanguage.googleapis.com/v1/files/abc123"}
BEFORE = "video_" + "0" * 48


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def ask(given: Any = "a cat", **fields: Any) -> Asked:
    return read({"model": MODEL, "input": given, **fields})


def after(given: Any, **fields: Any) -> Asked:
    """As a request that goes on from a finished film."""
    return read({"model": MODEL, "input": given, **fields}, job(BEFORE, size="1280x720"))


def task(name: str) -> dict[str, Any]:
    return {"generation_config": {"video_config": {"task": name}}}


def roles(asked: Asked) -> list[tuple[Role, str]]:
    return [(one.role, one.field) for one in asked.wish.pictures]


@pytest.mark.parametrize(
    ("given", "prompt", "pictures"),
    [
        ("a cat", "a cat", 0),
        ([said("a cat")], "a cat", 0),
        (["a cat", "runs"], "a cat\nruns", 0),
        (said("a cat"), "a cat", 0),
        ([IMAGE, said("go")], "go", 1),
        ([IMAGE, "go"], "go", 1),
        ([{"type": "user_input", "content": [IMAGE, said("go")]}], "go", 1),
        ([{"role": "user", "content": "go"}], "go", 0),
        ({"type": "user_input", "content": [said("go"), IMAGE]}, "go", 1),
    ],
)
def test_input_comes_in_every_form(given: Any, prompt: str, pictures: int) -> None:
    wish = ask(given).wish
    assert (wish.shot["prompt"], len(wish.pictures)) == (prompt, pictures)


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (IMAGE, Data("AAAA")),
        ({"type": "image", "uri": "files/abc123"}, Resource("abc123")),
        ({"type": "image", "uri": VIDEO["uri"]}, Resource("abc123")),
        ({"type": "image", "uri": "https://e.org/a.png"}, Address("https://e.org/a.png")),
        ({"type": "image", "uri": "gs://bucket/a.png"}, Address("gs://bucket/a.png")),
        ({"type": "image", "data": "data:image/png;base64,AAAA"}, Data("data:image/png;base64,AAAA")),
        ({"type": "document", "mime_type": "image/png", "data": "AAAA"}, Data("AAAA")),
    ],
)  # fmt: skip
def test_a_picture_comes_in_every_form(content: Any, source: Any) -> None:
    (picture,) = ask([content, "go"]).wish.pictures
    assert (picture.source, picture.role) == (source, Role.FIRST_FRAME)


@pytest.mark.parametrize(
    ("given", "extra", "expected"),
    [
        ([IMAGE, "go"], {}, [Role.FIRST_FRAME]),
        ([IMAGE, OTHER, "a transition from day to night"], {}, [Role.FIRST_FRAME, Role.LAST_FRAME]),
        ([IMAGE, OTHER, "a cat plays with a ball of yarn"], {}, [Role.REFERENCE] * 2),
        ([IMAGE, OTHER, "go"], task("image_to_video"), [Role.FIRST_FRAME, Role.LAST_FRAME]),
        ([IMAGE, OTHER, "a to b"], task("reference_to_video"), [Role.REFERENCE] * 2),
        ([IMAGE, "go"], task("reference_to_video"), [Role.REFERENCE]),
        ([IMAGE, OTHER, IMAGE, "go"], {}, [Role.REFERENCE] * 3),
        ([IMAGE, OTHER, "<FIRST_FRAME> <LAST_FRAME> go"], {}, [Role.FIRST_FRAME, Role.LAST_FRAME]),
        ([IMAGE, OTHER, "[# Sources <FIRST_FRAME>@Image2] [# References <IMAGE_REF_0>@Image1] go"],
         {}, [Role.REFERENCE, Role.FIRST_FRAME]),
        ([IMAGE, "in the style of <IMAGE_REF_0> go"], {}, [Role.REFERENCE]),
    ],
)  # fmt: skip
def test_tags_tasks_and_number_say_what_a_picture_is_for(
    given: Any, extra: Any, expected: list[Role]
) -> None:
    assert [role for role, _ in roles(ask(given, **extra))] == expected


def test_tags_are_no_words_of_the_prompt() -> None:
    wish = ask([IMAGE, OTHER, "[# Sources <FIRST_FRAME>@Image1 <LAST_FRAME>@Image2] slow pan"]).wish
    assert wish.shot["prompt"] == "slow pan"


def test_one_picture_as_both_frames_is_a_loop() -> None:
    wish = ask([IMAGE, "[# Sources <FIRST_FRAME>@Image1 <LAST_FRAME>@Image1] go"]).wish
    assert wish.shot["loop"] is True
    assert [one.role for one in wish.pictures] == [Role.FIRST_FRAME]


def test_a_tag_without_its_picture_is_an_error() -> None:
    with pytest.raises(BadInput, match="<LAST_FRAME> stands for a picture"):
        ask([IMAGE, "<FIRST_FRAME> <LAST_FRAME> go"])


def test_what_was_assumed_of_two_pictures_is_said() -> None:
    (notice,) = ask([IMAGE, OTHER, "a cat and yarn"]).wish.notices
    assert (notice.code, notice.field) == ("assumed", "input")


@pytest.mark.parametrize(
    ("given", "extra", "operation"),
    [
        ([VIDEO, "make it blue"], {}, "edit"),
        ([VIDEO, "Continue the scene."], {}, "extend"),
        ([VIDEO, "Extend this video: she waves"], {}, "extend"),
        ([VIDEO, "continue"], task("edit"), "edit"),
        ([VIDEO, "go"], task("extend"), "extend"),
        ([VIDEO, "go"], task("upscale") | {"response_format": {"resolution": "1080p"}}, "reframe"),
        ([VIDEO, IMAGE, "add the cat"], {}, "edit"),
    ],
)
def test_a_film_is_edited_extended_or_made_larger(given: Any, extra: Any, operation: str) -> None:
    wish = ask(given, **extra).wish
    assert wish.operation == operation
    assert wish.clip is not None
    assert (wish.clip.source, wish.clip.role) == (Resource("abc123"), Role.SOURCE)


@pytest.mark.parametrize(
    ("given", "extra", "operation"),
    [
        ("make it blue", {}, "remix"),
        ("make it blue", task("edit"), "remix"),
        ("extend this", {}, "extend"),
        ("she waves", task("extend"), "extend"),
        ("[# Sources <PREVIOUS_VIDEO>@Video1] she waves", {}, "extend"),
        ("larger", task("upscale") | {"response_format": {"resolution": "4k"}}, "reframe"),
    ],
)
def test_the_previous_interaction_is_changed_or_gone_on_from(
    given: Any, extra: Any, operation: str
) -> None:
    wish = after(given, **extra).wish
    assert wish.operation == operation
    assert wish.original == (BEFORE if operation == "remix" else "")
    assert (wish.clip is None) == (operation == "remix")
    if wish.clip is not None:
        assert wish.clip.source == VideoId(BEFORE)


def test_a_new_film_says_that_the_previous_one_has_no_effect() -> None:
    (notice,) = after("a dog", **task("text_to_video")).wish.notices
    assert (notice.code, notice.field) == ("ignored", "previous_interaction_id")


@pytest.mark.parametrize("name", ["edit", "extend", "upscale"])
def test_a_task_that_lacks_its_film_is_an_error(name: str) -> None:
    with pytest.raises(BadInput, match="starts from a film"):
        ask("go", **task(name))


def test_a_reference_film_is_no_film_to_edit() -> None:
    wish = ask([VIDEO, "the man of <VIDEO_REF_0> walks"]).wish
    assert wish.operation == "create"
    (film,) = wish.pictures
    assert (film.role, film.film) == (Role.REFERENCE, True)


def test_a_whole_conversation_ends_in_the_change_of_its_last_film() -> None:
    wish = ask(
        [
            {"type": "user_input", "content": [IMAGE, said("a cup")]},
            {"type": "thought", "content": [{"type": "thought", "text": "hm"}]},
            {"type": "model_output", "content": [VIDEO]},
            {"type": "user_input", "content": [said("make it blue")]},
        ]
    ).wish
    assert (wish.operation, wish.shot["prompt"]) == ("edit", "make it blue")
    assert wish.clip is not None
    assert wish.clip.field == "input[2].content[0]"
    assert wish.pictures == ()


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"aspect_ratio": "9:16"}, Size(720, 1280)),
        ({"resolution": "360p"}, Size(640, 360)),
        ({"resolution": "4k", "aspect_ratio": "16:9"}, Size(3840, 2160)),
        ({"resolution": "1080p", "aspect_ratio": "9:16"}, Size(1080, 1920)),
    ],
)
def test_shape_and_resolution_are_a_size(form: dict[str, str], expected: Size) -> None:
    assert ask(response_format={"type": "video", **form}).wish.shot["size"] == expected
    assert ask(response_format=[{"type": "video", **form}]).wish.shot["size"] == expected


def test_what_is_left_out_of_a_size_is_the_earlier_films() -> None:
    portrait = job(BEFORE, size="720x1280")
    body = {"model": MODEL, "input": "go", "previous_interaction_id": BEFORE}
    larger = body | task("upscale") | {"response_format": {"resolution": "1080p"}}
    assert read(larger, portrait).wish.shot["size"] == Size(1080, 1920)
    wide = body | {"response_format": {"aspect_ratio": "16:9"}}
    assert read(wide, portrait).wish.shot["size"] == Size(1280, 720)
    assert "size" not in read(body, portrait).wish.shot


def test_fields_mean_the_same_in_either_spelling() -> None:
    snake = ask(
        response_format={"type": "video", "aspect_ratio": "9:16", "duration": "3.5s"},
        generation_config={"seed": 7, "video_config": {"task": "image_to_video"}},
        webhook_config={"uris": ["https://e.org/hook"]},
    )
    other = read(
        {
            "model": MODEL,
            "input": "a cat",
            "responseFormat": {"type": "video", "aspectRatio": "9:16", "duration": "3.5s"},
            "generationConfig": {"seed": 7, "videoConfig": {"task": "IMAGE_TO_VIDEO"}},
            "webhookConfig": {"uris": ["https://e.org/hook"]},
        }
    )
    assert snake == other
    assert snake.wish.shot["seconds"] == 3.5
    assert (snake.wish.shot["seed"], snake.wish.webhook_url) == (7, "https://e.org/hook")


def test_how_the_answer_is_wanted() -> None:
    assert ask() == replace(ask(), background=False, stream=False, store=True, delivery="inline")
    asked = ask(
        background=True, stream=True, response_format={"delivery": "uri"}, labels={"a": "b"}
    )
    assert (asked.background, asked.stream, asked.delivery) == (True, True, "uri")
    assert asked.shown == {"labels": {"a": "b"}}
    assert ask(store=False).store is False


def test_extras_are_taken_here_too() -> None:
    wish = ask([IMAGE, "go"], size="320x180", fit="cover", direction=None, strict=True).wish
    assert (wish.shot["size"], str(wish.shot["fit"]), wish.strict) == (
        Size(320, 180),
        "cover",
        True,
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"response_format": {"duration": 8}},
            r"response_format.duration is 8; it must be a length",
        ),
        ({"response_format": {"duration": "8"}}, "ends in s"),
        ({"response_format": {"duration": "0s"}}, "ends in s"),
        ({"response_format": {"type": "image"}}, "makes films and nothing else"),
        ({"response_format": [{"type": "video"}, {"type": "text"}]}, "one format"),
        ({"response_modalities": ["text"]}, "makes films and nothing else"),
        ({"response_format": {"delivery": "mail"}}, "inline"),
        ({"response_format": {"aspect_ratio": "wide"}}, "a shape such as"),
        ({"generation_config": {"video_config": {"task": "sing"}}}, "text_to_video"),
        ({"input": [{"type": "audio", "data": "AAAA"}]}, '"text", "image" or "video"'),
        ({"input": [{"type": "image"}]}, "data or a uri"),
        ({"input": [{"type": "image", "data": "A", "uri": "files/a"}]}, "data and uri"),
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": 7}, "expected a string or an array"),
        ({"input": None}, "input"),
        ({"model": None}, "model"),
        ({"agent": "deep-research"}, "no agents"),
        ({"webhook_config": {"uris": ["https://a.org", "https://b.org"]}}, "one address"),
        ({"background": True, "store": False}, "must be stored"),
        ({"size": "320x180", "response_format": {"resolution": "720p"}}, "differ"),
    ],
)
def test_what_cannot_be_is_said(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read({"model": MODEL, "input": "a cat", **fields})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"system_instruction": "be kind"}, "system_instruction"),
        ({"generation_config": {"temperature": 1}}, "generation_config.temperature"),
        ({"store_it": 1}, "store_it"),
        ({"generation_config": {"video_config": {"fps": 1, "loops": 2}}}, "generation_config.video_config.loops"),
        ({"input": [{"type": "text", "text": "a", "colour": 1}]}, "input[0].colour"),
    ],
)  # fmt: skip
def test_nothing_is_silently_dropped(fields: dict[str, Any], named: str) -> None:
    notices = read({"model": MODEL, "input": "a cat", **fields}).wish.notices
    assert named in [one.field for one in notices]


def test_an_interactions_id_is_the_videos_in_other_words() -> None:
    assert interaction_id(BEFORE) == "v1_" + "0" * 48
    for text in (
        interaction_id(BEFORE),
        BEFORE,
        "0" * 48,
        "interactions/" + interaction_id(BEFORE),
    ):
        assert job_id(text) == BEFORE
    for text in ("", "nope", "v1_", "v1_" + "0" * 47, "file-" + "0" * 48, "v1_" + "A" * 48):
        assert job_id(text) is None
