"""A server on loopback that answers with given bytes, and a network in which every address is it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore

Reply = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Place:
    """`asked` holds the head of every request, `told` its body."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)


@contextlib.asynccontextmanager
async def serving(
    answers: dict[str, Reply], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Place]:
    """Answers each path by its bytes, or hands the connection to its function; others get a 404."""
    place = Place()
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = head.lower().split("\r\n")
            length = next((int(x[15:]) for x in lines if x.startswith("content-length:")), 0)
            place.told.append(await reader.readexactly(length))
            place.asked.append(head)
            reply = answers.get(head.split(" ")[1], http(b"", status=404))
            if isinstance(reply, bytes):
                writer.write(reply)
                await writer.drain()
            else:
                await reply(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    place.port = server.sockets[0].getsockname()[1]
    try:
        yield place
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


def http(content: bytes, *, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """An answer; `location_` of a header's name becomes a dash."""
    lines = [
        f"HTTP/1.1 {status} X",
        f"content-length: {len(content) if length is None else length}",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + content


class Names:
    """A resolver: each name has a list of answers, the last of which stays."""

    def __init__(self, **names: Iterable[str]) -> None:
        self.names = {name.replace("_", "."): list(found) for name, found in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host not in self.names:
            raise OSError("unknown")
        return self.names[host]


class Network(httpcore.AsyncNetworkBackend):
    """Every address leads to one port of this machine; `dialled` are the addresses that were meant."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.dialled: list[tuple[str, int]] = []
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        return await self._real.connect_tcp("127.0.0.1", self.port, timeout)
