"""Films that are copied into a bucket when they are ready, because their request named one."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from mutoscope.dialects.google.buckets import Buckets
from mutoscope.dialects.google.ending import Ends
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.job import Job

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.server")
KEPT = "bucket"  # where `Job.asked` has the address


class Copies:
    """A film is copied as its job ends, by the process that took the request in; and by whichever is
    asked for it, where it is not there yet."""

    def __init__(self, house: House, ends: Ends | None = None) -> None:
        self.house = house
        self.buckets = Buckets(house.settings.storage.gcs)
        self.ends = ends or Ends(house)
        self._tasks: set[asyncio.Task[None]] = set()

    def address(self, job: Job, number: int = 0) -> str:
        """Where the film is to be: gs://bucket/prefix/ID/sample_0.mp4, or the very object that was
        named; "" where it is to be in no bucket."""
        asked = str(job.asked.get(KEPT, ""))
        if not asked or asked.lower().endswith(".mp4"):
            return asked
        id = (job.take_of or job.id).removeprefix("video_")
        return f"{asked.rstrip('/')}/{id}/sample_{number}.mp4"

    async def made(self, job: Job, number: int = 0) -> str:
        """The address of a finished film, once it is there. Raises BadShot, CannotWrite."""
        uri = self.address(job, number)
        if uri and job.result is not None:
            film = job.result.media["video"]
            if self.house.media.has(film):
                path = self.house.media.path(film)
                await asyncio.to_thread(self.buckets.write, KEPT, uri, path)
        return uri

    def later(self, job: Job, number: int = 0) -> None:
        """Copy the film when it is ready, whoever asks for it."""
        if not self.address(job):
            return
        task = asyncio.create_task(self._when_ready(job, number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _when_ready(self, job: Job, number: int) -> None:
        try:
            ended = await self.ends.of(job)
            if ended is not None and ended.status == "completed":
                await self.made(ended, number)
        except MutoscopeError as error:
            if not self.house.closing.is_set():
                _log.warning("the film of %s was not copied: %s", job.id, error.message)
