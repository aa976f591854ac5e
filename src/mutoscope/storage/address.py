"""Which database a setting names."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import ArgumentError

from mutoscope.errors import BadInput
from mutoscope.storage.database import PATIENCE, Database
from mutoscope.storage.postgres import PostgreSQL
from mutoscope.storage.sqlite import FILE, SQLite


def database(url: str, data: Path, *, patience: float = PATIENCE) -> Database:
    """The database of a URL; "" is SQLite in the data folder. `BadInput` for other URLs."""
    if not url:
        return SQLite(data / FILE, patience=patience)
    scheme = url.partition(":")[0]
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise BadInput(
            f'server.database begins with "{scheme}:"; it must be "postgresql://user@host/name", or '
            "empty for SQLite in the data folder",
            field="server.database",
        )
    try:
        return PostgreSQL(url)
    except (ArgumentError, ValueError):
        raise BadInput(
            'server.database is no address; write it as "postgresql://user:password@host:5432/name"',
            field="server.database",
        ) from None
