"""collect: the footage is fetched from an engine elsewhere at once, for its links die within the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.stages.footage import keep
from mutoscope.jobs.stages.poll import operation_of
from mutoscope.jobs.stages.submit import backoff

if TYPE_CHECKING:
    from mutoscope.server.house import House

TRIES = 10  # about five minutes


async def collect(house: House, held: Held) -> Change:
    """Raises what the engine raises, at the last try."""
    door = house.engines.get(held.job.engine)
    try:
        footage = await door.fetch(operation_of(held.job), held.make_folder())
    except Exception as error:
        if held.job.attempt >= TRIES:
            raise
        work = held.job.work | {"last": str(error)}
        return Change(wait=min(backoff(held.job.attempt), 30.0), work=work)
    reach("collect.fetched")
    return await keep(house, held, footage)
