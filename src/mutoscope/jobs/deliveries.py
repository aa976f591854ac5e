"""Events and their deliveries as rows: spread, claimed, settled. Functions of a connection each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from mutoscope.jobs.verdicts import Verdict
from mutoscope.outside import endpoints as receivers
from mutoscope.outside import urls
from mutoscope.storage.clock import now
from mutoscope.storage.ids import new_id
from mutoscope.storage.tables import deliveries, endpoints, events

BATCH = 200  # events that are spread in one commit
KEPT = 30 * 86400.0  # seconds for which events and what became of them are kept


#: Event, project, endpoint (None: the job's own webhook) and address.
Receiver = tuple[str, str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery under a lease. `now` is the database's time at the claim; `secrets` sign, the newest
    first; `attempt` keeps out whoever had it before. `stray` says why it cannot be sent at all."""

    id: str
    event: str
    type: str
    subject: str
    event_created: float
    project: str
    endpoint: str | None
    url: str
    attempt: int
    log: list[dict[str, Any]]
    created: float
    now: float
    secrets: tuple[str, ...] = field(repr=False)
    stray: str | None = None

    @property
    def body(self) -> str:
        return payload(self.event, self.type, self.subject, self.event_created)


@dataclass(frozen=True, slots=True)
class Left:
    """What there is to do: events to spread, deliveries to make now, and the seconds until the next is
    due; None where none waits."""

    unspread: bool
    due: bool
    next_due: float | None


def payload(event: str, type: str, subject: str, created: float) -> str:
    """The body that is sent, the same at every attempt."""
    said = {
        "id": event,
        "object": "event",
        "created_at": int(created),
        "type": type,
        "data": {"id": subject},
    }
    return msgspec.json.encode(said).decode()


def left(connection: Connection) -> Left:
    unspread = exists().where(~events.c.spread)
    due = exists().where(_free())
    later = select(func.min(deliveries.c.due) - now()).where(deliveries.c.due > now())
    row = connection.execute(select(unspread, due, later.scalar_subquery())).one()
    return Left(bool(row[0]), bool(row[1]), row[2])


def spread(connection: Connection) -> int:
    """Make deliveries of events that have none yet, to the enabled endpoints of their projects that
    want them and to the job's own webhook; how many events there were."""
    fresh = connection.execute(
        select(events)
        .where(~events.c.spread)
        .order_by(events.c.created)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if fresh:
        deliver(connection, fresh)
        ids = [event.id for event in fresh]
        connection.execute(update(events).where(events.c.id.in_(ids)).values(spread=True))
    return len(fresh)


def deliver(connection: Connection, fresh: Sequence[Row[Any]]) -> list[str]:
    """Deliveries of these events, to whoever wants them at present; their ids."""
    projects = {event.project for event in fresh}
    wanting: dict[tuple[str, str], list[tuple[str | None, str]]] = {}
    of = (endpoints.c.project.in_(projects), endpoints.c.status == receivers.ENABLED)
    for row in connection.execute(select(endpoints).where(*of)):
        for type in msgspec.json.decode(row.event_types):
            wanting.setdefault((row.project, type), []).append((row.id, row.url))
    made: list[Receiver] = []
    for event in fresh:
        own: list[tuple[str | None, str]] = [(None, event.url)] if event.url else []
        for endpoint, url in wanting.get((event.project, event.type), []) + own:
            made.append((event.id, event.project, endpoint, url))
    return add(connection, made)


def add(connection: Connection, made: Sequence[Receiver]) -> list[str]:
    """New deliveries, due at once; their ids."""
    if not made:
        return []
    at = connection.execute(select(now())).scalar_one()
    normal = {url: urls.normal(url) for _, _, _, url in made}
    rows = [
        {
            "id": new_id("dlv_"), "event": event, "project": project, "endpoint": endpoint,
            "url": normal[url], "status": "pending", "log": "[]", "due": at, "created": at,
        }
        for event, project, endpoint, url in made
    ]  # fmt: skip
    connection.execute(insert(deliveries), rows)
    return [str(row["id"]) for row in rows]


def candidates(
    connection: Connection, origins: Collection[str], limit: int
) -> Sequence[tuple[str, str]]:
    """Id and address of deliveries that are due and that nobody has, the most overdue first, but for
    those to the receivers `origins`."""
    query = select(deliveries.c.id, deliveries.c.url).where(_free())
    for origin in origins:
        under = deliveries.c.url.startswith(origin + "/", autoescape=True)
        query = query.where(~or_(under, deliveries.c.url == origin))
    found = connection.execute(query.order_by(deliveries.c.due).limit(limit))
    return [(row.id, row.url) for row in found]


def claim(connection: Connection, ids: Collection[str], lease: float) -> list[Delivery]:
    """Take those of `ids` that are still free, for `lease` seconds."""
    taken = connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), _free())
        .values(attempt=deliveries.c.attempt + 1, lease_until=now() + lease)
        .returning(*deliveries.c, now().label("now"))
    ).all()
    if not taken:
        return []
    told = {
        row.id: row
        for row in connection.execute(
            select(events).where(events.c.id.in_({row.event for row in taken}))
        )
    }
    meant = {
        row.id: row
        for row in connection.execute(
            select(endpoints).where(endpoints.c.id.in_({row.endpoint for row in taken}))
        )
    }
    owns = {row.project for row in taken if row.endpoint is None}
    own = {project: receivers.project_secret(connection, project) for project in owns}
    return [_delivery(row, told.get(row.event), meant.get(row.endpoint), own) for row in taken]


