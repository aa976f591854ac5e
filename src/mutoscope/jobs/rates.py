"""Rates by GCRA: one number a limited thing, its theoretical arrival time, moved within the
transaction of what it limits (the generic cell rate algorithm, ITU-T I.371)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Float, bindparam, case, select

from mutoscope.storage.clock import now
from mutoscope.storage.prepared import Insert, Prepared
from mutoscope.storage.tables import rates


def take(connection: Connection, name: str, per_minute: float, burst: int = 1) -> float:
    """Take one of `per_minute`, of which `burst` may come at once; the seconds to wait, 0.0 = taken.

    `name` is up to 200 characters; a rate of 0 is none.
    """
    if per_minute <= 0:
        return 0.0
    every = 60.0 / per_minute
    spare = every * (max(burst, 1) - 1)
    values = {"of": name, "every": every, "spare": spare}
    if _TAKE.rows(connection, values):
        return 0.0
    return max(float(_LEFT.rows(connection, values)[0][0]), 0.001)


def _take(insert: Insert) -> Any:
    every, spare = (bindparam(name, type_=Float) for name in ("every", "spare"))
    start = case((rates.c.arrival > now(), rates.c.arrival), else_=now())
    return (
        insert(rates)
        .values(name=bindparam("of"), arrival=now() + every)
        .on_conflict_do_update(
            index_elements=[rates.c.name],
            set_={"arrival": start + every},
            where=rates.c.arrival <= now() + spare,
        )
        .returning(rates.c.arrival)
    )


_TAKE = Prepared(_take)
_LEFT = Prepared(
    lambda _: select(rates.c.arrival - now() - bindparam("spare", type_=Float)).where(
        rates.c.name == bindparam("of")
    )
)
