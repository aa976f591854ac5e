"""A server from start to end: its port, its House, its worker, and a clean way down."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator

import uvicorn
import uvloop

from mutoscope.config import Settings
from mutoscope.errors import BadInput, MutoscopeError
from mutoscope.jobs.worker import Worker
from mutoscope.server import logs
from mutoscope.server.app import build
from mutoscope.server.auth import loopback
from mutoscope.server.connection import Connection
from mutoscope.server.house import House
from mutoscope.server.opening import make_folder, opened

_log = logging.getLogger("mutoscope.server")

KEEP_ALIVE = 75  # seconds; longer than the 60 of usual proxies, so that they close first
ANSWERS = 10.0  # seconds at most for answers under way when the server goes down


class CannotListen(MutoscopeError):
    """The address cannot be listened on."""

    exit_code = 4
    code = "cannot_listen"


def run(settings: Settings, say: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT → the exit code. `say` is told the address once it is ready."""
    lines = logs.set_up(settings.server.log)
    make_folder(settings.server.data)
    with (
        listening(settings.server.host, settings.server.port) as sock,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        try:
            return runner.run(_serve(settings, sock, say, lines))
        finally:
            lines.flush()


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket; `CannotListen` says why there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise CannotListen(
            f"server.host is {host!r}, which is no address of this machine"
        ) from None
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
            sock.listen(2048)
        except OSError as error:
            why = error.strerror or str(error)
            raise CannotListen(
                f"cannot listen on {host} port {port}: {why}; choose another with --port, or 0 for a "
                "free one"
            ) from None
        sock.setblocking(False)
        yield sock
    finally:
        sock.close()


def address(host: str, sock: socket.socket) -> str:
    """The URL that a bound socket answers at, as seen from this machine."""
    port = sock.getsockname()[1]
    if host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1" if host != "::" else "::1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn, told when to end by its owner, and telling when it is ready."""

    ready: asyncio.Event

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


async def _serve(
    settings: Settings, sock: socket.socket, say: Callable[[str], None], lines: logs.Lines
) -> int:
    url = address(settings.server.host, sock)
    async with opened(settings, settings.server.public_url or url) as house:
        await _locked(house)
        worker = Worker(house, f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}")
        work = asyncio.create_task(worker.run(), name="worker") if settings.server.work else None

        async def working() -> str:
            return "the worker has ended" if work is not None and work.done() else ""

        server = _Server(
            uvicorn.Config(
                build(house, {"worker": working}, lines=lines),
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=int(min(settings.server.shutdown_seconds, ANSWERS)) or 1,
            )
        )
        server.ready = asyncio.Event()
        parts: list[asyncio.Task[None]] = [work] if work is not None else []
        parts += [asyncio.create_task(one, name=name) for name, one in _beside(house)]
        http = asyncio.create_task(server.serve([sock]), name="http")
        with _signals(house, server) as asked:
            ready = asyncio.create_task(server.ready.wait())
            await asyncio.wait([ready, http], return_when=asyncio.FIRST_COMPLETED)
            say(url)
            gc.collect()
            gc.freeze()  # what lives as long as the server is not searched again and again
            await asyncio.wait([http, asked, *parts], return_when=asyncio.FIRST_COMPLETED)
            failed = _failed([http, *parts])
            house.closing.set()
            server.should_exit = True
            grace = 0.0 if failed else settings.server.shutdown_seconds
            if work is not None and not work.done():
                await _unless_urged(server, worker.stop(grace))
            await asyncio.wait([http])
            await house.outbox.stop(min(grace, ANSWERS))
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
    return 1 if failed else 0


def _beside(house: House) -> list[tuple[str, Coroutine[None, None, None]]]:
    """What runs beside the worker, by name."""
    return [("webhooks", house.outbox.run())]


async def _locked(house: House) -> None:
    """A server that others can reach has a key."""
    host = house.settings.server.host
    if not loopback(host) and not await house.keys.any():
        raise BadInput(
            f"server.host is {host}, which others can reach, and no key was made yet; make one with "
            f"`mutoscope keys create --data {house.settings.server.data}`, or bind to 127.0.0.1"
        )


@contextlib.contextmanager
def _signals(house: House, server: _Server) -> Iterator[asyncio.Future[None]]:
    """Done at the first SIGTERM or SIGINT; at the second, nothing is waited for any more."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[None] = loop.create_future()

    def told() -> None:
        if not asked.done():
            _log.info("going down: what is running is finished or handed back")
            asked.set_result(None)
        else:
            server.force_exit = True

    caught = (signal.SIGTERM, signal.SIGINT)
    for one in caught:
        loop.add_signal_handler(one, told)
    try:
        yield asked
    finally:
        for one in caught:
            loop.remove_signal_handler(one)


async def _unless_urged(server: _Server, stopping: Awaitable[None]) -> None:
    """Wait for the worker, but not after a second signal."""
    task = asyncio.ensure_future(stopping)
    while not task.done() and not server.force_exit:
        await asyncio.wait([task], timeout=0.1)
    if not task.done():
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _failed(parts: list[asyncio.Task[None]]) -> bool:
    """Whether one of the parts ended by itself, which none should; said in the log."""
    failed = False
    for part in parts:
        if part.done() and not part.cancelled():
            failed = True
            _log.error(
                "%s ended by itself; the server ends", part.get_name(), exc_info=part.exception()
            )
    return failed


__all__ = ["CannotListen", "address", "listening", "run"]
