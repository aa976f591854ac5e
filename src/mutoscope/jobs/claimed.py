"""What is done with a claimed job: its stage runs, and what that came to is written down, once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mutoscope.engines.base import Operation
from mutoscope.errors import Cancelled, EngineFailed, MutoscopeError
from mutoscope.jobs import orphans
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held, Lost
from mutoscope.jobs.job import Change
from mutoscope.jobs.stages.ending import cancelled, failed, let_go, overdue
from mutoscope.jobs.stages.table import ENDS_ITSELF, STAGES, TIMED
from mutoscope.storage.database import RecordsUnavailable

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

BROKEN = 5.0  # seconds before a stage that broke in a way nobody foresaw is tried again
TRIES = 3  # of such a stage
AGAIN = 1.0  # seconds between tries to reach the records

Stage = Callable[["House", Held], Awaitable[Change]]


async def work(house: House, held: Held, stage: Stage | None = None) -> None:
    """Run the stage that the job is in (or `stage`), and write its outcome down. Where the lease was
    lost on the way, what was done is dropped; the folder is gone in any case."""
    try:
        change = await _outcome(house, held, stage)
        if change is not None:
            await _write(house, held, change)
    except Lost:
        _log.info("job %s went to another worker; what was done here is dropped", held.job.id)
    finally:
        if held.over or held.folder.exists():
            # shielded: who is interrupted once more must not leave his folder either
            await asyncio.shield(asyncio.to_thread(_clear, house, held))


def _clear(house: House, held: Held) -> None:
    """Remove the folder; of a job that is over, also those that killed or halted workers left, and its
    preview."""
    if held.over:
        house.previews.hide(held.job.id)
    left = held.folder.parent.glob(f"{held.job.id}.*") if held.over else (held.folder,)
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)


async def interrupted(house: House, held: Held) -> Change:
    """A stage that was stopped before it began."""
    raise asyncio.CancelledError


async def _outcome(house: House, held: Held, stage: Stage | None) -> Change | None:
    """What the stage came to, also where it came to nothing; None: leave the job to its lease."""
    job = held.job
    if job.cancel_requested and job.object not in ENDS_ITSELF:
        return await _given_up(house, held)
    if _late(held):
        await let_go(house, held)
        return overdue(house, held)
    run = stage or STAGES.get((job.object, job.stage))
    try:
        if run is None:
            raise EngineFailed(
                f"this server knows no stage {job.stage!r} of a {job.object}; "
                "a later version may have written it down",
                code="server_error",
            )
        async with asyncio.timeout(_time(held)) as time:
            return await run(house, held)
    except asyncio.CancelledError:
        return await _interrupted(house, held)
    except Lost:
        raise
    except TimeoutError as error:
        if time.expired():
            return overdue(house, held)
        return _broken(house, held, error)
    except RecordsUnavailable as error:
        _log.warning("job %s waits for the records: %s", job.id, error.message)
        return Change(wait=AGAIN, intent=False if held.unsent else None)
    except Cancelled:
        # whoever cancelled has said so to the job, or the processes are closing
        return Change(wait=AGAIN)
    except MutoscopeError as error:
        _log.info("job %s failed: %s", job.id, error.message)
        return failed(house, held, error)
    except Exception as error:
        return _broken(house, held, error)


def _late(held: Held) -> bool:
    deadline = held.job.deadline
    return deadline is not None and held.clock.now() >= deadline and held.job.stage != "unconfirmed"


def _time(held: Held) -> float | None:
    """Seconds that the stage may take; None where it must not be cut off."""
    if held.job.stage not in TIMED or held.job.deadline is None:
        return None
    return max(held.job.deadline - held.clock.now(), 0.0)


async def _interrupted(house: House, held: Held) -> Change | None:
    """The task was cancelled: by the job's caller, because its lease was lost, or since the worker ends."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
    if held.wish == "cancel" and held.job.object not in ENDS_ITSELF:
        return await _given_up(house, held)
    if held.wish == "lost":
        raise Lost(held.job.id)
    if held.unsent:
        return Change(intent=False)
    # an order that may be on its way is looked into when the lease has run out, not before
    return None if held.job.intent_at is not None else Change()


async def _given_up(house: House, held: Held) -> Change:
    await let_go(house, held)
    return cancelled(held)


def _broken(house: House, held: Held, error: Exception) -> Change:
    """Something that nobody foresaw: it is tried again a few times, then the job fails."""
    _log.error("job %s broke at %s", held.job.id, held.job.stage, exc_info=error)
    if held.job.attempt < TRIES:
        return Change(wait=BROKEN)
    return failed(
        house,
        held,
        EngineFailed("the server failed at this shot; its log says why", code="server_error"),
    )


async def _write(house: House, held: Held, change: Change) -> None:
    """Write the outcome down, however long the records are away. Raises Lost."""
    while True:
        try:
            written = await held.ledger.commit(held.lease, change)
            break
        except RecordsUnavailable as error:
            _log.warning("the end of a stage of %s waits: %s", held.job.id, error.message)
            await asyncio.sleep(AGAIN)
    if written:
        held.over = change.ended
        held.moved = not change.ended and change.wait <= 0
        reach("committed")
        if change.ended:
            held.ledger.ended(held.job, change)
        return
    if isinstance(change.operation, Operation):
        with contextlib.suppress(MutoscopeError):
            await orphans.take_in(house, held.job, change.operation)
    raise Lost(held.job.id)
