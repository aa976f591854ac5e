"""Rows of `characters` ↔ Characters."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from mutoscope.characters.consent import Consent
from mutoscope.characters.model import Character, Frame, Origin
from mutoscope.jobs.job import Problem
from mutoscope.shot import Media
from mutoscope.storage.tables import characters


def one(connection: Connection, id: str, project: str | None) -> Character | None:
    """The character, where the project (None: any) has it."""
    mine = characters.c.id == id
    if project is not None:
        mine &= characters.c.project == project
    row = connection.execute(select(characters).where(mine)).first()
    return character(row) if row is not None else None


#: Columns that are JSON, and what they are read as.
_JSON: dict[str, Any] = {
    "source": Media,
    "frames": tuple[Frame, ...],
    "error": Problem,
    "origin": Origin,
    "consent": Consent,
    "registered": dict[str, str],
}
_EMPTY: dict[str, Any] = {"frames": (), "registered": {}}


def character(row: Row[Any]) -> Character:
    """A row, with all columns or some, as a value."""
    held = row._mapping
    read: dict[str, Any] = {
        name: msgspec.json.decode(said, type=kind) if (said := held.get(name)) else _EMPTY.get(name)
        for name, kind in _JSON.items()
    }
    return Character(
        id=row.id,
        project=row.project,
        name=row.name,
        description=row.description,
        status=row.status,
        created=row.created,
        updated=held.get("updated"),
        **read,
    )


def text(value: object) -> str | None:
    """A value as its column's JSON."""
    return None if value is None else msgspec.json.encode(value).decode()
