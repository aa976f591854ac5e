"""What a server makes for itself once and keeps in its records: the secret that signs links."""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from mutoscope.storage.tables import secrets as table

if TYPE_CHECKING:
    from mutoscope.storage.records import Records


def kept(records: Records, name: str) -> bytes:
    """The secret of this name, made where there is none. Servers that share the records share it."""

    def read(connection: Connection) -> str | None:
        found: str | None = connection.execute(
            select(table.c.value).where(table.c.name == name)
        ).scalar_one_or_none()
        return found

    def make(connection: Connection) -> None:
        connection.execute(
            insert(table).values(
                name=name, value=secrets.token_hex(32), created=records.now(connection)
            )
        )

    value = records.read_now(read)
    if value is None:
        with contextlib.suppress(IntegrityError):  # another server was quicker
            records.write_now(make)
        value = records.read_now(read)
    assert value is not None
    return bytes.fromhex(value)
