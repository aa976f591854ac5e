"""A batch's state: what its job keeps in `work`, and the Batch object on the wire. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from mutoscope.jobs.job import Job
from mutoscope.shot import Media

VIDEOS = "/v1/videos"
#: The states that the service's Batch object has a time for.
TIMES = (
    "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled",
)  # fmt: skip


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    total: int = 0
    completed: int = 0
    failed: int = 0


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the input that cannot be run; `line` counts from 1."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A line that was answered with an error when its turn came: HTTP status and error body."""

    status: int
    body: dict[str, Any]


class State(msgspec.Struct, kw_only=True):
    """`next`: the first line, from 0, that has not been placed, and `offset` where it begins in the
    input's bytes; `lines`: how many there are."""

    input: Media
    expires_at: float
    status: str = "validating"
    times: dict[str, float] = {}
    lines: int = 0
    next: int = 0
    offset: int = 0
    counts: Counts = Counts()
    refused: dict[int, Refused] = {}
    faults: tuple[Fault, ...] = ()
    over: str = ""  # why it ended before its last line: cancelled, expired
    output_file_id: str | None = None
    error_file_id: str | None = None

    @classmethod
    def of(cls, job: Job) -> State:
        """As the job keeps it."""
        return msgspec.convert(job.work, cls, strict=False)

    def work(self) -> dict[str, Any]:
        """As plain values, for the job to keep."""
        kept: dict[str, Any] = msgspec.to_builtins(self, str_keys=True)
        return kept

    def become(self, status: str, now: float) -> None:
        """The next status, and when it began."""
        self.status = status
        self.times.setdefault(status, now)


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    object: str = "list"
    data: tuple[Fault, ...]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The service's Batch object."""

    id: str
    object: str = "batch"
    endpoint: str
    errors: Errors | None
    input_file_id: str
    completion_window: str
    status: str
    output_file_id: str | None
    error_file_id: str | None
    created_at: int
    in_progress_at: int | None
    expires_at: int
    finalizing_at: int | None
    completed_at: int | None
    failed_at: int | None
    expired_at: int | None
    cancelling_at: int | None
    cancelled_at: int | None
    request_counts: Counts
    metadata: dict[str, str] | None


def begun(file: Media, expires_at: float) -> dict[str, Any]:
    """The state of a new batch."""
    return State(input=file, expires_at=expires_at).work()


def shown(job: Job) -> Batch:
    """The batch as its clients see it."""
    state = State.of(job)
    cancelling = job.cancel_requested and job.due is not None
    times: dict[str, Any] = {f"{name}_at": _whole(state.times.get(name)) for name in TIMES}
    status, faults = state.status, state.faults
    if job.due is None and status not in ("completed", "failed", "expired", "cancelled"):
        # a stage broke for good: the row says why
        status, times["failed_at"] = "failed", _whole(job.ended)
        if job.error is not None:
            faults = (*faults, Fault(code=job.error.code, message=job.error.message))
    return Batch(
        id=job.id,
        endpoint=job.asked.get("endpoint", VIDEOS),
        errors=Errors(data=faults) if faults else None,
        input_file_id=job.asked.get("input_file_id", ""),
        completion_window=job.asked.get("completion_window", "24h"),
        status="cancelling" if cancelling else status,
        output_file_id=state.output_file_id if job.due is None else None,
        error_file_id=state.error_file_id if job.due is None else None,
        created_at=int(job.created),
        expires_at=int(state.expires_at),
        request_counts=state.counts,
        metadata=job.asked.get("metadata"),
        **times,
    )


def _whole(time: float | None) -> int | None:
    return None if time is None else int(time)
