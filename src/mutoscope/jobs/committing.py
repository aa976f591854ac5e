"""What a stage came to, as one fenced UPDATE."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Connection, Update, case, func, null, update

from mutoscope.jobs.job import Change, Keep, Lease
from mutoscope.jobs.rows import encode
from mutoscope.storage.clock import now
from mutoscope.storage.tables import jobs
from mutoscope.storage.uses import Uses

#: Seconds that a stage may put off a job which is to be cancelled.
CANCEL_WAIT = 1.0


class Announcer(Protocol):
    """Where events are written down, within the commit that they tell of: the outbox."""

    def add(
        self, connection: Connection, project: str, type: str, subject: str, url: str | None = None
    ) -> object: ...


def commit(
    connection: Connection, lease: Lease, change: Change, uses: Uses, outbox: Announcer
) -> bool:
    """See `Ledger.commit`."""
    made = connection.execute(
        _statement(change)
        .where(
            jobs.c.id == lease.job,
            jobs.c.lease_owner == lease.owner,
            jobs.c.fence == lease.fence,
            jobs.c.due.is_not(None),
        )
        .returning(jobs.c.project, jobs.c.webhook_url)
    ).first()
    if made is None:
        return False
    uses.add(connection, lease.job, change.uses)
    if change.event is not None:
        outbox.add(connection, made.project, change.event, lease.job, made.webhook_url)
    return True


def _statement(change: Change) -> Update:
    values: dict[str, Any] = {}
    for name in ("status", "progress", "engine", "expires"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    for name in ("asked", "work", "result", "error", "warnings"):
        if (value := getattr(change, name)) is not None:
            values[name] = encode(value)
    for name in ("expected_end", "account"):
        if not isinstance(value := getattr(change, name), Keep):
            values[name] = value
    if not isinstance(change.operation, Keep):
        values["operation"] = null() if change.operation is None else encode(change.operation)
    if change.shot is not None:
        values["shot"] = change.shot.to_json().decode()
    if change.intent is True:
        values |= {"intent_at": now(), "intent_seq": jobs.c.intent_seq + 1}
    elif change.intent is False:
        values["intent_at"] = null()
    if change.status == "in_progress":
        values["started"] = func.coalesce(jobs.c.started, now())
    if change.stage is not None:
        first = 1 if change.hold else 0  # who holds on to it is at its first attempt already
        values["attempt"] = case((jobs.c.stage == change.stage, jobs.c.attempt), else_=first)
        values["stage"] = change.stage
    if change.ended:
        values |= {"due": null(), "ended": now()}
    else:
        soon = min(change.wait, CANCEL_WAIT)
        values["due"] = now() + case((jobs.c.cancel_requested, soon), else_=change.wait)
    if change.ended or not change.hold:
        values |= {"lease_owner": null(), "lease_until": null()}
    return update(jobs).values(values)
