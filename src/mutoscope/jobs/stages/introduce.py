"""introduce: before an order goes out, its characters are registered at the account that takes it.

This happens once for each character and account: the first shot that needs it registers it, others wait,
and the id is remembered with the character. What holds for the order stands in the job, so that an order
that is sent again is the same.

A registration whose answer was lost is not made again without looking, where the account can be asked;
elsewhere it is tried once more, and after that the character goes there in another form.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from mutoscope.characters.registered import Registrations
from mutoscope.engines.base import Introducing
from mutoscope.errors import BadInput, EngineFailed, Missing, NotAccepted
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.stages.cast import Written, member, written

if TYPE_CHECKING:
    from mutoscope.engines.door import Door
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

MARGIN = 1.0  # seconds of lease beyond the engine's timeout, to write down what came of it
LOOK_AGAIN = 0.5  # seconds after which to look at what another shot registers
LATER = 5.0  # seconds after which to try again what the account did not take or answer
LOST = 2  # answers that may be lost until the character goes there in another form


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """The character's `id` at the account, or what it `lacks` to have one."""

    id: str = ""
    lacks: str = ""


def introduced(work: Mapping[str, object]) -> dict[str, Introduction]:
    """What is known of a job's cast at its account, by the names within the shot."""
    return msgspec.convert(work.get("introduced", {}), dict[str, Introduction])


async def introduce(house: House, held: Held, door: Door) -> Change | None:
    """None when it is known of every character of the order; else the job is to come again. Raises Missing
    where the account cannot be asked at all."""
    engine = door.engine
    if not isinstance(engine, Introducing) or not engine.introduces:
        return None
    known = introduced(held.job.work)
    missing = {name: one for name, one in written(held.job.work).items() if name not in known}
    for name, one in missing.items():
        outcome = await _introduced(house, held, door, engine, name, one)
        if isinstance(outcome, Change):
            return outcome
        known[name] = outcome
        work = held.job.work | {"introduced": msgspec.to_builtins(known)}
        await held.commit(Change(hold=True, work=work))
    return None


async def forgotten(house: House, held: Held, door: Door) -> Change | None:
    """The account refused an order. Where that is because it no longer knows a character, the job is to
    come again and register it anew, once; else None."""
    engine = door.engine
    if not isinstance(engine, Introducing):
        return None
    known, cast = introduced(held.job.work), written(held.job.work)
    anew: dict[str, str] = dict(held.job.work.get("anew", {}))
    registrations = Registrations(house.records)
    gone: dict[str, str] = {}
    for name, one in known.items():
        if one.id and name not in anew and not await _knows(engine, one.id):
            await registrations.forget(cast[name].id, door.name, one.id)
            gone[name] = one.id
    if not gone:
        return None
    _log.info("%s no longer knows %s; registered anew", door.name, ", ".join(gone))
    rest = {name: one for name, one in known.items() if name not in gone}
    work = {"introduced": msgspec.to_builtins(rest), "anew": anew | gone}
    return Change(intent=False, work=held.job.work | work)


async def _knows(engine: Introducing, id: str) -> bool:
    try:
        return await engine.knows(id)
    except EngineFailed:
        return True  # that it could not be asked says nothing


async def _introduced(
    house: House, held: Held, door: Door, engine: Introducing, name: str, one: Written
) -> Introduction | Change:
    if one.clip is None:
        return Introduction(lacks="it was made without a clip, which is what is registered there")
    registrations = Registrations(house.records)
    claim = await registrations.claim(one.id, door.name, door.timeout + MARGIN)
    if claim.known:
        return Introduction(id=claim.known)
    if claim.gone:
        return Introduction(lacks="it was deleted meanwhile")
    if not claim.mine:
        return Change(wait=LOOK_AGAIN)
    work = held.job.work
    tries = int(work.get("introducing", 0))
    with held.shield():
        if not await held.lasts(door.timeout + MARGIN):
            await registrations.release(one.id, door.name, lost=claim.again)
            return Change(wait=LOOK_AGAIN)
        reach("introduce.sending")
        try:
            id = await engine.introduce(
                member(house, one), again=claim.again, instead=work.get("anew", {}).get(name, "")
            )
        except NotAccepted as error:
            await registrations.release(one.id, door.name, lost=claim.again)
            if error.final:
                return Introduction(lacks=error.message)
            return Change(wait=max(LATER, error.retry_after or 0.0))
        except (BadInput, Missing):
            await registrations.release(one.id, door.name, lost=claim.again)
            raise
        except Exception as error:
            await registrations.release(one.id, door.name, lost=True)
            _log.warning("%s may have registered %s: %s", door.name, one.id, error)
            if tries + 1 >= LOST:
                return Introduction(lacks=f"{door.name} did not answer when it was registered")
            return Change(wait=LATER, work=work | {"introducing": tries + 1})
        reach("introduce.registered")
        await registrations.keep(one.id, door.name, id)
    reach("introduce.kept")
    return Introduction(id=id)
