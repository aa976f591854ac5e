"""A job → the Task object on the wire: the vendor's fields, and beside them what this house adds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.dialects.runway.errors import NAMES
from mutoscope.dialects.runway.ids import task_id
from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.dialects.shared.told import Sign, content_path
from mutoscope.jobs.job import Job, Notice, Problem

Status = Literal["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]

#: Where a job that was not begun waits for its engine alone: all else of it is ready.
READY = ("render", "generate", "submit", "room")

#: The code of a job's problem → the vendor's `failureCode`. Whatever blames a picture or film is
#: ASSET.INVALID, whatever is not here INTERNAL.
FAILURES = {
    "invalid_image": "ASSET.INVALID",
    "invalid_video": "ASSET.INVALID",
    "invalid_url": "ASSET.INVALID",
    "invalid_base64": "ASSET.INVALID",
    "address_refused": "ASSET.INVALID",
    "fetch_failed": "ASSET.INVALID",
    "unreachable": "ASSET.INVALID",
    "cut_short": "ASSET.INVALID",
    "moved": "ASSET.INVALID",
    "too_large": "ASSET.INVALID",
    "moderation_blocked": "SAFETY.INPUT.TEXT",
    "no_answer": "THIRD_PARTY.UNAVAILABLE",
    "unavailable": "THIRD_PARTY.UNAVAILABLE",
    "engine_refused": "THIRD_PARTY.UNAVAILABLE",
    "no_film": "INTERNAL.BAD_OUTPUT.CODE01",
    "engine_failed": "INTERNAL.BAD_OUTPUT.CODE01",
}
OTHER = "INTERNAL"


class Cost(msgspec.Struct, frozen=True):
    """In credits of a hundredth of a dollar."""

    credits: float | int


class Started(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a POST answers."""

    id: str
    estimated_cost: Cost
    warnings: tuple[Notice, ...] | UnsetType = UNSET


class Task(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The vendor's Task. What is UNSET is left out."""

    id: str
    status: Status
    created_at: str
    estimated_cost: Cost | UnsetType = UNSET  # of a task that has not ended
    cost: Cost | UnsetType = UNSET  # of one that has
    progress: float | UnsetType = UNSET
    output: list[str] | UnsetType = UNSET
    failure: str | UnsetType = UNSET
    failure_code: str | UnsetType = UNSET
    failure_hint: str | UnsetType = UNSET
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


def started(job: Job, credits: float) -> Started:
    """What is told of a job that was just made."""
    return Started(
        id=task_id(job.id),
        estimated_cost=Cost(credits),
        warnings=on_the_wire(job.warnings, NAMES) or UNSET,
    )


def task(job: Job, estimated: float, charged: int, sign: Sign) -> Task:
    """The job as its clients see it. `estimated` and `charged`: credits, before its end and after it."""
    said = status(job)
    ended = said in ("SUCCEEDED", "FAILED", "CANCELLED")
    problem = job.error if said == "FAILED" else None
    report = job.result.report if said == "SUCCEEDED" and job.result is not None else {}
    return Task(
        id=task_id(job.id),
        status=said,
        created_at=iso(job.created),
        estimated_cost=UNSET if ended else Cost(estimated),
        cost=Cost(charged) if ended else UNSET,
        progress=round(min(max(job.progress, 0.0), 1.0), 4) if said == "RUNNING" else UNSET,
        output=[sign(content_path(job))] if said == "SUCCEEDED" else UNSET,
        failure=problem.message if problem else UNSET,
        failure_code=failure_code(problem) if problem else UNSET,
        failure_hint=(problem.hint or UNSET) if problem else UNSET,
        warnings=on_the_wire(job.warnings, NAMES) or UNSET,
        report=report or UNSET,
    )


def status(job: Job) -> Status:
    """The vendor's word. THROTTLED is a task of which all is ready, so that it waits for a free place of
    its engine and for nothing else."""
    if job.hidden or (job.error is not None and job.error.code == "cancelled"):
        return "CANCELLED"
    if job.status == "completed":
        return "SUCCEEDED"
    if job.status == "failed":
        return "FAILED"
    if job.status == "in_progress":
        return "RUNNING"
    return "THROTTLED" if job.stage in READY else "PENDING"


def failure_code(problem: Problem) -> str:
    """The vendor's code."""
    if (code := FAILURES.get(problem.code)) is not None:
        return code
    return "ASSET.INVALID" if _media(problem.param) else OTHER


def iso(seconds: float) -> str:
    """A time in seconds since 1970, to the millisecond, in UTC."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _media(param: str) -> bool:
    field = NAMES.get(param, param).partition("[")[0].partition(".")[0]
    return field in ("promptImage", "videoUri", "promptVideo", "references", "referenceVideos", "keyframes")  # fmt: skip
