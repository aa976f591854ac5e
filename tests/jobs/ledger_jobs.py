"""Jobs for tests of the ledger, and time that passes for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from mutoscope.jobs.job import Job, Lease, NewJob
from mutoscope.shot import Anchor, Media, Shot
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records
from mutoscope.storage.tables import jobs, rates

STILL = Media("5" * 64, "image/jpeg", 1234)


def new_job(**fields: Any) -> NewJob:
    given: dict[str, Any] = {
        "id": new_id("video_"),
        "project": "default",
        "dialect": "openai",
        "kind": "create",
        "model": "sora-2",
        "engine": "flipbook",
        "shot": Shot(prompt="slow push in", anchors=(Anchor(STILL),)),
        "asked": {"prompt": "slow push in", "seconds": "4"},
        "uses": (STILL,),
    }
    return NewJob(**(given | fields))


def lease_of(job: Job) -> Lease:
    assert job.lease_owner is not None
    return Lease(job.id, job.lease_owner, job.fence)


def pass_time(records: Records, seconds: float) -> None:
    """All that the ledger remembers is that much longer ago."""
    times = ("due", "lease_until", "created", "started", "ended", "expires", "intent_at")

    def age(connection: Any) -> None:
        connection.execute(update(jobs).values({name: jobs.c[name] - seconds for name in times}))
        connection.execute(update(rates).values(arrival=rates.c.arrival - seconds))

    records.write_now(age)
