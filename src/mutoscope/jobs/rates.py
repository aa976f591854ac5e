"""Rates by GCRA: one number a limited thing, its theoretical arrival time, moved within the
transaction of what it limits (the generic cell rate algorithm, ITU-T I.371)."""

from __future__ import annotations

from sqlalchemy import Connection, Float, bindparam, case, select
from sqlalchemy.dialects import postgresql, sqlite

from mutoscope.storage.clock import now
from mutoscope.storage.tables import rates

_every = bindparam("every", type_=Float)
_spare = bindparam("spare", type_=Float)


def take(connection: Connection, name: str, per_minute: float, burst: int = 1) -> float:
    """Take one of `per_minute`, of which `burst` may come at once; the seconds to wait, 0.0 = taken.

    `name` is up to 200 characters; a rate of 0 is none.
    """
    if per_minute <= 0:
        return 0.0
    every = 60.0 / per_minute
    spare = every * (max(burst, 1) - 1)
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    clock = now()
    statement = insert(rates).values(name=bindparam("of"), arrival=clock + _every)
    start = case((rates.c.arrival > clock, rates.c.arrival), else_=clock)
    taken = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[rates.c.name],
            set_={"arrival": start + _every},
            where=rates.c.arrival <= clock + _spare,
        ).returning(rates.c.arrival),
        {"of": name, "every": every, "spare": spare},
    ).first()
    if taken is not None:
        return 0.0
    left = connection.execute(
        select(rates.c.arrival - now() - spare).where(rates.c.name == name)
    ).scalar_one()
    return max(float(left), 0.001)
