"""A character's job: its clip is fetched where it is still at an address, and its frames are chosen.

fetch → frames
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from mutoscope.characters.store import Characters, Frame
from mutoscope.characters.work import ReferenceFrame, reference_frames
from mutoscope.compute.awaited import awaited
from mutoscope.errors import Cancelled, EngineFailed, MutoscopeError
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.retention import Retention
from mutoscope.jobs.stages.ending import cancelled, problem
from mutoscope.shot import Media
from mutoscope.storage.database import RecordsUnavailable

if TYPE_CHECKING:
    from mutoscope.server.house import House

_log = logging.getLogger("mutoscope.jobs")

TRIES = 2  # of a stage whose process died, or that broke in a way nobody foresaw


async def fetch(house: House, held: Held) -> Change:
    """The clip is here afterwards."""
    return await _or_failed(house, held, _fetch)


async def frames(house: House, held: Held) -> Change:
    """The reference frames are chosen in a process beside this one, and kept."""
    return await _or_failed(house, held, _frames)


async def _or_failed(
    house: House, held: Held, stage: Callable[[House, Held], Awaitable[Change]]
) -> Change:
    """What the stage comes to; what it fails with fails the character, not its job alone."""
    try:
        return await stage(house, held)
    except (Cancelled, RecordsUnavailable):
        raise
    except MutoscopeError as error:
        if isinstance(error, EngineFailed) and held.job.attempt < TRIES:
            return Change(wait=1.0)  # a process that died may do better the next time
        return await _failed(house, held, error)
    except Exception:
        if held.job.attempt < TRIES:
            raise
        _log.exception("character %s broke at %s", held.job.id, held.job.stage)
        told = "the server failed at this character; its log says why"
        return await _failed(house, held, EngineFailed(told, code="server_error"))


async def _fetch(house: House, held: Held) -> Change:
    work = dict(held.job.work)
    media = await house.fetch.get(work.pop("url"), kinds=("video",))
    work["source"] = msgspec.to_builtins(media)
    reach("character.fetched")
    return Change(stage="frames", status="in_progress", work=work, uses=(media,))


async def _frames(house: House, held: Held) -> Change:
    store, job = Characters(house.records), held.job
    source = msgspec.convert(job.work["source"], Media)
    # the job's row was written first: a server that died in between left the character to be made here
    await store.create(job.id, job.project, job.work["name"], job.work["description"], source)
    if job.status == "queued":
        await held.commit(Change(hold=True, status="in_progress"))
    folder = held.make_folder()
    clip = await asyncio.to_thread(house.media.path, source)
    found = await awaited(house.compute, reference_frames, clip, folder)
    kept = await asyncio.to_thread(lambda: [_kept(house, one) for one in found])
    reach("character.kept")
    if not await store.ready(job.id, source, kept):  # it was deleted meanwhile
        made = {one.sha256 for frame in kept for one in (frame.media, frame.matte)}
        await Retention(house).retire(made, younger=0.0)
        return cancelled(held)
    return Change(ended=True, status="completed", progress=1.0)


def _kept(house: House, found: ReferenceFrame) -> Frame:
    return Frame(
        media=house.media.put(found.picture),
        matte=house.media.put(found.cutout),
        at=found.at,
        box=found.box,
        cut=found.cut,
        sharpness=found.sharpness,
        exposure=found.exposure,
        whole=found.whole,
        steady=found.matte,
        score=found.score,
    )


async def _failed(house: House, held: Held, error: MutoscopeError) -> Change:
    said = problem(error)
    store, job = Characters(house.records), held.job
    await store.create(job.id, job.project, job.work["name"], job.work["description"])
    await store.failed(job.id, said)
    return Change(ended=True, status="failed", error=said)
