"""The jobs of one request → how their operation stands. Pure; each dialect writes it in its own form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mutoscope.dialects.google.errors import NUMBERS
from mutoscope.dialects.google.naming import NAMES, names
from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.dialects.shared.takes import alike
from mutoscope.dialects.shared.told import progress
from mutoscope.jobs.job import Job, Notice

#: Code of a failed job → the google.rpc code. What begins as in BEGINS is the caller's own; any other is
#: the server's.
CODES: dict[str, str] = {
    "cancelled": "CANCELLED",
    "deadline_exceeded": "DEADLINE_EXCEEDED",
    "insufficient_storage": "RESOURCE_EXHAUSTED",
    "rate_limit_exceeded": "RESOURCE_EXHAUSTED",
    "unavailable": "UNAVAILABLE",
    "unreachable": "INVALID_ARGUMENT",
    "unconfirmed": "ABORTED",
    "not_found": "NOT_FOUND",
    "not_supported": "INVALID_ARGUMENT",
    "not_possible": "INVALID_ARGUMENT",
    "too_large": "INVALID_ARGUMENT",
}
BEGINS = ("invalid_", "missing_")
#: Codes of failures that the service told as a film that was filtered out.
FILTERED = ("moderation_blocked", "content_policy_violation", "content_moderated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`films` are the finished jobs in their order; `filtered` why others were withheld. `error` is what
    the operation failed with, where it has neither."""

    done: bool
    films: tuple[Job, ...] = ()
    filtered: tuple[str, ...] = ()
    error: dict[str, Any] | None = None
    progress: int = 0  # per cent
    warnings: tuple[Notice, ...] = ()
    failed: tuple[str, ...] = ()  # why films are missing beside those that are there


def standing(jobs: Sequence[Job]) -> Standing:
    """How the takes of one request stand together: done when each has ended."""
    done = all(job.status in ("completed", "failed") for job in jobs)
    films = tuple(job for job in jobs if job.status == "completed" and job.result is not None)
    fallen = [job for job in jobs if job.status == "failed"]
    filtered = tuple(_why(job) for job in fallen if _code(job) in FILTERED)
    others = [job for job in fallen if _code(job) not in FILTERED]
    nothing = done and not films and not filtered
    return Standing(
        done=done,
        films=films if done else (),
        filtered=filtered if done else (),
        error=status(others[0]) if nothing and others else None,
        progress=sum(progress(job) if job not in fallen else 100 for job in jobs)
        // max(1, len(jobs)),
        warnings=(*_warnings(jobs), *(alike(films, "parameters.sampleCount") if done else ())),
        failed=tuple(_why(job) for job in others) if done and not nothing else (),
    )


def status(job: Job) -> dict[str, Any]:
    """Why a job failed, as a google.rpc.Status."""
    error = job.error
    name = rpc(_code(job))
    told: dict[str, Any] = {"code": NUMBERS[name], "message": _why(job), "status": name}
    if error is not None and error.hint:
        told["hint"] = error.hint
    return told


def rpc(code: str) -> str:
    """The google.rpc code of a failed job's own."""
    return CODES.get(code, "INVALID_ARGUMENT" if code.startswith(BEGINS) else "INTERNAL")


def _code(job: Job) -> str:
    return job.error.code if job.error is not None else ""


def _why(job: Job) -> str:
    return job.error.message if job.error is not None else "it failed"


def _warnings(jobs: Sequence[Job]) -> tuple[Notice, ...]:
    """What is said of all takes, once."""
    said = dict.fromkeys(one for job in jobs for one in job.warnings)
    return on_the_wire(said, names(NAMES, jobs[0].asked))
