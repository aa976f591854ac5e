"""What is wrong with a place is said in one sentence that says how to mend it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from databases import Postgres
from mutoscope.errors import BadInput, CannotWrite, MutoscopeError
from mutoscope.storage.records import Records, RecordsUnavailable
from mutoscope.storage.tables import secrets


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("mysql://host/name", BadInput, 'begins with "mysql:"'),
        ("records.db", BadInput, 'begins with "records.db:"'),
        ("postgresql://host:port/name", BadInput, "no address"),
        ("postgresql://user:geheim@127.0.0.1:1/name", RecordsUnavailable, "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be(
    url: str, kind: type[MutoscopeError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=words) as said:
        Records.open(url, tmp_path)
    assert "\n" not in said.value.message
    assert "geheim" not in said.value.message


def test_a_database_that_is_not_there(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"server\.database"):
        Records.open(postgres.url("nowhere"), tmp_path)
    with pytest.raises(BadInput, match=r"server\.database"):
        Records.open(postgres.url("postgres").replace("postgres@", "nobody@"), tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CannotWrite, match="cannot be written"):
        Records.open("", tmp_path)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(CannotWrite, match="cannot be written"):
        Records.open("", tmp_path / "data")


def test_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite3").write_bytes(b"no database at all, but long enough" * 200)
    with pytest.raises(CannotWrite, match=r"damaged.*mutoscope restore"):
        Records.open("", tmp_path)


def test_a_full_disk_fails_what_does_not_fit_and_nothing_else(tmp_path: Path) -> None:
    def put(name: str, value: str) -> None:
        row = insert(secrets).values(name=name, value=value, created=0.0)
        records.write_now(lambda c: c.execute(row))

    with Records.open("", tmp_path) as records:
        pages = records.read_now(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
        records.write_now(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}").all())
        put("first", "x")
        with pytest.raises(CannotWrite, match="disk is full") as said:
            put("large", "x" * 100_000)
        assert said.value.code == "disk_full"
        put("second", "x")
        names = records.read_now(lambda c: c.execute(select(secrets.c.name)).scalars().all())
        assert sorted(names) == ["first", "second"]


def test_a_write_waits_for_another_programs(tmp_path: Path) -> None:
    with Records.open("", tmp_path) as records:
        other = sqlite3.connect(tmp_path / "records.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        done = threading.Event()

        def write() -> None:
            row = insert(secrets).values(name="a", value="b", created=0.0)
            records.write_now(lambda c: c.execute(row))
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert not done.wait(0.2)
        other.execute("ROLLBACK")
        assert done.wait(10)
        writer.join()
        other.close()


def test_a_file_that_another_program_keeps_to_itself(tmp_path: Path) -> None:
    """All that wait are told at once, not one after the other."""

    async def main(records: Records) -> list[object]:
        works = (records.write(lambda c: c.execute(select(secrets)).all()) for _ in range(50))
        return await asyncio.gather(*works, return_exceptions=True)

    with Records.open("", tmp_path, patience=0.2) as records:
        other = sqlite3.connect(tmp_path / "records.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        told = asyncio.run(main(records))
        assert time.monotonic() - began < 5
        assert all(isinstance(each, RecordsUnavailable) for each in told)
        assert "held by another program" in str(told[0])
        other.execute("ROLLBACK")
        assert asyncio.run(main(records)) == [[]] * 50
        other.close()


@pytest.mark.parametrize("name", ["a\0b", "x" * 81, "\ud800"], ids=["NUL", "long", "half a pair"])
def test_a_value_that_a_column_does_not_take(records: Records, name: str) -> None:
    """SQLite takes more: what it keeps comes back as it was."""
    row = insert(secrets).values(name=name, value="x", created=0.0)
    if records.dialect == "postgresql" or name == "\ud800":
        with pytest.raises(BadInput, match="cannot be kept") as refused:
            records.write_now(lambda c: c.execute(row))
        assert "\n" not in refused.value.message
        assert records.read_now(lambda c: c.execute(select(secrets)).all()) == []
    else:
        records.write_now(lambda c: c.execute(row))
        assert records.read_now(lambda c: c.execute(select(secrets.c.name)).scalar()) == name


def test_closed_records_say_so(tmp_path: Path) -> None:
    records = Records.open("", tmp_path)
    records.close()
    records.close()
    for ask in (records.read_now, records.write_now):
        with pytest.raises(RecordsUnavailable, match="closed"):
            ask(lambda c: None)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with Records.open("", tmp_path / "data") as records:
        records.write_now(lambda c: c.execute(select(secrets.c.name)).all())
        for path in (tmp_path / "data").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path.name
