"""Many jobs asked about at a time: by the server's list, a hundred to a question.

The list comes newest first. What was read of it answers for a few seconds whoever asks next, so that
ten thousand jobs that are asked about in turn cost a hundred questions a round, not ten thousand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from mutoscope.engines.base import Status
from mutoscope.engines.openai_videos import answers

MOST_PAGES = 150
FRESH = 4.0  # seconds

#: The page of the list after an id, "" for the first → its object, or None where the server has no list.
Read = Callable[[str], Awaitable[Any]]


class Listing:
    """See the module. `read` asks for a page; `told` makes a Status of an object in it,
    None of one that does not say."""

    def __init__(self, read: Read, told: Callable[[Any], Status | None]) -> None:
        self._read = read
        self._told = told
        self._lock = asyncio.Lock()
        self._seen: dict[str, Status] = {}
        self._since = 0.0
        self._after: str | None = (
            ""  # where the reading goes on; None: the list was read to its end
        )
        self._pages = 0
        self.works = True

    async def find(self, wanted: Collection[str]) -> dict[str, Status]:
        """What the list tells of jobs, by id; without those that are not in it. Raises what `read`
        raises."""
        async with self._lock:
            if time.monotonic() - self._since > FRESH:
                self._seen, self._after, self._pages = {}, "", 0
                self._since = time.monotonic()
            missing = set(wanted) - self._seen.keys()
            while missing and self._after is not None and self._pages < MOST_PAGES:
                missing -= await self._next_page()
            return {name: self._seen[name] for name in wanted if name in self._seen}

    async def _next_page(self) -> set[str]:
        assert self._after is not None
        page = await self._read(self._after)
        self._pages += 1
        videos = page.get("data") if isinstance(page, dict) else None
        if not isinstance(videos, list):  # no list, or one of its own kind
            self.works, self._after = False, None
            return set()
        new: set[str] = set()
        for video in videos:
            name = answers.told(video, "id") if isinstance(video, dict) else None
            status = None if name is None else self._told(video)
            if name is not None and status is not None and name not in self._seen:
                self._seen[name] = status
                new.add(name)
        last = page.get("last_id") or (answers.told(videos[-1], "id") if new else None)
        # a server that ignores `after` sends the same page again, with nothing new in it
        self._after = str(last) if new and page.get("has_more") and last else None
        return new

    def forget(self) -> None:
        """Let go of what was read."""
        self._seen, self._after, self._since = {}, "", 0.0
