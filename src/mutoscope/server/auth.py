"""Who may come in: a key, a signed link, or the owner at a loopback server for which no key was made."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping

from mutoscope.config import Settings
from mutoscope.server.callers import LINKED, OWNER, Caller
from mutoscope.server.errors import Refusal
from mutoscope.server.keys import Keys
from mutoscope.server.links import Links
from mutoscope.server.origin import Origins
from mutoscope.server.rates import Rates

#: Paths that anybody may ask for.
OPEN = frozenset({"/healthz", "/readyz"})
#: First part of a path after /v1 or /mutoscope → the room that scopes speak of.
ROOMS = {
    "videos": "videos",
    "files": "files",
    "batches": "batches",
    "models": "models",
    "webhook_endpoints": "webhooks",
    "webhook_event_types": "webhooks",
    "jobs": "videos",
}
#: Headers that may hold the key by itself, beside `Authorization: Bearer`.
BARE = (b"api-key", b"x-api-key")


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


class Door:
    """Tells who a request comes from, or refuses it, before a byte of its body is read."""

    def __init__(self, settings: Settings, keys: Keys, links: Links) -> None:
        server = settings.server
        self.origins = Origins(server.allowed_hosts, server.allowed_origins, server.public_url)
        self._keys, self._links = keys, links
        self._trusting = loopback(server.host)
        self._rates = Rates()

    async def admit(
        self, method: str, path: str, query: bytes, headers: Mapping[bytes, bytes], scheme: str
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
        caller = await self._known(headers)
        wanted = f"{_room(path)}:{'read' if method in ('GET', 'HEAD') else 'write'}"
        if not caller.may(wanted):
            raise Refusal(
                f"this key may not do this: it needs the scope {wanted}",
                status=403,
                hint=f"`mutoscope keys create --scope {wanted}` makes a key that may",
            )
        return caller, self._limit(caller)

    async def _known(self, headers: Mapping[bytes, bytes]) -> Caller:
        secret = _secret(headers)
        if not secret:
            raise Refusal(
                "You didn't provide an API key. You need to provide your API key in an Authorization "
                "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                status=401,
                hint="`mutoscope keys create` on the server makes one",
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


def _room(path: str) -> str:
    parts = path.split("/", 3)
    if len(parts) > 2 and parts[1] in ("v1", "mutoscope"):
        return ROOMS.get(parts[2], parts[2])
    return parts[1] if len(parts) > 1 else ""


def _secret(headers: Mapping[bytes, bytes]) -> str:
    kind, _, secret = text(headers, b"authorization").partition(" ")
    if kind.lower() == "bearer" and secret.strip():
        return secret.strip()
    return next((text(headers, name).strip() for name in BARE if headers.get(name)), "")
