"""What this dialect says where something is not there, or not yet, in the service's words where known."""

from __future__ import annotations

from mutoscope.jobs.job import Job
from mutoscope.server.errors import Refusal

VARIANTS = ("video", "thumbnail", "spritesheet")


def no_video(id: str, param: str | None = None) -> Refusal:
    return Refusal(
        f"Video with id '{id[:80]}' not found.", status=404, param=param, code="not_found"
    )


def no_file(id: str, param: str = "file_id") -> Refusal:
    return Refusal(
        f"No such File object: {id[:80]}", status=404, param=param, code="not_found",
        hint="GET /v1/files lists this project's files",
    )  # fmt: skip


def no_resource(id: str, param: str | None = None) -> Refusal:
    """Google's own words, which tell a file of others' from none as little as the service did."""
    return Refusal(
        f"You do not have permission to access the File {id[:80]} or it may not exist.",
        status=403,
        param=param,
        code="file_not_found",
        hint="GET /v1beta/files lists this project's files",
    )


def no_batch(id: str) -> Refusal:
    return Refusal(f"No batch found with id '{id[:80]}'.", status=404, code="not_found")


def no_variant(variant: str) -> Refusal:
    return Refusal(f"this video has no {variant}", status=404, param="variant", code="not_found")


def no_content(job: Job) -> Refusal:
    """Why a video has no content. A 404, as the service gave: a 409 would make its SDKs try again and
    again, and a 400 would blame the request."""
    if job.status == "failed":
        why = job.error.message if job.error is not None else "it failed"
        return Refusal(
            f"Video '{job.id}' failed, so it has no content: {why}",
            status=404,
            code=job.error.code if job.error is not None else "failed",
            hint=job.error.hint if job.error is not None else "",
        )
    return Refusal(
        "Video is not ready yet, use GET /v1/videos/{video_id} to check status.",
        status=404,
        code="video_not_ready",
        hint=f"its status is {job.status}, {int(job.progress * 100)} % done",
    )


def expired(job: Job) -> Refusal:
    """The film was deleted by the server's retention: it was here, and will not come back."""
    return Refusal(
        f"the content of video '{job.id}' has expired and was deleted",
        status=410,
        code="content_expired",
        hint="retention.video_days in the server's settings says how long films are kept",
    )
