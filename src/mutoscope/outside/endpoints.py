"""Webhook endpoints of a project, and the secrets that sign what is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mutoscope.errors import BadInput
from mutoscope.outside.signing import new_secret
from mutoscope.storage.clock import now
from mutoscope.storage.ids import new_id
from mutoscope.storage.tables import deliveries, endpoints, secrets

if TYPE_CHECKING:
    from mutoscope.storage.records import Records

ENABLED, DISABLED = "enabled", "disabled"
OVERLAP = 24 * 3600.0  # seconds for which the secret before signs too, where that was asked for
MOST = 100  # endpoints of one project


class Signing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`previous` signs beside `secret` until `until`, in seconds since 1970."""

    secret: str
    previous: str | None = None
    until: float | None = None

    def __repr__(self) -> str:
        return "Signing(…)"  # logs show no secrets

    def active(self, at: float) -> tuple[str, ...]:
        """What signs at this time, the newest first."""
        overlaps = self.previous is not None and self.until is not None and at < self.until
        return (self.secret, self.previous) if overlaps and self.previous else (self.secret,)

    def rotated(self, at: float, *, keep: bool) -> Signing:
        """With a new secret; `keep` lets the one before sign too, for a day."""
        if not keep:
            return Signing(secret=new_secret())
        return Signing(secret=new_secret(), previous=self.secret, until=at + OVERLAP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One row of `storage.tables.endpoints`, read. Times are seconds since 1970."""

    id: str
    project: str
    name: str
    url: str
    event_types: tuple[str, ...]
    signing: Signing = field(repr=False)
    status: str
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class EndpointPage:
    endpoints: Sequence[Endpoint]
    has_more: bool


class Endpoints:
    """The endpoints of every project; each query names the project that asks."""

    def __init__(self, records: Records) -> None:
        self.records = records

    async def create(
        self, project: str, *, name: str, url: str, event_types: Collection[str]
    ) -> Endpoint:
        """`BadInput` where the project has as many as it may."""
        row = {
            "id": new_id("whe_"), "project": project, "name": name, "url": url,
            "event_types": _text(event_types), "secret": new_secret(), "status": ENABLED,
            "created": now(), "updated": now(),
        }  # fmt: skip

        def write(connection: Connection) -> Endpoint:
            of = select(func.count()).where(endpoints.c.project == project)
            if connection.execute(of).scalar_one() >= MOST:
                raise BadInput(
                    f"the project has {MOST} webhook endpoints, the most there may be; delete one",
                    code="too_many_endpoints",
                )
            made = connection.execute(insert(endpoints).values(row).returning(*endpoints.c)).one()
            return _endpoint(made)

        return await self.records.write(write)

    async def get(self, id: str, project: str) -> Endpoint | None:
        def find(connection: Connection) -> Endpoint | None:
            row = connection.execute(select(endpoints).where(*_of(id, project))).first()
            return _endpoint(row) if row is not None else None

        return await self.records.read(find)

    async def page(self, project: str, *, after: str | None, limit: int) -> EndpointPage | None:
        """A page, the newest first; None where `after` is no endpoint of the project's."""

        def find(connection: Connection) -> EndpointPage | None:
            of = select(endpoints).where(endpoints.c.project == project)
            if after is not None:
                if connection.execute(of.where(endpoints.c.id == after)).first() is None:
                    return None
                of = of.where(endpoints.c.id < after)
            rows = connection.execute(of.order_by(endpoints.c.id.desc()).limit(limit + 1)).all()
            return EndpointPage([_endpoint(row) for row in rows[:limit]], len(rows) > limit)

        return await self.records.read(find)

    async def update(self, id: str, project: str, change: Mapping[str, Any]) -> Endpoint | None:
        """Change name, url, event_types or status. What waits to be delivered goes to the new address; an
        endpoint that is disabled loses it."""
        values = dict(change)
        if "event_types" in values:
            values["event_types"] = _text(values["event_types"])

        def write(connection: Connection) -> Endpoint | None:
            of = select(endpoints).where(*_of(id, project)).with_for_update()
            row = connection.execute(of).first()
            if row is None:
                return None
            if all(getattr(row, name) == value for name, value in values.items()):
                return _endpoint(row)
            made = _write(connection, id, values)
            if made.url != row.url:
                waiting = update(deliveries).where(*_waiting(id))
                connection.execute(waiting.values(url=made.url))
            if made.status == DISABLED:
                _forget(connection, id)
            return _endpoint(made)

        return await self.records.write(write)

    async def rotate(self, id: str, project: str, *, keep: bool) -> Endpoint | None:
        """Give it a new secret; `keep` lets the one before sign too, for a day."""

        def write(connection: Connection) -> Endpoint | None:
            of = select(endpoints, now().label("now")).where(*_of(id, project)).with_for_update()
            row = connection.execute(of).first()
            if row is None:
                return None
            new = signing(row).rotated(row.now, keep=keep)
            values = {
                "secret": new.secret,
                "previous_secret": new.previous,
                "previous_until": new.until,
            }
            return _endpoint(_write(connection, id, values))

        return await self.records.write(write)

    async def delete(self, id: str, project: str) -> bool:
        """Whether it was there. What waited to be delivered to it is given up."""

        def write(connection: Connection) -> bool:
            gone = connection.execute(delete(endpoints).where(*_of(id, project))).rowcount
            if gone:
                _forget(connection, id)
            return bool(gone)

        return await self.records.write(write)


def everyones(connection: Connection) -> list[Endpoint]:
    """The endpoints of every project, for the owner of the server; the oldest first."""
    rows = connection.execute(select(endpoints).order_by(endpoints.c.project, endpoints.c.id))
    return [_endpoint(row) for row in rows]


def disable(connection: Connection, id: str) -> None:
    """Send nothing more to an endpoint, which said that it is gone for good."""
    connection.execute(
        update(endpoints).where(endpoints.c.id == id).values(status=DISABLED, updated=now())
    )
    _forget(connection, id)


def signing(row: Row[Any] | None) -> Signing:
    """The secrets of an endpoint's row; of one that is gone, a secret that nobody knows."""
    if row is None:
        return Signing(secret=new_secret())
    return Signing(secret=row.secret, previous=row.previous_secret, until=row.previous_until)


def project_secret(connection: Connection, project: str) -> Signing:
    """What signs the webhooks that jobs name themselves; made when it is asked for first."""
    name = _name(project)
    query = select(secrets.c.value).where(secrets.c.name == name)
    if (found := connection.execute(query).scalar_one_or_none()) is None:
        write = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        made = write(secrets).values(
            name=name, value=_signing(Signing(secret=new_secret())), created=now()
        )
        connection.execute(made.on_conflict_do_nothing())
        found = connection.execute(query).scalar_one()
    return msgspec.json.decode(found, type=Signing)


def rotate_project_secret(connection: Connection, project: str, *, keep: bool) -> Signing:
    """A new one; `keep` lets the one before sign too, for a day."""
    at = connection.execute(select(now())).scalar_one()
    new = project_secret(connection, project).rotated(at, keep=keep)
    of = update(secrets).where(secrets.c.name == _name(project))
    connection.execute(of.values(value=_signing(new)))
    return new


def _name(project: str) -> str:
    """Of a project's secret, at most as long as the column holds."""
    name = f"webhooks/{project}"
    if len(name) > 80:
        name = f"webhooks/sha256/{hashlib.sha256(project.encode()).hexdigest()}"
    return name


def _signing(value: Signing) -> str:
    return msgspec.json.encode(value).decode()


def _of(id: str, project: str) -> tuple[Any, ...]:
    return endpoints.c.id == id, endpoints.c.project == project


def _waiting(id: str) -> tuple[Any, ...]:
    return deliveries.c.endpoint == id, deliveries.c.due.is_not(None)


def _forget(connection: Connection, id: str) -> None:
    connection.execute(
        update(deliveries).where(*_waiting(id)).values(status="failed", due=None, lease_until=None)
    )


def _write(connection: Connection, id: str, values: Mapping[str, Any]) -> Row[Any]:
    return connection.execute(
        update(endpoints)
        .where(endpoints.c.id == id)
        .values(**values, updated=now())
        .returning(*endpoints.c)
    ).one()


def _text(types: Collection[str]) -> str:
    return msgspec.json.encode(list(types)).decode()


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(
        id=row.id, project=row.project, name=row.name, url=row.url,
        event_types=tuple(msgspec.json.decode(row.event_types)), signing=signing(row),
        status=row.status, created=row.created, updated=row.updated,
    )  # fmt: skip
