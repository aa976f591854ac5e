"""Who has a job, and until when: claims, renewals, and what becomes of leases after a restart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Float, Integer, bindparam, func, or_, select, update

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, Lease
from mutoscope.storage.clock import now
from mutoscope.storage.prepared import Prepared
from mutoscope.storage.tables import jobs

#: A priority's jobs that are to be cancelled come first: nobody waits for their turn in a queue.
AT_ONCE = 0.0
_most = bindparam("most", type_=Integer)
_seconds = bindparam("seconds", type_=Float)
_free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now())


def claim(
    connection: Connection, owner: str, limit: int, lease: float, stages: Sequence[str] | None
) -> list[Job]:
    """See `Ledger.claim`."""
    if stages is not None and not stages:
        return []
    values: dict[str, Any] = {"holder": owner, "seconds": lease, "most": limit}
    values |= {f"stage{place}": name for place, name in enumerate(stages or ())}
    lowest, highest = _PRIORITIES.rows(connection, {})[0]
    claiming = _claim(None if stages is None else len(stages), lowest != highest)
    taken = claiming.rows(connection, values)
    found = [rows.job(row) for row in taken]
    return sorted(found, key=lambda job: (-job.priority, job.due or 0.0, job.id))


_open = jobs.c.due.is_not(None)
_PRIORITIES = Prepared(
    lambda _: select(
        select(func.min(jobs.c.priority)).where(_open).scalar_subquery(),
        select(func.max(jobs.c.priority)).where(_open).scalar_subquery(),
    )
)


@cache
def _claim(stages: int | None, priorities: bool) -> Prepared:
    """Where all have one priority, the order is that of an index, and a long queue is not sorted."""
    due = select(jobs.c.id).where(jobs.c.due <= now(), _free)
    if stages is not None:
        due = due.where(jobs.c.stage.in_([bindparam(f"stage{place}") for place in range(stages)]))
    due = due.order_by(*([jobs.c.priority.desc()] if priorities else []), jobs.c.due)
    # in a WITH, for an UPDATE might run a mere subquery more than once and lock more than `limit`
    picked = due.limit(_most).with_for_update(skip_locked=True).cte("picked")
    claimed = {
        "lease_owner": bindparam("holder"),
        "lease_until": now() + _seconds,
        "fence": jobs.c.fence + 1,
        "attempt": jobs.c.attempt + 1,
    }
    taking = update(jobs).where(jobs.c.id.in_(select(picked.c.id))).values(claimed)
    return Prepared(lambda _: taking.returning(*jobs.c))


_RENEW = Prepared(
    lambda _: (
        update(jobs)
        .where(
            jobs.c.id == bindparam("job"),
            jobs.c.lease_owner == bindparam("holder"),
            jobs.c.fence == bindparam("its_fence"),
        )
        .values(lease_until=now() + _seconds)
        .returning(jobs.c.id)
    )
)


def renew(connection: Connection, leases: Iterable[Lease], seconds: float) -> set[str]:
    """See `Ledger.renew`."""
    values = [
        {"job": lease.job, "holder": lease.owner, "its_fence": lease.fence, "seconds": seconds}
        for lease in leases
    ]
    return {row[0] for found in _RENEW.each(connection, values) for row in found}


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
