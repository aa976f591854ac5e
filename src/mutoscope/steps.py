"""The steps of a shot that the command line and the server share, as functions of values.

    directed → opened → planned → ordered → (the engine) → extra, reported

`shoot` calls them one after another; the server's stages call each where it belongs, those that look
at pixels in a process beside it. Whether the contract lets a shot pass is `engines.admission`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.clip import Report
from mutoscope.direction.model import Direction
from mutoscope.engines.base import CastMember, Footage, Order, Still
from mutoscope.images.plan import Plan
from mutoscope.jobs.job import Notice
from mutoscope.shot import Kind, Media, Shot

if TYPE_CHECKING:
    from mutoscope.images.decode import Photo


def directed(shot: Shot, before: Direction | str | None = None) -> Direction:
    """The shot's direction: as given, or read from the prompt. A remix changes the direction (or prompt)
    of the film `before` it only in what its own prompt speaks of."""
    if shot.direction is not None:
        return shot.direction
    if shot.kind is Kind.REMIX and before is not None:
        from mutoscope.direction.merge import remix_direction

        return remix_direction(before, shot.prompt, shot.seconds)
    from mutoscope.direction.parse import direct

    return direct(shot.prompt, seconds=shot.seconds, film=shot.kind is not Kind.CREATE)


def pictures(shot: Shot) -> dict[int, Media]:
    """The shot's pictures by their place among its anchors; a film to go by is none."""
    return {at: one.media for at, one in enumerate(shot.anchors) if not one.film}


def films(shot: Shot) -> dict[int, Media]:
    """The film that the shot starts from, and those that it goes by, by their place."""
    found = pictures(shot)
    return {at: one.media for at, one in enumerate(shot.anchors) if at not in found}


def needed(shot: Shot) -> tuple[Media, ...]:
    """Every medium that the shot names, once."""
    masks = (region.mask for region in shot.regions if region.mask is not None)
    tracks = (track.media for track in shot.tracks)
    return tuple(dict.fromkeys((*(anchor.media for anchor in shot.anchors), *masks, *tracks)))


def opened(shot: Shot, files: Mapping[str, Path]) -> dict[int, Photo]:
    """Each picture, its header read. `files` maps a medium's SHA-256 to its file. Raises BadImage."""
    from mutoscope.images.decode import open_photo

    return {at: open_photo(files[media.sha256]) for at, media in pictures(shot).items()}


def planned(shot: Shot, photos: Mapping[int, Photo]) -> dict[int, Plan]:
    """Where the pixels of each picture land in the frame. Raises BadShot, BadImage, ContractRefused."""
    from mutoscope.images.framing import framed

    return {at: framed(photo, shot, shot.anchors[at]) for at, photo in photos.items()}


def ordered(
    shot: Shot,
    direction: Direction,
    folder: Path,
    files: Mapping[str, Path],
    plans: Mapping[int, Plan],
    *,
    prepared: Mapping[int, Path] | None = None,
    cast: Mapping[str, CastMember] | None = None,
    key: str = "",
    deadline: float | None = None,
) -> Order:
    """The order for an engine. `prepared` are the lossless files of stills, for engines that send them."""
    lossless = prepared or {}
    return Order(
        shot=shot,
        direction=direction,
        folder=folder,
        stills={
            at: Still(files[media.sha256], plans[at], lossless.get(at))
            for at, media in pictures(shot).items()
        },
        masks={
            at: files[region.mask.sha256]
            for at, region in enumerate(shot.regions)
            if region.mask is not None
        },
        clips={at: files[media.sha256] for at, media in films(shot).items()},
        tracks={at: files[track.media.sha256] for at, track in enumerate(shot.tracks)},
        cast=cast or {},
        key=key,
        deadline=deadline,
    )


def extra(kind: str, film: Path, out: Path, fps: float | None = None) -> Path:
    """One of a film's extras (preview, thumbnail, spritesheet, sheet) as `out`; `fps` of the film, which
    not every format says exactly. Raises CannotWrite."""
    from mutoscope.finish.extras import MAKERS
    from mutoscope.finish.rate import exact

    MAKERS[kind](film, out, None if fps is None else exact(fps))
    return out


def reported(footage: Footage, plans: Iterable[Plan]) -> Report:
    """Every instruction under what became of it, and what was done to the pictures."""
    image = dict.fromkeys(note for plan in plans for note in plan.notes)
    return Report.of(footage.instructions, tuple(image), footage.notes)


def advised(direction: Direction, plans: Iterable[Plan]) -> tuple[Notice, ...]:
    """What the caller should know of the pictures and of the words."""
    return (
        *(
            Notice(code="picture", message=text, field="photo")
            for plan in plans
            for text in plan.warnings
        ),
        *(Notice(code=one.code, message=one.message, field="prompt") for one in direction.advice),
    )
