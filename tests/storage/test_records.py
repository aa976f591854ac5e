"""Records: what is written is there, alone or in company, on both databases."""

from __future__ import annotations

import asyncio

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
