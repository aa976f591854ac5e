"""submit: an order goes to an engine elsewhere, which may be paid for it, once. Before that, its characters
are registered there (`introduce`).

The intent is written down before a byte is sent, and the operation when the engine has taken the order.
A job that is found with an intent and no operation was cut off in between; what then is right depends on
what the engine can do (its `recovery`):

=========== ============================================================================================
repeatable  it is sent again: nothing is lost but work
idempotent  the same order is sent again under the same key, and the engine answers with the first
listable    when no request of the earlier try can be under way any more, the engine is asked whether it
            has the order; only where it has not, it is sent again
none        it is never sent again: the job is `unconfirmed`, until its owner decides
=========== ============================================================================================
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from mutoscope.errors import BadInput, Missing, NotAccepted, Unconfirmed
from mutoscope.jobs import accounts
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.stages.introduce import forgotten, introduce
from mutoscope.jobs.stages.manner import told_of_start
from mutoscope.jobs.stages.order import order_of
from mutoscope.jobs.stages.unconfirmed import unsure
from mutoscope.storage.database import RecordsUnavailable

if TYPE_CHECKING:
    from mutoscope.engines.base import Operation, Order
    from mutoscope.engines.door import Door
    from mutoscope.server.house import House

MARGIN = 1.0  # seconds of lease beyond the engine's timeout, to write down what came of it
BACKOFF = (1.0, 60.0)  # seconds between tries
PARKED = 300.0  # seconds after which a job that waits for room looks for itself


async def submit(house: House, held: Held) -> Change:
    """Raises NotAccepted where the engine refused for good, BadInput or Missing where it cannot be asked
    at all."""
    door = house.engines.get(held.job.engine)
    if held.job.intent_at is not None:
        return await _recovered(house, held, door)
    if (change := await introduce(house, held, door)) is not None:
        return change
    order = await order_of(house, held, held.job.intent_seq + 1)
    async with door.turn:
        if not await accounts.room(house, door):
            return Change(stage="room", wait=_parked(held), account=door.name)
        try:
            await held.commit(Change(hold=True, intent=True, account=door.name))
        except RecordsUnavailable:
            return Change(intent=False, wait=1.0)  # written down or not: nothing was sent
    held.unsent = True
    reach("submit.intent")
    if await accounts.crowded(house, door):  # another server had the same thought
        return Change(stage="room", intent=False, wait=random.uniform(1.0, 5.0))
    return await _sent(house, held, door, order)


async def _sent(house: House, held: Held, door: Door, order: Order) -> Change:
    """Send the order; its intent is written down. A wish to cancel waits for the answer, for an order
    that was taken must not be forgotten. An intent of an earlier try is only settled by an operation:
    that this request was not taken says nothing about that one."""
    first = held.unsent
    with held.shield():
        if not await held.lasts(door.timeout + MARGIN):
            return Change(intent=False if first else None, wait=1.0)
        held.unsent = False
        reach("submit.sending")
        try:
            operation = await door.start(order)
        except NotAccepted as error:
            if error.final:
                if first and (anew := await forgotten(house, held, door)) is not None:
                    return anew
                raise
            return _again(held, error, settled=first)
        except (BadInput, Missing):
            raise
        except Unconfirmed as error:
            return _unknown(held, door, error.message)
        except Exception as error:  # an engine that broke may have sent it
            return _unknown(held, door, f"{type(error).__name__}: {error}")
        reach("submit.accepted")
        return taken(operation, told_of_start(held.job))


async def _recovered(house: House, held: Held, door: Door) -> Change:
    """What is right for an intent without an operation: see the module."""
    match door.recovery:
        case "repeatable":
            return Change(intent=False)
        case "idempotent":
            return await _sent(house, held, door, await order_of(house, held))
        case "listable":
            begun = held.job.intent_at or 0.0
            over = begun + max(door.timeout, house.settings.jobs.lease) + MARGIN
            if (wait := over - held.clock.now()) > 0:
                return Change(wait=wait)
            found = await door.find(await order_of(house, held))
            reach("submit.found")
            return Change(intent=False) if found is None else taken(found, told_of_start(held.job))
        case _:
            return unsure(held, "the server was cut off while it handed the shot over")


def _parked(held: Held) -> float:
    """Seconds until a job that waits for room looks for itself; its deadline is not slept through."""
    deadline = held.job.deadline
    return PARKED if deadline is None else min(PARKED, max(deadline - held.clock.now(), 0.0))


def taken(operation: Operation, event: str | None = None) -> Change:
    """The engine has the order."""
    return Change(
        stage="poll", status="in_progress", intent=False, operation=operation, progress=0.02,
        event=event,
    )  # fmt: skip


def backoff(tries: int, asked: float | None = None) -> float:
    """Seconds until the next try after so many: doubled each time, and as much as was asked for."""
    least, most = BACKOFF
    wait = min(most, least * 2.0 ** min(tries, 16)) * random.uniform(0.75, 1.25)
    return max(wait, asked or 0.0)


def _again(held: Held, error: NotAccepted, *, settled: bool) -> Change:
    """It is certain that this request was not accepted: the same shot may be sent again, later."""
    tries = int(held.job.work.get("refused", 0))
    work = held.job.work | {"refused": tries + 1, "last": error.message}
    wait = backoff(tries, error.retry_after)
    return Change(intent=False if settled else None, wait=wait, work=work)


def _unknown(held: Held, door: Door, why: str) -> Change:
    """It cannot be known; the intent stays, and the next look recovers it as the engine allows."""
    if door.recovery == "none":
        return unsure(held, why)
    tries = int(held.job.work.get("unknown", 0))
    work = held.job.work | {"unknown": tries + 1, "last": why}
    return Change(wait=backoff(tries), work=work)
