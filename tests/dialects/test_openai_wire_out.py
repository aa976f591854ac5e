"""A job → the Video object and the headers that its pollers read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mutoscope.dialects.openai import video as wire
from mutoscope.dialects.shared import told
from mutoscope.jobs.job import Job, Notice, Problem, Result
from mutoscope.shot import Media

SCHEMA = Path(__file__).parents[1] / "clients" / "openai-videos.openapi.json"
FILM = Media("a" * 64, "video/mp4", 10)
JOB = Job(
    id="video_1", object="video", project="p", key_id=None, dialect="openai", kind="create",
    model="sora-2", engine="flipbook", status="queued", stage="inputs", due=1.0, priority=0,
    deadline=None, lease_owner=None, lease_until=None, fence=0, attempt=0, cancel_requested=False,
    intent_at=None, intent_seq=0, account=None, operation=None, progress=0.0, expected_end=None,
    shot=None, asked={"prompt": "a cat", "seconds": "4", "size": "720x1280"}, work={}, result=None,
    error=None, warnings=(), parent=None, batch=None, idempotency_key=None, fingerprint=None,
    webhook_url=None, created=1000.7, started=None, ended=None, expires=None,
)  # fmt: skip
RESULT = Result(
    media={"video": FILM}, size="1280x720", seconds=8.0, fps=24.0, frames=192, engine="flipbook"
)
DONE = replace(
    JOB, status="completed", result=RESULT, ended=1010.9, expires=2000.2, due=None, progress=1.0
)


def shown(job: Job) -> dict[str, Any]:
    made = wire.video(job, lambda path: f"http://here{path}?signed")
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(made))
    return read


def test_a_queued_job_has_every_field_of_the_schema() -> None:
    assert shown(JOB) == {
        "id": "video_1", "object": "video", "created_at": 1000, "status": "queued",
        "completed_at": None, "error": None, "expires_at": None, "model": "sora-2", "progress": 0,
        "prompt": "a cat", "remixed_from_video_id": None, "seconds": "4", "size": "720x1280",
    }  # fmt: skip
    required = json.loads(SCHEMA.read_text())["components"]["schemas"]["VideoResource"]["required"]
    assert set(required) <= set(shown(JOB))


def test_a_finished_job_says_what_came_of_it() -> None:
    seen = shown(DONE)
    assert (seen["status"], seen["progress"], seen["seconds"]) == ("completed", 100, "8")
    assert (seen["size"], seen["completed_at"], seen["expires_at"]) == ("1280x720", 1010, 2000)
    assert seen["video_url"] == "http://here/v1/videos/video_1/content?signed"


def test_a_failed_job_says_why_and_has_no_film() -> None:
    problem = Problem(code="invalid_image", message="it is damaged", hint="export it again")
    seen = shown(replace(JOB, status="failed", error=problem, ended=5.0, due=None, progress=0.4))
    assert seen["error"] == {
        "code": "invalid_image", "message": "it is damaged", "hint": "export it again",
    }  # fmt: skip
    assert (seen["status"], seen["progress"], seen["completed_at"]) == ("failed", 40, None)
    assert "video_url" not in seen


def test_what_this_house_adds() -> None:
    notice = Notice(code="unknown_field", message="left out", field="user")
    report = {"done": [{"words": "pan left"}]}
    job = replace(DONE, warnings=(notice,), result=msgspec.structs.replace(RESULT, report=report))
    seen = shown(job)
    assert seen["warnings"] == [{"code": "unknown_field", "message": "left out", "field": "user"}]
    assert seen["report"] == report
    asked = JOB.asked | {"remixed_from": "video_0", "quality": "best"}
    assert shown(replace(JOB, asked=asked))["remixed_from_video_id"] == "video_0"
    assert shown(replace(JOB, asked=asked))["quality"] == "best"
    assert shown(replace(JOB, asked=JOB.asked | {"source": "video_0"}))["source_video_id"] == "video_0"  # fmt: skip


def test_a_status_unknown_outside_never_leaves_the_house() -> None:
    odd: Any = "unconfirmed"
    assert shown(replace(JOB, status=odd))["status"] == "in_progress"


@pytest.mark.parametrize(
    ("done", "status", "expected"),
    [
        (0.0, "queued", 0),
        (0.005, "in_progress", 0),
        (0.29, "in_progress", 29),
        (1.0, "in_progress", 99),
        (2.0, "in_progress", 99),
        (-1.0, "in_progress", 0),
        (0.3, "completed", 100),
        (1.0, "failed", 99),
    ],
)
def test_progress_is_whole_and_100_only_with_the_film(
    done: float, status: Any, expected: int
) -> None:
    assert told.progress(replace(JOB, progress=done, status=status)) == expected


@pytest.mark.parametrize(
    ("length", "expected"), [(4.0, "4"), (8.5, "8.5"), (96 / 24, "4"), (97 / 24, "4.042"), (120, "120")]
)  # fmt: skip
def test_seconds_are_text_without_a_point_where_they_are_whole(
    length: float, expected: str
) -> None:
    assert told.seconds(length) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [(None, 1000), (99.0, 250), (102.0, 250), (140.0, 1000), (400.0, 7500), (9000.0, 10_000)],
)
def test_the_poll_interval_fits_what_is_left(end: float | None, expected: int) -> None:
    assert wire.poll_after(replace(JOB, expected_end=end), now=100.0) == expected


def test_until_the_work_can_tell_the_desk_says_what_is_left() -> None:
    asked = replace(JOB, asked=JOB.asked | {"expected": 80.0})
    assert wire.poll_after(asked, now=1000.7) == 2000
    assert wire.poll_after(replace(asked, expected_end=1020.7), now=1000.7) == 500


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_nobody_is_told_to_poll_what_has_ended(status: Any) -> None:
    assert wire.poll_after(replace(JOB, status=status), now=100.0) is None


def test_a_page_names_its_ends() -> None:
    jobs = [replace(JOB, id="video_2"), JOB]
    page = wire.page(jobs, True, str)
    assert (page.first_id, page.last_id, page.has_more) == ("video_2", "video_1", True)
    empty = wire.page([], False, str)
    assert (empty.first_id, empty.last_id, empty.data) == (None, None, [])


def test_warnings_as_a_header_are_ascii_and_bounded() -> None:
    notices = [Notice(code="c", message="zu groß 画", field="size")]
    header = told.warning_header(notices)
    assert header.isascii()
    assert json.loads(header) == [{"code": "c", "field": "size", "message": "zu groß 画"}]
    assert "message" not in told.warning_header(notices * 60)
    assert told.warning_header(notices * 1000) == "1000"
