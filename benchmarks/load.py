"""Requests to a server, as fast as it answers: raw HTTP/1.1 over connections that are kept.

The client writes bytes that were made before and looks only for the end of each answer, so that what is
measured is the server. Beside requests a second it gives the server's processor seconds for each, which
do not depend on the client nor on what else the machine does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(process: int) -> float:
    """User and system time that a process has used, its threads included."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_bytes(process: int, name: str = "VmRSS") -> int:
    """Resident memory now, or at its most (`VmHWM`)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def family(process: int) -> list[int]:
    """A process and all that it started."""
    found = [process]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


def family_bytes(process: int) -> int:
    """Memory of a process and all that it started, what they share counted once."""
    total = 0
    for one in family(process):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


@contextlib.contextmanager
def most_memory(process: int, every: float = 1.0) -> Iterator[list[int]]:
    """The most that `family_bytes` was while the context lasts, as the only item."""
    most, ended = [family_bytes(process)], threading.Event()

    def look() -> None:
        while not ended.wait(every):
            most[0] = max(most[0], family_bytes(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


@dataclass
class Driven:
    """`seconds` each answer took; `wall` of all; `processor` seconds of the server's for each."""

    answers: int
    wall: float
    processor: float
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        return self.answers / self.wall

    def percentile(self, share: float) -> float:
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


class _Line(asyncio.Protocol):
    """One connection that asks, waits for the whole answer, and asks again."""

    def __init__(self, following: Callable[[], bytes | None], driven: Driven) -> None:
        self.following, self.driven = following, driven
        self.done = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.need = -1
        self.begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        request = self.following()
        if request is None:
            self.transport.close()
            return
        self.buffer, self.need, self.begun = b"", -1, time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.need < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.need = end + 4 + length
            if head[9:10] != b"2":
                self.driven.refused += 1
        if len(self.buffer) >= self.need:
            self.driven.answers += 1
            self.driven.seconds.append(time.perf_counter() - self.begun)
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def drive(
    host: str, port: int, requests: Iterator[bytes], *, clients: int, seconds: float, process: int
) -> Driven:
    """Ask for `seconds` over `clients` connections."""
    driven = Driven(0, 0.0, 0.0)
    begin = time.perf_counter()
    before = processor_seconds(process)

    def following() -> bytes | None:
        return None if time.perf_counter() - begin > seconds else next(requests, None)

    loop = asyncio.get_running_loop()
    lines = [
        (await loop.create_connection(lambda: _Line(following, driven), host, port))[1]
        for _ in range(clients)
    ]
    await asyncio.gather(*(line.done for line in lines))
    driven.wall = time.perf_counter() - begin
    driven.processor = (processor_seconds(process) - before) / max(1, driven.answers)
    return driven


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request; `content_type` in `headers` is `content-type`."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", "authorization: Bearer sk-bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def form(fields: dict[str, str], name: str, filename: str, content: bytes) -> tuple[bytes, str]:
    """A multipart body with one file → the body and its media type."""
    mark = "mutoscopebenchmark"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    parts.append(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
        + content
        + b"\r\n"
    )
    parts.append(f"--{mark}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={mark}"
