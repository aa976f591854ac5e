"""A Job as values: the row that the API shows, what makes one, and what a stage changes in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from mutoscope.engines.base import Operation
from mutoscope.shot import Media, Shot

Status = Literal["queued", "in_progress", "completed", "failed"]
Object = Literal["video", "batch", "character"]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a job failed, as every dialect tells it in its own form."""

    code: str
    message: str
    hint: str = ""
    param: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something the caller should know, as `mutoscope.clip.Warned`."""

    code: str
    message: str
    field: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a finished job came to: `media` by variant (video, thumbnail, spritesheet), the film's
    size as "WxH", its length in seconds, and the report (`mutoscope.clip.Report` as values)."""

    media: dict[str, Media]
    size: str
    seconds: float
    fps: float
    frames: int
    engine: str
    report: dict[str, Any] = {}
    took: dict[str, float] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of `storage.tables.jobs`, read. Times are seconds since 1970."""

    id: str
    object: Object
    project: str
    key_id: str | None
    dialect: str
    kind: str
    model: str
    engine: str
    status: Status
    stage: str
    due: float | None
    priority: int
    deadline: float | None
    lease_owner: str | None
    lease_until: float | None
    fence: int
    attempt: int
    cancel_requested: bool
    intent_at: float | None
    intent_seq: int
    account: str | None
    operation: Operation | None
    progress: float
    expected_end: float | None
    shot: Shot | None
    asked: dict[str, Any]
    work: dict[str, Any]
    result: Result | None
    error: Problem | None
    warnings: tuple[Notice, ...]
    parent: str | None
    batch: str | None
    idempotency_key: str | None
    fingerprint: str | None
    webhook_url: str | None
    created: float
    started: float | None
    ended: float | None
    expires: float | None
    take_of: str | None = None  # of several takes, the first one's id; the first has its own

    @property
    def hidden(self) -> bool:
        """Whether its caller took the video back: it may still be ending, but nobody sees it any more.
        A film that was ready by the time its batch was cancelled is seen."""
        ready = self.batch is not None and self.status == "completed"
        return self.object == "video" and self.cancel_requested and not ready


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What admission hands to the ledger. `uses` are the media that the job needs kept."""

    id: str
    project: str
    dialect: str
    kind: str
    model: str
    engine: str
    object: Object = "video"
    stage: str = "inputs"
    key_id: str | None = None
    shot: Shot | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    work: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()
    priority: int = 0
    deadline: float | None = None
    parent: str | None = None
    batch: str | None = None
    take_of: str | None = None
    idempotency_key: str | None = None
    fingerprint: str | None = None
    webhook_url: str | None = None
    uses: tuple[Media, ...] = ()
    delay: float = 0.0  # seconds until it is due


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to change a job: whoever claimed it, and the fence of that claim."""

    job: str
    owner: str
    fence: int


class Keep:
    """The mark of a field that a change leaves as it is."""


KEEP = Keep()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one stage came to: committed in one fenced transaction with its events and media.

    `stage`: where the job goes on (None: it stays); `wait`: seconds until that is due; `ended`: it is
    over, with `status` completed or failed. A change without `hold` gives the lease back.
    """

    stage: str | None = None
    wait: float = 0.0
    hold: bool = False
    ended: bool = False
    status: Status | None = None
    progress: float | None = None
    expected_end: float | Keep | None = KEEP
    engine: str | None = None
    account: str | Keep | None = KEEP
    operation: Operation | Keep | None = KEEP
    intent: bool | None = (
        None  # True: a POST is about to go out (intent_seq + 1); False: it is settled
    )
    shot: Shot | None = None
    asked: dict[str, Any] | None = None
    work: dict[str, Any] | None = None
    result: Result | None = None
    error: Problem | None = None
    warnings: tuple[Notice, ...] | None = None
    expires: float | None = None
    remembered: float = 0.0  # seconds that an ended video's row stays if its caller took it back
    uses: tuple[Media, ...] = ()
    event: str | None = None  # "video.completed": goes into the outbox with this commit
