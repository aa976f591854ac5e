"""Connections that lead nowhere but to addresses that were looked up once and checked.

A name is looked up here, every address it has is judged, and the connection goes to one of those very
addresses: there is no second look-up in which the name could have become another. Host header, SNI and
the certificate's check keep the name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

import httpcore

from mutoscope.errors import BadInput
from mutoscope.outside.addresses import Address, Reach, kind
from mutoscope.outside.urls import literal, shut

ADDRESSES = 4  # of a name, at most, are tried in turn
CONNECT = 5.0  # seconds for each of them
WEB = (80, 443)
AGAIN = 0.5  # seconds after which a name server that failed is asked once more


class Resolve(Protocol):
    """Looks a name up: its addresses, as text. OSError or UnicodeError where it has none."""

    async def __call__(self, host: str, port: int) -> list[str]: ...


class SystemResolver:
    """The system's resolver, in threads of its own: a slow name server holds up nothing else. One that was
    given up keeps its thread until the system gives up too, so there are enough for many of these."""

    def __init__(self, threads: int = 32) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _looked_up, host, port)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno != socket.EAI_AGAIN:
            raise
        time.sleep(AGAIN)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_own(address: Address) -> bool:
    """Whether this machine has the address: then a socket can be bound to it."""
    return _binds(str(address), address.version) and not _binds("192.0.2.1", 4)


def _binds(address: str, version: int) -> bool:
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as one:
            one.bind((address, 0))
    except OSError:
        return False
    return True  # where nobody's address can be bound to as well, this tells nothing


class Pinned(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, through the check. `setting` is what would open more; `network`
    makes the connections to the addresses that were found good; `own` knows this machine's."""

    def __init__(
        self,
        reach: Reach,
        resolve: Resolve,
        *,
        setting: str = "",
        network: httpcore.AsyncNetworkBackend | None = None,
        own: Callable[[Address], bool] = is_own,
    ) -> None:
        self._own = own
        self._reach = reach
        self._resolve = resolve
        self._setting = setting
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a checked address of `host`; `BadInput` where it has none that is allowed."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        wait = CONNECT if timeout is None else min(timeout, CONNECT)
        for address in (await self.addresses(host, port))[:ADDRESSES]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, wait, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
        raise failure or httpcore.ConnectError("the name has no address")

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Every address of `host`, all of them allowed: one that is not shuts out the others too.

        A name without an address and one with a private address are refused in the same words, so that
        nobody learns which names exist in the network that this server stands in.
        """
        fixed = literal(host)
        if fixed is not None:
            if not self._reach.allows(fixed):
                raise shut("the address", kind(fixed), self._setting)
            if not self._allows(fixed, port):
                raise shut("the address", "loopback", self._setting)
            return [fixed]
        try:
            found = [_address(text) for text in await self._resolve(host, port)]
        except (OSError, UnicodeError):
            found = []
        if not found or not all(self._allows(address, port) for address in found):
            opens = f" ({self._setting} opens private ones)" if self._setting else ""
            raise BadInput(
                f"the host {host[:100]} is unknown, or has no address that may be reached{opens}",
                code="address_refused",
            )
        return list(dict.fromkeys(found))

    def _allows(self, address: Address, port: int) -> bool:
        """A public address of this machine leads past the firewall before it, to whatever listens here:
        there the web's own ports are open alone."""
        if not self._reach.allows(address):
            return False
        inner = self._reach.loopback or self._reach.private
        return inner or port in WEB or not self._own(address)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("sockets of this machine are not reached")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _address(text: str) -> Address:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise OSError("an address of one link")
    return address


def connections(
    backend: Pinned, *, most: int, kept: int, tls: ssl.SSLContext
) -> httpcore.AsyncConnectionPool:
    """A pool whose every connection goes through `backend`; no proxy, whatever the environment says."""
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        max_connections=most,
        max_keepalive_connections=kept,
        keepalive_expiry=15.0,
        network_backend=backend,
    )
