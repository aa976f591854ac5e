"""The database's clock, told without asking it each time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import select

if TYPE_CHECKING:
    from mutoscope.storage.records import Records


class Clock:
    """`now()` is the database's seconds since 1970, `seconds()` this machine's since it was started.

    The latter goes on while the process is halted or the machine sleeps: a lease runs out then too.
    """

    def __init__(self) -> None:
        self._offset = time.time() - self.seconds()

    def seconds(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now(self) -> float:
        return self.seconds() + self._offset

    async def set(self, records: Records) -> None:
        """Ask the database for its time; the answer is that of some moment while it was asked."""
        asked = self.seconds()
        told = await records.read(lambda c: c.execute(select(records.now(c))).scalar_one())
        self._offset = float(told) - (asked + self.seconds()) / 2
