"""The ledger: the one door to the rows of `jobs`, as the worker, admission and the dialects see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mutoscope.jobs.job import Change, Job, Lease, NewJob, Object


@dataclass(frozen=True, slots=True)
class Created:
    """`fresh` is false where the idempotency key (or a silent retry's fingerprint) had this job already;
    `matches` is false where that key came with another fingerprint before."""

    job: Job
    fresh: bool
    matches: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    jobs: Sequence[Job]
    has_more: bool


class Ledger(Protocol):
    """See the module. Every method is one transaction, or part of one that several share."""

    async def create(self, new: NewJob, *, repeat_within: float | None = None) -> Created:
        """Write a job down, durably, or find the one that its idempotency key names. `repeat_within`:
        seconds in which a job of the same project and fingerprint without key is the same one."""

    async def get(self, job: str, project: str | None = None) -> Job | None: ...

    async def page(
        self,
        project: str,
        *,
        object: Object = "video",
        after: str | None = None,
        limit: int = 20,
        order: str = "desc",
    ) -> Page | None:
        """A page in the order of creation; None where `after` is no job of the project's."""  # fmt: skip

    async def claim(
        self, owner: str, *, limit: int, lease: float, stages: Sequence[str] | None = None
    ) -> list[Job]:
        """Take due jobs that nobody has, by priority, then age: fence + 1, attempt + 1."""

    async def renew(self, leases: Iterable[Lease], seconds: float) -> set[str]:
        """Lengthen leases; the ids of the jobs that are still held, by this owner and fence."""

    async def commit(self, lease: Lease, change: Change) -> bool:
        """Change a job under a lease; False, and nothing changed, where somebody else has it by now."""

    async def cancel(self, job: str, project: str) -> Job | None:
        """Ask for the end of a job: it is due at once, with `cancel_requested`."""

    async def remove(self, job: str) -> bool:
        """Delete an ended row and its media uses."""

    async def seconds_to_next(self) -> float | None:
        """Until the next job is due; None where none waits."""
