"""What the handlers of this dialect share: who asks, what the query says, and answers as bytes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.openai.video import poll_after, video, warning_header
from mutoscope.server.callers import Caller
from mutoscope.server.errors import Refusal

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job
    from mutoscope.server.house import House

VERSION = "2020-10-01"  # what the service has always sent as its version
_HEADERS = {"openai-version": VERSION}
_VERSION = (b"openai-version", VERSION.encode())
_encode = msgspec.json.Encoder().encode


class Signer:
    """Signs the links of finished films, for as long as the settings say."""

    def __init__(self, house: House) -> None:
        self.links = house.links
        self.seconds = house.settings.retention.links_hours * 3600.0

    def __call__(self, path: str) -> str:
        return self.links.sign(path, seconds=self.seconds)

    def end(self) -> int:
        """When a link that is signed now expires: a path's link is the same as long as this is."""
        return self.links.end(self.seconds)


def caller(request: Request) -> Caller:
    """Who asks; the server's door put it there."""
    who: Caller = request.state.caller
    return who


def hosts(request: Request, house: House) -> tuple[str, ...]:
    """The names under which this server is reached."""
    public = house.links.public_url.partition("://")[2].partition("/")[0]
    return request.headers.get("host", ""), public


def answer(value: Any, headers: dict[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(_encode(value), headers=headers or _HEADERS, media_type="application/json")


def video_answer(job: Job, sign: Signer, *, made: bool = False) -> Response:
    """A video with the headers that its pollers read. `made`: this request made it, or its first try
    did, so trying again would be wrong."""
    body, headers = video_told(job, sign)
    if made:
        headers.append((b"x-should-retry", b"false"))
    response = Response(body)
    response.raw_headers = headers
    return response


def video_told(job: Job, sign: Signer) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers of a video: what is polled all day is put together by hand."""
    body = _encode(video(job, sign))
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"application/json"),
        _VERSION,
    ]
    if (wait := poll_after(job, time.time())) is not None:
        headers.append((b"openai-poll-after-ms", b"%d" % wait))
    if job.warnings:
        headers.append((b"x-mutoscope-warnings", warning_header(job.warnings).encode("ascii")))
    return body, headers


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
