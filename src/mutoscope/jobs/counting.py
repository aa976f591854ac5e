"""What metrics, limits and retention ask of the rows of `jobs`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job
from mutoscope.storage.clock import now
from mutoscope.storage.tables import jobs

_open = jobs.c.due.is_not(None)


def counts(connection: Connection) -> dict[tuple[str, str, str], int]:
    """See `Ledger.counts`."""
    by = (jobs.c.status, jobs.c.stage, jobs.c.engine)
    found = connection.execute(select(*by, func.count()).where(_open).group_by(*by))
    return {(row[0], row[1], row[2]): row[3] for row in found}


def queue_age(connection: Connection) -> float:
    """See `Ledger.queue_age`."""
    oldest = select(now() - func.min(jobs.c.created)).where(_open, jobs.c.status == "queued")
    return max(connection.execute(oldest).scalar() or 0.0, 0.0)


def open_of(connection: Connection, project: str, key_id: str | None) -> int:
    """See `Ledger.open_of`."""
    live = select(func.count()).select_from(jobs).where(_open, jobs.c.project == project)
    if key_id is not None:
        live = live.where(jobs.c.key_id == key_id)
    return connection.execute(live).scalar_one()


def expired(connection: Connection, limit: int) -> list[Job]:
    """See `Ledger.expired`."""
    over = select(jobs).where(jobs.c.expires <= now(), jobs.c.due.is_(None))
    found = connection.execute(over.order_by(jobs.c.expires).limit(limit))
    return [rows.job(row) for row in found]


def by_batch(connection: Connection, batch: str, after: str | None, limit: int) -> Sequence[Job]:
    """See `Ledger.by_batch`."""
    of = select(jobs).where(jobs.c.batch == batch).order_by(jobs.c.id).limit(limit)
    if after is not None:
        of = of.where(jobs.c.id > after)
    return [rows.job(row) for row in connection.execute(of)]


def batch_counts(connection: Connection, batch: str) -> dict[str, int]:
    """See `Ledger.batch_counts`."""
    by = select(jobs.c.status, func.count()).where(jobs.c.batch == batch)
    return {row[0]: row[1] for row in connection.execute(by.group_by(jobs.c.status))}
