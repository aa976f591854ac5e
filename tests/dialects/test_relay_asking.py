"""What programs send to a relay → a Wish, without anything looked up."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.dialects.relay import introducing, shape
from mutoscope.dialects.relay.asking import generate
from mutoscope.dialects.shared.references import Address, FileId
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput
from mutoscope.shot import Role, Size

URL = "https://x.org/a.png"


def wish(**given: Any) -> Wish:
    return generate({"prompt": "a cat"} | given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"size": "1280x720"}, Size(1280, 720)),
        ({"size": "1280×720"}, Size(1280, 720)),
        ({"size": "small"}, Size(1280, 720)),
        ({"size": "large"}, Size(1920, 1080)),
        ({"size": "large", "orientation": "portrait"}, Size(1080, 1920)),
        ({"size": "16:9"}, Size(1280, 720)),
        ({"size": "16x9"}, Size(1280, 720)),
        ({"size": "9x16"}, Size(720, 1280)),
        ({"size": "720x1280", "orientation": "portrait"}, Size(720, 1280)),
        ({"orientation": "landscape"}, Size(1280, 720)),
        ({"orientation": "square"}, Size(720, 720)),
        ({"aspect_ratio": "9:16"}, Size(720, 1280)),
        ({"aspect_ratio": "portrait"}, Size(720, 1280)),
        ({"aspect_ratio": "4:3", "resolution": "480p"}, Size(640, 480)),
        ({"aspect_ratio": "16:9", "hd": True}, Size(1920, 1080)),
        ({"resolution": "1080p"}, Size(1920, 1080)),
        ({"aspect_ratio": "9:16", "orientation": "portrait"}, Size(720, 1280)),
        ({"hd": False}, None),
    ],
)
def test_the_frame(given: dict[str, Any], expected: Size | None) -> None:
    assert shape.size(given) == expected
    assert wish(**given).shot.get("size") == expected


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"size": "vast"}, "size", "invalid_value"),
        ({"size": "1280x720", "orientation": "portrait"}, "orientation", "contradicting_fields"),
        ({"size": "1280x720", "aspect_ratio": "1:1"}, "aspect_ratio", "contradicting_fields"),
        ({"aspect_ratio": "16:9", "orientation": "square"}, "orientation", "contradicting_fields"),
        ({"orientation": "up"}, "orientation", "invalid_value"),
        ({"aspect_ratio": "wide"}, "aspect_ratio", "invalid_value"),
        ({"aspect_ratio": "1:99"}, "aspect_ratio", "invalid_value"),
        ({"resolution": "sharp"}, "resolution", "invalid_value"),
        ({"size": 720}, "size", "invalid_type"),
        ({"prompt": None}, "prompt", "missing_required_parameter"),
        ({"duration": "long"}, "duration", "invalid_value"),
        ({"images": [URL], "image_url": URL}, "image_url", "contradicting_fields"),
        ({"images": [5]}, "images[0]", "invalid_type"),
        ({"images": [URL], "crop_bounds": [0, 0, 1, 0.5]}, "crop_bounds", "invalid_value"),
        ({"influence_strength": 0.5}, "influence_strength", "invalid_value"),
        ({"image_url": URL, "influence_strength": 2}, "influence_strength", "invalid_value"),
        ({"callback_url": "x"}, "callback_url", "invalid_value"),
    ],
)
def test_what_cannot_be(given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        wish(**given)
    assert (caught.value.field, caught.value.code) == (field, code)


@pytest.mark.parametrize("length", [5, "5", "5s", 5.0])
def test_duration(length: object) -> None:
    assert wish(duration=length).shot["seconds"] == 5


def test_one_image_is_the_first_frame_and_several_are_references() -> None:
    for given in (
        {"image_url": URL},
        {"images": [URL]},
        {"images": URL},
        {"image_urls": [URL]},
        {"image": URL},
    ):
        (one,) = wish(**given).pictures
        assert (one.source, one.role) == (Address(URL), Role.FIRST_FRAME)
    both = wish(images=[URL, "file-abc"]).pictures
    assert [one.role for one in both] == [Role.REFERENCE, Role.REFERENCE]
    assert both[1].source == FileId("file-abc", plain=True)


def test_a_reference_video_has_its_strength() -> None:
    (one,) = wish(reference_video="https://x.org/a.mp4", influence_strength="0.7").pictures
    assert (one.film, one.role, one.strength) == (True, Role.REFERENCE, 0.7)


def test_characters_by_id_in_every_form() -> None:
    assert wish(character_id="char_1").shot["cast"] == ("char_1",)
    assert wish(character_ids=["@Mossy", "char_1"]).shot["cast"] == ("Mossy", "char_1")
    assert wish(characters=[{"id": "char_1"}], character_id="char_1").shot["cast"] == ("char_1",)
    assert "cast" not in wish().shot


def test_a_remix_names_its_task() -> None:
    made = wish(remix_target_id="task_0a")
    assert (made.operation, made.original) == ("remix", "video_0a")
    assert wish(remix_target_id="video_0a").original == "video_0a"


def test_what_does_nothing_here_is_told_unless_it_does_no_harm() -> None:
    assert wish(n=1, watermark=False, private=True).notices == ()
    told = wish(n=2, watermark="true", style="anime").notices
    assert {(one.code, one.field) for one in told} == {
        ("ignored", "n"), ("ignored", "watermark"), ("unknown_field", "style"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({"aspectRatio": "9:16"}, {"aspect_ratio": "9:16"}),
        ({"ratio": "9:16"}, {"aspect_ratio": "9:16"}),
        ({"n_frames": "15"}, {"duration": 15}),
        ({"n_frames": 300}, {"duration": 10}),
        ({"duration_seconds": 5}, {"duration": 5}),
        ({"imageUrl": URL}, {"image_url": URL}),
        ({"imageUrls": [URL]}, {"image_urls": [URL]}),
        ({"reference_image": URL}, {"image": URL}),
        ({"callBackUrl": URL}, {"callback_url": URL}),
        ({"remove_watermark": True}, {}),
        ({"images": [], "image": "", "callback_url": "", "character_ids": [], "size": ""}, {}),
    ],
)
def test_relays_spellings_are_one(given: dict[str, Any], same: dict[str, Any]) -> None:
    assert wish(**given) == wish(**same)


def test_two_spellings_may_not_differ() -> None:
    with pytest.raises(BadInput) as caught:
        wish(duration=5, n_frames="10")
    assert (caught.value.field, caught.value.code) == ("n_frames", "contradicting_fields")


def test_a_callback_is_a_webhook() -> None:
    assert wish(callback_url="https://x.org/hook").webhook_url == "https://x.org/hook"
    assert wish(notify_hook="https://x.org/hook").webhook_url == "https://x.org/hook"


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ({"video_url": URL}, {"video_url": URL}),
        ({"url": URL, "timestamps": "1,3"}, {"video_url": URL, "from": 1.0, "to": 3.0}),
        ({"character_url": URL, "character_timestamps": [1, 3]}, {"video_url": URL, "from": 1.0, "to": 3.0}),
        ({"task_id": "task_0a", "from": "0.5", "to": 2}, {"job": "video_0a", "from": "0.5", "to": 2}),
        ({"from_task": "video_0a"}, {"job": "video_0a"}),
        ({"images": [URL]}, {"pictures": [URL]}),
        ({"video_url": URL, "model": "sora-2-character"}, {"video_url": URL}),
        ({"video_url": URL, "instruction": "x"}, {"video_url": URL, "description": "x"}),
    ],
)  # fmt: skip
def test_a_characters_fields(given: dict[str, Any], own: dict[str, Any]) -> None:
    read, _, notices = introducing.read({"name": "Mossy"} | given)
    assert read == {"name": "Mossy"} | own
    assert notices == ()


def test_a_character_without_a_name_gets_one_that_a_prompt_can_say() -> None:
    one, other = (introducing.read({"video_url": URL}) for _ in range(2))
    assert one[0]["name"] != other[0]["name"]
    assert one[0]["name"].replace("_", "").isalnum()
    assert one[2][0].field == "name"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"timestamps": "1"}, "timestamps"),
        ({"timestamps": "a,b"}, "timestamps"),
        ({"timestamps": "1,3", "from": 1}, "from"),
        ({"video_url": URL, "url": "https://x.org/b.mp4"}, "url"),
        ({"task_id": 5}, "task_id"),
        ({"url": "", "images": []}, "video_url"),
    ],
)
def test_what_a_character_cannot_have(given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        introducing.read({"name": "Mossy"} | given)
    assert caught.value.field == field
