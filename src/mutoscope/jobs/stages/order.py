"""A job's order for its engine, from what the stages before wrote down."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mutoscope.direction.model import Direction
from mutoscope.engines.base import CastMember, Order
from mutoscope.images.plan import Plan
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Job
from mutoscope.jobs.stages.cast import member, written
from mutoscope.jobs.stages.introduce import Introduction, introduced
from mutoscope.jobs.stages.prepare import paths
from mutoscope.shot import Media
from mutoscope.steps import ordered

if TYPE_CHECKING:
    from mutoscope.server.house import House


async def order_of(house: House, held: Held, seq: int | None = None) -> Order:
    """The order; its key is the job's name and the number of the intent (`seq`, else the present one):
    the same intent is the same order to an engine that can tell. Raises MediaMissing."""
    job, shot = held.job, held.shot
    folder = held.make_folder()
    files = await asyncio.to_thread(paths, house, shot)
    prepared = msgspec.convert(job.work.get("prepared", {}), dict[int, Media], strict=False)
    return ordered(
        shot,
        msgspec.convert(job.work["direction"], Direction),
        folder,
        files,
        plans_of(job),
        prepared=await asyncio.to_thread(_paths, house, prepared),
        cast=await asyncio.to_thread(_cast, house, job),
        key=f"{job.id}/{job.intent_seq if seq is None else seq}",
        deadline=job.deadline,
    )


def plans_of(job: Job) -> dict[int, Plan]:
    """Each picture's plan by its place, as `prepare` wrote it down."""
    return msgspec.convert(job.work.get("plans", {}), dict[int, Plan], strict=False)


def _paths(house: House, media: dict[int, Media]) -> dict[int, Path]:
    return {place: house.media.path(one) for place, one in media.items()}


def _cast(house: House, job: Job) -> dict[str, CastMember]:
    known = introduced(job.work)
    found = {}
    for name, one in written(job.work).items():
        there = known.get(name, Introduction())
        found[name] = replace(member(house, one), registered=there.id, unregistered=there.lacks)
    return found
