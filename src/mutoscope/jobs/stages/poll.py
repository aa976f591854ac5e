"""poll: an engine elsewhere is asked what has become of an operation, and asked again later.

Between two questions a job is a row and nothing else. A question that fails says nothing about the
film: it is asked again, until the deadline.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from mutoscope.config import Jobs
from mutoscope.engines.base import Operation, Status, Telling
from mutoscope.errors import EngineFailed, MutoscopeError
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import KEEP, Change, Job, Keep
from mutoscope.jobs.stages.shown import Shown

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

#: The part of the time gone by after which to look again: ten minutes in, two minutes hardly matter.
SHARE = 1 / 6
JITTER = 0.1


async def poll(house: House, held: Held) -> Change:
    """Raises EngineFailed where the engine says that it failed."""
    (status,) = await asked(house, held.job.engine, [held])
    return await _told(house, held, status)


def tells(house: House, job: Job) -> bool:
    """Whether the job's engine tells of many operations at a time."""
    try:
        return isinstance(house.engines.get(job.engine).engine, Telling)
    except MutoscopeError:
        return False


async def asked(
    house: House, engine: str, several: Sequence[Held]
) -> Sequence[Status | BaseException]:
    """What has become of operations of one engine, or why that could not be learned."""
    try:
        door = house.engines.get(engine)
        return await door.statuses([operation_of(held.job) for held in several])
    except Exception as error:
        return [error] * len(several)


def with_answer(status: Status | BaseException) -> Callable[[House, Held], Awaitable[Change]]:
    """The stage, where the engine was asked already."""

    async def told(house: House, held: Held) -> Change:
        return await _told(house, held, status)

    return told


async def _told(house: House, held: Held, status: Status | BaseException) -> Change:
    if isinstance(status, Status):
        await Shown(house, held).look(status)
    return answered(house, held, status)


def answered(house: House, held: Held, status: Status | BaseException) -> Change:
    """What an answer means for the job. Raises EngineFailed where it is that the film failed; that there
    was none means nothing."""
    reach("poll.asked")
    if isinstance(status, BaseException):
        if not isinstance(status, Exception):
            raise status
        _log.info("%s could not be asked about %s: %s", held.job.engine, held.job.id, status)
        asked_for: float = getattr(status, "retry_after", None) or 0.0
        return Change(wait=max(house.settings.jobs.poll_last * random.uniform(0.3, 1), asked_for))
    if not status.known:
        house.metrics.unknown_status(held.job.engine)
    match status.state:
        case "done":
            return Change(stage="collect", expected_end=held.clock.now())
        case "failed" | "cancelled":
            raise EngineFailed(
                status.error or f"{held.job.engine} says: {status.state}",
                code=status.code or ("cancelled" if status.state == "cancelled" else None),
            )
    now = held.clock.now()
    spent = max(now - (held.job.started or now), 0.0)
    typical = getattr(house.engines.contract(held.job.model), "minutes", None)
    left = time_left(status, spent, typical and 60.0 * typical)
    return Change(
        wait=pause(house.settings.jobs, status, spent, left),
        progress=max(held.job.progress, 0.02 + 0.95 * min(max(status.progress, 0.0), 1.0)),
        expected_end=_moved(held.job, None if left is None else now + left),
    )


def time_left(status: Status, spent: float, typical: float | None) -> float | None:
    """Seconds that it will still take: as the engine says, by its progress, or as such jobs take."""
    if status.left is not None:
        return status.left
    if status.progress > 0.05 and spent > 1:
        return spent * (1 - status.progress) / status.progress
    return None if typical is None else max(typical - spent, 5.0)


def pause(jobs: Jobs, status: Status, spent: float, left: float | None) -> float:
    """Seconds until the next question: more the longer it takes, fewer near the end, as the engine asks
    where it does; never at the same moment for all."""
    if status.wait is not None:
        return max(status.wait, 0.1) * random.uniform(1.0, 1.0 + JITTER)
    wait = spent * SHARE
    if status.left is not None and left is not None:
        wait = max(wait, left / 2) if left > jobs.poll_last else left / 2
    wait = min(max(wait, jobs.poll_first), jobs.poll_last)
    return wait * random.uniform(1.0 - JITTER, 1.0)


def operation_of(job: Job) -> Operation:
    """A polled job's operation."""
    if job.operation is None:
        raise EngineFailed(f"job {job.id} has no operation to ask for")
    return job.operation


def _moved(job: Job, end: float | None) -> float | Keep | None:
    """A row is not changed for a second more or less."""
    if end is not None and job.expected_end is not None and abs(end - job.expected_end) < 1.0:
        return KEEP
    return end
