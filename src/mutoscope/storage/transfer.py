"""All rows from one database into another of the same tables, whichever of the two kinds each is."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from mutoscope.storage.tables import commits, metadata

CHUNK = 500  # rows

#: What is one database's own business.
LEFT_OUT = frozenset({commits.name})


def transfer(source: Connection, target: Connection) -> dict[str, int]:
    """Copy every row, within the transactions of the two; the number of rows by table."""
    counts = {}
    for table in metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        counts[table.name] = 0
        found = source.execution_options(yield_per=CHUNK).execute(select(table))
        for rows in found.mappings().partitions(CHUNK):
            target.execute(insert(table), [dict(row) for row in rows])
            counts[table.name] += len(rows)
    return counts


def filled(connection: Connection) -> list[str]:
    """The tables that have rows."""
    tables = (table for table in metadata.sorted_tables if table.name not in LEFT_OUT)
    return [
        table.name
        for table in tables
        if connection.execute(select(func.count()).select_from(select(table).limit(1).subquery())).scalar()
    ]  # fmt: skip
