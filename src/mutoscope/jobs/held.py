"""A job in the hands of one worker, for as long as its lease lasts."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.errors import EngineFailed
from mutoscope.jobs.clock import Clock
from mutoscope.jobs.job import KEEP, Change, Job, Lease
from mutoscope.jobs.pace import Pace
from mutoscope.shot import Shot

if TYPE_CHECKING:
    from mutoscope.jobs.ledger import Ledger

TOLD = 0.5  # seconds between two writes of a job's progress
ROOM = (
    0.5  # seconds that a lease is lengthened by beyond what was asked for: asking takes time, too
)


class Lost(Exception):
    """Somebody else has the job by now: what was done for it here is dropped."""


@dataclasses.dataclass(eq=False, slots=True)
class Held:
    """See the module. `until` is the lease's end by `clock.seconds()`, never later than the truth.

    `folder` is where a stage may write; it is gone when the stage has ended.
    """

    job: Job
    lease: Lease
    until: float
    ledger: Ledger
    clock: Clock
    pace: Pace
    folder: Path
    shielded: bool = False  # its task must not be cancelled now
    unsent: bool = False  # an intent was written down here, and nothing went out yet
    over: bool = False  # the job has ended
    moved: bool = False  # the job is due again at once, at another stage
    wish: str = ""  # why its task was cancelled: "cancel", "lost", or "" where the worker ends
    _told: tuple[float, float, float | None] = (0.0, -1.0, None)

    @property
    def shot(self) -> Shot:
        """The job's shot; a video has one."""
        if self.job.shot is None:
            raise EngineFailed(f"job {self.job.id} has no shot")
        return self.job.shot

    def left(self) -> float:
        """Seconds for which the job certainly stays with this worker."""
        return self.until - self.clock.seconds()

    async def lasts(self, seconds: float) -> bool:
        """Whether the lease lasts so long, lengthened where it must be."""
        if self.left() >= seconds:
            return True
        asked = self.clock.seconds()
        if not await self.ledger.renew([self.lease], seconds + ROOM):
            raise Lost(self.job.id)
        self.until = max(self.until, asked + seconds + ROOM)
        return self.left() >= seconds

    async def commit(self, change: Change) -> None:
        """Write a change down and go on with the job as it then is. Raises Lost."""
        if not await self.ledger.commit(self.lease, change):
            raise Lost(self.job.id)
        self.job = applied(self.job, change)

    async def tell(self, done: float, left: float | None) -> None:
        """Write down how much of the job is done, 0..1, and how many seconds are left, where anything
        changed and the last time is a while ago. Progress never goes back. Raises Lost."""
        now, (at, before, end) = self.clock.seconds(), self._told
        done = max(done, self.job.progress)
        expected = None if left is None else self.clock.now() + left
        if now - at < TOLD or (done == before and _near(expected, end)):
            return
        self._told = (now, done, expected)
        await self.commit(Change(hold=True, progress=done, expected_end=expected))

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """While it lasts, a wish to cancel the job waits."""
        self.shielded = True
        try:
            yield
        finally:
            self.shielded = False

    def make_folder(self) -> Path:
        """The folder, made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder


def applied(job: Job, change: Change) -> Job:
    """The job as it is after a change that keeps the lease."""
    new: dict[str, Any] = {}
    for name in ("status", "progress", "engine", "shot", "asked", "work", "result", "warnings"):
        if (value := getattr(change, name)) is not None:
            new[name] = value
    for name in ("expected_end", "account", "operation"):
        if (value := getattr(change, name)) is not KEEP:
            new[name] = value
    if change.stage is not None and change.stage != job.stage:
        new |= {"stage": change.stage, "attempt": 0}
    if change.intent is not None:
        new["intent_at"] = 0.0 if change.intent else None
        new["intent_seq"] = job.intent_seq + change.intent
    return dataclasses.replace(job, **new)


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < 1.0
