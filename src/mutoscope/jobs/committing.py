"""What a stage came to, as one fenced UPDATE."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Connection, Float, and_, bindparam, case, func, null, update

from mutoscope.jobs.job import Change, Keep, Lease
from mutoscope.jobs.rows import encode
from mutoscope.storage.clock import now
from mutoscope.storage.prepared import Prepared
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
    values = _values(change)
    of = {"job": lease.job, "holder": lease.owner, "its_fence": lease.fence}
    prepared = _update(tuple(values), change.intent, change.ended, change.hold)
    wait = {"wait": change.wait, "soon": min(change.wait, CANCEL_WAIT)}
    kept = {"remembered": change.remembered} if change.ended else {}
    made = prepared.first(connection, {**values, **of, **wait, **kept})
    if made is None:
        return False
    project, url = made
    uses.add(connection, lease.job, change.uses)
    if change.event is not None:
        outbox.add(connection, project, change.event, lease.job, url)
    return True


def _values(change: Change) -> dict[str, Any]:
    """The columns that get a value of the change's, with that."""
    values: dict[str, Any] = {}
    for name in ("stage", "status", "progress", "engine", "expires"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    for name in ("asked", "work", "result", "error", "warnings"):
        if (value := getattr(change, name)) is not None:
            values[name] = encode(value)
    for name in ("expected_end", "account"):
        if not isinstance(value := getattr(change, name), Keep):
            values[name] = value
    if not isinstance(operation := change.operation, Keep):
        values["operation"] = None if operation is None else encode(operation)
    if change.shot is not None:
        values["shot"] = change.shot.to_json().decode()
    return values


@lru_cache(maxsize=256)
def _update(given: tuple[str, ...], intent: bool | None, ended: bool, hold: bool) -> Prepared:
    """The fenced UPDATE of a change that gives these columns."""
    values: dict[str, Any] = {name: bindparam(name) for name in given}
    if intent is True:
        values |= {"intent_at": now(), "intent_seq": jobs.c.intent_seq + 1}
    elif intent is False:
        values["intent_at"] = null()
    if "status" in given:
        begun = case((values["status"] == "queued", jobs.c.started), else_=now())
        values["started"] = func.coalesce(jobs.c.started, begun)
    if "stage" in given:
        first = 1 if hold else 0  # who holds on to it is at its first attempt already
        same = jobs.c.stage == values["stage"]
        values["attempt"] = case((same, jobs.c.attempt), else_=first)
    if ended:
        # a video that its caller took back is deleted however it ended; a batch still counts its own
        gone = and_(jobs.c.object == "video", jobs.c.cancel_requested, jobs.c.batch.is_(None))
        kept = bindparam("remembered", type_=Float)
        expires = case((gone, now() + kept), else_=values.get("expires", jobs.c.expires))
        values |= {"due": null(), "ended": now(), "expires": expires}
    else:
        wait, soon = (bindparam(name, type_=Float) for name in ("wait", "soon"))
        values["due"] = now() + case((jobs.c.cancel_requested, soon), else_=wait)
    if ended or not hold:
        values |= {"lease_owner": null(), "lease_until": null()}
    changing = update(jobs).where(
        jobs.c.id == bindparam("job"),
        jobs.c.lease_owner == bindparam("holder"),
        jobs.c.fence == bindparam("its_fence"),
        jobs.c.due.is_not(None),
    )
    return Prepared(lambda _: changing.values(values).returning(jobs.c.project, jobs.c.webhook_url))
