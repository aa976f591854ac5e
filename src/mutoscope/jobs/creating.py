"""A job comes into being, or is found where the same request had made it before."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, NewJob
from mutoscope.storage.clock import now
from mutoscope.storage.tables import jobs
from mutoscope.storage.uses import Uses


@dataclass(frozen=True, slots=True)
class Created:
    """`fresh` is false where the idempotency key (or a silent retry's fingerprint) had this job already;
    `matches` is false where that key came with another fingerprint before."""

    job: Job
    fresh: bool
    matches: bool = True


def create(connection: Connection, new: NewJob, repeat_within: float | None, uses: Uses) -> Created:
    """See `Ledger.create`."""
    if repeat_within is not None and (earlier := _repeated(connection, new, repeat_within)):
        return Created(earlier, fresh=False)
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    clock = now()
    statement = insert(jobs).values(created=clock, due=clock + new.delay)
    if new.idempotency_key is not None:
        statement = statement.on_conflict_do_nothing(
            index_elements=[jobs.c.project, jobs.c.idempotency_key]
        )
    made = connection.execute(statement.returning(*jobs.c), rows.values(new)).first()
    if made is None:
        earlier = rows.job(
            connection.execute(
                select(jobs).where(
                    jobs.c.project == new.project,
                    jobs.c.idempotency_key == new.idempotency_key,
                )
            ).one()
        )
        return Created(earlier, fresh=False, matches=earlier.fingerprint == new.fingerprint)
    uses.add(connection, new.id, new.uses)
    return Created(rows.job(made), fresh=True)


def _repeated(connection: Connection, new: NewJob, within: float) -> Job | None:
    if new.idempotency_key is not None or new.fingerprint is None:
        return None
    if connection.dialect.name == "postgresql":
        # two tries of one request at the same moment: the second waits for the first one's commit
        same = func.hashtextextended(f"{new.project}/{new.fingerprint}", 0)
        connection.execute(select(func.pg_advisory_xact_lock(same)))
    found = connection.execute(
        select(jobs)
        .where(
            jobs.c.fingerprint == new.fingerprint,
            jobs.c.created >= now() - within,
            jobs.c.project == new.project,
            jobs.c.idempotency_key.is_(None),
        )
        .order_by(jobs.c.created)
        .limit(1)
    ).first()
    return None if found is None else rows.job(found)
