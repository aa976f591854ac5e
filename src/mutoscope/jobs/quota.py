"""Room on the disk: a shot is refused before the disk is full, not when it is.

The answer is 507 with `x-should-retry: false`: the SDK shows its message at once, as an
InternalServerError, instead of sending the pictures again twice.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from mutoscope.server.errors import Refusal
from mutoscope.shot import Shot
from mutoscope.storage.tables import media_uses

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Bytes that a pixel of a film takes at most, with its thumbnail and sprite sheet: by measurement of
#: grainy photographs under a moving camera, 0.05 to 0.12.
PER_PIXEL = 0.15
KNOWN_FOR = 10.0  # seconds for which the sum of what is stored is not asked for again
LOOKED = 1.0  # seconds between two looks at the disk, each of which blocks whoever looks


class Quota:
    """See the module; `retention.free_bytes` and `retention.disk_bytes` are the limits."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._stored, self._asked = 0, -KNOWN_FOR
        self._free, self._looked = 0, -LOOKED

    async def admit(self, shot: Shot) -> None:
        """Raises Refusal (507) where the shot's film would leave too little room."""
        pixels = shot.size.width * shot.size.height * shot.frames * shot.takes
        await self.require(round(PER_PIXEL * pixels))

    async def require(self, length: int) -> None:
        """Raises Refusal (507) where so many more bytes would leave too little room."""
        limits = self.house.settings.retention
        free = self._room()
        if free - length < limits.free_bytes:
            raise full(
                f"{free:,} bytes are free on the server's disk, of which {limits.free_bytes:,} stay "
                "free (retention.free_bytes)"
            )
        if limits.disk_bytes:
            stored = await self._sum()
            if stored + length > limits.disk_bytes:
                raise full(
                    f"the server keeps {stored:,} bytes and may keep {limits.disk_bytes:,} "
                    "(retention.disk_bytes)"
                )
            self._stored += length
        self._free -= length

    def _room(self) -> int:
        """Bytes that are free on the disk, as of the last look, less what was let in since."""
        now = time.monotonic()
        if now - self._looked >= LOOKED:
            self._looked = now
            self._free = shutil.disk_usage(self.house.records.folder).free
        return self._free

    async def _sum(self) -> int:
        now = time.monotonic()
        if now - self._asked >= KNOWN_FOR:
            self._asked = now
            self._stored = await self.house.records.read(stored)
        return self._stored


def stored(connection: Connection) -> int:
    """Bytes of all media that somebody needs, each counted once."""
    each = select(func.max(media_uses.c.length).label("length")).group_by(media_uses.c.sha256)
    total = select(func.coalesce(func.sum(each.subquery().c.length), 0))
    return int(connection.execute(total).scalar_one())


def full(why: str) -> Refusal:
    """The refusal."""
    return Refusal(
        "the server has no room for this film: it takes nothing more until its owner makes room",
        status=507,
        code="insufficient_storage",
        hint=f"{why}; delete films with DELETE /v1/videos/{{id}}, or shorten retention.video_days",
        headers={"x-should-retry": "false"},
    )
