"""What Azure's programs send → a Wish, without anything looked up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mutoscope.dialects.azure import asking, inpaint
from mutoscope.dialects.azure.asking import Asked, begun, job, video
from mutoscope.dialects.azure.versions import known
from mutoscope.dialects.shared.references import Address, Data, FileId, VideoId
from mutoscope.errors import BadInput
from mutoscope.server.body import Upload
from mutoscope.shot import Crop, Media, Role, Size

A = Upload(Media("a" * 64, "image/png", 10), "a.png", "image/png")
B = Upload(Media("b" * 64, "image/jpeg", 10), "b.jpg", "image/jpeg")
FILM = Upload(Media("c" * 64, "video/mp4", 10), "clip.mp4", "video/mp4")


def asked(**given: Any) -> Asked:
    return job({"prompt": "a cat"} | given)


def items(*given: dict[str, Any], files: list[Upload] | None = None) -> inpaint.Inpaint:
    return inpaint.read(json.dumps(given), files or [])


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        ({"width": 480, "height": 854}, "size", Size(480, 854)),
        ({"width": "480", "height": "854"}, "size", Size(480, 854)),
        ({"size": "1080x1080"}, "size", Size(1080, 1080)),
        ({"n_seconds": "20"}, "seconds", 20.0),
        ({"duration": 5}, "seconds", 5.0),
        ({"model": "sora-prod"}, "model", "sora-prod"),
        ({}, "model", "sora"),
        ({"seed": "7"}, "seed", 7),
    ],
)
def test_fields_of_a_job(given: dict[str, Any], field: str, expected: object) -> None:
    assert asked(**given).wish.shot[field] == expected


def test_frames_are_counted_as_the_named_engine_has_them() -> None:
    """Thirty a second are the old service's; another model has its own."""
    assert asking.counted(asked().wish).shot["fps"] == 30
    assert asking.counted(asked(fps=24).wish).shot["fps"] == 24
    assert "fps" not in asking.counted(asked(model="flipbook").wish).shot


@pytest.mark.parametrize(
    ("given", "takes"), [({}, 1), ({"n_variants": "5"}, 5), ({"n_variants": 10}, 10)]
)
def test_variants_are_takes(given: dict[str, Any], takes: int) -> None:
    assert asked(**given).wish.takes == takes


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"prompt": None}, "prompt", "missing_required_parameter"),
        ({"prompt": " "}, "prompt", "empty_string"),
        ({"width": 480}, "height", "missing_required_parameter"),
        ({"width": 0, "height": 480}, "width", "invalid_value"),
        ({"width": "wide", "height": 480}, "width", "invalid_value"),
        ({"width": 480, "height": 480, "size": "1280x720"}, "size", "contradicting_fields"),
        ({"n_seconds": 5, "duration": 6}, "duration", "contradicting_fields"),
        ({"n_seconds": 0}, "n_seconds", "invalid_value"),
        ({"n_variants": 0}, "n_variants", "invalid_value"),
        ({"n_variants": 11}, "n_variants", "invalid_value"),
        ({"inpaint_items": "{"}, "inpaint_items", "invalid_value"),
        ({"inpaint_items": 5}, "inpaint_items", "invalid_type"),
        ({"files": ["x"]}, "files", "invalid_type"),
        ({"files": [A, B]}, "inpaint_items", "missing_required_parameter"),
        (
            {"files": [FILM], "image_url": "https://x.org/a.png"},
            "image_url",
            "contradicting_fields",
        ),
    ],
)
def test_what_a_job_cannot_have(given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        asked(**given)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_unknown_fields_are_named() -> None:
    (notice,) = asked(n_varians=2).wish.notices
    assert (notice.code, notice.field) == ("unknown_field", "n_varians")
    assert "n_variants" in notice.message


def test_pictures_stand_at_their_frames() -> None:
    read = items(
        {"frame_index": 0, "type": "image", "file_name": "a.png"},
        {"frame_index": 48, "type": "image", "file_name": "b.jpg", "crop_bounds": {
            "left_fraction": 0.1, "top_fraction": 0.2, "right_fraction": 0.9, "bottom_fraction": 1.0}},
        {"frame_index": -1, "type": "image", "file_name": "file-abcdefgh"},
        files=[B, A],
    )  # fmt: skip
    first, middle, last = read.pictures
    assert (first.source, first.role, first.frame, first.crop) == (A, Role.FIRST_FRAME, None, None)
    assert (middle.source, middle.role, middle.frame) == (B, Role.FRAME, 48)
    assert middle.crop == Crop(0.1, 0.2, 0.9, 1.0)
    assert (last.source, last.role) == (FileId("file-abcdefgh", plain=True), Role.LAST_FRAME)
    assert read.notices == ()


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ({"image_url": "https://x.org/a.png"}, Address("https://x.org/a.png")),
        ({"url": "https://x.org/a.png"}, Address("https://x.org/a.png")),
        ({"file_name": "https://x.org/a.png"}, Address("https://x.org/a.png")),
        ({"image_data": "aGVsbG8="}, Data("aGVsbG8=")),
        ({"file_id": "file-abc"}, FileId("file-abc")),
        ({"file_name": "a.png"}, A),
        ({"file_name": "../a.png"}, A),
    ],
)
def test_what_an_item_can_point_at(given: dict[str, Any], source: object) -> None:
    (one,) = items(given, files=[A] if source is A else []).pictures
    assert (one.source, one.role) == (source, Role.FIRST_FRAME)


