"""A job → the Video object on the wire: the schema's fields, and beside them what this house adds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.dialects.shared.told import Sign, progress, seconds
from mutoscope.dialects.shared.told import model as asked_model
from mutoscope.jobs.job import Job, Notice

#: Status words that may leave the house; whatever else a row says is still running.
STATUSES = ("queued", "in_progress", "completed", "failed")
#: Milliseconds between polls, and milliseconds for each second that is left: a fortieth, so that nobody
#: waits longer than that for nothing.
POLL_LEAST, POLL_MOST, POLL_UNKNOWN, POLL_SHARE = 250, 10_000, 1_000, 25.0


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job failed. `hint` and `param` are additions of this house."""

    code: str
    message: str
    param: str | UnsetType = UNSET
    hint: str | UnsetType = UNSET


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """The service's Video object. What is UNSET is left out; the others are always there."""

    id: str
    object: str = "video"
    created_at: int
    status: str
    completed_at: int | None
    error: Failure | None
    expires_at: int | None
    model: str
    progress: int
    prompt: str | None
    remixed_from_video_id: str | None
    seconds: str
    size: str
    quality: str | UnsetType = UNSET
    video_url: str | UnsetType = UNSET
    source_video_id: str | UnsetType = UNSET
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


class Videos(msgspec.Struct, frozen=True, kw_only=True):
    """A page of videos."""

    object: str = "list"
    data: list[Video]
    first_id: str | None
    last_id: str | None
    has_more: bool


def video(job: Job, sign: Sign) -> Video:
    """The job as its clients see it. Pure but for the link, which `sign` makes where there is a film."""
    asked, result = job.asked, job.result
    done = job.status == "completed" and result is not None
    said = result.report if result is not None else {}
    length, size = _frame(job)
    return Video(
        id=job.id,
        created_at=int(job.created),
        status=_status(job),
        completed_at=int(job.ended) if done and job.ended else None,
        error=_failure(job),
        expires_at=int(job.expires) if done and job.expires else None,
        model=asked_model(job),
        progress=progress(job),
        prompt=asked.get("prompt"),
        remixed_from_video_id=asked.get("remixed_from"),
        seconds=length,
        size=size,
        quality=asked.get("quality", UNSET),
        video_url=sign(f"/v1/videos/{job.id}/content") if done else UNSET,
        source_video_id=asked.get("source", UNSET),
        warnings=on_the_wire(job.warnings) or UNSET,
        report=said or UNSET,
    )


def page(jobs: Iterable[Job], has_more: bool, sign: Sign) -> Videos:
    """A page in the order in which it was asked for."""
    data = [video(job, sign) for job in jobs]
    return Videos(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=has_more,
    )


def poll_after(job: Job, now: float) -> int | None:
    """Milliseconds after which to ask again; None where the job has ended.

    `create_and_poll` keeps the first one that it sees for the whole wait, so it is a share of what is
    left: a job of a few seconds is asked for often, one of minutes seldom.
    """
    if _status(job) in ("completed", "failed"):
        return None
    end = job.expected_end
    if end is None and "expected" in job.asked:  # as the desk saw it, before the work could tell
        end = job.created + job.asked["expected"]
    if end is None:
        return POLL_UNKNOWN
    left = max(0.0, end - now)
    return round(min(POLL_MOST, max(POLL_LEAST, left * POLL_SHARE)))


def _frame(job: Job) -> tuple[str, str]:
    """Length and size: of the film, or as they were asked for, or as the film to begin from has them."""
    if (result := job.result) is not None:
        return seconds(result.seconds), result.size
    if "of_shot" in job.asked and (shot := job.shot) is not None:
        return seconds(shot.seconds), str(shot.size)
    return job.asked.get("seconds", ""), job.asked.get("size", "")


def _status(job: Job) -> str:
    return job.status if job.status in STATUSES else "in_progress"


def _failure(job: Job) -> Failure | None:
    if job.error is None or job.status != "failed":
        return None
    error = job.error
    return Failure(
        code=error.code,
        message=error.message,
        param=error.param or UNSET,
        hint=error.hint or UNSET,
    )
