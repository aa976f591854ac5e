"""A job comes into being, or is found where the same request had made it before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Float, bindparam, func, select

from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, NewJob
from mutoscope.storage.clock import now
from mutoscope.storage.prepared import Insert, Prepared
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
    create_ = _CREATE if new.idempotency_key is None else _CREATE_ONCE
    made = create_.first(connection, {**rows.values(new), "delay": new.delay})
    if made is None:
        key = {"project": new.project, "key": new.idempotency_key}
        earlier = rows.job(_BY_KEY.rows(connection, key)[0])
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
    values = {"fingerprint": new.fingerprint, "project": new.project, "within": within}
    found = _REPEATED.first(connection, values)
    return None if found is None else rows.job(found)


def _create(insert: Insert) -> Any:
    due = now() + bindparam("delay", type_=Float)
    given: dict[str, Any] = {name: bindparam(name) for name in rows.GIVEN}
    return insert(jobs).values(**given, created=now(), due=due)


_CREATE = Prepared(lambda insert: _create(insert).returning(*jobs.c))
_CREATE_ONCE = Prepared(
    lambda insert: (
        _create(insert)
        .on_conflict_do_nothing(index_elements=[jobs.c.project, jobs.c.idempotency_key])
        .returning(*jobs.c)
    )
)
_BY_KEY = Prepared(
    lambda _: select(jobs).where(
        jobs.c.project == bindparam("project"), jobs.c.idempotency_key == bindparam("key")
    )
)
_REPEATED = Prepared(
    lambda _: (
        select(jobs)
        .where(
            jobs.c.fingerprint == bindparam("fingerprint"),
            jobs.c.created >= now() - bindparam("within", type_=Float),
            jobs.c.project == bindparam("project"),
            jobs.c.idempotency_key.is_(None),
        )
        .order_by(jobs.c.created)
        .limit(1)
    )
)
