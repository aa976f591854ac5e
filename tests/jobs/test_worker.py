"""The worker on SQLite: from a row to a film, and what may happen on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from workshop import Paper, ended, new_job, working, workshop
from mutoscope.storage.records import Records


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", tmp_path) as opened:
        yield opened


def test_a_job_becomes_a_film_with_thumbnail_and_spritesheet(
    records: Records, tmp_path: Path
) -> None:
    house = workshop(records, tmp_path)

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job())
            job = await ended(house, created.job.id)
        assert job.status == "completed", job.error
        assert job.result is not None
        assert set(job.result.media) == {"video", "thumbnail", "spritesheet"}
        assert job.result.frames == 6
        assert all(house.media.has(media) for media in job.result.media.values())
        assert job.progress == 1.0
        assert job.started is not None

    asyncio.run(scenario())
    assert not list((tmp_path / "work" / "jobs").glob("*"))


def test_a_job_goes_to_an_engine_elsewhere_once(records: Records, tmp_path: Path) -> None:
    paper = Paper(tmp_path / "vendor")
    house = workshop(records, tmp_path, {"paper": paper})

    async def scenario() -> None:
        async with working(house):
            created = await house.ledger.create(new_job("paper"))
            job = await ended(house, created.job.id)
        assert job.status == "completed", job.error
        assert [key for key, _ in paper.created()] == [f"{job.id}/1"]

    asyncio.run(scenario())
