"""Records: what is written is there, alone or in company, on both databases."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from databases import Place
from mutoscope.storage.records import Records
from mutoscope.storage.tables import secrets


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(secrets).values(name=name, value="x", created=0.0))


def names(connection: Connection) -> set[str]:
    return set(connection.execute(select(secrets.c.name)).scalars())


def test_what_is_written_is_read(place: Place) -> None:
    with place.open() as records:
        records.write_now(lambda c: put(c, "one"))
    with place.open() as records:
        assert records.read_now(names) == {"one"}


def test_a_work_that_fails_undoes_itself_and_nobody_else(records: Records) -> None:
    def twice(connection: Connection) -> None:
        put(connection, "half")
        put(connection, "half")

    async def main() -> list[object]:
        works = [records.write(lambda c, n=n: put(c, f"w{n}")) for n in range(20)]  # type: ignore[misc]
        return await asyncio.gather(
            records.write(twice), *works, records.write(twice), return_exceptions=True
        )

    first, *between, last = asyncio.run(main())
    assert isinstance(first, IntegrityError)
    assert isinstance(last, IntegrityError)
    assert between == [None] * 20
    assert records.read_now(names) == {f"w{n}" for n in range(20)}


def test_a_closed_folder_is_one_file(tmp_path: Path) -> None:
    with Records.open("", tmp_path) as records:
        records.write_now(lambda c: put(c, "one"))
        assert records.read_now(names) == {"one"}
    assert {path.name for path in tmp_path.iterdir()} == {"records.sqlite3", "server.lock"}


def test_reads_at_once_and_writes_between_them(records: Records) -> None:
    async def main() -> None:
        for turn in range(10):
            found, _ = await asyncio.gather(
                asyncio.gather(*(records.read(names) for _ in range(20))),
                records.write(lambda c, n=turn: put(c, f"turn {n}")),  # type: ignore[misc]
            )
            assert all(len(each) in (turn, turn + 1) for each in found)
            assert len(await records.read(names)) == turn + 1  # what was written is seen at once

    asyncio.run(main())


def test_a_caller_that_is_cancelled_does_not_stop_its_write(records: Records) -> None:
    async def main() -> None:
        ready, go = threading.Event(), threading.Event()

        def slow(connection: Connection) -> None:
            ready.set()
            assert go.wait(10)
            put(connection, "kept")

        writing = asyncio.create_task(records.write(slow))
        while not ready.is_set():
            await asyncio.sleep(0.001)
        writing.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await records.write(lambda c: None)

    asyncio.run(main())
    assert records.read_now(names) == {"kept"}


def test_what_was_handed_in_before_the_end_is_written(place: Place) -> None:
    async def main() -> None:
        with place.open() as records:
            works = [
                asyncio.ensure_future(records.write(lambda c, n=n: put(c, str(n))))  # type: ignore[misc]
                for n in range(50)
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*works)

    asyncio.run(main())
    with place.open() as records:
        assert len(records.read_now(names)) == 50
