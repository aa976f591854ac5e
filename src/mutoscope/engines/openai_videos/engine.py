"""The engine: orders go out as POST /v1/videos, are asked for, fetched and cancelled by their id.

It is an `AsyncEngine` of accounts in the settings, `[engines.NAME] kind = "openai_videos"`. An operation
that waits costs nothing here: all that is known of it stands in its Operation.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from mutoscope.catalog import load
from mutoscope.config import EngineAccount
from mutoscope.engines.base import (
    CastMember,
    Footage,
    Instruction,
    Operation,
    Order,
    Readiness,
    Recovery,
    Status,
)
from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.asking import Asking, NoAnswer
from mutoscope.engines.openai_videos.download import Moved, NoFilm, download
from mutoscope.engines.openai_videos.encoding import encoded
from mutoscope.engines.openai_videos.listing import MOST_PAGES, Listing
from mutoscope.engines.openai_videos.quirks import quirks
from mutoscope.engines.openai_videos.request import Request, introduction, requested
from mutoscope.engines.openai_videos.sending import post
from mutoscope.errors import Missing

#: From so many operations on that are asked about within a second, the server's list is read rather than
#: each by itself.
_MANY = 10
#: A job that is unknown there this often, over so many seconds, is lost. One such answer may come from
#: another machine behind the same address.
_LOST_AFTER, _LOST_OVER = 3, 30.0
#: Answers to GET content after which the job's own object may have a link instead.
_LINK_INSTEAD = (400, 404, 405, 501)
_HOPS = 5  # addresses that lead to another


class OpenAIVideos:
    """See the module. `name` is the account's; `unknown` counts status words that no table has."""

    def __init__(self, name: str, account: EngineAccount) -> None:
        self.name = name
        self.account = account
        self.quirks = quirks(account.quirks, name)
        self.recovery: Recovery = self.quirks.recovery
        self.characters = self.quirks.characters
        self.introduces = "native" in self.quirks.characters
        self.unknown: Counter[str] = Counter()
        self._asking = Asking(name, account, self.quirks)
        self._listing = Listing(self._asking.page, self._in_list)
        self._second, self._asked = (
            0,
            0,
        )  # the second that it is, and how many were asked about in it
        self._lost: dict[str, tuple[int, float]] = {}

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
        if variable and not self._asking.key:
            reasons.append(f"engines.{self.name}.api_key_env names {variable}, which is not set")
        return Readiness(ready=not reasons, reasons=tuple(reasons))

    async def start(self, order: Order) -> Operation:
        """Send the order, once. Raises NotAccepted or Unconfirmed: see `sending`; Missing where the
        settings are not complete."""
        self._ready()
        wanted = self._requested(order)
        body = await asyncio.to_thread(encoded, wanted, self.quirks.encoding)
        video = await post(
            self._asking.line.sending,
            self._asking.url(*filter(None, [wanted.route])),
            body,
            self._asking.headers() | ({"idempotency-key": order.key} if order.key else {}),
            name=self.name,
            secret=self._asking.key,
            seconds=self.account.timeout,
        )
        return self._operation(video, wanted)

    async def introduce(self, member: CastMember, *, again: bool, instead: str) -> str:
        """Register the character by its clip → its id there; see `base.Introducing`. Where the server
        knows a repeated key, `again` finds what an earlier try made."""
        self._ready()
        wanted = introduction(member, self.quirks)
        headers = self._asking.headers()
        if self.quirks.registered_once:
            body = "\n".join((member.name, member.description, instead))
            mark = hashlib.sha256(body.encode()).hexdigest()[:12]
            headers["idempotency-key"] = f"{member.id}/{mark}"
        made = await post(
            self._asking.line.sending,
            self._asking.url(wanted.route),
            await asyncio.to_thread(encoded, wanted, self.quirks.encoding),
            headers,
            name=self.name,
            secret=self._asking.key,
            seconds=self.account.timeout,
            what="character",
        )
        return str(answers.told(made, "id"))

    async def knows(self, id: str) -> bool:
        """Whether the server has a character of that id that can be used. Raises NoAnswer."""
        found = await self._asking.character(id)
        return found is not None and answers.usable(found)

    async def find(self, order: Order) -> Operation | None:
        """The operation that carries the order's mark, in the server's list; None where none does.
        Raises NoAnswer."""
        after = ""
        for _ in range(MOST_PAGES if self.quirks.mark else 0):
            page = await self._asking.page(after)
            videos = page.get("data") if isinstance(page, dict) else None
            if not isinstance(videos, list) or not videos:
                return None
            for video in videos:
                mark = video.get(self.quirks.mark) if isinstance(video, dict) else None
                if isinstance(mark, Mapping) and mark.get("mutoscope") == order.key:
                    return self._operation(video, self._requested(order))
            after = str(page.get("last_id") or answers.told(videos[-1], "id"))
            if not page.get("has_more"):
                return None
        return None

    async def status(self, operation: Operation) -> Status:
        """What has become of it. Raises NoAnswer where that could not be learned, which says nothing
        about the film."""
        name = _id(operation)
        video, headers = await self._asking.video(name)
        if video is None:
            return self._not_known(name)
        self._lost.pop(name, None)
        return answers.status(video, self.quirks, self.unknown, headers)

    async def statuses(self, operations: Sequence[Operation]) -> Sequence[Status | BaseException]:
        """What has become of many, by the server's list where it has one; those that are not in it are
        asked about one by one. NoAnswer in the place of what could not be learned."""
        found: dict[str, Status] = {}
        if self._many(len(operations)) and self.quirks.lists and self._listing.works:
            try:
                found = await self._listing.find([_id(one) for one in operations])
            except NoAnswer as error:
                return [error] * len(operations)
        rest = [one for one in operations if _id(one) not in found]
        told = await asyncio.gather(*map(self.status, rest), return_exceptions=True)
        single = dict(zip(map(_id, rest), told, strict=True))
        return [found[name] if name in found else single[name] for name in map(_id, operations)]

    async def fetch(self, operation: Operation, folder: Path) -> Footage:
        """The film, streamed below `folder`; frames are not counted here (0). Raises EngineFailed where
        it did not come whole: it can be fetched again."""
        name, film = _id(operation), folder / "footage.mp4"
        begin = time.monotonic()
        try:
            await self._download(self._asking.url(name, "content"), film)
        except NoFilm as error:
            if error.answered not in _LINK_INSTEAD:
                raise
            video, _ = await self._asking.video(name)
            link = answers.told(video, "link") if video is not None else None
            if link is None or urlsplit(link).scheme not in ("http", "https"):
                raise
            await self._download(link, film)
        said = msgspec.convert(operation.detail.get("said", []), tuple[Instruction, ...])
        if self.quirks.report:
            said = await self._with_report(name, said)
        spent = {"download": round(time.monotonic() - begin, 3)}
        return Footage(film, 0, said, (f"filmed by {self.name}",), spent)

    async def cancel(self, operation: Operation) -> None:
        """Ask the server to stop, where it can; elsewhere the work goes on, and is not waited for.
        Raises NoAnswer."""
        if self.quirks.delete == "aborts":
            await self._asking.delete(_id(operation))

    async def close(self) -> None:
        """Let go of the connections."""
        self._listing.forget()
        await self._asking.close()

    async def _download(self, url: str, film: Path) -> None:
        """The film at an address, or wherever that leads; the account's key goes to its own server alone."""
        line, headers = self._asking.line, {"accept": "*/*", "accept-encoding": "identity"}
        for hop in range(_HOPS + 1):
            own = line.links.own(url)
            client = line.asking if own else await line.links.client()
            sent = self._asking.headers() | headers if own else headers
            try:
                await download(client, url, sent, film, name=self.name, secret=self._asking.key)
                return
            except Moved as moved:
                if hop == _HOPS:
                    raise
                url = moved.to

    async def _with_report(
        self, name: str, said: tuple[Instruction, ...]
    ) -> tuple[Instruction, ...]:
        """What the server tells of each instruction in place of "sent as words"; what was not sent stays."""
        try:
            video, _ = await self._asking.video(name)
        except NoAnswer:  # the film is here: it is not fetched again for its report
            return said
        theirs = answers.report(video, self.quirks.report)
        return answers.joined(said, theirs) if theirs else said

    def _ready(self) -> None:
        if not (ready := self.check()).ready:
            raise Missing(f"engine {self.name} is not ready: {'; '.join(ready.reasons)}")

    def _requested(self, order: Order) -> Request:
        model = self._model(order.shot.model)
        return requested(order, self.quirks, self.name, model, self.account.fields)

    def _model(self, asked: str) -> str:
        """The model's name there; none where a shot asks for the account itself and it has several."""
        models = self.account.models
        for said in (asked, load.bare(asked)):  # "azure/sora-2" before "sora-2"
            if said in models:
                return models[said]
        if asked != self.name:
            return load.bare(asked)
        return next(iter(models.values())) if len(models) == 1 else ""

    def _operation(self, video: Mapping[str, Any], sent: Request) -> Operation:
        detail = {"id": answers.told(video, "id"), "said": msgspec.to_builtins(sent.said)}
        return Operation(self.name, detail)

    def _many(self, count: int) -> bool:
        second = int(time.monotonic())
        before = self._asked if second - self._second <= 1 else 0
        if second != self._second:
            self._second, self._asked = second, 0
        self._asked += count
        return before + count >= _MANY

    def _in_list(self, video: Any) -> Status | None:
        if not answers.has_status(video):
            return None
        return answers.status(video, self.quirks, self.unknown, {})

    def _not_known(self, name: str) -> Status:
        """Once may be a mistake; several times over a while, the job is lost."""
        count, since = self._lost.get(name, (0, time.monotonic()))
        if count + 1 < _LOST_AFTER or time.monotonic() - since < _LOST_OVER:
            self._lost[name] = count + 1, since
            raise NoAnswer(f"{self.name} does not know {name} at the moment")
        self._lost.pop(name, None)
        return Status("failed", error=f"{self.name} no longer knows the job", code="lost")


def _id(operation: Operation) -> str:
    return str(operation.detail["id"])