def settle(connection: Connection, delivery: Delivery, verdict: Verdict) -> bool:
    """Write down what came of an attempt; False where somebody else has the delivery by now."""
    mine = and_(deliveries.c.id == delivery.id, deliveries.c.attempt == delivery.attempt)
    due = None if verdict.wait is None else now() + verdict.wait
    done = connection.execute(
        update(deliveries)
        .where(mine, deliveries.c.due.is_not(None))
        .values(status=verdict.status, due=due, lease_until=None, log=_text(verdict.log))
    )
    if verdict.gone and delivery.endpoint is not None:
        receivers.disable(connection, delivery.endpoint)
    return bool(done.rowcount)


def release(connection: Connection, ids: Collection[str] | None = None) -> None:
    """Give back deliveries whose attempt was broken off, to be made again; None: all of them, which is
    for the one server of a SQLite folder as it starts."""
    leased = update(deliveries).where(deliveries.c.due.is_not(None))
    chosen = deliveries.c.lease_until.is_not(None) if ids is None else deliveries.c.id.in_(ids)
    connection.execute(leased.where(chosen).values(lease_until=None))


def sweep(connection: Connection) -> int:
    """Forget events that are older than KEPT, and their deliveries; how many events there were."""
    old = select(events.c.id).where(events.c.created < now() - KEPT, events.c.spread)
    ids = connection.execute(old.order_by(events.c.created).limit(1000)).scalars().all()
    if ids:
        connection.execute(delete(deliveries).where(deliveries.c.event.in_(ids)))
        connection.execute(delete(events).where(events.c.id.in_(ids)))
    return len(ids)


def _free() -> ColumnElement[bool]:
    lease = deliveries.c.lease_until
    return and_(deliveries.c.due <= now(), or_(lease.is_(None), lease <= now()))


def _delivery(
    row: Row[Any],
    event: Row[Any] | None,
    endpoint: Row[Any] | None,
    own: Mapping[str, receivers.Signing],
) -> Delivery:
    stray = None
    if event is None:
        stray = "the event is no longer kept"
    elif row.endpoint is not None and (endpoint is None or endpoint.status != receivers.ENABLED):
        stray = "the endpoint was deleted or disabled"
    signing = own[row.project] if row.endpoint is None else receivers.signing(endpoint)
    return Delivery(
        id=row.id, event=row.event, type=event.type if event else "",
        subject=event.subject if event else "", event_created=event.created if event else 0.0,
        project=row.project, endpoint=row.endpoint, url=row.url, attempt=row.attempt,
        log=msgspec.json.decode(row.log), created=row.created, now=row.now,
        secrets=signing.active(row.now), stray=stray,
    )  # fmt: skip


def _text(log: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(log).decode()
