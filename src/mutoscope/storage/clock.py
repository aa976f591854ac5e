"""The database's clock in SQL: one clock for every server that shares a database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class now(FunctionElement[float]):  # noqa: N801  reads as the SQL it becomes
    """Seconds since 1970 by the database's clock, the same within one statement."""

    type = Float()
    inherit_cache = True
    name = "now"


@compiles(now, "sqlite")
def _sqlite(element: now, compiler: Any, **options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _postgresql(element: now, compiler: Any, **options: Any) -> str:
    # stable within a statement, so that an index on a time serves; now() would be the transaction's
    return "CAST(extract(epoch FROM statement_timestamp()) AS double precision)"
