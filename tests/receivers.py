"""A receiver of webhooks on loopback, and an outbox that is run beside a test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from mutoscope.config import Server, Settings, Webhooks
from mutoscope.jobs.outbox import Outbox
from mutoscope.jobs.verdicts import Backoff
from mutoscope.storage.records import Records

QUICK = Backoff(first=0.02, factor=1.5, most=0.2)


@dataclass(frozen=True)
class Hook:
    """One request: its path, its headers by lower-case name, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


@dataclass
class Receiver:
    """`answers` are raw answers by path; others get a 204. `delay` in seconds before each answer."""

    port: int = 0
    answers: dict[str, bytes] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    waiting: int = 0
    most_waiting: int = 0

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def at(self, path: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.path == path]


@contextlib.asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """A receiver that keeps connections open, as real ones do."""
    receiver = Receiver()
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = [line.split(": ", 1) for line in head[1:] if line]
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                path = head[0].split(" ")[1]
                receiver.hooks.append(Hook(path, headers, body))
                receiver.waiting += 1
                receiver.most_waiting = max(receiver.most_waiting, receiver.waiting)
                await asyncio.sleep(receiver.delay.get(path, 0))
                receiver.waiting -= 1
                writer.write(receiver.answers.get(path, b"HTTP/1.1 204 No Content\r\n\r\n"))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


def status(code: int, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} X", "content-length: 0"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@contextlib.asynccontextmanager
async def running(
    records: Records,
    *,
    webhooks: Webhooks | None = None,
    host: str = "127.0.0.1",
    backoff: Backoff = QUICK,
    count: Callable[[str], None] = lambda word: None,
) -> AsyncIterator[Outbox]:
    """An outbox that delivers meanwhile, quickly."""
    settings = Settings(server=Server(host=host), webhooks=webhooks or Webhooks(timeout=2))
    outbox = Outbox(records, settings, backoff=backoff, count=count, idle=0.05)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        await outbox.stop(1)
        await task


async def until(condition: Callable[[], Any], seconds: float = 8.0) -> Any:
    """Wait until `condition` holds, at most so long; what it gave."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.005)
    return value


__all__ = ["Hook", "Receiver", "receiving", "running", "status", "until"]
