"""unconfirmed: an engine that cannot be asked may or may not have a shot, and may be paid for it.

Such a job is never sent again by itself, and never given up silently: it is in progress until its owner
decides (`mutoscope jobs resend` or `close`), or until its deadline, where it fails and says so. Where
the engine's answer comes after all, the job goes on with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutoscope.errors import Unconfirmed
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change

if TYPE_CHECKING:
    from mutoscope.server.house import House

LONGEST = 7 * 86400.0  # seconds, for a job without a deadline


async def unconfirmed(house: House, held: Held) -> Change:
    """The deadline has come. Raises Unconfirmed."""
    why = held.job.work.get("last", "")
    raise Unconfirmed(
        f"whether {held.job.engine} took this shot could not be known ({why}); it was not sent again, "
        "so that it is not paid for twice",
        hint=f"look in the account at {held.job.engine} before you ask for it again",
    )


def unsure(held: Held, why: str) -> Change:
    """Into this stage, until the job's deadline."""
    deadline = held.job.deadline
    wait = LONGEST if deadline is None else max(deadline - held.clock.now(), 0.0)
    return Change(
        stage="unconfirmed",
        status="in_progress",
        wait=wait,
        expected_end=None,
        work=held.job.work | {"last": why},
    )
