"""A job → the Interaction on the wire. Pure but for what `content` and `sign` make."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.dialects.google.naming import names
from mutoscope.dialects.interactions.asking import NAMES
from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.dialects.shared.told import model as asked_model
from mutoscope.dialects.shared.told import progress
from mutoscope.jobs.job import Job, Notice
from mutoscope.shot import Media

PREFIX = "v1_"  # of ids here; the rest is that of the video's id
_ID = re.compile(r"(?:v1_|video_)?([0-9a-f]{48})", re.ASCII)
KEPT = "interaction"  # where `Job.asked` has what is shown again
#: What stands for a film in the answer: its base64, or where it is.
Content = Callable[[Job, Media], Mapping[str, str]]


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is counted in tokens here."""

    total_input_tokens: int = 0
    total_output_tokens: int = 0
    total_thought_tokens: int = 0
    total_cached_tokens: int = 0
    total_tool_use_tokens: int = 0
    total_tokens: int = 0
    input_tokens_by_modality: tuple[Any, ...] = ()
    output_tokens_by_modality: tuple[Any, ...] = ()


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """The service's Interaction; `progress`, `warnings` and `report` are additions of this house."""

    id: str
    object: str = "interaction"
    status: str
    model: str
    created: str
    updated: str
    steps: list[dict[str, Any]]
    usage: Usage = Usage()
    errors: list[dict[str, str]] | UnsetType = UNSET
    previous_interaction_id: str | UnsetType = UNSET
    labels: dict[str, str] | UnsetType = UNSET
    progress: int
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


def interaction_id(job: str) -> str:
    """The interaction's id for a video's."""
    return PREFIX + job.removeprefix("video_")


def job_id(text: str) -> str | None:
    """The video's id in an interaction's; None for a text that is none. A video's own id is taken too."""
    found = _ID.fullmatch(text.removeprefix("interactions/"))
    return None if found is None else f"video_{found[1]}"


def status(job: Job) -> str:
    """A word that programs wait on: what has not begun is in_progress too, as there."""
    if job.hidden:
        return "cancelled"
    return job.status if job.status in ("completed", "failed") else "in_progress"


def interaction(
    job: Job, content: Content, given: list[dict[str, Any]] | None = None
) -> Interaction:
    """`given` is the step of the user's, where it is to be shown."""
    kept = job.asked.get(KEPT, {})
    before = job.parent if job.asked.get("remixed_from") or job.asked.get("source") else None
    ended = job.ended if job.ended is not None else job.started
    said = job.result.report if job.result is not None else {}
    return Interaction(
        id=interaction_id(job.id),
        status=status(job),
        model=asked_model(job),
        created=_when(job.created),
        updated=_when(ended if ended is not None else job.created),
        steps=[*(given or ()), *outputs(job, content)],
        errors=[failure(job)] if status(job) == "failed" else UNSET,
        previous_interaction_id=interaction_id(before) if before else UNSET,
        labels=kept.get("labels") or UNSET,
        progress=progress(job),
        warnings=on_the_wire(job.warnings, names(NAMES, job.asked)) or UNSET,
        report=said or UNSET,
    )


def outputs(job: Job, content: Content) -> list[dict[str, Any]]:
    """The step with the film, or with what came between."""
    if status(job) == "failed":
        told = failure(job)
        return [{"type": "model_output", "content": [], "error": {"message": told["message"]}}]
    if status(job) != "completed" or job.result is None:
        return []
    film = job.result.media["video"]
    video = {"type": "video", "mime_type": film.type, **content(job, film)}
    return [{"type": "model_output", "content": [video]}]


def inputs(job: Job, mark: Callable[[Media], str]) -> list[dict[str, Any]]:
    """The step of the user's: pictures and films that were given, and what was said."""
    content: list[dict[str, Any]] = []
    if job.shot is not None and not job.parent:
        for anchor in job.shot.anchors:
            kind, _, rest = anchor.media.type.partition("/")
            if rest != "unknown":
                content.append(
                    {"type": kind, "mime_type": anchor.media.type, "data": mark(anchor.media)}
                )
    if said := job.asked.get("prompt"):
        content.append({"type": "text", "text": said})
    return [{"type": "user_input", "content": content}]


def failure(job: Job) -> dict[str, str]:
    """Why it failed."""
    if job.error is None:
        return {"code": "internal", "message": "it failed"}
    hint = {"hint": job.error.hint} if job.error.hint else {}
    return {"code": job.error.code, "message": job.error.message, **hint}


def delivery(job: Job) -> str:
    """How the request wanted the film; inline for videos of other dialects."""
    return str(job.asked.get(KEPT, {}).get("delivery", "inline"))


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
