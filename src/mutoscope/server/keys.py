"""API keys: made once, shown once, kept as their SHA-256.

A key holds 192 random bits, so a fast hash is enough: there is nothing to guess. What was read of a key
is kept for FRESH seconds, so that a key made or revoked by the command line beside a running server
counts within that time.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from mutoscope.errors import BadInput
from mutoscope.server.callers import Caller
from mutoscope.storage.database import RecordsUnavailable
from mutoscope.storage.tables import keys as table

if TYPE_CHECKING:
    from mutoscope.storage.records import Records

PREFIX = "muto_"
FRESH = 1.0  # seconds
KEPT = 4096  # keys, known and unknown, in memory
NOTED = 60.0  # seconds between two notes of a key's use

#: What a scope may be; "videos" grants "videos:read" and "videos:write".
ROOMS = ("videos", "files", "batches", "models", "webhooks", "characters", "metrics")
SCOPES = tuple(scope for room in ROOMS for scope in (room, f"{room}:read", f"{room}:write"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A row of `keys`; never the key itself. Times are seconds since 1970."""

    id: str
    project: str
    name: str
    shown: str
    scopes: tuple[str, ...]
    requests_per_minute: int | None
    jobs_at_once: int | None
    created: float
    expires: float | None
    revoked: float | None
    used: float | None

    def state(self, now: float) -> str:
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"

    def caller(self) -> Caller:
        return Caller(
            self.project, self.id, self.scopes, self.requests_per_minute, self.jobs_at_once
        )


class Keys:
    """See the module. `find` and `any` are for the event loop; the rest blocks, for the command line."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._found: dict[str, tuple[float, Key | None]] = {}
        self._any: tuple[float, bool] = (0.0, False)
        self._noted: dict[str, float] = {}

    def create(
        self,
        *,
        project: str = "default",
        name: str = "",
        scopes: Sequence[str] = (),
        requests_per_minute: int | None = None,
        jobs_at_once: int | None = None,
        expires: float | None = None,
    ) -> tuple[str, Key]:
        """Make a key → the key, which cannot be shown again, and what is kept of it."""
        for scope in scopes:
            if scope not in SCOPES:
                raise BadInput(f"there is no scope {scope!r}; the scopes are {', '.join(ROOMS)}, each "
                               "also with :read or :write")  # fmt: skip
        secret = PREFIX + secrets.token_urlsafe(24)
        row = {
            "id": "key_" + secrets.token_hex(8),
            "project": project,
            "name": name,
            "shown": secret[:10],
            "hash": _hash(secret),
            "scopes": msgspec.json.encode(list(scopes)).decode(),
            "requests_per_minute": requests_per_minute,
            "jobs_at_once": jobs_at_once,
            "expires": expires,
        }

        def write(connection: Connection) -> Row[Any]:
            values = row | {"created": self._records.now(connection)}
            connection.execute(insert(table).values(values))
            return connection.execute(select(table).where(table.c.id == row["id"])).one()

        return secret, _key(self._records.write_now(write))

    def list(self) -> list[Key]:
        """Every key, the oldest first."""
        query = select(table).order_by(table.c.created, table.c.id)
        rows = self._records.read_now(lambda connection: connection.execute(query).all())
        return [_key(row) for row in rows]

    def revoke(self, id: str) -> Key:
        """Revoke a key for good, by its id or by the beginning that `list` shows."""
        chosen = [key for key in self.list() if id in (key.id, key.shown, key.name)]
        if not chosen:
            raise BadInput(f"there is no key {id!r}; `mutoscope keys list` shows them")
        if len(chosen) > 1:
            raise BadInput(f"{id!r} names {len(chosen)} keys; give the id, such as {chosen[0].id}")
        where = table.c.id == chosen[0].id

        def write(connection: Connection) -> Row[Any]:
            now = self._records.now(connection)
            connection.execute(
                update(table).where(where, table.c.revoked.is_(None)).values(revoked=now)
            )
            return connection.execute(select(table).where(where)).one()

        return _key(self._records.write_now(write))

    async def find(self, secret: str) -> Key | None:
        """The key, where there is such a one, neither revoked nor expired."""
        hashed = _hash(secret)
        at, key = self._found.get(hashed, (0.0, None))
        if time.monotonic() - at > FRESH:
            query = select(table).where(table.c.hash == hashed)
            row = await self._records.read(lambda c: c.execute(query).one_or_none())
            key = _key(row) if row is not None and hmac.compare_digest(row.hash, hashed) else None
            if len(self._found) >= KEPT:
                self._found.pop(next(iter(self._found)))
            self._found.pop(hashed, None)
            self._found[hashed] = (time.monotonic(), key)
            if key is not None:
                await self._note(key)
        if key is None or key.state(time.time()) != "active":
            return None
        return key

    async def any(self) -> bool:
        """Whether a key was ever made: from then on, one is needed."""
        at, known = self._any
        if not known and time.monotonic() - at > FRESH:
            query = select(func.count()).select_from(table)
            known = bool(await self._records.read(lambda c: c.execute(query).scalar_one()))
            self._any = (time.monotonic(), known)
        return known

    async def _note(self, key: Key) -> None:
        """Write down that the key was used, once a minute."""
        last = max(key.used or 0.0, self._noted.get(key.id, 0.0))
        if time.time() - last < NOTED:
            return
        self._noted[key.id] = time.time()

        def write(connection: Connection) -> None:
            now = self._records.now(connection)
            connection.execute(update(table).where(table.c.id == key.id).values(used=now))

        with contextlib.suppress(RecordsUnavailable):  # whoever may read need not wait for a note
            await self._records.write(write)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _key(row: Row[Any]) -> Key:
    return Key(
        id=row.id, project=row.project, name=row.name, shown=row.shown,
        scopes=tuple(msgspec.json.decode(row.scopes or "[]")),
        requests_per_minute=row.requests_per_minute, jobs_at_once=row.jobs_at_once,
        created=row.created, expires=row.expires, revoked=row.revoked, used=row.used,
    )  # fmt: skip
