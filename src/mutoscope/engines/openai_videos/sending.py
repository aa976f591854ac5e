"""One POST, once, and what can be known of it afterwards.

NotAccepted is only what is certain: nobody answered the door before a byte was sent, or the server said
no with a status that means no. Whatever else goes wrong is Unconfirmed, for the order may be paid for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.encoding import Body
from mutoscope.errors import NotAccepted, Unconfirmed

#: 4xx that do not mean no: a gateway that waited too long says 408 or 499, and 409 and 425 speak of another
#: request that is still under way.
_UNCLEAR = (408, 409, 425, 499)
#: 4xx after which the same order may be taken later.
_LATER = (429,)
#: Codes of a 429 that more time does not mend.
_USED_UP = (
    "insufficient_quota",
    "billing_hard_limit_reached",
    "quota_exceeded",
    "insufficient_credits",
)
_MOST_ANSWER = 1 << 20  # bytes


def _id(video: Mapping[str, Any]) -> str | None:
    return answers.told(video, "id")


async def post(
    client: httpx.AsyncClient,
    url: str,
    body: Body,
    headers: dict[str, str],
    *,
    name: str,
    secret: str,
    seconds: float,
    what: str = "shot",
    id: Callable[[Mapping[str, Any]], str | None] = _id,
    refusal: Callable[[bytes, int, str], tuple[str, str]] = answers.error_text,
) -> dict[str, Any]:
    """The object that the server answers with. `name` is the engine's, for messages; `seconds` is the
    most that all of it takes, `what` is sent. `id` reads what the object is found by, `refusal` an error's
    message and code. Raises NotAccepted or Unconfirmed: see the module."""
    sent = {"content-type": body.type, "content-length": str(body.length)} | headers
    begun = False

    async def watch(event: str, info: Any) -> None:
        nonlocal begun
        begun = begun or event.endswith("send_request_headers.started")

    try:
        async with (
            asyncio.timeout(seconds),
            client.stream(
                "POST", url, content=body.stream(), headers=sent, extensions={"trace": watch}
            ) as response,
        ):
            status, told = response.status_code, response.headers
            try:
                content = await read_at_most(response, _MOST_ANSWER)
            except httpx.HTTPError:
                if status < 400:
                    raise
                content = b""  # that an error's text breaks off makes it no other error
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        reason = answers.shortened(str(error) or type(error).__name__, secret)
        if not begun:
            raise NotAccepted(f"{name} cannot be reached: {reason}", code="unreachable") from None
        raise Unconfirmed(
            f"the connection to {name} broke before it answered ({reason}); it may have taken the {what}"
        ) from None
    if 200 <= status < 300:
        video = answers.read(content)
        if video is None or id(video) is None:
            raise Unconfirmed(
                f"{name} took the {what}, but its answer has no id by which to find it again"
            )
        return video
    raise _refused(status, refusal(content, status, secret), told, name, what)


def _refused(
    status: int, said: tuple[str, str], headers: httpx.Headers, name: str, what: str
) -> NotAccepted | Unconfirmed:
    message, code = said
    if 300 <= status < 400:
        refused = NotAccepted(
            f"{name} moved elsewhere (HTTP {status}); correct base_url in its settings",
            code="moved",
        )
        refused.final = True
        return refused
    if status >= 500 or status < 300 or status in _UNCLEAR:
        return Unconfirmed(
            f"{name} answered {status} ({message}), which does not say whether it took the {what}"
        )
    refused = NotAccepted(f"{name} refused the {what}: {message}", code=code)
    refused.retry_after = answers.wait(headers)
    refused.final = status not in _LATER or code in _USED_UP
    return refused


async def read_at_most(response: httpx.Response, most: int) -> bytes:
    """The body's first bytes, at most `most`."""
    pieces, length = [], 0
    async for piece in response.aiter_bytes():
        pieces.append(piece)
        length += len(piece)
        if length >= most:
            break
    return b"".join(pieces)[:most]
