"""Veo's body → a Wish: every field by its table, in both spellings, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.dialects.gemini.asking import FIELDS
from mutoscope.dialects.google import veo
from mutoscope.dialects.shared.references import Address, Data, Resource
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput
from mutoscope.shot import Fit, Quality, Role, Size

PIXEL = "iVBORw0KGgoAAAANSUhEUg=="
IMAGE = {"bytesBase64Encoded": PIXEL, "mimeType": "image/png"}


def read(instance: dict[str, Any] | None = None, **parameters: Any) -> Wish:
    body = {"instances": [{"prompt": "a cat"} | (instance or {})], "parameters": parameters}
    return veo.read(body, "veo-3.1", FIELDS)


def test_what_the_client_sends_with_everything_that_it_may() -> None:
    wish = veo.read(
        {
            "instances": [{"prompt": "a cat", "image": IMAGE, "lastFrame": IMAGE}],
            "parameters": {
                "sampleCount": 1, "durationSeconds": 8, "aspectRatio": "16:9", "resolution": "1080p",
                "personGeneration": "allow_all", "negativePrompt": "blurry", "enhancePrompt": False,
            },
            "webhookConfig": {"uris": ["https://h.example/x"], "user_metadata": {"k": "v"}},
        },
        "veo-3.1",
        FIELDS,
    )  # fmt: skip
    assert wish.shot == {
        "prompt": "a cat", "model": "veo-3.1", "seconds": 8.0, "size": Size(1920, 1080),
        "negative_prompt": "blurry",
    }  # fmt: skip
    assert [(one.field, one.role) for one in wish.pictures] == [
        ("instances[].image", Role.FIRST_FRAME),
        ("instances[].lastFrame", Role.LAST_FRAME),
    ]
    assert (wish.operation, wish.takes, wish.webhook_url) == ("create", 1, "https://h.example/x")
    assert [one.field for one in wish.notices] == ["webhookConfig.userMetadata"]


def test_names_in_snake_case_are_the_same_names() -> None:
    camel = read({"lastFrame": IMAGE}, durationSeconds=8, aspectRatio="9:16", sampleCount=2)
    snake = read({"last_frame": IMAGE}, duration_seconds="8", aspect_ratio="9:16", sample_count="2")
    assert (camel.shot, camel.takes) == (snake.shot, snake.takes)
    assert snake.pictures[0].role is Role.LAST_FRAME
    assert not snake.notices


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("16:9", None, "1280x720"),
        (None, "1080p", "1920x1080"),
        ("9:16", "1080p", "1080x1920"),
        ("9:16", "4k", "2160x3840"),
        ("1:1", "720p", "720x720"),
        ("4:3", "480P", "640x480"),
        ("portrait", "720", "720x1280"),
        (None, "640x360", "640x360"),
    ],
)
def test_shape_and_lines_are_a_size(ratio: str | None, resolution: str | None, size: str) -> None:
    assert str(read(aspectRatio=ratio, resolution=resolution).shot["size"]) == size


def test_neither_is_left_to_the_contract() -> None:
    assert "size" not in read().shot


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        {"imageBytes": PIXEL, "mimeType": "image/png"},
        {"inlineData": {"data": PIXEL, "mimeType": "image/png"}},
        {"inline_data": {"data": PIXEL, "mime_type": "image/png"}},
        f"data:image/png;base64,{PIXEL}",
    ],
)
def test_bytes_in_every_form(image: Any) -> None:
    (picture,) = read({"image": image}).pictures
    assert isinstance(picture.source, Data)
    assert picture.source.decode("image") == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    "image",
    [
        {"uri": "files/abc123"},
        {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/abc123"},
        {"fileData": {"fileUri": "files/abc123", "mimeType": "image/png"}},
        {"file_data": {"file_uri": "files/abc123"}},
        {"name": "files/abc123", "uri": "files/abc123", "mimeType": "image/png", "state": "ACTIVE"},
        "files/abc123",
    ],
)
def test_an_uploaded_file_in_every_form(image: Any) -> None:
    wish = read({"image": image})
    assert wish.pictures[0].source == Resource("abc123")
    assert not wish.notices


def test_an_address_is_fetched_later() -> None:
    wish = read({"image": {"uri": "https://pictures.example/cat.png"}})
    assert wish.pictures[0].source == Address("https://pictures.example/cat.png")


@pytest.mark.parametrize("kind", ["ASSET", "asset", "STYLE", None])
def test_reference_images_are_references(kind: str | None) -> None:
    one = {"image": IMAGE} | ({"referenceType": kind} if kind else {})
    wish = read({"referenceImages": [one, one]})
    assert [(picture.field, picture.role) for picture in wish.pictures] == [
        ("instances[].referenceImages[0].image", Role.REFERENCE),
        ("instances[].referenceImages[1].image", Role.REFERENCE),
    ]


@pytest.mark.parametrize(
    "video", [{"uri": "files/abc123"}, {"encodedVideo": "TVA0", "encoding": "video/mp4"}]
)
def test_a_video_is_extended(video: dict[str, str]) -> None:
    wish = read({"video": video}, durationSeconds=8)
    assert wish.operation == "extend"
    assert wish.clip is not None
    assert wish.clip.role is Role.SOURCE
    assert isinstance(wish.clip.source, Resource | Data)


def test_what_rest_users_may_send_beside() -> None:
    wish = read(
        {"image": IMAGE}, seed=7, fps=30, generateAudio=True, resizeMode="PAD",
        compressionQuality="LOSSLESS", loop=True, strict=True, influence_strength=0.5,
    )  # fmt: skip
    assert wish.shot["seed"] == 7
    assert (wish.shot["fps"], wish.shot["sound"], wish.shot["fit"]) == (30.0, True, Fit.PAD)
    assert (wish.shot["quality"], wish.shot["loop"], wish.strict) == (Quality.BEST, True, True)
    assert [one.code for one in wish.notices] == ["approximated"]
    assert wish.pictures[0].strength == 0.5


def test_extras_that_belong_to_a_picture_belong_to_the_image() -> None:
    crop = {"left": 0.25, "right": 0.75}
    (picture,) = read({"image": IMAGE, "crop_bounds": crop}, frame_index=12).pictures
    assert picture.crop is not None
    assert (picture.role, picture.frame, picture.crop.left) == (Role.FRAME, 12, 0.25)
    (reference,) = read({"referenceImages": [{"image": IMAGE}]}, influence_strength=0.3).pictures
    assert (reference.role, reference.strength) == (Role.REFERENCE, 0.3)
    with pytest.raises(BadInput, match="there is no picture"):
        read(influence_strength=0.3)
    with pytest.raises(BadInput, match="frame_index places one picture"):
        read({"referenceImages": [{"image": IMAGE}]}, frame_index=3)


def test_no_field_is_dropped_in_silence() -> None:
    wish = veo.read(
        {
            "instances": [
                {"prompt": "a cat", "image": IMAGE | {"colour": "red"}, "mood": 1},
            ],
            "parameters": {
                "enhancePrompt": True, "personGeneration": "allow_adult", "pubsubTopic": "t",
                "durationSecs": 4,
            },
            "labels": {"team": "x"},
            "more": 1,
        },
        "veo-3.1",
        FIELDS,
    )  # fmt: skip
    assert {one.field for one in wish.notices} == {
        "instances[].image.colour", "instances[].mood", "parameters.enhancePrompt",
        "parameters.personGeneration", "parameters.pubsubTopic", "parameters.durationSecs", "labels",
        "more",
    }  # fmt: skip
    (said,) = [one.message for one in wish.notices if one.field == "parameters.durationSecs"]
    assert "did you mean parameters.durationSeconds?" in said


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "instances"),
        ({"instances": []}, "instances"),
        ({"instances": [{}]}, "instances[].prompt"),
        ({"instances": {"prompt": "x"}}, "instances"),
        ({"instances": [{"prompt": ""}]}, "instances[].prompt"),
        ({"instances": [{"prompt": "x", "image": {}}]}, "instances[].image"),
        ({"instances": [{"prompt": "x", "image": 3}]}, "instances[].image"),
        ({"instances": [{"prompt": "x", "image": {"gcsUri": "gs://b/x.png"}}]}, "instances[].image.gcsUri"),
        ({"instances": [{"prompt": "x", "image": {**IMAGE, "uri": "files/a"}}]}, "instances[].image"),
        ({"instances": [{"prompt": "x", "mask": IMAGE}]}, "instances[].mask"),
        ({"instances": [{"prompt": "x", "referenceImages": [{}]}]}, "instances[].referenceImages[0].image"),
        ({"instances": [{"prompt": "x"}], "parameters": {"durationSeconds": "long"}}, "parameters.durationSeconds"),
        ({"instances": [{"prompt": "x"}], "parameters": {"aspectRatio": "wide"}}, "parameters.aspectRatio"),
        ({"instances": [{"prompt": "x"}], "parameters": {"resolution": "sharp"}}, "parameters.resolution"),
        ({"instances": [{"prompt": "x"}], "parameters": {"sampleCount": 0}}, "parameters.sampleCount"),
        ({"instances": [{"prompt": "x"}], "parameters": {"personGeneration": "all"}}, "parameters.personGeneration"),
        ({"instances": [{"prompt": "x"}], "parameters": {"storageUri": "gs://b/o"}}, "parameters.storageUri"),
        ({"instances": [{"prompt": "x"}], "parameters": [1]}, "parameters"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_its_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        veo.read(body, "veo-3.1", FIELDS)
    assert caught.value.field == field


def test_two_beginnings_contradict_each_other() -> None:
    with pytest.raises(BadInput, match="each give where the film begins"):
        read({"video": {"uri": "files/a"}, "image": IMAGE})
    with pytest.raises(BadInput, match="each give the same picture"):
        read({"image": IMAGE, "first_frame": f"data:image/png;base64,{PIXEL}"})
    with pytest.raises(BadInput, match="are 1280x720 and 640x360"):
        read(aspectRatio="16:9", size="640x360")


def test_a_picture_alone_needs_no_words() -> None:
    wish = veo.read({"instances": [{"image": IMAGE}]}, "veo-3.1", FIELDS)
    assert "prompt" not in wish.shot
