"""What may come in at a time: uploads in progress, bytes held in memory, and how slow a sender may be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from mutoscope.config import Limits
from mutoscope.server.errors import Refusal

SMALL = 64 << 10  # a body up to this long needs no place among the uploads
AGAIN = 1.0  # seconds between two looks at a sender that is fast enough


class Intake:
    """The bodies that one server process is reading. It lives on the event loop and locks nothing."""

    def __init__(self) -> None:
        self.uploads = 0
        self.held = 0  # bytes in memory
        self.received = 0  # bytes since the start, for the metrics
        self._waiting: list[asyncio.Future[None]] = []

    @contextlib.asynccontextmanager
    async def place(self, limits: Limits) -> AsyncIterator[None]:
        """A place among the uploads; 503 where none came free in `slow_seconds`."""
        if self.uploads >= limits.uploads:
            await self._wait(limits)
        self.uploads += 1
        try:
            yield
        finally:
            self.uploads -= 1
            while self._waiting:
                next_one = self._waiting.pop(0)
                if not next_one.done():
                    next_one.set_result(None)
                    break

    async def _wait(self, limits: Limits) -> None:
        try:
            async with asyncio.timeout(limits.slow_seconds):
                while self.uploads >= limits.uploads:
                    turn = asyncio.get_running_loop().create_future()
                    self._waiting.append(turn)
                    await turn
        except TimeoutError:
            raise _busy(f"{limits.uploads} uploads are under way, the most at a time") from None

    def hold(self, count: int, limits: Limits) -> None:
        """Count `count` more bytes in memory, or fewer; 503 where all bodies together are too many."""
        if count > 0 and self.held + count > limits.memory_bytes:
            raise _busy("too many large requests are being read")
        self.held += count


def _busy(why: str) -> Refusal:
    return Refusal(
        f"the server is busy: {why}",
        status=503,
        code="busy",
        hint="send it again in a few seconds",
        headers={"retry-after": "5"},
    )


async def chunks(receive: Receive, limits: Limits, most: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes, at most `most` bytes of it; 408 for a sender that is too slow.

    In every `slow_seconds` at least `slowest_rate` bytes a second must come; else it is cut.
    """
    needed = max(1, int(limits.slow_seconds * limits.slowest_rate))
    clock = asyncio.get_running_loop().time
    total = since = 0
    begun = clock()  # of the window in which `since` bytes came
    try:
        async with asyncio.timeout(limits.slow_seconds) as patience:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunk: bytes = message.get("body", b"")
                total += len(chunk)
                since += len(chunk)
                if total > most:
                    raise too_long(most)
                if chunk:
                    patience.reschedule(None)
                    came = clock()
                    yield chunk
                    now = clock()
                    begun += now - came  # what the reader took is not the sender's fault
                    if since >= needed and now >= begun + min(AGAIN, limits.slow_seconds / 4):
                        since, begun = 0, now
                    patience.reschedule(begun + limits.slow_seconds)
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        raise Refusal(
            f"the body came too slowly: fewer than {limits.slowest_rate:,} bytes a second over "
            f"{limits.slow_seconds:g} seconds (limits.slow_seconds, limits.slowest_rate)",
            status=408,
            hint="send it again over a faster connection",
            headers={"x-should-retry": "false"},
        ) from None


def too_long(most: int) -> Refusal:
    return Refusal(
        f"the body is longer than {most:,} bytes, the most that is taken here",
        status=413,
        hint="send a smaller file, or have the server's owner raise limits.request_bytes",
    )
