"""A server without keys on loopback trusts whoever can reach it, so it must be sure that it is reached on
purpose: not by a page in the owner's browser, and not under a stranger's name (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterable, Mapping

from mutoscope.server.errors import Refusal

KEPT = 100  # names in memory
LOCAL = frozenset({"localhost", "ip6-localhost"})


class Origins:
    """`hosts`: names that count as this server's own beside loopback's; `pages`: origins
    ("https://studio.example") whose pages may call it; "*" lets every page in."""

    def __init__(self, hosts: Iterable[str], pages: Iterable[str], public_url: str = "") -> None:
        public = urllib.parse.urlsplit(public_url).hostname
        self._hosts = {host.lower() for host in hosts} | ({public} if public else set())
        self._pages = {page.rstrip("/").lower() for page in pages}
        self._told: dict[str, bool] = {}

    def own(self, host: str) -> bool:
        """Whether a Host header names this server."""
        known = self._told.get(host)
        if known is None:
            known = self._own(host)
            if len(self._told) < KEPT:
                self._told[host] = known
        return known

    def _own(self, host: str) -> bool:
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

    def check(self, method: str, headers: Mapping[bytes, bytes], scheme: str) -> None:
        """`Refusal` (403) for a request that a stranger's page, name or proxy stands behind."""
        host = headers.get(b"host", b"").decode("latin-1")
        if not self.own(host):
            raise Refusal(
                f"this server is not called {host[:80]!r}",
                status=403,
                code="host_not_allowed",
                hint="call it by localhost or 127.0.0.1, or add the name to server.allowed_hosts",
            )
        if any(name in headers for name in PROXIED):
            raise Refusal(
                "a proxy stands before this server, so it must know who calls",
                status=403,
                code="key_needed",
                hint="`mutoscope keys create` makes a key; from then on every request needs one",
            )
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin:
            if not (self.allows(origin) or origin.lower() == f"{scheme}://{host}".lower()):
                raise _foreign(f"pages of {origin[:80]!r}")
        elif headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site") and not (
            method == "GET" and headers.get(b"sec-fetch-mode") == b"navigate"
        ):
            raise _foreign("another site's page")


def _foreign(who: str) -> Refusal:
    return Refusal(
        f"{who} may not call this server",
        status=403,
        code="origin_not_allowed",
        hint="add the page's origin to server.allowed_origins",
    )


#: What a proxy adds for whoever is behind it: they need not be on this machine.
PROXIED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")

ALLOWED_METHODS = "GET, HEAD, POST, PATCH, DELETE"
EXPOSED = (
    "x-request-id, x-mutoscope-warnings, openai-poll-after-ms, content-range, accept-ranges, etag, "
    "retry-after, x-goog-upload-url, x-goog-upload-status, x-goog-upload-size-received"
)


def cors(origin: str) -> list[tuple[bytes, bytes]]:
    """Headers that let a page of an allowed origin read the answer."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", EXPOSED.encode()),
        (b"vary", b"origin"),
    ]


def preflight(asked_headers: str) -> list[tuple[bytes, bytes]]:
    """Headers that, beside those of `cors`, let a page of an allowed origin send its request."""
    return [
        (b"access-control-allow-methods", ALLOWED_METHODS.encode()),
        (b"access-control-allow-headers", (asked_headers or "authorization").encode("latin-1")),
        (b"access-control-max-age", b"600"),
    ]
