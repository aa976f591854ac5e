"""Addresses that a server names for its films: followed without the account's key, and never from a
server out there into this network.

A server in this network may name others in it. One out there may name what is out there alone: it could
otherwise have this machine ask for what only this machine can see.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import httpx

from mutoscope.errors import BadInput
from mutoscope.outside.addresses import Reach
from mutoscope.outside.dial import Pinned, SystemResolver, connections

_CONNECTIONS = 8


class _Checked(httpx.AsyncHTTPTransport):
    """The library's transport, over connections that go through the check."""

    def __init__(self, pinned: Pinned, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = connections(pinned, most=_CONNECTIONS, kept=0, tls=tls)


class Links:
    """See the module. `base_url` is the account's; `seconds` without a byte end a download."""

    def __init__(self, base_url: str, seconds: float, tls: ssl.SSLContext) -> None:
        self._base_url = base_url
        self._seconds = seconds
        self._tls = tls
        self._resolve = SystemResolver(threads=2)
        self._client: httpx.AsyncClient | None = None
        self._lock = asyncio.Lock()

    def own(self, url: str) -> bool:
        """Whether an address is the account's own server, which may see its key."""
        return _origin(url) == _origin(self._base_url)

    async def client(self) -> httpx.AsyncClient:
        """For every other address. BadInput comes from it where one may not be reached."""
        async with self._lock:
            if self._client is None:
                pinned = Pinned(Reach(private=await self._is_near()), self._resolve)
                self._client = httpx.AsyncClient(
                    transport=_Checked(pinned, self._tls),
                    timeout=httpx.Timeout(self._seconds, connect=10.0),
                    trust_env=False,
                )
            return self._client

    async def _is_near(self) -> bool:
        """Whether the account's server stands in this network."""
        place = urlsplit(self._base_url)
        host, port = place.hostname or "", place.port or 443
        public = Pinned(Reach(), self._resolve)
        near = Pinned(Reach(private=True), self._resolve)
        return not await _reaches(public, host, port) and await _reaches(near, host, port)

    async def close(self) -> None:
        self._resolve.close()
        if self._client is not None:
            await self._client.aclose()


async def _reaches(pinned: Pinned, host: str, port: int) -> bool:
    try:
        return bool(await pinned.addresses(host, port))
    except BadInput:
        return False


def _origin(url: str) -> tuple[str, str | None, int]:
    place = urlsplit(url)
    return place.scheme, place.hostname, place.port or (443 if place.scheme == "https" else 80)
