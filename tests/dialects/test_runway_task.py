"""A job → the Task on the wire; a job's id ↔ the task's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from wired import wired

from mutoscope.config import EngineAccount, Settings
from mutoscope.dialects.runway import credits
from mutoscope.dialects.runway.errors import form, path
from mutoscope.dialects.runway.ids import beginning, task_id
from mutoscope.dialects.runway.task import failure_code, iso, started, status, task
from mutoscope.jobs.job import Job, Notice, Problem, Result
from mutoscope.server.errors import Told
from mutoscope.shot import Media, Shot, Size
from mutoscope.storage.ids import new_id

ID = "video_000660ca4e04b0cbc7a446170d9c57a1a6539e0daacdc74b"
FILM = Result(
    media={"video": Media("a" * 64, "video/mp4", 10)}, size="1280x720", seconds=5, fps=24,
    frames=120, engine="flipbook", report={"done": [{"words": "pan"}]},
)  # fmt: skip


def job(**given: Any) -> Job:
    plain: dict[str, Any] = dict.fromkeys(Job.__dataclass_fields__)
    plain |= {
        "id": ID, "object": "video", "project": "p", "status": "queued", "stage": "inputs",
        "model": "gen4_turbo", "engine": "flipbook", "dialect": "runway", "progress": 0.0,
        "created": 1795000000.25, "cancel_requested": False, "warnings": (), "asked": {}, "work": {},
        "shot": Shot(seconds=5.0, model="gen4_turbo"),
    }  # fmt: skip
    return Job(**(plain | given))


def shown(one: Job, estimated: float = 12.5, charged: int = 13) -> dict[str, Any]:
    made = task(one, estimated, charged, lambda link: f"signed:{link}")
    said: dict[str, Any] = msgspec.to_builtins(made)
    return said


# ids


def test_a_tasks_id_is_a_uuid_that_leads_back_to_its_job() -> None:
    for _ in range(200):
        one = new_id("video_")
        made = uuid.UUID(task_id(one))
        assert (made.version, made.variant) == (4, uuid.RFC_4122)
        begins = beginning(str(made))
        assert begins is not None
        assert one.startswith(begins)
        assert len(begins) == len("video_") + 16 + 17
    assert len({task_id(new_id("video_")) for _ in range(500)}) == 500


def test_ids_of_one_microsecond_differ() -> None:
    head, tail = ID[:22], ID[22:]
    other = head + f"{int(tail, 16) ^ 1 << 127:032x}"
    assert task_id(other) != task_id(ID)
    assert beginning(task_id(other)) != beginning(task_id(ID))


def test_what_is_no_uuid_of_ours_has_no_beginning() -> None:
    for strange in ("", "x", ID, "497f6eca62764993bfeb53cbbbba6f08", str(uuid.uuid1())):
        assert beginning(strange) is None
    assert task_id("video_short") == "video_short"
    assert task_id("video_" + "f" * 48) == "video_" + "f" * 48  # a time that no UUID holds


# the task


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "PENDING"),
        ({"stage": "prepare"}, "PENDING"),
        ({"stage": "render"}, "THROTTLED"),
        ({"stage": "submit"}, "THROTTLED"),
        ({"stage": "room"}, "THROTTLED"),
        ({"status": "in_progress", "stage": "render"}, "RUNNING"),
        ({"status": "in_progress", "stage": "finish"}, "RUNNING"),
        ({"status": "completed"}, "SUCCEEDED"),
        ({"status": "failed"}, "FAILED"),
        ({"status": "failed", "error": Problem(code="cancelled", message="m")}, "CANCELLED"),
        ({"status": "in_progress", "cancel_requested": True}, "CANCELLED"),
        ({"status": "completed", "cancel_requested": True}, "CANCELLED"),
        ({"status": "completed", "cancel_requested": True, "batch": "b"}, "SUCCEEDED"),
    ],
)
def test_every_state_has_the_vendors_word(given: dict[str, Any], word: str) -> None:
    assert status(job(**given)) == word


def test_an_open_task_has_an_estimate_and_a_running_one_its_progress() -> None:
    said = shown(job(status="in_progress", progress=0.43218))
    assert said == {
        "id": task_id(ID), "status": "RUNNING", "createdAt": "2026-11-18T11:06:40.250Z",
        "estimatedCost": {"credits": 12.5}, "progress": 0.4322,
    }  # fmt: skip
    assert "progress" not in shown(job())


def test_a_succeeded_task_has_its_film_cost_and_report() -> None:
    notice = Notice(code="ignored", field="seconds", message="seconds is long")
    said = shown(job(status="completed", result=FILM, warnings=(notice,)))
    assert said["output"] == [f"signed:/mutoscope/jobs/{ID}/content"]
    assert said["cost"] == {"credits": 13}
    assert said["report"] == {"done": [{"words": "pan"}]}
    assert said["warnings"][0]["field"] == "duration"
    assert said["warnings"][0]["message"] == "duration is long"
    assert not {"estimatedCost", "progress", "failure"} & set(said)


def test_a_failed_task_says_why() -> None:
    problem = Problem(code="invalid_image", message="it is no picture", hint="send one")
    said = shown(job(status="failed", error=problem), charged=0)
    assert (said["failure"], said["failureCode"]) == ("it is no picture", "ASSET.INVALID")
    assert (said["failureHint"], said["cost"]) == ("send one", {"credits": 0})
    assert "output" not in said


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Problem(code="fetch_failed", message="m"), "ASSET.INVALID"),
        (Problem(code="invalid_value", message="m", param="promptImage[0].uri"), "ASSET.INVALID"),
        (Problem(code="invalid_value", message="m", param="input_reference"), "ASSET.INVALID"),
        (Problem(code="invalid_value", message="m", param="seconds"), "INTERNAL"),
        (Problem(code="moderation_blocked", message="m"), "SAFETY.INPUT.TEXT"),
        (Problem(code="engine_refused", message="m"), "THIRD_PARTY.UNAVAILABLE"),
        (Problem(code="engine_failed", message="m"), "INTERNAL.BAD_OUTPUT.CODE01"),
        (Problem(code="deadline_exceeded", message="m"), "INTERNAL"),
        (Problem(code="server_error", message="m"), "INTERNAL"),
    ],
)
def test_a_problem_has_the_vendors_code(problem: Problem, code: str) -> None:
    assert failure_code(problem) == code


def test_what_a_post_answers() -> None:
    said = msgspec.to_builtins(started(job(), 0.0))
    assert said == {"id": task_id(ID), "estimatedCost": {"credits": 0.0}}


def test_times_are_in_utc_to_the_millisecond() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1795000000.9996) == "2026-11-18T11:06:40.999Z"


# errors


def test_an_invalid_body_is_told_as_there_with_its_sentence_in_both_places() -> None:
    told = Told(400, "ratio is 'x'", "t", "promptImage[1].uri", "invalid_value", "send one")
    assert msgspec.json.decode(form(told)) == {
        "error": "Validation of body failed: ratio is 'x'",
        "issues": [
            {"code": "invalid_value", "path": ["promptImage", 1, "uri"], "message": "ratio is 'x'"}
        ],
        "code": "invalid_value",
        "hint": "send one",
    }
    assert path("promptText") == ["promptText"]


def test_other_errors_are_a_sentence() -> None:
    assert msgspec.json.decode(form(Told(404, "not here", "t"))) == {"error": "not here"}


# credits


def test_films_of_this_machine_cost_nothing_and_others_what_the_catalogue_says(
    tmp_path: Path,
) -> None:
    accounts = {
        "relay": EngineAccount(kind="openai_videos", models={"gen4_turbo": "sora-2"}),
        "other": EngineAccount(kind="openai_videos"),
    }
    with wired(tmp_path, Settings(engines=accounts)) as here:

        def estimated(**given: Any) -> float:
            return credits.estimated(here.house, job(**given))

        assert estimated() == 0.0
        assert estimated(engine="relay") == pytest.approx(5 * 0.10 * 100)  # sora-2's price
        assert estimated(engine="other") == pytest.approx(5 * 0.05 * 100)  # gen4_turbo's own
        assert estimated(engine="other", model="nobody-knows") == 0.0
        assert estimated(engine="gone") == 0.0
        ended = job(engine="other", status="completed")
        assert credits.charged(here.house, ended) == 25
        assert credits.charged(here.house, replace(ended, status="failed")) == 0
        cancelled = replace(ended, status="failed", cancel_requested=True)
        assert credits.charged(here.house, cancelled) == 0
        assert credits.charged(here.house, replace(cancelled, started=1.0)) == 25


def test_a_price_by_size_is_that_sizes() -> None:
    large = Shot(model="sora-2-pro", size=Size(1792, 1024), seconds=4)
    small = Shot(model="sora-2-pro", size=Size(1280, 720), seconds=4)
    assert credits.usd("sora-2-pro", large) == pytest.approx(2.0)
    assert credits.usd("sora-2-pro", small) == pytest.approx(1.2)
    assert credits.usd("nobody", small) is None
