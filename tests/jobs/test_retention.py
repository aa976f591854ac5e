"""What is no longer kept, and what must be."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from fresh_records import put
from mutoscope.config import Retention as Settings_
from mutoscope.config import Settings
from mutoscope.jobs import retention
from mutoscope.jobs.job import Job
from mutoscope.jobs.quota import Quota, stored
from mutoscope.jobs.retention import Retention
from mutoscope.server.errors import Refusal
from mutoscope.server.house import House
from mutoscope.shot import Anchor, Media, Shot, Size
from mutoscope.storage.media import MediaStore
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs
from workshop import ended, new_job, photo, until, working, workshop


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


def made(house: House, *anchors: Anchor) -> Job:
    """A finished film."""

    async def scenario() -> Job:
        async with working(house):
            created = await house.ledger.create(new_job(anchors=anchors))
            return await ended(house, created.job.id)

    return asyncio.run(scenario())


def age(house: House, media: Media, seconds: float) -> None:
    path = house.media.path(media)
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def media_of(job: Job) -> tuple[Media, ...]:
    assert job.result is not None
    return tuple(job.result.media.values())


def expire(house: House, job: str) -> None:
    past = update(jobs).where(jobs.c.id == job).values(expires=1.0)
    house.records.write_now(lambda c: c.execute(past).rowcount)


def test_an_expired_film_loses_its_files_then_its_row(records: Records, tmp_path: Path) -> None:
    house = workshop(records, tmp_path)
    picture = photo(house)
    job, other = made(house, Anchor(media=picture)), made(house, Anchor(media=picture))
    films = set(media_of(job)) - set(media_of(other))
    for one in {*media_of(job), picture}:
        age(house, one, 60.0)
    expire(house, job.id)
    asyncio.run(Retention(house).turn())
    assert asyncio.run(house.ledger.get(job.id)) is None
    assert not any(map(house.media.has, films))
    assert house.media.has(picture)  # the other film needs it
    assert all(map(house.media.has, media_of(other)))


def test_a_film_whose_deletion_was_cut_off_is_deleted_to_the_end(
    records: Records, tmp_path: Path
) -> None:
    house = workshop(records, tmp_path)
    job = made(house)
    keeping = Retention(house)
    house.records.write_now(lambda c: keeping.uses.drop(c, job.id))  # and then it was killed
    for one in media_of(job):
        age(house, one, 60.0)
    expire(house, job.id)
    asyncio.run(keeping.turn())
    assert asyncio.run(house.ledger.get(job.id)) is None
    assert not any(map(house.media.has, media_of(job)))


def test_what_somebody_just_sent_is_not_removed_under_his_hands(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workshop(records, tmp_path)
    monkeypatch.setattr(retention, "YOUNG", 0.3)
    keeping = Retention(house)
    fresh = house.media.put(b"somebody sends this now")
    assert asyncio.run(keeping.retire([fresh.sha256])) == 0
    assert house.media.has(fresh)

    async def looked_at_again() -> None:
        async def gone() -> bool:
            await Retention(house).turn()  # of whichever server
            return not house.media.has(fresh)

        await until(gone)

    asyncio.run(looked_at_again())


def test_forgotten_files_are_swept_and_needed_ones_are_not(
    records: Records, tmp_path: Path
) -> None:
    house = workshop(records, tmp_path)
    job = made(house)
    forgotten, young = house.media.put(b"forgotten"), house.media.put(b"young")
    for one in (*media_of(job), forgotten):
        age(house, one, 2 * retention.FORGOTTEN)
    assert asyncio.run(Retention(house).sweep()) == 1
    assert not house.media.has(forgotten)
    assert all(map(house.media.has, (*media_of(job), young)))


def test_a_removal_that_was_cut_off_is_taken_back(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "media")
    media = store.put(b"leaving")
    leaving = tmp_path / "media" / ".leaving" / media.sha256
    leaving.parent.mkdir()
    store.path(media).rename(leaving)
    store.sweep()
    assert store.has(media)


def test_a_cancelled_film_leaves_nothing(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "EVERY", 0.05)
    monkeypatch.setattr(retention, "YOUNG", 0.2)
    house = workshop(records, tmp_path)
    picture = photo(house)

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job(anchors=(Anchor(media=picture),)))
            await house.ledger.cancel(created.job.id, "default")
            await until(lambda: gone(house, created.job.id))

    async def gone(house: House, job: str) -> bool:
        return await house.ledger.get(job) is None and not house.media.has(picture)

    asyncio.run(scenario())
    assert records.read_now(stored) == 0


def full(records: Records, tmp_path: Path, **limits: Any) -> Refusal:
    house = workshop(records, tmp_path, settings=Settings(retention=Settings_(**limits)))
    with pytest.raises(Refusal) as refused:
        asyncio.run(Quota(house).admit(Shot(size=Size(1280, 720), seconds=4)))
    return refused.value


def test_a_shot_is_refused_before_the_disk_is_full(records: Records, tmp_path: Path) -> None:
    refused = full(records, tmp_path, free_bytes=1 << 60)
    assert refused.http_status == 507
    assert refused.headers == {"x-should-retry": "false"}
    assert "retention.free_bytes" in refused.hint


def test_a_shot_is_refused_where_the_server_keeps_all_it_may(
    records: Records, tmp_path: Path
) -> None:
    assert "retention.disk_bytes" in full(records, tmp_path, disk_bytes=1_000_000).hint


def test_each_medium_counts_once(records: Records, tmp_path: Path) -> None:
    house = workshop(records, tmp_path)
    keeping = Retention(house)
    media = house.media.put(b"twelve bytes")
    for owner in ("one", "two"):
        records.write_now(lambda c, owner=owner: keeping.uses.add(c, owner, [media]))  # type: ignore[misc]
    assert records.read_now(stored) == 12