def test_one_file_may_serve_several_items() -> None:
    read = items(
        {"file_name": "a.png"}, {"file_name": "a.png", "frame_index": -1}, files=[A]
    )  # fmt: skip
    assert [one.source for one in read.pictures] == [A, A]
    assert read.notices == ()


def test_files_of_one_name_are_taken_one_after_the_other() -> None:
    other = replace(A, media=replace(A.media, sha256="1" * 64))
    read = items(
        {"file_name": "a.png"}, {"file_name": "a.png", "frame_index": -1}, files=[A, other]
    )  # fmt: skip
    assert [one.source for one in read.pictures] == [A, other]


def test_the_whole_picture_is_no_crop() -> None:
    edges = {f"{edge}_fraction": float(edge in ("right", "bottom"))
             for edge in ("left", "top", "right", "bottom")}  # fmt: skip
    (one,) = items({"file_name": "a.png", "crop_bounds": edges}, files=[A]).pictures
    assert one.crop is None


def test_one_file_alone_is_the_first_frame() -> None:
    (one,) = inpaint.read(None, [A]).pictures
    assert (one.source, one.role) == (A, Role.FIRST_FRAME)
    assert inpaint.read(None, [FILM]).clip is not None


def test_a_file_that_no_item_names_is_told_of() -> None:
    (notice,) = items({"file_name": "a.png"}, files=[A, B]).notices
    assert (notice.code, notice.field) == ("ignored", "files")
    assert "b.jpg" in notice.message


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([{"frame_index": 0}], "inpaint_items[0].file_name"),
        ([{"file_name": "gone.png"}], "inpaint_items[0].file_name"),
        ([{"file_name": "a.png", "url": "https://x.org/a"}], "inpaint_items[0].url"),
        ([{"file_name": "a.png", "type": "sound"}], "inpaint_items[0].type"),
        ([{"file_name": "a.png", "type": "video"}], "inpaint_items[0].type"),
        ([{"file_name": "a.png", "frame_index": -2}], "inpaint_items[0].frame_index"),
        ([{"file_name": "a.png", "crop_bounds": {"left_fraction": 2}}],
         "inpaint_items[0].crop_bounds.left"),
        ([{"file_name": "clip.mp4", "type": "video", "frame_index": 9}],
         "inpaint_items[0].frame_index"),
        ([{"file_name": "clip.mp4"}, {"file_name": "a.png"}], "inpaint_items"),
        ([{"file_name": "a.png"}, {"file_name": "a.png"}], "inpaint_items[1].frame_index"),
        (["a.png"], "inpaint_items[0]"),
    ],
)  # fmt: skip
def test_what_an_item_cannot_be(given: list[Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        items(*given, files=[A, FILM])
    assert caught.value.field == field


def test_a_video_item_is_what_the_film_begins_from() -> None:
    given = {"type": "video", "file_name": "clip.mp4", "crop_bounds": {"left_fraction": 0.5}}
    read = asked(inpaint_items=[given], files=[FILM], n_seconds=6)
    assert read.wish.operation == "edit"
    assert read.wish.clip is not None
    assert (read.wish.clip.source, read.wish.clip.role) == (FILM, Role.SOURCE)
    assert read.wish.clip.crop == Crop(left=0.5)
    assert (read.until, read.wish.notices) == (6, ())


def test_what_goes_beyond_the_video_is_added() -> None:
    read = asked(inpaint_items=[{"file_name": "clip.mp4"}], files=[FILM], n_seconds=6)
    longer = begun(read, 4.2)
    assert (longer.operation, longer.shot["seconds"]) == ("extend", 1.8)
    same = begun(read, 6.01)
    assert (same.operation, same.notices) == ("edit", ())
    for length in (9.0, None):
        shorter = begun(read, length)
        assert (shorter.operation, shorter.notices[0].field) == ("edit", "n_seconds")
    free = asked(inpaint_items=[{"file_name": "clip.mp4"}], files=[FILM])
    assert (begun(free, 4.0).operation, begun(free, 4.0).notices) == ("edit", ())


def test_videos_take_the_services_own_spelling() -> None:
    wish = video("create", {"prompt": "a", "Remix_video_id": "video_1"}, "", "").wish
    assert (wish.operation, wish.original) == ("remix", "video_1")


def test_videos_take_inpaint_items_and_the_deployment_of_their_address() -> None:
    given = {"prompt": "a", "inpaint_items": json.dumps([{"file_name": "a.png"}]), "files": [A]}
    wish = video("create", given, "", "mine").wish
    assert wish.shot["model"] == "mine"
    assert [picture.source for picture in wish.pictures] == [A]
    assert video("create", given | {"model": "sora-2"}, "", "mine").wish.shot["model"] == "sora-2"
    by_id = given | {"inpaint_items": [{"file_name": "video_0a"}], "files": None, "seconds": "8"}
    begins = video("create", by_id, "", "")
    assert begins.wish.clip is not None
    assert (begins.wish.clip.source, begins.until) == (VideoId("video_0a"), 8.0)


@pytest.mark.parametrize(
    ("version", "is_one"),
    [
        ("preview", True), ("v1", True), ("latest", True), ("2025-04-01-preview", True),
        ("2024-10-21", True), ("PREVIEW", True), ("2025-13-01-preview", False), ("soon", False),
        ("2025", False), ("2025-04-01-preview2", False),
    ],
)  # fmt: skip
def test_the_form_of_a_version(version: str, is_one: bool) -> None:
    assert known(version) is is_one
