"""How a job ends that came to nothing: with a reason, and without leaving anything behind."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mutoscope.errors import CannotWrite, EngineFailed, MutoscopeError
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change, Problem
from mutoscope.jobs.stages.manner import remembered

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

DAY = 86400.0
CANCELLED = Problem(code="cancelled", message="it was cancelled")


def failed(house: House, held: Held, error: MutoscopeError) -> Change:
    """The job has failed with an error, as its caller would have been told it at once."""
    return Change(
        ended=True,
        status="failed",
        expected_end=None,
        error=problem(error),
        expires=expiry(house, held),
        remembered=remembered(held.job),
        event=f"{held.job.object}.failed",
    )


def problem(error: MutoscopeError) -> Problem:
    """An error as a job keeps it: nothing of this machine's folders is in it."""
    if isinstance(error, CannotWrite):
        return Problem(
            code="server_error",
            message="the server could not write the film's files; its disk may be full",
            hint="tell whoever runs the server; its log says what could not be written",
        )
    code = "engine_failed" if type(error) is MutoscopeError else error.code
    return Problem(code=code, message=error.message, hint=error.hint, param=error.field or "")


def overdue(house: House, held: Held) -> Change:
    """The deadline has passed."""
    at = "waiting for its turn" if held.job.status == "queued" else f"at the stage {held.job.stage}"
    return failed(
        house,
        held,
        EngineFailed(
            f"the shot was not ready by its deadline; it was {at}",
            code="deadline_exceeded",
            hint="jobs.deadline in the server's settings is the time that a job may take",
        ),
    )


async def let_go(house: House, held: Held) -> None:
    """Stop what an engine elsewhere still does for a job that is given up. What cannot be stopped goes
    into the log: it may be paid for."""
    operation = held.job.operation
    if operation is None:
        if held.job.intent_at is not None:
            _log.warning(
                "job %s is given up while nobody knows whether %s took it: it may be paid for",
                held.job.id, held.job.engine,
            )  # fmt: skip
        return
    try:
        await house.engines.get(held.job.engine).cancel(operation)
    except Exception as error:
        _log.warning(
            "job %s is given up, but its operation at %s could not be stopped: %s",
            held.job.id, held.job.engine, error,
        )  # fmt: skip


def cancelled(held: Held) -> Change:
    """Its caller took it back: row and files go at once, unless a batch still counts it."""
    return Change(
        ended=True,
        status="failed",
        expected_end=None,
        error=CANCELLED,
        expires=held.clock.now() if held.job.batch is None else None,
        remembered=remembered(held.job),
    )


def expiry(house: House, held: Held) -> float | None:
    """When the files and the row of a job that ends now are deleted; None: never."""
    days = house.settings.retention.video_days
    return held.clock.now() + days * DAY if days > 0 else None
