"""Room at an engine elsewhere: how many creations a minute its account allows, how many at once.

A job without room waits as a row in the stage `room`; `call_in` brings as many back as there is room
for, the first first, so that ten thousand waiting jobs are not asked one by one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update

from mutoscope.jobs import rates
from mutoscope.storage.tables import jobs

if TYPE_CHECKING:
    from mutoscope.config import EngineAccount
    from mutoscope.engines.door import Door
    from mutoscope.server.house import House
    from mutoscope.storage.records import Records

#: Where an engine may be at work for a job.
AT_WORK = ("poll",)


async def room(house: House, door: Door) -> bool:
    """Whether one more may be created now; if so, one of the minute's is taken."""
    account = door.account

    def taken(connection: Connection) -> bool:
        if account.at_once and at_work(connection, door.name) >= account.at_once:
            return False
        return rates.take(connection, f"engine/{door.name}/create", account.per_minute) <= 0

    if not (account.at_once or account.per_minute):
        return True
    return await house.records.write(taken)


async def crowded(house: House, door: Door) -> bool:
    """Whether more are under way than the account allows; asked when the intent is written down, for
    another server may have written down its own at the same time."""
    most = door.account.at_once
    if not most:
        return False
    return await house.records.read(lambda c: at_work(c, door.name) > most)


def at_work(connection: Connection, account: str) -> int:
    """How many jobs an engine has, or may be getting at this moment."""
    busy = jobs.c.stage.in_(AT_WORK) | jobs.c.intent_at.is_not(None)
    counted = select(func.count()).where(jobs.c.due.is_not(None), jobs.c.account == account, busy)
    return connection.execute(counted).scalar_one()


async def call_in(records: Records, name: str, account: EngineAccount) -> int:
    """Let as many of the waiting jobs try as there is room for; how many."""

    def called(connection: Connection) -> int:
        free = math.ceil(account.per_minute / 60) or account.at_once
        if account.at_once:
            free = min(free, account.at_once - at_work(connection, name))
        if free <= 0:
            return 0
        waiting = (
            select(jobs.c.id)
            .where(jobs.c.due.is_not(None), jobs.c.stage == "room", jobs.c.account == name)
            .order_by(jobs.c.priority.desc(), jobs.c.id)
            .limit(free)
        )
        moved = update(jobs).where(jobs.c.id.in_(waiting), jobs.c.stage == "room")
        clock = records.now(connection)
        return connection.execute(moved.values(stage="submit", due=clock)).rowcount

    return await records.write(called)
