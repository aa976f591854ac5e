"""Fetching what somebody names by its address, without being led into the network this server is in.

Every address on the way, the first and each redirect's, is read and checked (`urls`), looked up once and
dialled where it was checked (`dial`). Nothing of the caller or the environment goes along: no cookies,
no credentials, no proxy. What comes back is bounded in bytes and seconds, and is what its bytes show.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import httpcore
import httpx

from mutoscope.config import Fetch, Limits
from mutoscope.errors import BadInput
from mutoscope.outside import urls
from mutoscope.outside.addresses import Reach
from mutoscope.outside.dial import Pinned, Resolve, SystemResolver, connections
from mutoscope.outside.exchange import BROKEN, UNVERIFIED, Answer, exchange, why
from mutoscope.outside.sink import Judge, Sink, Undecodable, pour
from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore, TooLarge

SETTING = "fetch.allow_private"
AT_ONCE = 32  # fetches of one server
PAUSE = 1.0  # seconds between two tries
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NotFetched(BadInput):
    """The address gave nothing that can be used. `transient` where another try may fare better."""

    code = "fetch_failed"

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message, hint="check the address in a browser, or send the file itself")
        self.transient = transient


def fetchable(text: object, settings: Fetch, *, field: str = "url") -> httpx.URL:
    """An address that can be fetched, as far as its text tells; `BadInput`, naming `field`, where not."""
    return urls.reachable(urls.read(text, field=field), _reach(settings), field=field, setting=SETTING)  # fmt: skip


class Fetcher:
    """`resolve` looks names up and `network` connects, where it should not be the system that does."""

    def __init__(
        self,
        settings: Fetch,
        media: MediaStore,
        limits: Limits,
        *,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
        pause: float = PAUSE,
    ) -> None:
        self.settings = settings
        self._media = media
        self._bounds = {"image": limits.image_bytes, "video": limits.video_bytes}
        self._resolver = SystemResolver()
        self._backend = Pinned(
            _reach(settings),
            resolve or self._resolver,
            setting=SETTING,
            network=network,
        )
        self._tls = httpx.create_ssl_context()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._pause = pause

    async def get(
        self,
        url: str,
        *,
        kinds: Sequence[str] = ("image",),
        max_bytes: int | None = None,
        tries: int = 1,
    ) -> Media:
        """What the address holds, in the media store. `kinds` are the first words of media types;
        `max_bytes` may only lower the settings' bounds; `tries` is how often an address is asked that
        does not answer.

        `BadInput` where the address may not be used, `NotFetched` where it gives nothing usable,
        `TooLarge` beyond the bound; each says so in one sentence that shows nothing of the answer.
        """
        place = urls.read(url)
        while True:
            try:
                return await self._once(place, kinds, max_bytes)
            except NotFetched as failure:
                tries -= 1
                if tries < 1 or not failure.transient:
                    raise
            await asyncio.sleep(self._pause)

    async def _once(self, place: httpx.URL, kinds: Sequence[str], max_bytes: int | None) -> Media:
        async with self._room:
            try:
                async with asyncio.timeout(self.settings.seconds):
                    return await self._follow(place, kinds, max_bytes)
            except TimeoutError:
                raise NotFetched(
                    f"{urls.shown(place)} took longer than {self.settings.seconds:g} seconds, the most "
                    "that is waited",
                    transient=True,
                ) from None

    def close(self) -> None:
        """Let go of the threads that look names up."""
        self._resolver.close()

    async def _follow(self, place: httpx.URL, kinds: Sequence[str], max_bytes: int | None) -> Media:
        first = place
        # a pool of its own for each fetch: no connection is ever used for somebody else's
        async with connections(self._backend, most=2, kept=0, tls=self._tls) as pool:
            for _ in range(self.settings.redirects + 1):
                try:
                    async with exchange(
                        pool,
                        "GET",
                        place,
                        {"Accept": _accept(kinds), "Accept-Encoding": "identity"},
                        timeout=self.settings.seconds,
                    ) as answer:
                        if answer.status not in REDIRECTS or "location" not in answer.headers:
                            return await self._keep(place, answer, kinds, max_bytes)
                        place = _next(place, answer.headers["location"])
                except BROKEN as failure:
                    said = why(failure)
                    raise NotFetched(
                        f"{urls.shown(place)} could not be fetched: {said}",
                        transient=said != UNVERIFIED,
                    ) from None
        raise NotFetched(
            f"{urls.shown(first)} leads on more than {self.settings.redirects} times; give the "
            "address that it ends at"
        )

    async def _keep(
        self, place: httpx.URL, answer: Answer, kinds: Sequence[str], max_bytes: int | None
    ) -> Media:
        name = urls.shown(place)
        if answer.status != 200:
            again = answer.status in (408, 425, 429) or answer.status >= 500
            raise NotFetched(f"{name} answered with status {answer.status}", transient=again)
        bounds = [self._bounds.get(kind, self.settings.max_bytes) for kind in kinds]
        whole = min(max(bounds, default=self.settings.max_bytes), self.settings.max_bytes)
        whole = whole if max_bytes is None else min(whole, max_bytes)
        declared = answer.headers.get("content-length", "")
        if declared.isdecimal() and len(declared) <= 20 and int(declared) > whole:
            _too_large(name, whole)
        judge = _judge(name, kinds, self._bounds, whole)
        sink = Sink(self._media, judge, bound=whole, inflate=_inflated(name, answer))
        try:
            media = await pour(answer.body, sink, whole)
        except Undecodable:
            raise NotFetched(f"{name} gave content that is not in the encoding it names") from None
        if media is None:
            raise NotFetched(f"{name} gave an empty file")
        return media


def _reach(settings: Fetch) -> Reach:
    return Reach(private=settings.allow_private)


def _judge(name: str, kinds: Sequence[str], bounds: dict[str, int], whole: int) -> Judge:
    def judge(type: str, length: int) -> None:
        kind = type.partition("/")[0]
        if kinds and kind not in kinds:
            wanted = " or ".join(_article(word) for word in kinds)
            raise NotFetched(f"what {name} gave is not {wanted}, by its first bytes")
        bound = min(whole, bounds.get(kind, whole))
        if length > bound:
            _too_large(name, bound)

    return judge


def _too_large(name: str, bound: int) -> NoReturn:
    raise TooLarge(f"{name} is longer than {bound:,} bytes, the most that is fetched")


def _inflated(name: str, answer: Answer) -> bool:
    """Whether the content is to be inflated; it was asked for as it is, but some compress all the same."""
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise NotFetched(f"{name} answered in an encoding that was not asked for")
    return encoding not in ("", "identity")


def _next(place: httpx.URL, location: str) -> httpx.URL:
    name = f"the address that {urls.shown(place)} leads on to"
    try:
        joined = place.join(location.encode("latin-1").decode("utf-8"))
    except (httpx.InvalidURL, ValueError):
        raise NotFetched(f"{name} cannot be read") from None
    try:
        return urls.read(str(joined), field=name)
    except BadInput as refused:
        refused.field = None  # it is none of the request's
        raise


def _accept(kinds: Sequence[str]) -> str:
    return ", ".join([*(f"{kind}/*" for kind in kinds), "*/*;q=0.1"])


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
