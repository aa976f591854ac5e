"""The desk's own rules, beside what the dialects' tests see of them on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from fresh_records import put
from mutoscope.config import Limits, Settings
from mutoscope.errors import BadInput
from mutoscope.jobs import queue
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.placing import Placing
from mutoscope.server.callers import Caller
from mutoscope.server.errors import Refusal
from mutoscope.shot import Anchor, Media, Role, Shot
from mutoscope.storage.media import MediaMissing
from mutoscope.storage.records import Records
from workshop import workshop

ME = Caller("mine", "key_1")


def placing(**more: Any) -> Placing:
    given: dict[str, Any] = {
        "caller": ME, "dialect": "openai", "asked": {},
        "shot": Shot(prompt="slow push in", model="sketch"),
    }  # fmt: skip
    return Placing(**(given | more))


def held(
    folder: Path, story: Callable[[Desk], Awaitable[None]], settings: Settings | None = None
) -> None:
    async def run() -> None:
        with Records.open("", put(folder)) as records:
            await story(Desk(workshop(records, folder, settings=settings)))

    asyncio.run(run())


def test_two_first_tries_at_once_are_two_films_and_two_retries_are_one(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        alike = [placing(fingerprint="f" * 64) for _ in range(2)]
        first = await asyncio.gather(*(desk.place(one) for one in alike))
        assert len({one.job.id for one in first}) == 2
        again = [placing(fingerprint="e" * 64, retried=True) for _ in range(5)]
        retried = await asyncio.gather(*(desk.place(one) for one in again))
        assert len({one.job.id for one in retried}) == 1
        assert sum(one.fresh for one in retried) == 1

    held(tmp_path, story)


def test_a_key_named_by_one_project_is_free_for_another(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        mine = await desk.place(placing(idempotency_key="one", fingerprint="a" * 64))
        other = placing(caller=Caller("his"), idempotency_key="one", fingerprint="b" * 64)
        his = await desk.place(other)
        assert mine.job.id != his.job.id
        with pytest.raises(Refusal, match="with another request"):
            await desk.place(placing(idempotency_key="one", fingerprint="b" * 64))

    held(tmp_path, story)


def test_a_picture_that_was_deleted_meanwhile_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        anchor = Anchor(Media("a" * 64, "image/png", 10), Role.FIRST_FRAME)
        shot = Shot(prompt="a", model="sketch", anchors=(anchor,))
        with pytest.raises(MediaMissing, match="deleted a moment ago"):
            await desk.place(placing(shot=shot))

    held(tmp_path, story)


def test_a_pending_picture_is_not_looked_for(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        anchor = Anchor(Media("a" * 64, "image/unknown", 0), Role.FIRST_FRAME)
        shot = Shot(prompt="a", model="sketch", anchors=(anchor,))
        url = "https://e.org/a.png"
        placed = await desk.place(placing(shot=shot, fields=("image_url",), pending={0: url}))
        assert placed.job.work["pending"] == {"0": {"url": url, "field": "image_url"}}

    held(tmp_path, story)


def test_what_the_request_said_of_the_contract_goes_on_to_the_stages(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        for strict, said in ((True, "strict"), (False, "lenient"), (None, None)):
            placed = await desk.place(placing(strict=strict))
            assert placed.job.work.get("compat") == said

    held(tmp_path, story)


def test_the_limit_is_each_projects_own(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        for _ in range(3):
            await desk.place(placing())
        with pytest.raises(Refusal) as caught:
            await desk.place(placing())
        assert caught.value.http_status == 429
        await desk.place(placing(caller=Caller("his")))

    held(tmp_path, story, Settings(limits=Limits(queued=3)))


def test_far_from_the_limit_rows_are_counted_once_in_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "COUNTED", 3600.0)
    counted: list[str] = []

    async def story(desk: Desk) -> None:
        ledger = desk.house.ledger
        count = ledger.open_of

        async def watched(project: str, key_id: str | None = None) -> int:
            counted.append(project)
            return await count(project, key_id)

        monkeypatch.setattr(ledger, "open_of", watched)
        for ahead in range(100 - queue.NEAR):
            assert await desk.within_limits(ME) == ahead
        assert len(counted) == 1
        assert await desk.within_limits(ME) == 0  # near the limit what is there counts
        assert len(counted) == 2

    held(tmp_path, story, Settings(limits=Limits(queued=100)))


def test_a_film_where_a_picture_should_be(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        film = desk.house.media.put(b"\0\0\0\x18ftypisom" + bytes(40))
        shot = Shot(prompt="a", model="sketch", anchors=(Anchor(film, Role.LAST_FRAME),))
        with pytest.raises(BadInput) as caught:
            await desk.place(placing(shot=shot, fields=("last_frame",)))
        assert caught.value.field == "last_frame"

    held(tmp_path, story)
