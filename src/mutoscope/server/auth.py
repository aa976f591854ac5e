"""Who may come in: a key, a signed link, or the owner at a loopback server for which no key was made."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mutoscope.config import Settings
from mutoscope.server.callers import LINKED, OWNER, Caller
from mutoscope.server.errors import Refusal
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.server.origin import Origins
from mutoscope.server.rates import Rates

if TYPE_CHECKING:
    from mutoscope.dialects.dialect import Dialect

#: Paths that anybody may ask for.
OPEN = frozenset({"/healthz", "/readyz"})
#: Second part of a path of the house's own → the room that scopes speak of.
ROOMS = {"jobs": "videos", "characters": "videos"}
#: Headers that may hold the key by itself, beside `Authorization: Bearer`.
BARE = (b"api-key", b"x-api-key", b"x-goog-api-key")


def loopback(host: str) -> bool:
    """Whether a server bound to `host` can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    """A header's value; "" where it was not sent."""
    return headers.get(name, b"").decode("latin-1")


def forbidden(scope: str) -> Refusal:
    """What a key is told that lacks a scope."""
    return Refusal(
        f"this key may not do this: it needs the scope {scope}",
        status=403,
        hint=f"`mutoscope keys create --scope {scope}` makes a key that may",
    )


class Door:
    """Tells who a request comes from, or refuses it, before a byte of its body is read."""

    def __init__(self, settings: Settings, keys: Keys, links: Links) -> None:
        server = settings.server
        self.origins = Origins(server.allowed_hosts, server.allowed_origins, server.public_url)
        self._keys, self._links = keys, links
        self._trusting = loopback(server.host)
        self._rates = Rates()

    async def admit(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Mapping[bytes, bytes],
        scheme: str,
        dialect: Dialect | None = None,
    ) -> tuple[Caller, dict[str, str]]:
        """The caller, and headers that tell a limited key what is left. `Refusal` 401, 403 or 429."""
        keyless = self._trusting and not await self._keys.any()
        if query and self._links.opens(method, path, query.decode("latin-1")):
            return LINKED, {}
        if keyless:
            self.origins.check(method, headers, scheme)
            return OWNER, {}
        if path in OPEN:
            return OWNER, {}
        secret = _secret(headers) or _in_query(query, dialect)
        caller = await self._known(secret)
        wanted = (_own_scope(method, path),) if dialect is None else dialect.scopes(method, path)
        if not any(caller.may(one) for one in wanted):
            raise forbidden(wanted[0])
        return caller, self._limit(caller)

    async def _known(self, secret: str) -> Caller:
        if not secret:
            raise Refusal(
                "You didn't provide an API key. You need to provide your API key in an Authorization "
                "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                status=401,
                hint="`mutoscope keys create` on the server makes one; it is also taken in the headers "
                "api-key, x-api-key and x-goog-api-key, and of Google's programs in ?key=",
                headers={"www-authenticate": "Bearer"},
            )
        key = await self._keys.find(secret)
        if key is None:
            raise Refusal(
                "Incorrect API key provided: it is unknown here, revoked or expired.",
                status=401,
                hint="`mutoscope keys list` on the server shows the keys and their state",
                headers={"www-authenticate": 'Bearer error="invalid_token"'},
            )
        return key.caller()

    def _limit(self, caller: Caller) -> dict[str, str]:
        if caller.requests_per_minute is None or caller.key_id is None:
            return {}
        limit = caller.requests_per_minute
        taken = self._rates.take(caller.key_id, limit)
        told = {
            "x-ratelimit-limit-requests": str(limit),
            "x-ratelimit-remaining-requests": str(taken.left),
            "x-ratelimit-reset-requests": f"{taken.reset:.3f}s",
        }
        if taken.wait:
            raise Refusal(
                f"Rate limit reached for requests: this key has {limit} a minute; "
                f"the next is let in after {taken.wait:.1f} s",
                status=429,
                headers=told
                | {
                    "retry-after": str(math.ceil(taken.wait)),
                    "retry-after-ms": str(math.ceil(taken.wait * 1000)),
                },
            )
        return told


def _own_scope(method: str, path: str) -> str:
    """What the house's own path asks of a key."""
    parts = path.split("/", 3)
    room = parts[2] if len(parts) > 2 and parts[1] == "mutoscope" else parts[-1]
    return f"{ROOMS.get(room, room)}:{'read' if method in ('GET', 'HEAD') else 'write'}"


def _in_query(query: bytes, dialect: Dialect | None) -> str:
    """The key in the query, where the dialect's programs may put it there."""
    if dialect is None or not dialect.key_query or not query:
        return ""
    named = parse_qs(query.decode("latin-1"))
    return named.get(dialect.key_query, [""])[0]


def _secret(headers: Mapping[bytes, bytes]) -> str:
    kind, _, secret = text(headers, b"authorization").partition(" ")
    if kind.lower() == "bearer" and secret.strip():
        return secret.strip()
    return next((text(headers, name).strip() for name in BARE if headers.get(name)), "")
