"""The engine: orders go out as POST /v1/videos, are asked for, fetched and cancelled by their id.

It is an `AsyncEngine` of accounts in the settings, `[engines.NAME] kind = "openai_videos"`. An operation
that waits costs nothing here: all that is known of it stands in its Operation.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from mutoscope.config import EngineAccount
from mutoscope.engines.base import (
    Footage,
    Instruction,
    Operation,
    Order,
    Readiness,
    Recovery,
    Status,
)
from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.download import NoFilm, download
from mutoscope.engines.openai_videos.encoding import encoded
from mutoscope.engines.openai_videos.quirks import quirks
from mutoscope.engines.openai_videos.request import requested
from mutoscope.engines.openai_videos.sending import post, read_at_most
from mutoscope.errors import EngineFailed, Missing

_PAGE, _PAGES = 100, 50  # of a list that is looked through for a lost order
_CONNECTIONS = 32
_CONNECT = 10.0  # seconds
_MOST_OBJECT = 1 << 20  # bytes
#: A job that is unknown there this often, over so many seconds, is lost. One such answer may come from
#: another machine behind the same address.
_LOST_AFTER, _LOST_OVER = 3, 30.0


class NoAnswer(EngineFailed):
    """What became of an operation could not be learned; `retry_after` in seconds, where it was said."""

    code = "no_answer"
    retry_after: float | None = None


class OpenAIVideos:
    """See the module. `name` is the account's; `unknown` counts status words that no table has."""

    def __init__(self, name: str, account: EngineAccount) -> None:
        self.name = name
        self.account = account
        self.quirks = quirks(account.quirks, name)
        self.recovery: Recovery = self.quirks.recovery
        self.unknown: Counter[str] = Counter()
        self._lost: dict[str, tuple[int, float]] = {}
        self._clients: tuple[asyncio.AbstractEventLoop, httpx.AsyncClient, httpx.AsyncClient] | None
        self._clients = None

    def check(self) -> Readiness:
        """Whether the settings are complete; nothing is asked over the network."""
        reasons = []
        address = urlsplit(self.account.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            reasons.append(
                f"engines.{self.name}.base_url is {self.account.base_url!r}; it must be an address "
                "such as http://127.0.0.1:8000/v1"
            )
        variable = self.account.api_key_env
        if variable and not self._key:
            reasons.append(f"engines.{self.name}.api_key_env names {variable}, which is not set")
        return Readiness(ready=not reasons, reasons=tuple(reasons))

    async def start(self, order: Order) -> Operation:
        """Send the order, once. Raises NotAccepted or Unconfirmed: see `sending`; Missing where the
        settings are not complete."""
        if not (ready := self.check()).ready:
            raise Missing(f"engine {self.name} is not ready: {'; '.join(ready.reasons)}")
        wanted = requested(order, self.quirks, self.name, self._model(order.shot.model))
        body = await asyncio.to_thread(encoded, wanted, self.quirks.encoding)
        video = await post(
            self._sending,
            self._url(*filter(None, [wanted.route])),
            body,
            self._headers() | ({"idempotency-key": order.key} if order.key else {}),
            name=self.name,
            secret=self._key,
            seconds=self.account.timeout,
        )
        return self._operation(video, wanted.said)

    async def find(self, order: Order) -> Operation | None:
        """The operation that carries the order's mark, in the server's list; None where none does."""
        if not self.quirks.mark:
            return None
        after = ""
        for _ in range(_PAGES):
            url = f"{self._url()}?limit={_PAGE}&order=desc" + (f"&after={after}" if after else "")
            page, _ = await self._get(url)
            videos = page.get("data") if isinstance(page.get("data"), list) else []
            for video in videos or []:
                mark = video.get(self.quirks.mark) if isinstance(video, dict) else None
                if isinstance(mark, Mapping) and mark.get("mutoscope") == order.key:
                    wanted = requested(order, self.quirks, self.name, self._model(order.shot.model))
                    return self._operation(video, wanted.said)
            if not page.get("has_more") or not videos:
                return None
            after = quote(str(page.get("last_id") or answers.told(videos[-1], "id")), safe="")
        return None

    async def status(self, operation: Operation) -> Status:
        """What has become of it. Raises NoAnswer where that could not be learned, which says nothing
        about the film."""
        name = self._id(operation)
        video, headers = await self._get(self._url(name), name)
        if video is None:
            return self._is_lost(name)
        self._lost.pop(name, None)
        return answers.status(video, self.quirks, self.unknown, headers)

    async def fetch(self, operation: Operation, folder: Path) -> Footage:
        """The film, streamed below `folder`; frames are not counted here (0). Raises EngineFailed where
        it did not come whole: it can be fetched again."""
        name, film = self._id(operation), folder / "footage.mp4"
        begin = time.monotonic()
        client = self._asking
        told: dict[str, Any] = {"name": self.name, "secret": self._key}
        headers = self._headers() | {"accept": "*/*", "accept-encoding": "identity"}
        try:
            await download(client, self._url(name, "content"), headers, film, **told)
        except NoFilm as error:
            if error.answered not in (400, 404, 405, 501):
                raise
            video, _ = await self._get(self._url(name), name)
            link = answers.told(video, "link") if video is not None else None
            if link is None or urlsplit(link).scheme not in ("http", "https"):
                raise
            await download(client, link, {"accept-encoding": "identity"}, film, **told)
        said = msgspec.convert(operation.detail.get("said", []), tuple[Instruction, ...])
        spent = {"download": round(time.monotonic() - begin, 3)}
        return Footage(film, 0, said, (f"filmed by {self.name}",), spent)

    async def cancel(self, operation: Operation) -> None:
        """Ask the server to stop, where it can; elsewhere the work goes on, and is not waited for."""
        if self.quirks.delete != "aborts":
            return
        try:
            response = await self._asking.delete(
                self._url(self._id(operation)), headers=self._headers()
            )
        except httpx.HTTPError as error:
            raise self._no_answer(error) from None
        if response.status_code >= 500:
            raise NoAnswer(f"{self.name} answered {response.status_code} to a cancellation")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._clients is not None:
            _, sending, asking = self._clients
            self._clients = None
            await sending.aclose()
            await asking.aclose()

    # --- asking -----------------------------------------------------------------------------------

    async def _get(self, url: str, name: str | None = None) -> tuple[Any, Mapping[str, str]]:
        """The object at an address; None where the server knows no operation `name`."""
        try:
            async with self._asking.stream("GET", url, headers=self._headers()) as response:
                content = await read_at_most(response, _MOST_OBJECT)
        except httpx.HTTPError as error:
            raise self._no_answer(error) from None
        status, headers = response.status_code, response.headers
        video = answers.read(content)
        if status == 200 and video is not None:
            return video, headers
        if self.quirks.failed_by_status and video is not None and "status" in video:
            return video, headers
        if status in (404, 410) and name is not None:
            return None, headers
        message, _ = answers.error_text(content, status, self._key)
        silent = NoAnswer(f"{self.name} answered {status}: {message}")
        silent.retry_after = answers.wait(headers)
        raise silent

    def _is_lost(self, name: str) -> Status:
        count, since = self._lost.get(name, (0, time.monotonic()))
        self._lost[name] = count + 1, since
        if count + 1 >= _LOST_AFTER and time.monotonic() - since >= _LOST_OVER:
            del self._lost[name]
            return Status("failed", error=f"{self.name} no longer knows the job", code="lost")
        raise NoAnswer(f"{self.name} does not know {name} at the moment")

    def _no_answer(self, error: httpx.HTTPError) -> NoAnswer:
        reason = answers.shortened(str(error) or type(error).__name__, self._key)
        return NoAnswer(f"{self.name} cannot be reached: {reason}")

    # --- what is sent -----------------------------------------------------------------------------

    @property
    def _key(self) -> str:
        return self.account.api_key or os.environ.get(self.account.api_key_env or "-", "")

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json"}
        if key := self._key:
            bearer = self.quirks.auth == "bearer"
            headers["authorization" if bearer else "api-key"] = f"Bearer {key}" if bearer else key
        return headers

    def _url(self, *steps: str) -> str:
        base = self.account.base_url.rstrip("/")
        if not urlsplit(base).path:
            base += "/v1"
        return "/".join([base, "videos", *(quote(step, safe="") for step in steps)])

    def _model(self, asked: str) -> str:
        """The model's name there; none where a shot asks for the account itself and it has several."""
        models = self.account.models
        if asked in models:
            return models[asked]
        if asked != self.name:
            return asked
        return next(iter(models.values())) if len(models) == 1 else ""

    def _operation(self, video: Mapping[str, Any], said: tuple[Instruction, ...]) -> Operation:
        detail = {"id": answers.told(video, "id"), "said": msgspec.to_builtins(said)}
        return Operation(self.name, detail)

    def _id(self, operation: Operation) -> str:
        return str(operation.detail["id"])

    # --- connections ------------------------------------------------------------------------------

    @property
    def _sending(self) -> httpx.AsyncClient:
        return self._both()[0]

    @property
    def _asking(self) -> httpx.AsyncClient:
        return self._both()[1]

    def _both(self) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
        """The clients of this event loop. An order always goes over a fresh connection: one that was kept
        may be closed at the other end just as it is used, and then nobody knows what was read."""
        loop = asyncio.get_running_loop()
        if self._clients is None or self._clients[0] is not loop:
            seconds = self.account.timeout
            timeout = httpx.Timeout(seconds, connect=_CONNECT, pool=None)
            fresh = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0)
            kept = httpx.Limits(
                max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS
            )
            self._clients = (
                loop,
                httpx.AsyncClient(timeout=timeout, limits=fresh),
                httpx.AsyncClient(timeout=timeout, limits=kept),
            )
        return self._clients[1], self._clients[2]
