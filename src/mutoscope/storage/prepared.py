"""Statements of the hot paths, compiled once for each database and run straight on its driver.

A tenth of what building and compiling them anew costs. Values go in as the driver takes them, rows come
out as it gives them: booleans of SQLite are 0 and 1. Errors are the driver's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Insert = Callable[..., Any]  # the dialect's own `insert`, which has ON CONFLICT


class Prepared:
    """`Prepared(lambda insert: select(...))`: `insert` makes an INSERT that may have ON CONFLICT."""

    __slots__ = ("_known", "_make")

    def __init__(self, make: Callable[[Insert], ClauseElement]) -> None:
        self._make = make
        self._known: dict[str, tuple[str, dict[str, Any]]] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it; all rows that it returned."""
        found: list[Any] = self._run(connection, values).fetchall()
        return found

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any | None:
        found = self.rows(connection, values)
        return found[0] if found else None

    def each(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Run it for each of the values, which cost PostgreSQL one round trip; the rows of each."""
        if connection.dialect.name == "sqlite":
            return [self.rows(connection, each) for each in values]
        text, constants = self._known.get("postgresql") or self._compile("postgresql")
        found: list[list[Any]] = []
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            cursor.executemany(text, [{**constants, **each} for each in values], returning=True)
            for _ in values:
                found.append(cursor.fetchall())
                cursor.nextset()
        return found

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        dialect = connection.dialect.name
        text, constants = self._known.get(dialect) or self._compile(dialect)
        driver: Any = connection.connection.driver_connection
        return driver.execute(text, {**constants, **values})

    def _compile(self, dialect: str) -> tuple[str, dict[str, Any]]:
        insert = (sqlite if dialect == "sqlite" else postgresql).insert
        compiled: Any = self._make(insert).compile(
            dialect=_DIALECTS[dialect], compile_kwargs={"render_postcompile": True}
        )
        names = compiled.bind_names.items()
        constants = {name: bind.value for bind, name in names if not bind.required}
        self._known[dialect] = str(compiled), constants
        return self._known[dialect]


_DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": PGDialect_psycopg(),  # type: ignore[no-untyped-call]
}
