"""prepare: the words are read, each picture's place in the frame is planned, and the way is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mutoscope.compute.awaited import called
from mutoscope.direction.model import Direction
from mutoscope.images.plan import Plan
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.shot import Media, Shot
from mutoscope.steps import advised, directed, needed, opened, planned

if TYPE_CHECKING:
    from mutoscope.engines.door import Door
    from mutoscope.server.house import House


TAKEN_EVERYWHERE = ("JPEG", "PNG", "WebP")


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking at a shot's words and pictures gave, by the pictures' places."""

    direction: Direction
    plans: Mapping[int, Plan]
    lossless: Mapping[int, Path] = field(default_factory=dict)


async def prepare(house: House, held: Held) -> Change:
    """Raises BadImage, BadShot or ContractRefused for a picture that will not do."""
    job, shot = held.job, held.shot
    door = house.engines.get(job.engine)
    files = await asyncio.to_thread(paths, house, shot)
    folder = None if door.local else held.make_folder()
    seen: Seen = await called(house.probes, look, shot, files, folder, before(job.work))
    kept: dict[int, Media] = {}
    for place, path in seen.lossless.items():
        kept[place] = await asyncio.to_thread(house.media.put, path)
    reach("prepare.planned")
    work = job.work | {
        "direction": msgspec.to_builtins(seen.direction),
        "plans": msgspec.to_builtins({str(place): plan for place, plan in seen.plans.items()}),
        "prepared": msgspec.to_builtins({str(place): media for place, media in kept.items()}),
    }
    return Change(
        stage=way(door),
        work=work,
        warnings=(*job.warnings, *advised(seen.direction, seen.plans.values())),
        uses=tuple(kept.values()),
    )


def way(door: Door) -> str:
    """The stage in which the engine films."""
    if not door.local:
        return "submit"
    return "generate" if door.device else "render"


def before(work: Mapping[str, Any]) -> Direction | str | None:
    """The direction, or else the prompt, of the film that is remixed."""
    held = work.get("before")
    return msgspec.convert(held, Direction) if isinstance(held, Mapping) else held


def look(
    shot: Shot,
    files: Mapping[str, Path],
    folder: Path | None,
    before: Direction | str | None = None,
) -> Seen:
    """In a process beside the server. Where there is a `folder`, each picture is also put there as the
    lossless file of exactly the shot's size that an engine elsewhere is sent; but for one that needs
    nothing done to it, which is sent as it came."""
    direction = directed(shot, before)
    photos = opened(shot, files)
    plans = planned(shot, photos)
    if folder is None:
        return Seen(direction, plans)
    from mutoscope.images.encode import encoded
    from mutoscope.images.fit import fitted

    lossless: dict[int, Path] = {}
    for place, photo in photos.items():
        if plans[place].whole and not photo.notes and photo.format in TAKEN_EVERYWHERE:
            continue
        lossless[place] = folder / f"{place}.png"
        lossless[place].write_bytes(encoded(fitted(photo, plans[place])[0], "png"))
    return Seen(direction, plans, lossless)


def paths(house: House, shot: Shot) -> dict[str, Path]:
    """The files of everything that the shot names, by SHA-256. Raises MediaMissing."""
    return {media.sha256: house.media.path(media) for media in needed(shot)}
