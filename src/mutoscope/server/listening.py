"""The socket, and uvicorn as this server wants it."""

from __future__ import annotations

import contextlib
import gc
import resource
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from mutoscope.config import Server as ServerSettings
from mutoscope.errors import MutoscopeError
from mutoscope.server.connection import Connection

KEEP_ALIVE = 75  # seconds; longer than the 60 of usual proxies, so that they close first
ANSWERS = 10.0  # seconds at most for answers under way when the server goes down


class CannotListen(MutoscopeError):
    """The address cannot be listened on."""

    exit_code = 4
    code = "cannot_listen"


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


class Server(uvicorn.Server):
    """uvicorn, told when to end by its owner, and telling when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what lives as long as the server is not searched again and again
        self._ready()

    def hurry(self) -> None:
        """Wait for no answer any more."""
        self.force_exit = True


def http(app: ASGIApp, chosen: ServerSettings) -> uvicorn.Config:
    """uvicorn as this server wants it."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=max(1, int(min(chosen.shutdown_seconds, ANSWERS))),
    )


def many_files() -> None:
    """As many open files as the system lets: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
