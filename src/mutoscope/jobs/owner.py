"""What the owner of a server does with jobs that need a person: `mutoscope jobs`.

These write beside a running server; it sees what became of the job at its next look.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, select, update

from mutoscope.errors import BadInput
from mutoscope.jobs import rows
from mutoscope.jobs.job import Job, Problem
from mutoscope.jobs.outbox import Outbox
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs

State = Literal["open", "unconfirmed", "failed", "all"]
KEPT = 30 * 86400.0  # seconds that a closed job can still be looked at
WHERE = {
    "open": jobs.c.due.is_not(None),
    "unconfirmed": (jobs.c.stage == "unconfirmed") & jobs.c.due.is_not(None),
    "failed": jobs.c.status == "failed",
    "all": jobs.c.id.is_not(None),
}


def listed(records: Records, state: State, limit: int) -> list[Job]:
    """Jobs of every project, the newest first."""

    def find(connection: Connection) -> list[Job]:
        of = select(jobs).where(WHERE[state]).order_by(jobs.c.id.desc()).limit(limit)
        return [rows.job(row) for row in connection.execute(of)]

    return records.read_now(find)


def found(records: Records, job: str) -> Job:
    """One job. Raises BadInput where there is none."""

    def find(connection: Connection) -> Job | None:
        row = connection.execute(select(jobs).where(jobs.c.id == job)).first()
        return None if row is None else rows.job(row)

    if (one := records.read_now(find)) is None:
        raise BadInput(f"there is no job {job}; `mutoscope jobs list` shows those that are open")
    return one


def resend(records: Records, job: str) -> None:
    """Hand an unconfirmed shot to its engine again: its owner knows that the engine did not take it, or
    pays for it twice."""
    _decide(records, job, {"stage": "submit", "intent_at": None, "attempt": 0})


def close(records: Records, job: str, outbox: Outbox) -> None:
    """End an unconfirmed job as failed; what its engine may have made of it is not fetched."""
    error = Problem(
        code="unconfirmed",
        message="whether the engine took this shot could not be known; the server's owner closed it",
    )
    _decide(records, job, {"status": "failed", "error": rows.encode(error)}, outbox)


def _decide(
    records: Records, job: str, values: dict[str, object], outbox: Outbox | None = None
) -> None:
    one = found(records, job)
    if one.stage != "unconfirmed" or one.due is None:
        state = one.status if one.due is None else f"at the stage {one.stage}"
        raise BadInput(f"job {job} is {state}; only an unconfirmed one is decided by hand")

    def write(connection: Connection) -> bool:
        clock = records.now(connection)
        timed = (
            {"due": clock}
            if outbox is None
            else {"due": None, "ended": clock, "expires": clock + KEPT, "expected_end": None}
        )
        # the fence keeps out whoever holds it at this moment
        changed = (
            update(jobs)
            .where(jobs.c.id == job, jobs.c.stage == "unconfirmed", jobs.c.due.is_not(None))
            .values(**(values | timed), fence=jobs.c.fence + 1, lease_owner=None, lease_until=None)
        )
        if not connection.execute(changed).rowcount:
            return False
        if outbox is not None:
            outbox.add(connection, one.project, f"{one.object}.failed", job, one.webhook_url)
        return True

    if not records.write_now(write):
        raise BadInput(f"job {job} has moved on meanwhile; look again with `mutoscope jobs show`")
