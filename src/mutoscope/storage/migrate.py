"""Brings the tables of a database to this version, or refuses those of a newer one.

Migrations lie in `migrations/versions`, numbered; what a database has is in its table
`alembic_version`. Each runs once, in one transaction that no other server can begin meanwhile.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mutoscope.errors import BadInput
from mutoscope.storage.database import Database

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x6D75746F  # the advisory lock of PostgreSQL under which one server migrates


def revisions() -> list[str]:
    """The numbers of all migrations, in order: "0001", …"""
    names = (re.match(r"v(\d{4})_", path.name) for path in (FOLDER / "versions").glob("v*.py"))
    return sorted(found[1] for found in names if found)


def version(connection: Connection) -> str | None:
    """The number that the database has, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database) -> None:
    """Bring the database to the newest migration. `BadInput` where it is beyond that."""
    known = revisions()
    with database.reads.connect() as connection:
        has = version(connection)
    if has == known[-1]:
        return
    _refuse(has, known, database.name)
    with database.writes.begin() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        _refuse(version(connection), known, database.name)
        _upgrade(connection)


def _refuse(has: str | None, known: list[str], name: str) -> None:
    if has is not None and has not in known:
        raise BadInput(
            f"{name} was written by a newer Mutoscope (its tables are version {has}, this one knows "
            f"up to {known[-1]}); install that version, or restore a backup that this one made",
            code="records_newer",
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
