"""render, generate: an engine on this machine makes the footage, in a process beside the server.

The operation is lost with this process; the stage is then repeated from its start.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.stages.footage import keep
from mutoscope.jobs.stages.manner import told_of_start
from mutoscope.jobs.stages.order import order_of
from mutoscope.jobs.stages.shown import Shown

if TYPE_CHECKING:
    from mutoscope.server.house import House

LOOK = 0.1  # seconds between looks at the engine


async def render(house: House, held: Held) -> Change:
    """Raises what the engine raised: a render that was killed or ran out of memory is EngineFailed."""
    door = house.engines.get(held.job.engine)
    order = await order_of(house, held)
    await held.commit(Change(hold=True, status="in_progress", event=told_of_start(held.job)))
    begun = held.clock.seconds()
    operation = await door.start(order)
    shown = Shown(house, held)
    reach("render.started")
    try:
        while (status := await door.status(operation)).state in ("queued", "running"):
            await shown.look(status)
            if status.state == "running":
                spent = held.clock.seconds() - begun
                left = status.left
                if left is None:
                    left = held.pace.left(door.name, held.shot, status.progress, spent)
                await held.tell(told(status.progress), left)
            else:
                begun = held.clock.seconds()
            await asyncio.sleep(LOOK)
        footage = await door.fetch(operation, order.folder)
    except BaseException:
        await door.cancel(operation)  # ends only when nothing is written any more
        raise
    held.pace.learn(door.name, held.shot, held.clock.seconds() - begun)
    reach("render.rendered")
    return await keep(house, held, footage)


def told(progress: float) -> float:
    """What a caller sees of the engine's progress: something is left for the end until it is there."""
    return 0.02 + 0.95 * min(max(progress, 0.0), 1.0)
