"""What handlers share in every dialect: who asks, what the query and headers say, answers as bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from mutoscope.server.callers import Caller
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.server.house import House

_HOST = re.compile(r"[0-9A-Za-z_.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?", re.ASCII)
MAX_KEY = 255  # characters of an Idempotency-Key
_encode = msgspec.json.Encoder().encode


class Signer:
    """Signs the links of finished films, for as long as the settings say."""

    def __init__(self, house: House, scope: Scope | None = None, root: str = "") -> None:
        """`scope`: that of a request whose host the links keep, unless the settings say how others reach
        this server; `root` stands before the path."""
        self.links = house.links
        self.seconds = house.settings.retention.links_hours * 3600.0
        self.root = root
        called = None if scope is None or house.settings.server.public_url else _called(scope)
        self.base = called or self.links.public_url

    def __call__(self, path: str) -> str:
        signed = self.links.sign(self.root + path, seconds=self.seconds)
        return self.base + signed.removeprefix(self.links.public_url)

    def end(self) -> int:
        """When a link that is signed now expires: a path's link is the same as long as this is."""
        return self.links.end(self.seconds)


def _called(scope: Scope) -> str | None:
    """The scheme and host that a request was sent to; None where it names none."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode(
        "latin-1"
    )
    return f"{scope['scheme']}://{host}" if _HOST.fullmatch(host) else None


def caller(request: Request) -> Caller:
    """Who asks; the server's door put it there."""
    who: Caller = request.state.caller
    return who


def hosts(request: Request, house: House) -> tuple[str, ...]:
    """The names under which this server is reached."""
    public = house.links.public_url.partition("://")[2].partition("/")[0]
    return request.headers.get("host", ""), public


def answer(value: Any, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(_encode(value), status, headers=headers, media_type="application/json")


def listing(request: Request, most: int, usual: int) -> tuple[int, str, str | None]:
    """limit, order and after of a list's query. Refusal (400)."""
    query = request.query_params
    text = query.get("limit", str(usual))
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= most and len(text) < 9):
        raise Refusal(
            f"Invalid 'limit': {text[:40]!r}. It must be a whole number from 0 to {most:,}.",
            param="limit",
            code="invalid_value",
        )
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise Refusal(
            f"Invalid value: '{order[:40]}'. Supported values are: 'asc' and 'desc'.",
            param="order",
            code="invalid_value",
        )
    return int(text), order, query.get("after") or None


def choice(request: Request, name: str, values: tuple[str, ...]) -> str:
    """A query parameter that is one of `values`, the first where it is left out. Refusal (400)."""
    given = request.query_params.get(name, values[0])
    if given not in values:
        shown = ", ".join(f"'{one}'" for one in values[:-1]) + f", and '{values[-1]}'"
        raise Refusal(
            f"Invalid value: '{given[:40]}'. Supported values are: {shown}.",
            param=name,
            code="invalid_value",
        )
    return given


def idempotency_key(request: Request) -> str | None:
    """The client's own name for the request. Refusal (400) for one that is no name."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY and key.isprintable()):
        raise Refusal(
            f"Idempotency-Key must be 1 to {MAX_KEY} printable characters",
            code="invalid_header",
            hint="a UUID does well",
        )
    return key


def retried(request: Request) -> bool:
    """Whether the SDK says that it tries again: it does so by itself, without an idempotency key."""
    count = request.headers.get("x-stainless-retry-count", "0")
    return count.isascii() and count.isdigit() and int(count[:6]) > 0
