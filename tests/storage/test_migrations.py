"""The tables of any version become those of this one, with all that is in them; a newer one's do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from databases import Place, Postgres
from mutoscope.errors import BadInput
from mutoscope.storage import migrate
from mutoscope.storage.database import Database, database
from mutoscope.storage.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place without any table."""
    if request.param == "sqlite":
        return Place("", tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return Place(server.fresh(migrated=False), tmp_path)


def schema(connection: Connection) -> dict[str, Any]:
    """All that a database says of its tables, but for the order of columns."""
    known = inspect(connection)
    tables = sorted(set(known.get_table_names()) - {"alembic_version"})

    def plain(rows: Any) -> list[str]:
        return sorted(repr(_named(row)) for row in rows)

    return {
        name: {
            "columns": plain(known.get_columns(name)),
            "key": known.get_pk_constraint(name)["constrained_columns"],
            "unique": plain(known.get_unique_constraints(name)),
            "indexes": plain(known.get_indexes(name)),
        }
        for name in tables
    }


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _named(inner)) for key, inner in value.items())
    return str(value)


def test_the_migrated_tables_are_those_that_the_code_knows(
    empty: Place, postgres: Postgres, tmp_path: Path
) -> None:
    with empty.open() as records:
        migrated = records.read_now(schema)
    other = postgres.fresh(migrated=False) if empty.url else ""
    place = database(other, tmp_path / "other")
    with place.writes.begin() as connection:
        metadata.create_all(connection)
        written = schema(connection)
    assert set(migrated) == set(metadata.tables)
    for name, table in written.items():
        assert migrated[name] == table, name


def test_the_numbers_are_a_chain() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    chain = [script.revision for script in scripts.walk_revisions()]
    assert chain[::-1] == migrate.revisions()


def test_a_newer_versions_tables_are_refused(place: Place) -> None:
    with place.open() as records:
        records.write_now(
            lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        )
    with pytest.raises(BadInput, match=r"newer Mutoscope.*9999.*restore") as said:
        place.open()
    assert "\n" not in said.value.message
    with pytest.raises(BadInput, match="newer Mutoscope"):
        place.open(exclusive=False)


def test_servers_that_start_at_once_migrate_once(empty: Place) -> None:
    def start(_: int) -> str | None:
        with empty.open(exclusive=False) as records:
            return records.read_now(migrate.version)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(start, range(4))) == {migrate.revisions()[-1]}


def test_a_migration_that_is_cut_off_leaves_nothing(empty: Place) -> None:
    place: Database = database(empty.url, empty.data)
    connection = place.writes.connect()
    connection.begin()
    migrate._upgrade(connection)
    assert inspect(connection).get_table_names()
    connection.invalidate()
    connection.close()
    with place.reads.connect() as connection:
        assert inspect(connection).get_table_names() == []
    with empty.open() as records:
        assert records.read_now(migrate.version) == migrate.revisions()[-1]


def test_a_folder_with_strange_letters(tmp_path: Path) -> None:
    strange = tmp_path / "50% of ü #?&; data"
    with Place("", strange).open() as records:
        assert records.read_now(migrate.version) == migrate.revisions()[-1]
    assert (strange / "records.sqlite3").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [strange.name]
