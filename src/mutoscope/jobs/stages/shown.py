"""What an engine has to show of a film that it still makes, passed on as the job's preview."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mutoscope.engines.base import Status

if TYPE_CHECKING:
    from mutoscope.jobs.held import Held
    from mutoscope.server.house import House


class Shown:
    """One job's preview; every new picture of the engine's is copied once."""

    def __init__(self, house: House, held: Held) -> None:
        self._previews = house.previews
        self._job = held.job.id
        self._seen: tuple[str, int] | None = None

    async def look(self, status: Status) -> None:
        """Pass on the picture that the engine names, where it is another than the last."""
        if status.preview is None:
            return
        try:
            seen = (str(status.preview), status.preview.stat().st_mtime_ns)
        except OSError:
            return
        if seen != self._seen:
            self._seen = seen
            await asyncio.to_thread(self._previews.show, self._job, status.preview)
