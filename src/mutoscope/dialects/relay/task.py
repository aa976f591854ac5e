"""A job → the task on the wire. Beside what relays tell: `warnings` and `report`."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.dialects.shared import told
from mutoscope.dialects.shared.film import content_path
from mutoscope.dialects.shared.naming import WIRE, on_the_wire
from mutoscope.dialects.shared.tasks import named
from mutoscope.dialects.shared.told import Sign
from mutoscope.jobs.job import Job, Notice, Problem

TASK = "task_"
#: The Shot's fields → the names that these requests have for them.
NAMES = WIRE | {"seconds": "duration", "anchors": "image_url", "anchor.media": "image_url",
                "source": "reference_video", "video_id": "remix_target_id", "photo": "image_url", "input_reference": "image_url"}  # fmt: skip


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is UNSET is left out; the others are always there. `status` is pending, processing,
    completed, failed or cancelled, `progress` 0 to 100; the links open until `expires_at`."""

    task_id: str
    id: str
    object: str = "video.generation.task"
    status: str
    progress: int
    video_url: str | None
    thumbnail_url: str | None
    error: Problem | None
    fail_reason: str | None
    model: str
    prompt: str | None
    duration: int | float | None
    size: str | None
    created_at: int
    completed_at: int | None
    expires_at: int | None
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


class Tasks(msgspec.Struct, frozen=True, kw_only=True):
    """A page of tasks."""

    tasks: list[Task]
    has_more: bool


def status(job: Job) -> str:
    """The word for where a job is."""
    if job.hidden or (job.error is not None and job.error.code == "cancelled"):
        return "cancelled"
    if job.status in ("completed", "failed"):
        return job.status
    return "pending" if job.status == "queued" else "processing"


def task(job: Job, sign: Sign) -> Task:
    """The job as its clients see it. Pure but for the links."""
    result, state, shot = job.result, status(job), job.shot
    done = state == "completed" and result is not None
    problem = job.error if state == "failed" else None
    length = shot.seconds if shot is not None else None
    size = str(shot.size) if shot is not None else None
    if result is not None:
        length, size = round(result.seconds, 3), result.size
    name = named(job.id, TASK)
    thumbnail = result is not None and "thumbnail" in result.media
    return Task(
        task_id=name,
        id=name,
        status=state,
        progress=told.progress(job),
        video_url=sign(content_path(job)) if done else None,
        thumbnail_url=sign(content_path(job, "thumbnail")) if done and thumbnail else None,
        error=problem,
        fail_reason=problem.message if problem is not None else None,
        model=told.model(job),
        prompt=job.asked.get("prompt"),
        duration=int(length) if length is not None and length == int(length) else length,
        size=size,
        created_at=int(job.created),
        completed_at=int(job.ended) if done and job.ended else None,
        expires_at=int(job.expires) if done and job.expires else None,
        warnings=on_the_wire(job.warnings, NAMES) or UNSET,
        report=result.report if done and result is not None and result.report else UNSET,
    )
