"""A request's fields → a Wish, without anything looked up."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.dialects.openai.asking import read
from mutoscope.dialects.shared import extras
from mutoscope.dialects.shared.references import Address, Data, FileId, VideoId
from mutoscope.dialects.shared.wish import Operation, Wish
from mutoscope.errors import BadInput
from mutoscope.server.body import Upload
from mutoscope.shot import Crop, Fit, Media, Quality, Role, Size

UPLOAD = Upload(Media("a" * 64, "image/png", 10), "upload", "application/octet-stream")
FILM = Upload(Media("b" * 64, "video/mp4", 10), "a.mp4", "video/mp4")


def wish(operation: Operation = "create", **given: Any) -> Wish:
    return read(operation, {"prompt": "a cat"} | given)


@pytest.mark.parametrize(
    ("field", "value", "target", "expected"),
    [
        ("seconds", "8", "seconds", 8.0),
        ("seconds", 8, "seconds", 8.0),
        ("seconds", 8.5, "seconds", 8.5),
        ("seconds", "8s", "seconds", 8.0),
        ("duration", "5", "seconds", 5.0),
        ("duration", 5, "seconds", 5.0),
        ("size", "1280x720", "size", Size(1280, 720)),
        ("size", "1280×720", "size", Size(1280, 720)),
        ("size", "720p", "size", Size(1280, 720)),
        ("size", "9:16", "size", Size(720, 1280)),
        ("size", "reels", "size", Size(1080, 1920)),
        ("seed", "7", "seed", 7),
        ("seed", 7.0, "seed", 7),
        ("seed", 2**62 + 1, "seed", 2**62 + 1),
        ("seed", str(2**53 + 1), "seed", 2**53 + 1),
        ("loop", "true", "loop", True),
        ("loop", True, "loop", True),
        ("loop", "0", "loop", False),
        ("sound", "yes", "sound", True),
        ("fps", "30", "fps", 30.0),
        ("fit", "pad", "fit", Fit.PAD),
        ("fit", "STRICT", "fit", Fit.STRICT),
        ("pad_colour", "#ffffff", "pad_colour", "#ffffff"),
        ("pad_color", "blur", "pad_colour", "blur"),
        ("quality", "standard", "quality", Quality.STANDARD),
        ("quality", "hd", "quality", Quality.BEST),
        ("negative_prompt", "rain", "negative_prompt", "rain"),
        ("model", "sora-2-pro", "model", "sora-2-pro"),
        ("characters", [{"id": "char_1"}, {"id": "char_2"}], "cast", ("char_1", "char_2")),
        ("characters", '[{"id": "char_1"}]', "cast", ("char_1",)),
        ("characters", ["Mossy"], "cast", ("Mossy",)),
    ],
)
def test_a_field_means_the_same_as_json_and_as_text(
    field: str, value: Any, target: str, expected: Any
) -> None:
    assert wish(**{field: value}).shot[target] == expected


def test_what_is_not_named_is_not_in_the_shot() -> None:
    assert wish().shot == {"prompt": "a cat"}
    assert wish(size=None, seconds=None).shot == {"prompt": "a cat"}


def test_any_seed_is_no_seed() -> None:
    assert "seed" not in wish(seed=-1).shot


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (UPLOAD, UPLOAD),
        ({"file_id": "file-1"}, FileId("file-1")),
        ({"image_url": "https://e.org/a.png"}, Address("https://e.org/a.png")),
        ({"image_url": "data:image/png;base64,AAAA"}, Data("data:image/png;base64,AAAA")),
        ("file-1", FileId("file-1", plain=True)),
        ("file_1", FileId("file_1", plain=True)),
        ("https://e.org/a.png", Address("https://e.org/a.png")),
        ("data:image/png;base64,AAAA", Data("data:image/png;base64,AAAA")),
    ],
)
def test_input_reference_comes_in_every_form(given: Any, expected: Any) -> None:
    (picture,) = wish(input_reference=given).pictures
    assert (picture.source, picture.role) == (expected, Role.FIRST_FRAME)
    assert picture.field == "input_reference"


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("image_url", "https://e.org/a.png", Address("https://e.org/a.png")),
        ("image_url", {"url": "https://e.org/a.png"}, Address("https://e.org/a.png")),
        ("image_data", "AAAA", Data("AAAA")),
        ("image_data", "data:image/png;base64,AAAA", Data("data:image/png;base64,AAAA")),
    ],
)
def test_other_names_of_the_picture(field: str, given: Any, expected: Any) -> None:
    (picture,) = wish(**{field: given}).pictures
    assert (picture.source, picture.role) == (expected, Role.FIRST_FRAME)


def test_first_and_last_frame() -> None:
    first, last = wish(input_reference=UPLOAD, last_frame={"file_id": "file-2"}).pictures
    assert (first.role, last.role) == (Role.FIRST_FRAME, Role.LAST_FRAME)
    assert last.source == FileId("file-2")


def test_several_pictures_are_references() -> None:
    pictures = wish(input_reference=[UPLOAD, {"file_id": "file-2"}]).pictures
    assert [one.role for one in pictures] == [Role.REFERENCE, Role.REFERENCE]
    assert [one.field for one in pictures] == ["input_reference[0]", "input_reference[1]"]


@pytest.mark.parametrize(
    ("frame", "role", "number"),
    [(0, Role.FIRST_FRAME, None), ("12", Role.FRAME, 12), (-1, Role.LAST_FRAME, None)],
)
def test_frame_index_places_the_picture(frame: Any, role: Role, number: int | None) -> None:
    (picture,) = wish(input_reference=UPLOAD, frame_index=frame).pictures
    assert (picture.role, picture.frame) == (role, number)


@pytest.mark.parametrize(
    "given",
    [
        {"left": 0.1, "top": "0", "right": 0.9, "bottom": 1},
        {"left_fraction": 0.1, "top_fraction": 0, "right_fraction": 0.9, "bottom_fraction": 1},
        '{"left": 0.1, "right": 0.9}',
        [0.1, 0, 0.9, 1],
    ],
)
def test_crop_bounds_in_every_form(given: Any) -> None:
    (picture,) = wish(input_reference=UPLOAD, crop_bounds=given).pictures
    assert picture.crop == Crop(0.1, 0.0, 0.9, 1.0)


def test_reference_video_with_its_strength() -> None:
    (clip,) = wish(reference_video=FILM, influence_strength="0.4").pictures
    assert (clip.source, clip.role, clip.strength) == (FILM, Role.REFERENCE, 0.4)
    picture, clip = wish(
        input_reference=UPLOAD, reference_video={"id": "video_1"}, influence_strength=0.4
    ).pictures
    assert (picture.strength, clip.strength) == (1.0, 0.4)
    assert clip.source == VideoId("video_1")


def test_direction_takes_the_place_of_words() -> None:
    said = {"seconds": 4, "camera": [{"move": "zoom_in", "start": 0, "end": 4}]}
    asked = read("create", {"direction": said})
    assert asked.shot["direction"].camera[0].move == "zoom_in"
    text = '{"seconds": 4, "camera": [{"move": "pan_left", "start": 0, "end": 4}]}'
    assert read("create", {"direction": text}).shot["direction"].camera[0].move == "pan_left"


def test_how_the_job_is_run() -> None:
    asked = wish(strict="true", webhook_url="https://e.org/hook", priority="5", deadline=600)
    assert (asked.strict, asked.webhook_url) == (True, "https://e.org/hook")
    assert (asked.priority, asked.deadline) == (5, 600.0)


@pytest.mark.parametrize(
    ("operation", "given", "source"),
    [
        ("edit", {"video": {"id": "video_1"}}, VideoId("video_1")),
        ("edit", {"video": FILM}, FILM),
        ("edit", {"video": "video_1"}, VideoId("video_1")),
        ("edit", {"video": {"id": "file-1"}}, FileId("file-1")),
        ("edit", {"video": "https://e.org/a.mp4"}, Address("https://e.org/a.mp4")),
        ("extend", {"video": {"id": "video_1"}, "seconds": "8"}, VideoId("video_1")),
    ],
)
def test_edits_and_extensions_start_from_a_clip(
    operation: Operation, given: dict[str, Any], source: Any
) -> None:
    asked = wish(operation, **given)
    assert asked.clip is not None
    assert (asked.clip.source, asked.clip.role) == (source, Role.SOURCE)


def test_remix_video_id_makes_create_a_remix() -> None:
    asked = wish(remix_video_id="video_1")
    assert (asked.operation, asked.original) == ("remix", "video_1")


def test_unknown_fields_are_named_with_the_likeliest_one() -> None:
    notices = wish(second="8", tags=["a"], user="u").notices
    assert [one.field for one in notices] == ["second", "tags", "user"]
    assert {one.code for one in notices} == {"unknown_field"}
    assert "did you mean seconds" in notices[0].message


def test_an_unknown_member_of_a_reference_is_named() -> None:
    (notice,) = wish(input_reference={"file_id": "file-1", "detail": "high"}).notices
    assert notice.field == "input_reference.detail"


def test_an_edit_leaves_out_pictures_and_says_so() -> None:
    asked = wish("edit", video=FILM, input_reference=UPLOAD)
    assert asked.pictures == ()
    assert [one.field for one in asked.notices] == ["input_reference"]


def test_every_known_field_is_in_one_table() -> None:
    tables = (extras.SHOT, extras.JOB, extras.MEDIA, extras.BESIDE)
    names = [name for table in tables for name in table]
    assert len(names) == len(set(names))


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("no prompt", {"prompt": None}, "prompt", "Missing required parameter: 'prompt'."),
    ("empty prompt", {"prompt": ""}, "prompt", "empty string"),
    ("blank prompt", {"prompt": "  "}, "prompt", "empty string"),
    ("prompt of another type", {"prompt": 7}, "prompt", "expected a string, but got an integer"),
    ("prompt too long", {"prompt": "a" * 32001}, "prompt", "maximum length 32000"),
    ("seconds as an object", {"seconds": {}}, "seconds", "expected a number, but got an object"),
    ("seconds as a list", {"seconds": ["4"]}, "seconds", "got an array"),
    ("seconds as a boolean", {"seconds": True}, "seconds", "got a boolean"),
    ("seconds in words", {"seconds": "four"}, "seconds", "must be a number"),
    ("seconds below zero", {"seconds": "-4"}, "seconds", "length in seconds"),
    ("no seconds", {"seconds": 0}, "seconds", "length in seconds"),
    ("seconds that are no number", {"seconds": "NaN"}, "seconds", "must be a number"),
    ("endless seconds", {"seconds": "inf"}, "seconds", "must be a number"),
    ("seconds in other digits", {"seconds": "\u0664"}, "seconds", "must be a number"),
    ("two lengths", {"seconds": 4, "duration": 8}, "duration", "are 4 and 8; send one"),
    ("two pad colours", {"pad_colour": "blur", "pad_color": "#fff000"}, "pad_color", "differ"),
    ("size in words", {"size": "large"}, "size", "it must be a width and height"),
    ("size as a number", {"size": 720}, "size", "expected a string"),
    ("size of nothing", {"size": "0x0"}, "size", "pixels a side"),
    ("size beyond reason", {"size": "99999x99999"}, "size", "pixels a side"),
    ("seed in words", {"seed": "lucky"}, "seed", "must be a number"),
    ("a seed too large", {"seed": 10**400}, "seed", "2^63"),
    ("a length too large", {"seconds": 10**400}, "seconds", "must be a number"),
    ("half a seed", {"seed": 1.5}, "seed", "whole number"),
    ("loop in words", {"loop": "maybe"}, "loop", "true or false"),
    ("loop as a list", {"loop": []}, "loop", "expected a boolean"),
    ("an unknown fit", {"fit": "squeeze"}, "fit", '"cover"'),
    ("an unknown quality", {"quality": "ultra"}, "quality", '"best"'),
    ("model as a number", {"model": 2}, "model", "expected a string"),
    ("characters as a number", {"characters": [1]}, "characters[0]", "an object with an id"),
    ("a character without id", {"characters": [{}]}, "characters[0]", "an object with an id"),
    ("broken direction", {"direction": "{"}, "direction", "must be JSON"),
    ("direction as a list", {"direction": []}, "direction", "expected an object"),
    ("no direction", {"direction": {"camera": 7, "seconds": 4}}, "direction", "is not a direction"),
    ("text as a picture", {"input_reference": "cat"}, "input_reference",
     "Invalid type for 'input_reference': expected a file, but got a string instead."),
    ("a server path", {"input_reference": "/etc/passwd"}, "input_reference", "expected a file"),
    ("a file URL", {"input_reference": "file:///etc/passwd"}, "input_reference", "https://"),
    ("an ftp URL", {"image_url": "ftp://e.org/a.png"}, "image_url", "https://"),
    ("half a URL", {"image_url": "https://"}, "image_url", "https://"),
    ("a URL with a bad port", {"image_url": "https://e.org:99999/a"}, "image_url", "https://"),
    ("an endless URL", {"image_url": "https://e.org/" + "a" * 9000}, "image_url", "8,192"),
    ("a URL with a line break", {"image_url": "https://e.org/a\r\nb"}, "image_url", "https://"),
    ("picture as a number", {"input_reference": 7}, "input_reference", "got an integer"),
    ("neither URL nor file", {"input_reference": {}}, "input_reference", "exactly one"),
    ("both URL and file", {"input_reference": {"image_url": "https://e.org", "file_id": "file-1"}},
     "input_reference", "image_url and file_id"),
    ("file_id as a number", {"input_reference": {"file_id": 1}}, "input_reference.file_id", "string"),
    ("two first pictures", {"input_reference": UPLOAD, "image_data": "AAAA"}, "image_data",
     "each give the first picture"),
    ("bytes that are none", {"image_data": "<html>"}, "image_data", "not base64"),
    ("frame_index alone", {"frame_index": 3}, "frame_index", "no picture"),
    ("crop alone", {"crop_bounds": [0, 0, 1, 1]}, "crop_bounds", "no picture"),
    ("frame before the first", {"input_reference": UPLOAD, "frame_index": -2}, "frame_index",
     "-1 for the last frame"),
    ("crop out of range", {"input_reference": UPLOAD, "crop_bounds": {"left": 1.2}},
     "crop_bounds.left", "from 0 to 1"),
    ("crop inverted", {"input_reference": UPLOAD, "crop_bounds": {"left": 0.8, "right": 0.2}},
     "crop_bounds.right", "greater than crop_bounds.left"),
    ("crop with a strange edge", {"input_reference": UPLOAD, "crop_bounds": {"width": 1}},
     "crop_bounds.width", "left, top, right and bottom"),
    ("crop as text", {"input_reference": UPLOAD, "crop_bounds": "centre"}, "crop_bounds", "JSON"),
    ("strength beyond 1", {"input_reference": UPLOAD, "influence_strength": 2},
     "influence_strength", "from 0 to 1"),
    ("strength alone", {"influence_strength": 0.5}, "influence_strength", "no picture"),
    ("webhook to a file", {"webhook_url": "file:///a"}, "webhook_url", "https://"),
    ("webhook as data", {"webhook_url": "data:,a"}, "webhook_url", "https://"),
    ("priority beyond", {"priority": 1000}, "priority", "-100 to 100"),
    ("deadline gone by", {"deadline": -5}, "deadline", "seconds from now"),
    ("strict in words", {"strict": "very"}, "strict", "true or false"),
    ("remix of a number", {"remix_video_id": 7}, "remix_video_id", "expected a string"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "field", "said"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])  # fmt: skip
def test_what_will_not_do_is_said_in_one_sentence(
    given: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(BadInput) as caught:
        wish(**given)
    assert caught.value.field == field
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("operation", "given", "field"),
    [
        ("edit", {}, "video"),
        ("extend", {"seconds": "8"}, "video"),
        ("extend", {"video": FILM}, "seconds"),
        ("edit", {"video": "clip"}, "video"),
        ("edit", {"video": {}}, "video"),
        ("edit", {"video": {"id": 7}}, "video.id"),
        ("edit", {"video": 7}, "video"),
    ],
)
def test_a_clip_that_will_not_do(operation: Operation, given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        wish(operation, **given)
    assert caught.value.field == field
