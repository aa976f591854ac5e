"""Sending one webhook, and what came of it."""

from __future__ import annotations

import asyncio
import email.utils
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpcore
import httpx

from mutoscope.config import Settings
from mutoscope.errors import BadInput
from mutoscope.outside import signing, urls
from mutoscope.outside.addresses import Reach, is_loopback
from mutoscope.outside.dial import Pinned, Resolve, SystemResolver, connections
from mutoscope.outside.exchange import BROKEN, exchange, why

SETTING = "webhooks.allow_private"
READ = (
    4096  # bytes of an answer that are read, and thrown away: then the connection can serve again
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`at` in seconds since 1970; `status` is None where there was no answer, `error` then says why;
    `retry_after` in seconds, where the receiver asked for it."""

    at: float
    status: int | None
    milliseconds: int
    error: str | None = None
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more of them, ever."""
        return self.status == 410


def reach(settings: Settings) -> Reach:
    """Where webhooks may go: to this machine only while the server itself is bound to it."""
    return Reach(
        private=settings.webhooks.allow_private, loopback=is_loopback(settings.server.host)
    )


def receiver(text: object, settings: Settings, *, field: str = "url") -> httpx.URL:
    """An address that webhooks can be sent to, as far as its text tells; `BadInput` where it is none."""
    return urls.reachable(urls.read(text, field=field), reach(settings), field=field, setting=SETTING)  # fmt: skip


class Sender:
    """Connections to receivers, kept for a while. `resolve` and `network` as for a Fetcher."""

    def __init__(
        self,
        settings: Settings,
        *,
        at_once: int = 64,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._resolver = SystemResolver()
        self._pool = connections(
            Pinned(reach(settings), resolve or self._resolver, setting=SETTING, network=network),
            most=at_once,
            kept=at_once // 4,
            tls=httpx.create_ssl_context(),
        )

    async def send(self, url: str, event: str, body: str, secrets: Sequence[str]) -> Outcome:
        """POST an event once. Redirects are not followed: a receiver's address is what was agreed."""
        at, began = time.time(), time.monotonic()
        status: int | None = None
        error: str | None = None
        retry_after: float | None = None
        limit = self._settings.webhooks.timeout
        try:
            sent = {"Content-Type": "application/json", **signing.headers(event, body, secrets, at)}
            async with (
                asyncio.timeout(limit),
                exchange(
                    self._pool,
                    "POST",
                    receiver(url, self._settings),
                    sent,
                    body.encode(),
                    timeout=limit,
                ) as answer,
            ):
                status = answer.status
                retry_after = _seconds(answer.headers.get("retry-after"), at)
                read = 0
                async for chunk in answer.body:
                    if (read := read + len(chunk)) > READ:
                        break
        except BadInput as refused:
            error = refused.message
        except BROKEN as failure:
            if status is None:  # what goes wrong after the status changes nothing
                error = why(failure)
        spent = round(1000 * (time.monotonic() - began))
        return Outcome(at, status, spent, error, retry_after)

    async def close(self) -> None:
        await self._pool.aclose()
        self._resolver.close()


def _seconds(text: str | None, now: float) -> float | None:
    """A Retry-After, in seconds or as a date (RFC 9110, 10.2.3)."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
