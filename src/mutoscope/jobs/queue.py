"""How many jobs a project, and a key, may have waiting or running at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.callers import Caller
    from mutoscope.server.house import House

COUNTED = 0.25  # seconds for which a count of open jobs does
NEAR = 64  # jobs below the limit from which every request counts anew
BUSY_SECONDS = 10  # after which it is worth while to ask again


class Queue:
    """See the module."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._open: dict[str, tuple[float, int]] = {}

    async def admit(self, caller: Caller) -> int:
        """How many jobs of the project are open. Refusal (429) where it, or the key, has all it may."""
        ledger, own = self.house.ledger, caller.jobs_at_once
        if own is not None:
            mine = await ledger.open_of(caller.project, caller.key_id)
            if mine >= own:
                raise _busy(
                    f"this key has {mine} jobs waiting or running, and may have {own} at once"
                )
        most, everybody = self.house.settings.limits.queued, await self._open_of(caller.project)
        if everybody >= most:
            raise _busy(
                f"this project has {everybody:,} jobs waiting or running; "
                f"limits.queued in the server's settings allows {most:,}"
            )
        return everybody

    async def _open_of(self, project: str) -> int:
        """Far from the limit a count that is a moment old does, with what came since: counting
        thousands of rows for every request costs more than the rest of its admission."""
        now, (at, known) = time.monotonic(), self._open.get(project, (-COUNTED, 0))
        if now - at < COUNTED and known + NEAR < self.house.settings.limits.queued:
            self._open[project] = (at, known + 1)
            return known
        counted = await self.house.ledger.open_of(project)
        self._open[project] = (now, counted + 1)
        return counted


def _busy(why: str) -> Refusal:
    return Refusal(
        "Too many running tasks",
        status=429,
        code="rate_limit_exceeded",
        hint=f"{why}; wait until one has ended",
        headers={"retry-after": str(BUSY_SECONDS)},
    )
