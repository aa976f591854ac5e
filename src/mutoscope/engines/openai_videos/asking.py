"""Questions to one account: addresses, keys, connections, and answers or the lack of one."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from mutoscope.config import EngineAccount
from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.links import Links
from mutoscope.engines.openai_videos.quirks import Quirks
from mutoscope.engines.openai_videos.sending import read_at_most
from mutoscope.errors import EngineFailed

PAGE = 100  # jobs in a page of a list, the most that servers give
_CONNECTIONS = 16
_CONNECT = 10.0  # seconds
_NO_LIST = (400, 404, 405, 501)


class NoAnswer(EngineFailed):
    """What became of an operation could not be learned; `retry_after` in seconds, where it was said,
    `answered` the HTTP status, 0 for none."""

    code = "no_answer"
    retry_after: float | None = None
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """The connections of one event loop. An order always goes over a fresh one (`sending`): one that was
    kept may be closed at the other end just as it is used, and then nobody knows what was read.
    `links` is for addresses that the server names. `turn` lets so many questions out at a time: the library's own queue is slow when it is long."""

    loop: asyncio.AbstractEventLoop
    sending: httpx.AsyncClient
    asking: httpx.AsyncClient
    turn: asyncio.Semaphore
    links: Links


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes tens of milliseconds, on the event loop."""
    return httpx.create_ssl_context()


class Asking:
    """See the module. `name` is the engine's, for messages; `most` the bytes of an answer."""

    most = 4 << 20

    def __init__(self, name: str, account: EngineAccount, quirks: Quirks) -> None:
        self.name = name
        self.account = account
        self.quirks = quirks
        self._line: Line | None = None

    @property
    def key(self) -> str:
        """The account's key; "" where it has none."""
        return self.account.api_key or os.environ.get(self.account.api_key_env or "-", "")

    def headers(self) -> dict[str, str]:
        headers = {"accept": "application/json"}
        if key := self.key:
            bearer = self.quirks.auth == "bearer"
            headers["authorization" if bearer else "api-key"] = f"Bearer {key}" if bearer else key
        return headers

    def url(self, *steps: str) -> str:
        """The address of /videos, or of what is below it."""
        base = self.account.base_url.rstrip("/")
        if not urlsplit(base).path:
            base += "/v1"
        return "/".join([base, "videos", *(quote(step, safe="") for step in steps)])

    async def video(self, *steps: str) -> tuple[Any, Mapping[str, str]]:
        """A job's object by its name, None where the server knows none of that name, and the answer's
        headers. Raises NoAnswer."""
        try:
            return await self._get(self.url(*steps))
        except NoAnswer as error:
            if error.answered in (404, 410):
                return None, {}
            raise

    async def character(self, id: str) -> Any:
        """A character's object, None where the server knows none of that id. Raises NoAnswer."""
        return (await self.video("characters", id))[0]

    async def page(self, after: str) -> Any:
        """A page of the list, newest first, from behind the job `after`; None where there is no list.
        Raises NoAnswer."""
        url = f"{self.url()}?limit={PAGE}&order=desc"
        if after:
            url += f"&after={quote(after, safe='')}"
        try:
            return (await self._get(url))[0]
        except NoAnswer as error:
            if error.answered in _NO_LIST:
                return None
            raise

    async def delete(self, name: str) -> None:
        """DELETE a job. Raises NoAnswer; that there is none, or that it may not be, is no error."""
        try:
            response = await self.line.asking.delete(self.url(name), headers=self.headers())
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        if response.status_code >= 500:
            raise NoAnswer(f"{self.name} answered {response.status_code} to a cancellation")

    async def _get(self, url: str) -> tuple[Any, Mapping[str, str]]:
        line = self.line
        try:
            async with (
                line.turn,
                line.asking.stream("GET", url, headers=self.headers()) as response,
            ):
                content = await read_at_most(response, self.most)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        status, headers = response.status_code, response.headers
        video = answers.read(content)
        if status == 200 and video is not None:
            return video, headers
        if self.quirks.failed_by_status and video is not None and "status" in video:
            return video, headers
        message, _ = answers.error_text(content, status, self.key)
        silent = NoAnswer(f"{self.name} answered {status}: {message}")
        silent.retry_after, silent.answered = answers.wait(headers), status
        raise silent

    def _unreachable(self, error: httpx.HTTPError) -> NoAnswer:
        reason = answers.shortened(str(error) or type(error).__name__, self.key)
        return NoAnswer(f"{self.name} cannot be reached: {reason}")

    @property
    def line(self) -> Line:
        """The connections of the running event loop."""
        loop = asyncio.get_running_loop()
        if self._line is None or self._line.loop is not loop:
            timeout = httpx.Timeout(self.account.timeout, connect=_CONNECT, pool=None)
            fresh = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0)
            kept = httpx.Limits(
                max_connections=2 * _CONNECTIONS, max_keepalive_connections=_CONNECTIONS
            )
            self._line = Line(
                loop,
                httpx.AsyncClient(timeout=timeout, limits=fresh, verify=_certificates()),
                httpx.AsyncClient(timeout=timeout, limits=kept, verify=_certificates()),
                asyncio.Semaphore(_CONNECTIONS),
                Links(self.account.base_url, self.account.timeout, _certificates()),
            )
        return self._line

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.sending.aclose()
            await line.asking.aclose()
            await line.links.close()
