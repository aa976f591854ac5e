"""The jobs of one request → the VideoGenerationJob on the wire, and each finished one → a
VideoGeneration. Beside the service's fields: `progress`, `output.url`, `error`, `warnings`, `report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.catalog.sizes import parse_size
from mutoscope.dialects.shared import told
from mutoscope.dialects.shared.film import content_path
from mutoscope.dialects.shared.naming import WIRE, on_the_wire
from mutoscope.dialects.shared.takes import alike
from mutoscope.dialects.shared.tasks import named
from mutoscope.dialects.shared.told import Sign
from mutoscope.errors import BadShot
from mutoscope.jobs.job import Job, Notice, Problem

TASK, GENERATION = "task_", "gen_"
STATUSES = (
    "queued", "preprocessing", "running", "processing", "succeeded", "failed", "cancelled",
)  # fmt: skip
#: The stage of a job that is worked on → its status.
STAGES = {
    "inputs": "preprocessing", "cast": "preprocessing", "introduce": "preprocessing",
    "prepare": "preprocessing", "collect": "processing", "finish": "processing",
}  # fmt: skip
#: The Shot's fields → the names that jobs have for them.
NAMES = WIRE | {"seconds": "n_seconds", "takes": "n_variants", "anchors": "inpaint_items",
                "anchor.media": "inpaint_items", "source": "inpaint_items", "photo": "inpaint_items",
                "input_reference": "inpaint_items"}  # fmt: skip


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One film of a job. `url` opens it until it expires."""

    object: str = "video.generation"
    id: str
    job_id: str
    created_at: int
    width: int
    height: int
    n_seconds: int | float
    prompt: str | None
    seed: int | UnsetType = UNSET
    url: str
    report: dict[str, Any] | UnsetType = UNSET


class Output(msgspec.Struct, frozen=True, kw_only=True):
    url: str


class VideoGenerationJob(msgspec.Struct, frozen=True, kw_only=True):
    """The service's object; what is UNSET is left out, the others are always there."""

    object: str = "video.generation.job"
    id: str
    status: str
    created_at: int
    finished_at: int | None
    expires_at: int | None
    generations: list[Generation]
    prompt: str | None
    model: str
    n_variants: int
    n_seconds: int | float
    height: int
    width: int
    failure_reason: str | None
    progress: int
    output: Output | UnsetType = UNSET
    error: Problem | UnsetType = UNSET
    warnings: tuple[Notice, ...] | UnsetType = UNSET
    report: dict[str, Any] | UnsetType = UNSET


class Jobs(msgspec.Struct, frozen=True, kw_only=True):
    """A page of jobs."""

    object: str = "list"
    data: list[VideoGenerationJob]
    first_id: str | None
    last_id: str | None
    has_more: bool


def status(takes: Iterable[Job]) -> str:
    """The status of all takes together: ended only once each of them has."""
    each = {_status(take) for take in takes}
    if len(each) == 1:
        return each.pop()
    if each <= {"succeeded", "failed", "cancelled"}:
        return "succeeded" if "succeeded" in each else "failed"
    return "running"


def job(takes: Sequence[Job], sign: Sign) -> VideoGenerationJob:
    """The job whose films are `takes`, the first of which names it. Pure but for the links."""
    first, ended = takes[0], all(take.due is None for take in takes)
    films = [take for take in takes if take.status == "completed" and take.result is not None]
    failed = [take for take in takes if take.status == "failed" and take.error is not None]
    state = status(takes)
    generations = [generation(film, named(first.id, TASK), sign) for film in films]
    width, height, length = _frame(first)
    problem = failed[0].error if failed else None
    expiries = [film.expires for film in films if film.expires]
    warnings = on_the_wire(first.warnings, NAMES)
    if films and problem is not None:
        warnings += (_missing(len(failed), len(takes), problem),)
    if ended:
        warnings += alike(films, "n_variants")
    return VideoGenerationJob(
        id=named(first.id, TASK),
        status=state,
        created_at=int(first.created),
        finished_at=int(max(take.ended or 0 for take in takes)) if ended else None,
        expires_at=int(min(expiries)) if ended and expiries else None,
        generations=generations,
        prompt=first.asked.get("prompt"),
        model=told.model(first),
        n_variants=len(takes),
        n_seconds=length,
        height=height,
        width=width,
        failure_reason=problem.code if problem is not None and not films and ended else None,
        progress=sum(told.progress(take) for take in takes) // len(takes),
        output=Output(url=generations[0].url) if ended and generations else UNSET,
        error=problem if problem is not None and not films and ended else UNSET,
        warnings=warnings or UNSET,
        report=films[0].result.report if ended and films and films[0].result else UNSET,
    )


def generation(film: Job, job_id: str, sign: Sign) -> Generation:
    """One finished film."""
    width, height, length = _frame(film)
    return Generation(
        id=named(film.id, GENERATION),
        job_id=job_id,
        created_at=int(film.ended or film.created),
        width=width,
        height=height,
        n_seconds=length,
        prompt=film.asked.get("prompt"),
        seed=film.shot.seed if film.shot is not None else UNSET,
        url=sign(content_path(film)),
        report=film.result.report if film.result is not None and film.result.report else UNSET,
    )


def _status(take: Job) -> str:
    if take.due is None:
        if take.status == "completed":
            return "succeeded"
        cancelled = take.error is not None and take.error.code == "cancelled"
        return "cancelled" if cancelled else "failed"
    if take.status == "queued":
        return "queued"
    return STAGES.get(take.stage, "running")


def _frame(take: Job) -> tuple[int, int, int | float]:
    """Width, height and length: of the film, or as they were asked for."""
    result, shot = take.result, take.shot
    size, length = ("", 0.0) if shot is None else (str(shot.size), shot.seconds)
    if result is not None:
        size, length = result.size, result.seconds
    elif "of_shot" not in take.asked:
        size, length = take.asked.get("size", size), float(take.asked.get("seconds", length) or 0)
    try:
        known = parse_size(size)
    except BadShot:
        return 0, 0, length
    length = round(length, 3)
    return known.width, known.height, int(length) if length == int(length) else length


def _missing(failed: int, all: int, problem: Problem) -> Notice:
    return Notice(
        code="variants_failed",
        field="n_variants",
        message=f"{failed} of {all} films failed: {problem.message}",
    )
