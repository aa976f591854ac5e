"""A server from start to end: its port, its House, its worker, and a clean way down."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator

import uvloop

from mutoscope.config import Settings
from mutoscope.errors import BadInput
from mutoscope.jobs.worker import Worker
from mutoscope.server import logs
from mutoscope.server.app import build
from mutoscope.server.auth import loopback
from mutoscope.server.house import House
from mutoscope.server.listening import ANSWERS, Server, address, http, listening, many_files
from mutoscope.server.opening import make_folder, opened

_log = logging.getLogger("mutoscope.server")


def run(settings: Settings, say: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT → the exit code. `say` is told the address once it is ready."""
    lines = logs.set_up(settings.server.log)
    many_files()
    make_folder(settings.server.data)
    with (
        listening(settings.server.host, settings.server.port) as sock,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        try:
            return runner.run(_serve(settings, sock, say, lines))
        finally:
            lines.flush()


async def _serve(
    settings: Settings, sock: socket.socket, say: Callable[[str], None], lines: logs.Lines
) -> int:
    url = address(settings.server.host, sock)
    with _signals() as asked:
        async with opened(settings, settings.server.public_url or url) as house:
            await _locked(house)
            return await _until(house, sock, asked, lambda: say(url), lines)


async def _until(
    house: House, sock: socket.socket, asked: _Asked, ready: Callable[[], None], lines: logs.Lines
) -> int:
    """Serve, with all that runs beside, until that is asked to end or one of it ends by itself."""
    chosen = house.settings.server
    worker = Worker(house, f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}")
    work = asyncio.create_task(worker.run(), name="the worker") if chosen.work else None

    async def working() -> str:
        return "it has ended" if work is not None and work.done() else ""

    async def rendering() -> str:
        alive = all(getattr(one, "alive", True) for one in (house.compute, house.probes))
        return "" if alive else "its processes are looked after no more"

    server = Server(
        http(build(house, {"worker": working, "compute": rendering}, lines=lines), chosen), ready
    )
    asked.urgently = server.hurry
    web = asyncio.create_task(server.serve([sock]), name="http")
    parts = [web] if work is None else [web, work]
    parts += [asyncio.create_task(one, name=name) for name, one in _beside(house)]
    told = asyncio.create_task(asked.first.wait())
    await asyncio.wait([told, *parts], return_when=asyncio.FIRST_COMPLETED)
    failed = _failed(parts)
    house.closing.set()
    server.should_exit = True
    grace = 0.0 if failed else chosen.shutdown_seconds
    if work is not None and not work.done():
        await _unless_urged(server, worker.stop(grace))
    await asyncio.wait([web])
    await house.outbox.stop(min(grace, ANSWERS))
    for task in (told, *parts):
        task.cancel()
    await asyncio.gather(told, *parts, return_exceptions=True)
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
    if not loopback(host) and not house.settings.server.public_url:
        _log.warning(
            "links to films name %s; server.public_url says how others reach this server",
            house.links.public_url,
        )


class _Asked:
    """What the owner asked for by signals: `first` is set by the first, `urgently` called by the next."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.urgently: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        if self.first.is_set():
            self.urgently()
        else:
            _log.info("going down: what is running is finished or handed back")
            self.first.set()


@contextlib.contextmanager
def _signals() -> Iterator[_Asked]:
    """SIGTERM and SIGINT, for as long as the context lasts."""
    loop, asked = asyncio.get_running_loop(), _Asked()
    caught = (signal.SIGTERM, signal.SIGINT)
    for one in caught:
        loop.add_signal_handler(one, asked)
    try:
        yield asked
    finally:
        for one in caught:
            loop.remove_signal_handler(one)
            if (
                asked.first.is_set()
            ):  # the end is near: one more signal must not make it an untidy one
                signal.signal(one, signal.SIG_IGN)


async def _unless_urged(server: Server, stopping: Awaitable[None]) -> None:
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
