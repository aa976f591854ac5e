"""Who has a job, and until when: claims, renewals, and what becomes of leases after a restart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, Lease
from mutoscope.storage.clock import now
from mutoscope.storage.tables import jobs

#: A priority's jobs that are to be cancelled come first: nobody waits for their turn in a queue.
AT_ONCE = 0.0
_free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now())


def claim(
    connection: Connection, owner: str, limit: int, lease: float, stages: Sequence[str] | None
) -> list[Job]:
    """See `Ledger.claim`."""
    due = select(jobs.c.id).where(jobs.c.due <= now(), _free)
    if stages is not None:
        due = due.where(jobs.c.stage.in_(stages))
    due = due.order_by(jobs.c.priority.desc(), jobs.c.due, jobs.c.id).limit(limit)
    picked = due.with_for_update(skip_locked=True).cte("picked")
    taken = connection.execute(
        update(jobs)
        .where(jobs.c.id.in_(select(picked.c.id)))
        .values(
            lease_owner=owner,
            lease_until=now() + lease,
            fence=jobs.c.fence + 1,
            attempt=jobs.c.attempt + 1,
        )
        .returning(*jobs.c)
    ).all()
    found = [rows.job(row) for row in taken]
    return sorted(found, key=lambda job: (-job.priority, job.due or 0.0, job.id))


_held = and_(
    jobs.c.id == bindparam("job"),
    jobs.c.lease_owner == bindparam("holder"),
    jobs.c.fence == bindparam("its_fence"),
)
_renew = update(jobs).where(_held).values(lease_until=now() + bindparam("seconds"))


def renew(connection: Connection, leases: Iterable[Lease], seconds: float) -> set[str]:
    """See `Ledger.renew`."""
    held = set()
    for lease in sorted(leases, key=lambda lease: lease.job):
        values = {"job": lease.job, "holder": lease.owner, "its_fence": lease.fence}
        if connection.execute(_renew, {**values, "seconds": seconds}).rowcount:
            held.add(lease.job)
    return held


def clear(connection: Connection, owner: str | None) -> int:
    """See `Ledger.clear_leases`."""
    which = jobs.c.lease_owner.is_not(None) if owner is None else jobs.c.lease_owner == owner
    cleared = connection.execute(
        update(jobs).where(which).values(lease_owner=None, lease_until=None)
    )
    return cleared.rowcount


def cancelling(connection: Connection, owner: str) -> set[str]:
    """See `Ledger.cancelling`."""
    held = select(jobs.c.id).where(jobs.c.lease_owner == owner, jobs.c.cancel_requested)
    return set(connection.execute(held).scalars())


def seconds_to_next(connection: Connection) -> float | None:
    """See `Ledger.seconds_to_next`."""
    free = select(func.min(jobs.c.due)).where(jobs.c.due.is_not(None), _free)
    leased = select(func.min(jobs.c.lease_until)).where(
        jobs.c.lease_owner.is_not(None), jobs.c.due.is_not(None), jobs.c.lease_until > now()
    )
    clock, *times = connection.execute(
        select(now(), free.scalar_subquery(), leased.scalar_subquery())
    ).one()
    known = [time for time in times if time is not None]
    return max(min(known) - clock, 0.0) if known else None
