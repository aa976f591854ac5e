"""A server without keys on loopback trusts whoever can reach it, so it must be sure that it is reached on
purpose: not by a page in the owner's browser, and not under a stranger's name (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterable, Mapping

from mutoscope.server.errors import Refusal

LOCAL = frozenset({"localhost", "ip6-localhost"})


class Origins:
    """`hosts`: names that count as this server's own beside loopback's; `pages`: origins
    ("https://studio.example") whose pages may call it; "*" lets every page in."""

    def __init__(self, hosts: Iterable[str], pages: Iterable[str], public_url: str = "") -> None:
        public = urllib.parse.urlsplit(public_url).hostname
        self._hosts = {host.lower() for host in hosts} | ({public} if public else set())
        self._pages = {page.rstrip("/").lower() for page in pages}

    def own(self, host: str) -> bool:
        """Whether a Host header names this server."""
        try:
            name = urllib.parse.urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in LOCAL or name in self._hosts:
            return True
        try:
            return ipaddress.ip_address(name.partition("%")[0]).is_loopback
        except ValueError:
            return False

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may call."""
        return "*" in self._pages or origin.rstrip("/").lower() in self._pages

    def check(self, method: str, headers: Mapping[str, str], scheme: str) -> None:
        """`Refusal` (403) for a request that a stranger's page or name stands behind."""
        host = headers.get("host", "")
        if not self.own(host):
            raise Refusal(
                f"this server is not called {host[:80]!r}",
                status=403,
                code="host_not_allowed",
                hint="call it by localhost or 127.0.0.1, or add the name to server.allowed_hosts",
            )
        origin = headers.get("origin")
        if origin is not None:
            if not (self.allows(origin) or origin.lower() == f"{scheme}://{host}".lower()):
                raise Refusal(
                    f"pages of {origin[:80]!r} may not call this server",
                    status=403,
                    code="origin_not_allowed",
                    hint="add the page's origin to server.allowed_origins",
                )
        elif headers.get("sec-fetch-site") in ("cross-site", "same-site") and not (
            method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        ):
            raise Refusal(
                "another site's page may not call this server",
                status=403,
                code="origin_not_allowed",
                hint="open the address itself, or add the page's origin to server.allowed_origins",
            )


ALLOWED_METHODS = "GET, HEAD, POST, DELETE"
EXPOSED = "x-request-id, openai-poll-after-ms, content-range, accept-ranges, etag, retry-after"


def cors(origin: str) -> list[tuple[bytes, bytes]]:
    """Headers that let a page of an allowed origin read the answer."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", EXPOSED.encode()),
        (b"vary", b"origin"),
    ]


def preflight(origin: str, asked_headers: str) -> list[tuple[bytes, bytes]]:
    """Headers that let a page of an allowed origin send its request."""
    return [
        *cors(origin),
        (b"access-control-allow-methods", ALLOWED_METHODS.encode()),
        (b"access-control-allow-headers", (asked_headers or "authorization").encode("latin-1")),
        (b"access-control-max-age", b"600"),
    ]
