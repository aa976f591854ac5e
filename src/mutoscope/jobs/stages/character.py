"""A character's job: what is still at an address is fetched, and its frames are chosen.

fetch → frames
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from mutoscope.characters.arriving import prepared_frames
from mutoscope.characters.making import Place, Work
from mutoscope.characters.model import Character, LeftOut, Origin
from mutoscope.characters.store import Characters
from mutoscope.characters.work import Prepared, of_film, of_pictures
from mutoscope.compute.awaited import awaited
from mutoscope.errors import Cancelled, EngineFailed, MutoscopeError
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.jobs.retention import Retention
from mutoscope.jobs.stages.ending import cancelled, problem
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
    work, source = msgspec.convert(held.job.work, Work), None
    if work.url:
        source = await house.fetch.get(work.url, kinds=("video",))
        work = msgspec.structs.replace(work, source=source, url="")
    pictures = [
        one if one.media is not None else Place(media=await house.fetch.get(one.url))
        for one in work.pictures
    ]
    work = msgspec.structs.replace(work, pictures=tuple(pictures))
    here = (source, *(one.media for one in pictures))
    reach("character.fetched")
    return Change(
        stage="frames",
        status="in_progress",
        work=msgspec.to_builtins(work),
        uses=tuple(one for one in here if one is not None),
    )


async def _frames(house: House, held: Held) -> Change:
    store, job = Characters(house.records), held.job
    work = msgspec.convert(job.work, Work)
    known = await _written_down(store, held, work)
    if (
        known.status == "ready"
    ):  # all but this job's end was written down, and what it was made from may be gone
        return Change(ended=True, status="completed", progress=1.0)
    if job.status == "queued":
        await held.commit(Change(hold=True, status="in_progress"))
    found = await _prepared(house, held, work)
    frames, clip = await asyncio.to_thread(prepared_frames, found, house.media)
    reach("character.kept")
    origin = None if work.origin is None else _told(work.origin, work, found)
    if not await store.ready(job.id, clip or work.source, frames, origin):  # deleted meanwhile
        made = {one.sha256 for frame in frames for one in (frame.media, frame.matte)}
        made |= set() if clip is None else {clip.sha256}
        await Retention(house).retire(made, younger=0.0)
        return cancelled(held)
    return Change(ended=True, status="completed", progress=1.0)


async def _prepared(house: House, held: Held, work: Work) -> Prepared:
    folder = held.make_folder()
    if work.pictures:
        media = [one.media for one in work.pictures if one.media is not None]
        paths = await asyncio.to_thread(lambda: tuple(map(house.media.path, media)))
        return await awaited(house.compute, of_pictures, paths, folder)
    if work.source is None:
        raise EngineFailed("the job names nothing that a character could be made from")
    clip = await asyncio.to_thread(house.media.path, work.source)
    return await awaited(house.compute, of_film, clip, folder, work.part)


async def _written_down(store: Characters, held: Held, work: Work) -> Character:
    """The job's row was written first: a server that died in between left the character to be made
    here."""
    return await store.create(
        held.job.id,
        held.job.project,
        work.name,
        work.description,
        work.source,
        origin=work.origin,
        consent=work.consent,
    )


def _told(origin: Origin, work: Work, found: Prepared) -> Origin:
    return msgspec.structs.replace(
        origin,
        pictures=tuple(one.media for one in work.pictures if one.media is not None),
        left_out=tuple(LeftOut(picture=place, why=why) for place, why in found.left_out),
    )


async def _failed(house: House, held: Held, error: MutoscopeError) -> Change:
    said = problem(error)
    store = Characters(house.records)
    await _written_down(store, held, msgspec.convert(held.job.work, Work))
    await store.failed(held.job.id, said)
    return Change(ended=True, status="failed", error=said)
