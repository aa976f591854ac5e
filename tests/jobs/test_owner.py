"""`mutoscope jobs`: what the owner sees, and decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fresh_records import put
from mutoscope.cli.jobs import close, list_, resend, show
from mutoscope.errors import BadInput, Unconfirmed
from mutoscope.jobs.job import Job
from mutoscope.server.house import House
from mutoscope.storage.records import Records
from workshop import Paper, ended, new_job, settings_for, until, working, workshop


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


@pytest.fixture
def unsure(records: Records, tmp_path: Path) -> tuple[House, Paper, str]:
    """A house with a job of which nobody knows whether it was taken."""

    def lost(order: object) -> None:
        if len(paper.created()) == 1:
            raise Unconfirmed("the connection broke")

    paper = Paper(tmp_path / "vendor", "none", after=lost)
    house = workshop(records, tmp_path, {"paper": paper}, settings=settings_for())

    async def scenario() -> str:
        async with working(house):
            created = await house.ledger.create(new_job("paper"))

            async def there() -> bool:
                job = await house.ledger.get(created.job.id)
                return job is not None and job.stage == "unconfirmed"

            await until(there)
            return created.job.id

    return house, paper, asyncio.run(scenario())


def now(house: House, job: str) -> Job:
    found = asyncio.run(house.ledger.get(job))
    assert found is not None
    return found


def test_an_unconfirmed_job_is_listed_with_what_is_known(
    unsure: tuple[House, Paper, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    list_(state="unconfirmed", data=tmp_path, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert row["id"] == unsure[2]
    assert row["why"] == "the connection broke"
    list_(data=tmp_path)
    assert unsure[2] in capsys.readouterr().out
    show(unsure[2], data=tmp_path)
    assert json.loads(capsys.readouterr().out)["intent_seq"] == 1


def test_resend_hands_it_over_again(unsure: tuple[House, Paper, str], tmp_path: Path) -> None:
    house, paper, job = unsure
    resend(job, data=tmp_path)

    async def scenario() -> None:
        async with working(house):
            assert (await ended(house, job)).status == "completed"

    asyncio.run(scenario())
    assert [key for key, _ in paper.created()] == [f"{job}/1", f"{job}/2"]


def test_close_fails_it_and_tells_the_webhook(
    unsure: tuple[House, Paper, str], tmp_path: Path
) -> None:
    house, paper, job = unsure
    close(job, data=tmp_path)
    closed = now(house, job)
    assert (closed.status, closed.due) == ("failed", None)
    assert closed.error is not None
    assert closed.error.code == "unconfirmed"
    assert len(paper.created()) == 1


def test_other_jobs_are_not_decided_by_hand(
    unsure: tuple[House, Paper, str], tmp_path: Path
) -> None:
    close(unsure[2], data=tmp_path)
    with pytest.raises(BadInput, match="only an unconfirmed one"):
        resend(unsure[2], data=tmp_path)
    with pytest.raises(BadInput, match="there is no job"):
        show("video_0", data=tmp_path)
