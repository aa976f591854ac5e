"""The ledger: the one door to the rows of `jobs`, as the worker, admission and the dialects see it.

Every change is made under the protocol of leases: whoever claims a job has it until its lease ends,
and a fence, one higher at every claim, keeps out whoever had it before. All times are the database's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, delete, update

from mutoscope.config import Settings
from mutoscope.jobs import committing, counting, creating, leasing, reading, rows
from mutoscope.jobs.committing import Announcer
from mutoscope.jobs.creating import Created
from mutoscope.jobs.job import Change, Job, Lease, NewJob, Object
from mutoscope.jobs.outbox import Outbox
from mutoscope.jobs.reading import Page
from mutoscope.shot import Media
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs
from mutoscope.storage.uses import Uses


class Ledger:
    """See the module. Every method is one transaction, or part of one that several share."""

    def __init__(
        self,
        records: Records,
        outbox: Announcer | None = None,
        ended: Callable[[Job, Change], None] = lambda job, change: None,
    ) -> None:
        """`ended` is told of every job, as it was, whose end this process wrote down."""
        self.records = records
        self.ended = ended
        self.uses = Uses()
        self._outbox = outbox or Outbox(records, Settings())
        self._gatherer = reading.Gatherer(records)
        self._watching: list[Callable[[str], None]] = []

    def watch(self, changed: Callable[[str], None]) -> Callable[[], None]:
        """Have `changed(job id)` called on the event loop when a job was created, changed or cancelled
        by this process: a hint, since others write too. What is returned ends it."""
        self._watching.append(changed)
        return lambda: self._watching.remove(changed)

    async def create(
        self, new: NewJob, *, repeat_within: float | None = None, more: Sequence[NewJob] = ()
    ) -> Created:
        """Write a job down, durably, or find the one that its idempotency key names. `repeat_within`:
        seconds in which a job of the same project and fingerprint without key is the same one. `more`
        are written with it, or not at all."""

        def write(connection: Connection) -> Created:
            created = creating.create(connection, new, repeat_within, self.uses)
            if created.fresh:
                for one in more:
                    creating.create(connection, one, None, self.uses)
            return created

        created = await self.records.write(write)
        if created.fresh:
            for one in (new, *more):
                self._changed(one.id)
        return created

    async def takes(self, first: Job) -> list[Job]:
        """The jobs that one request made, in the order of their creation."""
        return await self.takes_of(first.take_of, first.project)

    async def takes_of(self, first: str | None, project: str) -> list[Job]:
        """The same by the id of the first, which may be gone by now."""
        return await self.records.read(lambda c: reading.takes(c, first, project))

    async def get(self, job: str, project: str | None = None) -> Job | None:
        """The job as it is now; None where there is none, or where it is another project's."""
        if self.records.dialect == "sqlite":
            found = self.records.read_now(lambda c: reading.one(c, job))
        else:
            found = await self._gatherer.get(job)
        return found if found is None or project in (None, found.project) else None

    async def page(
        self,
        project: str,
        *,
        object: Object = "video",
        after: str | None = None,
        limit: int = 20,
        order: str = "desc",
        skip: int = 0,
    ) -> Page | None:
        """A page in the order of creation, without videos that are being taken back; None where `after`
        is no id. It may be that of a job which was deleted while its caller went through the pages.
        `skip`: as many are left out before it."""
        return await self.records.read(
            lambda c: reading.page(c, project, object, after, limit, order, skip)
        )

    async def claim(
        self, owner: str, *, limit: int, lease: float, stages: Sequence[str] | None = None
    ) -> list[Job]:
        """Take due jobs that nobody has, by priority, then age: fence + 1, attempt + 1."""
        return await self.records.write(
            lambda c: leasing.claim(c, owner, limit, lease, stages)
        )  # fmt: skip

    async def renew(self, leases: Iterable[Lease], seconds: float) -> set[str]:
        """Lengthen leases; the ids of the jobs that are still held, by this owner and fence."""
        held = tuple(leases)
        return (
            await self.records.write(lambda c: leasing.renew(c, held, seconds)) if held else set()
        )

    async def commit(self, lease: Lease, change: Change) -> bool:
        """Change a job under a lease; False, and nothing changed, where somebody else has it by now."""
        made = await self.records.write(
            lambda c: committing.commit(c, lease, change, self.uses, self._outbox)
        )
        if made:
            self._changed(lease.job)
        return made

    async def cancel(self, job: str, project: str) -> Job | None:
        """Ask for the end of a job: it is due at once, with `cancel_requested`. The job as it is now;
        one that has ended stays as it was."""

        def ask(connection: Connection) -> Job | None:
            asked = connection.execute(
                update(jobs)
                .where(jobs.c.id == job, jobs.c.project == project, jobs.c.due.is_not(None))
                .values(cancel_requested=True, due=leasing.AT_ONCE)
                .returning(*jobs.c)
            ).first()
            return None if asked is None else rows.job(asked)

        if (asked := await self.records.write(ask)) is None:
            return await self.get(job, project)
        self._changed(job)
        return asked

    async def cancelling(self, owner: str) -> set[str]:
        """The jobs held by `owner` that are to be cancelled."""
        return await self.records.read(lambda c: leasing.cancelling(c, owner))

    async def remove(self, job: str) -> bool:
        """Delete an ended row and its media uses."""
        return await self.discard(job) is not None

    async def discard(self, job: str) -> list[Media] | None:
        """`remove`, and the media that nobody needs any more; None where no ended row was there."""

        def gone(connection: Connection) -> list[Media] | None:
            ended = delete(jobs).where(jobs.c.id == job, jobs.c.due.is_(None))
            if not connection.execute(ended).rowcount:
                return None
            return self.uses.drop(connection, job)

        return await self.records.write(gone)

    async def seconds_to_next(self) -> float | None:
        """Until the next job is due, or the next lease ends; None where no job is open."""
        return await self.records.read(leasing.seconds_to_next)

    async def clear_leases(self, owner: str | None = None) -> int:
        """Free the jobs of an owner that is known to be dead; None: everybody's, which is for the one
        server of a SQLite folder as it starts. How many there were."""
        return await self.records.write(lambda c: leasing.clear(c, owner))

    async def counts(self) -> dict[tuple[str, str, str], int]:
        """Open jobs by (status, stage, engine)."""
        return await self.records.read(counting.counts)

    async def queue_age(self) -> float:
        """Seconds that the oldest queued job has waited; 0.0 where none waits."""
        return await self.records.read(counting.queue_age)

    async def open_of(self, project: str, key_id: str | None = None) -> int:
        """Jobs of a project, or of one of its keys, that have not ended."""
        return await self.records.read(lambda c: counting.open_of(c, project, key_id))

    async def expired(self, limit: int = 100) -> list[Job]:
        """Ended jobs whose time is over, the oldest first."""
        return await self.records.read(lambda c: counting.expired(c, limit))

    async def by_batch(
        self, batch: str, *, after: str | None = None, limit: int = 1000
    ) -> Sequence[Job]:
        """Jobs of a batch in the order of creation, after one of them."""
        return await self.records.read(lambda c: counting.by_batch(c, batch, after, limit))

    async def batch_counts(self, batch: str) -> dict[str, int]:
        """Jobs of a batch by status."""
        return await self.records.read(lambda c: counting.batch_counts(c, batch))

    def _changed(self, job: str) -> None:
        for changed in tuple(self._watching):
            changed(job)


__all__ = ["Created", "Ledger", "Page"]
