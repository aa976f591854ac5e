"""inputs: what is still at its address is fetched, a source clip is cut to the part that is wanted, and
tells what the request left out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.compute.awaited import called
from mutoscope.engines.admission import admitted
from mutoscope.errors import BadInput
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change, Notice
from mutoscope.jobs.stages.cropped import cropped
from mutoscope.shot import Kind, Media, Role, Shot, Size

if TYPE_CHECKING:
    from mutoscope.server.house import House


FETCHES = 3  # times that an address is asked which does not answer


async def inputs(house: House, held: Held) -> Change:
    """Raises BadInput for an address or a clip that will not do, ContractRefused for a shot that no
    longer passes once its clip is known."""
    job, shot = held.job, held.shot
    work = dict(job.work)
    pending: dict[str, Any] = work.pop("pending", {})
    fetched = await _fetched(house, shot, pending) if pending else {}
    if fetched:
        shot = replace(
            shot,
            anchors=tuple(
                replace(anchor, media=fetched.get(place, anchor.media))
                for place, anchor in enumerate(shot.anchors)
            ),
        )
        reach("inputs.fetched")
    shot, cut = await cropped(house, held, shot)
    if work.pop("keep_size", False):
        shot = await _like_source(house, shot)
    notices = job.warnings
    if shot != held.shot:
        said = admitted(shot, job.engine, house.engines, compat(house, job.work))
        notices = _without_repeats((*notices, *said))
    stage = "cast" if work.get("characters") else "prepare"
    uses = (*fetched.values(), *cut)
    return Change(stage=stage, shot=shot, work=work, warnings=notices, uses=uses)


def compat(house: House, work: dict[str, Any]) -> str:
    """How the vendor's contract is read for a job: as its request said, or as the server is set."""
    said = work.get("compat")
    return said if isinstance(said, str) else house.settings.server.compat


async def _fetched(house: House, shot: Shot, pending: dict[str, Any]) -> dict[int, Media]:
    async def fetch(place: int, url: str, field: str) -> tuple[int, Media]:
        kind = shot.anchors[place].media.type.partition("/")[0]
        try:
            return place, await house.fetch.get(url, kinds=(kind,), tries=FETCHES)
        except BadInput as error:
            error.field = field or error.field
            raise

    fetching = (fetch(int(at), one["url"], one.get("field", "")) for at, one in pending.items())
    return dict(await asyncio.gather(*fetching))


async def _like_source(house: House, shot: Shot) -> Shot:
    """The shot with its source's size and rate; and its length, unless seconds are to be added to it."""
    from mutoscope.finish.probe import probe

    source = next((one.media for one in shot.anchors if one.role is Role.SOURCE), None)
    if source is None:
        return shot
    path: Path = await asyncio.to_thread(house.media.path, source)
    seen = await called(house.probes, probe, path)
    if seen.kind != "video" or not seen.frames:
        raise BadInput("the clip to start from is no film", field="video", code="invalid_video")
    size = Size(seen.width - seen.width % 2, seen.height - seen.height % 2)
    seconds = shot.seconds if shot.kind is Kind.EXTEND else seen.seconds
    return replace(shot, size=size, fps=seen.fps, seconds=seconds)


def _without_repeats(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    return tuple({(one.code, one.field, one.message): one for one in notices}.values())
