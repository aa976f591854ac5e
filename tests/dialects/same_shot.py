"""The same shot said natively and in a dialect: equal but for the model, and equal as films."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wired import Wired

from mutoscope.jobs.job import Job
from mutoscope.shot import Shot
from workshop import until, working

#: What says which model it is, not what is filmed.
MODEL = "flipbook"


def shot(here: Wired, id: str) -> Shot:
    """The shot of a job, under one model's name for all."""
    found = here.job(id).shot
    assert found is not None
    return replace(found, model=MODEL)


def native(here: Wired, **given: Any) -> str:
    """The id of the video that is made natively."""
    answer = here.client.post("/v1/videos", json=given)
    assert answer.status_code == 200, answer.text
    id: str = answer.json()["id"]
    return id


def films(here: Wired, ids: Sequence[str]) -> list[bytes]:
    """The films of jobs, once the worker has made them."""

    async def ended(id: str) -> Job:
        async def over() -> Any:
            job = await here.house.ledger.get(id)
            return job if job is not None and job.due is None else None

        job: Job = await until(over)
        return job

    async def worked() -> list[Job]:
        async with working(here.house):
            return [await ended(id) for id in ids]

    made = []
    for job in asyncio.run(worked()):
        assert job.status == "completed", job.error
        assert job.result is not None
        made.append(here.house.media.path(job.result.media["video"]).read_bytes())
    return made
