"""Events and deliveries, looked up and replayed by their project. Functions of a connection each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, select

from mutoscope.errors import BadInput
from mutoscope.jobs import deliveries as rows
from mutoscope.outside.endpoints import ENABLED
from mutoscope.storage.tables import deliveries, endpoints, events

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Times are seconds since 1970. `url` is the job's own webhook."""

    id: str
    project: str
    type: str
    subject: str
    url: str | None
    created: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """`status`: pending, delivered or failed; `next_attempt` in seconds since 1970. `attempts` are the
    first and the last ones: {at, status, ms, error}."""

    id: str
    event: str
    project: str
    endpoint: str | None
    url: str
    status: str
    attempt: int
    next_attempt: float | None
    attempts: list[dict[str, Any]]
    created: float


@dataclass(frozen=True, slots=True)
class LogPage(Generic[R]):
    rows: Sequence[R]
    has_more: bool


def event_page(
    connection: Connection,
    project: str | None,
    *,
    after: str | None = None,
    limit: int = 20,
    type: str | None = None,
) -> LogPage[EventRow]:
    """Events, the newest first; `project` None is everybody's, for the owner of the server."""
    of = select(events)
    if type is not None:
        of = of.where(events.c.type == type)
    found, more = _page(connection, of, events, project, after, limit)
    return LogPage([_event(row) for row in found], more)


def delivery_page(
    connection: Connection,
    project: str | None,
    *,
    after: str | None = None,
    limit: int = 20,
    status: str | None = None,
    event: str | None = None,
    endpoint: str | None = None,
) -> LogPage[DeliveryRow]:
    """Deliveries, the newest first."""
    of = select(deliveries)
    asked = ((deliveries.c.status, status), (deliveries.c.event, event), (deliveries.c.endpoint, endpoint))  # fmt: skip
    for column, value in asked:
        if value is not None:
            of = of.where(column == value)
    found, more = _page(connection, of, deliveries, project, after, limit)
    return LogPage([_delivery(row) for row in found], more)


def event(connection: Connection, project: str | None, id: str) -> EventRow | None:
    row = _one(connection, events, project, id)
    return None if row is None else _event(row)


def delivery(connection: Connection, project: str | None, id: str) -> DeliveryRow | None:
    row = _one(connection, deliveries, project, id)
    return None if row is None else _delivery(row)


def replay_event(connection: Connection, project: str | None, id: str) -> list[str] | None:
    """Deliver an event again, to whoever wants it at present, under the same webhook-id; the ids of the
    new deliveries. None where the project has no such event."""
    row = _one(connection, events, project, id)
    return None if row is None else rows.deliver(connection, [row])


def replay_delivery(connection: Connection, project: str | None, id: str) -> str | None:
    """Deliver to one receiver again, at its address of now; the id of the new delivery. None where the
    project has no such delivery, `BadInput` where its endpoint takes nothing any more."""
    row = _one(connection, deliveries, project, id)
    if row is None:
        return None
    url = row.url
    if row.endpoint is not None:
        of = select(endpoints).where(endpoints.c.id == row.endpoint)
        endpoint = connection.execute(of).first()
        if endpoint is None or endpoint.status != ENABLED:
            raise BadInput(
                f"the endpoint {row.endpoint} was deleted or disabled, so nothing can be delivered to "
                f"it; replay the event {row.event} to the endpoints that there are",
                code="endpoint_gone",
            )
        url = endpoint.url
    return rows.add(connection, [(row.event, row.project, row.endpoint, url)])[0]


def _page(
    connection: Connection,
    of: Select[Any],
    table: Any,
    project: str | None,
    after: str | None,
    limit: int,
) -> tuple[Sequence[Row[Any]], bool]:
    if project is not None:
        of = of.where(table.c.project == project)
    if after is not None:
        of = of.where(table.c.id < after)
    found = connection.execute(of.order_by(table.c.id.desc()).limit(limit + 1)).all()
    return found[:limit], len(found) > limit


def _one(connection: Connection, table: Any, project: str | None, id: str) -> Row[Any] | None:
    of = select(table).where(table.c.id == id)
    if project is not None:
        of = of.where(table.c.project == project)
    return connection.execute(of).first()


def _event(row: Row[Any]) -> EventRow:
    return EventRow(
        id=row.id, project=row.project, type=row.type, subject=row.subject, url=row.url,
        created=row.created,
    )  # fmt: skip


def _delivery(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id, event=row.event, project=row.project, endpoint=row.endpoint, url=row.url,
        status=row.status, attempt=row.attempt, next_attempt=row.due,
        attempts=msgspec.json.decode(row.log or "[]"), created=row.created,
    )  # fmt: skip
