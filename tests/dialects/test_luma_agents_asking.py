"""A generation's request of the Agents API → a wish, by its type; and a job → the Generation object."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mutoscope.dialects.luma_agents.asking import kind, wish
from mutoscope.dialects.luma_agents.generation import FAILURES, failure
from mutoscope.dialects.luma_agents.placing import Rectangle, placed
from mutoscope.dialects.shared.references import Address, Data, FileId, FilmFrame, VideoId
from mutoscope.errors import BadInput, ContractRefused
from mutoscope.jobs.job import Job, Problem
from mutoscope.shot import Fit, Role, Size

URL = {"url": "https://example.com/a.png"}
DATA = {"data": "AAAA", "media_type": "image/png"}
FILE = {"file_id": "file-1"}
FILM = {"generation_id": "video_0"}
#: The failure codes of luma-agents 0.5.0.
CODES = {
    "content_moderated", "generation_failed", "budget_exhausted", "output_not_found",
    "image_too_large", "unsupported_format", "corrupt_input", "invalid_request", "rate_limited",
}  # fmt: skip
JOB = Job(
    id="video_1", object="video", project="p", key_id=None, dialect="luma_agents", kind="create",
    model="ray-3.2", engine="flipbook", status="failed", stage="inputs", due=None, priority=0,
    deadline=None, lease_owner=None, lease_until=None, fence=0, attempt=0, cancel_requested=False,
    intent_at=None, intent_seq=0, account=None, operation=None, progress=0.0, expected_end=None,
    shot=None, asked={}, work={}, result=None, error=None, warnings=(), parent=None, batch=None,
    idempotency_key=None, fingerprint=None, webhook_url=None, created=1000.7, started=None, ended=None,
    expires=None,
)  # fmt: skip


def video(**fields: Any) -> dict[str, Any]:
    return {"prompt": "a cup", "type": "video", "model": "ray-3.2", "video": fields}


def test_every_field_of_a_video() -> None:
    body = video(
        start_frame=DATA, end_frame=URL, duration="10s", resolution="540p", loop=True, hdr=False
    ) | {"aspect_ratio": "9:16"}
    made = wish(body)
    assert made.operation == "create"
    assert made.shot == {
        "model": "ray-3.2", "prompt": "a cup", "size": Size(540, 960), "seconds": 10.0, "loop": True,
    }  # fmt: skip
    assert [(one.role, one.source, one.field) for one in made.pictures] == [
        (Role.FIRST_FRAME, Data("AAAA"), "video.start_frame"),
        (Role.LAST_FRAME, Address("https://example.com/a.png"), "video.end_frame"),
    ]
    assert made.notices == ()


@pytest.mark.parametrize(
    ("given", "source"),
    [
        (URL, Address("https://example.com/a.png")), (DATA, Data("AAAA")), (FILE, FileId("file-1")),
        ({**DATA, "url": None}, Data("AAAA")),
    ],
)  # fmt: skip
def test_a_picture_in_every_form(given: dict[str, Any], source: Any) -> None:
    (picture,) = wish(video(start_frame=given)).pictures
    assert picture.source == source


def test_a_generation_is_extended_or_gives_a_frame() -> None:
    longer = wish(video(start_frame=FILM, resolution="720p"))
    assert longer.operation == "extend"
    assert longer.clip is not None
    assert longer.clip.source == VideoId("video_0")
    assert longer.shot == {"seconds": 5.0, "model": "ray-3.2", "prompt": "a cup"}
    assert [one.field for one in longer.notices] == ["video.resolution"]
    between = wish(video(start_frame=FILM, end_frame={"generation_id": "video_1"}))
    assert [one.source for one in between.pictures] == [
        FilmFrame("video_0", last=True),
        FilmFrame("video_1", last=False),
    ]


def test_keyframes_stand_at_their_frames_of_24_a_second() -> None:
    made = wish(video(keyframes=[URL, DATA, FILE, FILM], keyframe_indexes=[0, 60, 120, 12]))
    assert [(one.role, one.frame, one.field) for one in made.pictures] == [
        (Role.FIRST_FRAME, None, "video.keyframes[0]"),
        (Role.FRAME, 60, "video.keyframes[1]"),
        (Role.LAST_FRAME, None, "video.keyframes[2]"),
        (Role.FRAME, 12, "video.keyframes[3]"),
    ]
    assert made.pictures[3].source == FilmFrame("video_0", last=False)
    slow = wish(video(keyframes=[URL], keyframe_indexes=[60]) | {"fps": 12})
    assert slow.pictures[0].frame == 30
    long = wish(video(keyframes=[FILM], keyframe_indexes=[0], duration="10s"))
    assert long.pictures[0].source == FilmFrame("video_0", last=True)
    many = wish(video(keyframes=[URL] * 64, keyframe_indexes=list(range(64))))
    assert len(many.pictures) == 64


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"keyframes": [URL]}, "video.keyframe_indexes"),
        ({"keyframe_indexes": [1]}, "video.keyframe_indexes"),
        ({"keyframes": [URL], "keyframe_indexes": [1, 2]}, "video.keyframe_indexes"),
        ({"keyframes": [URL], "keyframe_indexes": [121]}, "video.keyframe_indexes[0]"),
        ({"keyframes": [URL, URL], "keyframe_indexes": [1, 1]}, "video.keyframe_indexes"),
        ({"keyframes": [URL, URL], "keyframe_indexes": [119, 120]}, "video.keyframe_indexes[1]"),
        ({"keyframes": [URL], "keyframe_indexes": [-1]}, "video.keyframe_indexes"),
        ({"keyframes": [URL] * 65, "keyframe_indexes": list(range(65))}, "video.keyframes"),
        ({"keyframes": [], "keyframe_indexes": []}, "video.keyframes"),
        ({"keyframes": [URL], "keyframe_indexes": [0], "loop": True}, "video.keyframes"),
        ({"keyframes": [URL], "keyframe_indexes": [0], "start_frame": URL}, "video.keyframes"),
        ({"start_frame": {}}, "video.start_frame"),
        ({"start_frame": {**URL, **FILE}}, "video.start_frame"),
        ({"start_frame": "https://e/a.png"}, "video.start_frame"),
        ({"start_frame": {"url": "a.png"}}, "video.start_frame.url"),
        ({"start_frame": {"data": "§"}}, "video.start_frame.data"),
        ({"start_frame": {"file_id": 1}}, "video.start_frame.file_id"),
        ({"duration": "soon"}, "video.duration"),
        ({"resolution": "huge"}, "video.resolution"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        wish(video(**fields))
    assert refused.value.field == field


def test_what_has_no_effect_is_named() -> None:
    made = wish(
        video(hdr=True, exr_export=True, edit={"strength": "flex_1"}, cfg=3)
        | {"user_id": "u", "web_search": False, "style": "auto", "image_ref": [URL], "source": FILM}
    )
    assert {one.field for one in made.notices} == {
        "video.hdr", "video.exr_export", "video.edit", "user_id", "image_ref", "source", "video.cfg",
    }  # fmt: skip


def test_an_edit_keeps_so_much_of_its_source() -> None:
    edit = {
        "strength": "reimagine_3",
        "controls": {"pose": {"enabled": True}},
        "auto_controls": True,
    }
    body = {"type": "video_edit", "prompt": "warmer", "source": FILM, "video": {"edit": edit}}
    made = wish(body | {"aspect_ratio": "1:1"})
    assert (made.operation, made.shot) == ("edit", {"model": "ray-3.2", "prompt": "warmer"})
    assert made.clip is not None
    assert (made.clip.source, made.clip.strength) == (VideoId("video_0"), 0.0)
    assert {one.field for one in made.notices} == {"aspect_ratio", "video.edit.controls"}


def test_a_reframe_has_a_shape_and_a_place() -> None:
    where = {"x_norm": 0.25, "y_norm": 0, "w_norm": 0.5, "h_norm": 1}
    body = {
        "type": "video_reframe", "prompt": "", "source": {**URL, "media_type": "video/mp4"},
        "aspect_ratio": "1:1", "video": {"resolution": "360p", "source_position": where},
    }  # fmt: skip
    made = wish(body)
    assert made.operation == "reframe"
    assert made.shot == {"fit": Fit.PAD, "model": "ray-3.2", "size": Size(360, 360)}
    assert [one.field for one in made.notices] == ["video.source_position"]
    with pytest.raises(BadInput) as refused:
        wish({"type": "video_reframe", "source": FILM})
    assert refused.value.field == "aspect_ratio"
    with pytest.raises(BadInput) as refused:
        wish({"type": "video_reframe", "aspect_ratio": "1:1"})
    assert refused.value.field == "source"


@pytest.mark.parametrize(
    ("where", "fit", "words"),
    [
        (Rectangle(-0.5, 0, 2, 1), Fit.COVER, "fills the frame"),
        (Rectangle(0.25, 0.25, 0.5, 0.5), Fit.PAD, "whole within the frame"),
        (Rectangle(0, 0, 0.5, 0.5), Fit.PAD, "in the middle"),
    ],
)
def test_where_a_source_is_put(where: Rectangle, fit: Fit, words: str) -> None:
    made, (notice,) = placed(where)
    assert made is fit
    assert words in notice.message
    assert placed(None) == (None, ())


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ({"model": "ray-3.2"}, "video"), ({"type": "video"}, "video"), ({"video": {"loop": True}}, "video"),
        ({"model": "flipbook"}, "video"), ({"type": "video_edit"}, "video_edit"),
    ],
)  # fmt: skip
def test_which_request_it_is(body: dict[str, Any], made: str) -> None:
    assert kind(body) == made


@pytest.mark.parametrize(
    "body", [{}, {"model": "uni-1"}, {"type": "image"}, {"type": "layering"}, {"model": "uni-1-max", "type": "image_edit"}]
)  # fmt: skip
def test_images_are_refused_in_words(body: dict[str, Any]) -> None:
    with pytest.raises(ContractRefused, match="images are not made here") as refused:
        wish({"prompt": "a cup", **body})
    assert refused.value.field == ("type" if "type" in body else "model")


def test_a_failure_has_one_of_the_services_codes() -> None:
    assert set(FAILURES.values()) <= CODES
    for code, expected in (
        ("moderation_blocked", "content_moderated"), ("invalid_image", "corrupt_input"),
        ("invalid_value", "invalid_request"), ("worker_died", "generation_failed"),
    ):  # fmt: skip
        job = replace(JOB, error=Problem(code=code, message="it failed"))
        assert failure(job) == expected
    assert failure(replace(JOB, status="completed")) is None
