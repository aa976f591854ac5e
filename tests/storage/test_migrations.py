"""The tables of any version become those of this one, with all that is in them; a newer one's do not."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from databases import Place, Postgres
from mutoscope.engines.base import Operation
from mutoscope.errors import BadInput
from mutoscope.jobs.ledger import Ledger
from mutoscope.shot import Media
from mutoscope.storage import migrate
from mutoscope.storage.address import database
from mutoscope.storage.database import Database
from mutoscope.storage.tables import commits, metadata

FIRST = Path(__file__).parent / "first_release"


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


def written(place: Place) -> dict[str, Any]:
    """The schema of an empty place where the tables were made as the code has them."""
    target = database(place.url, place.data)
    with target.writes.begin() as connection:
        metadata.create_all(connection)
        return schema(connection)


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert set(found) == set(wanted) == set(metadata.tables)
    for name, table in wanted.items():
        assert found[name] == table, name


@pytest.fixture
def another(empty: Place, postgres: Postgres, tmp_path: Path) -> Place:
    """A second empty place of the same kind."""
    return Place(postgres.fresh(migrated=False) if empty.url else "", tmp_path / "another")


def test_the_migrated_tables_are_those_that_the_code_knows(empty: Place, another: Place) -> None:
    with empty.open() as records:
        migrated = records.read_now(schema)
    same(migrated, written(another))


def test_the_first_releases_database_comes_along_with_all_that_is_in_it(
    empty: Place, another: Place
) -> None:
    """The dumps are of the first release and are never made anew."""
    dump = (FIRST / f"{empty.dialect}.sql").read_text()
    if empty.url:
        with psycopg.connect(empty.url, autocommit=True) as connection:
            connection.execute(dump.encode())
    else:
        with contextlib.closing(sqlite3.connect(empty.data / "records.sqlite3")) as file:
            file.executescript(dump)
    with empty.open() as records:
        same(records.read_now(schema), written(another))
        for table in set(metadata.sorted_tables) - {commits}:
            assert records.read_now(lambda c, t=table: c.execute(select(t)).first()), table.name  # type: ignore[misc]
        ledger = Ledger(records)
        done, running, failed, batch = (
            asyncio.run(ledger.get(name)) for name in ("video_1", "video_2", "video_3", "batch_1")
        )
    assert done is not None
    assert done.result is not None
    assert done.result.media["video"] == Media("f1" * 32, "video/mp4", 2345678)
    assert done.shot is not None
    assert done.shot.prompt == "The camera pushes in slowly — très lentement 🎬"
    assert (done.ended, done.idempotency_key, done.webhook_url) == (
        1795000009.5, "order-1", "https://example.com/hook",
    )  # fmt: skip
    assert running is not None
    assert running.operation == Operation("relay", {"id": "video_abc"})
    assert (running.fence, running.lease_owner, running.intent_seq) == (9, "node-1", 1)
    assert running.work == {"pending": {"0": {"url": "https://example.com/a.jpg"}}}
    assert failed is not None
    assert failed.error is not None
    assert (failed.error.code, failed.cancel_requested, failed.key_id) == (
        "invalid_image",
        True,
        None,
    )
    assert batch is not None
    assert batch.object == "batch"


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
