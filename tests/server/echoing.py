"""A small house behind the real front, with a route that shows what it read; in a thread, on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mutoscope.server import app as composed
from mutoscope.server.body import read_body
from mutoscope.server.connection import Connection
from mutoscope.server.house import House


def echoing(house: House) -> ASGIApp:
    """The application with /v1/echo alone beside health and metrics."""

    async def echo(request: Request) -> Response:
        body = await read_body(request, house)
        shown = msgspec.json.encode({"fields": body.fields, "fingerprint": body.fingerprint})
        return Response(shown, media_type="application/json")

    return composed.build(
        house, rooms=(), dialects=(), more=[Route("/v1/echo", echo, methods=["POST", "GET"])]
    )


@contextlib.contextmanager
def on_a_socket(app: ASGIApp) -> Iterator[int]:
    """The port at which the application answers, as `mutoscope serve` would have it."""
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, proxy_headers=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    ready = threading.Event()

    async def run() -> None:
        serving = asyncio.create_task(server.serve([sock]))
        while not server.started:
            await asyncio.sleep(0.005)
        ready.set()
        await serving

    def whole() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=whole)
    thread.start()
    assert ready.wait(10)
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        sock.close()


def raw(port: int, request: bytes, patience: float = 5.0) -> tuple[int, dict[str, str], bytes]:
    """Send exactly these bytes, and half-close; the status, headers and body that came back."""
    with socket.create_connection(("127.0.0.1", port), patience) as connection:
        connection.sendall(request)
        return answer(connection)


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer, read from a connection."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        if not piece:
            raise EOFError(f"the connection ended after {got!r}")
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    while len(body) < int(headers.get("content-length", 0)):
        piece = connection.recv(65536)
        if not piece:
            raise EOFError("the body is cut off")
        body += piece
    return int(first.split()[1]), headers, body


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
