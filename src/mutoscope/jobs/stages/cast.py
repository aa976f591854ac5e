"""cast: the shot waits until its characters are ready, and takes along what engines take of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from mutoscope.characters.admission import agreed
from mutoscope.characters.store import Character, Characters
from mutoscope.engines.admission import castable
from mutoscope.engines.base import CastMember
from mutoscope.errors import BadInput
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.shot import Media, Role, Shot

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Seconds after which to look again at a character that is being prepared.
LOOK_AGAIN = 0.5
#: Reference frames of each character that an engine is given.
MOST_FRAMES = 3


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A character as the job keeps it: the values of `engines.base.CastMember`, files as media."""

    id: str
    name: str
    description: str = ""
    cutouts: tuple[Media, ...] = ()
    pictures: tuple[Media, ...] = ()
    clip: Media | None = None
    strength: float = 1.0

    @property
    def media(self) -> tuple[Media, ...]:
        """All that must be kept for it."""
        return (*self.cutouts, *self.pictures, *([self.clip] if self.clip is not None else []))


async def cast(house: House, held: Held) -> Change:
    """Raises BadInput where a character was deleted or came to nothing, ContractRefused where the engine
    can take one in no form, BadInput (moderation_blocked) where the owner's policy does not let one."""
    job = held.job
    wanted: dict[str, str] = job.work.get("characters", {})
    if not wanted:
        return Change(stage="prepare")
    store = Characters(house.records)
    found = {name: await store.get(id, job.project) for name, id in wanted.items()}
    for name, one in found.items():
        _refuse(name, one)
    if any(one is not None and one.status == "preparing" for one in found.values()):
        return Change(stage="cast", wait=LOOK_AGAIN)
    cast = {name: _written(one, held.shot) for name, one in found.items() if one is not None}
    castable({name: one.description for name, one in cast.items()}, job.engine, house.engines)
    # again, for one that was still being prepared at the desk: nobody had seen its face by then
    compat = str(job.work.get("compat") or house.settings.server.compat)
    told = agreed(
        house, [one for one in found.values() if one is not None], held.shot, job.engine, compat
    )
    media: tuple[Media, ...] = tuple({one for kept in cast.values() for one in kept.media})
    reach("cast.found")
    work = job.work | {"cast": msgspec.to_builtins(cast)}
    warnings = tuple(dict.fromkeys((*job.warnings, *told)))
    return Change(stage="prepare", work=work, uses=media, warnings=warnings)


def written(work: Mapping[str, object]) -> dict[str, Written]:
    """The cast that the stage left in a job's work, by the names within the shot.

    The first release kept each one's cut-outs alone; a job that it began is gone on with."""
    kept = msgspec.convert(work.get("cast", {}), dict[str, Written | tuple[Media, ...]])
    ids = msgspec.convert(work.get("characters", {}), dict[str, str])
    return {
        name: one
        if isinstance(one, Written)
        else Written(id=ids.get(name, ""), name=name, cutouts=one)
        for name, one in kept.items()
    }


def member(house: House, one: Written) -> CastMember:
    """The character for an engine, its files at hand. Raises MediaMissing."""
    return CastMember(
        name=one.name,
        description=one.description,
        cutouts=tuple(map(house.media.path, one.cutouts)),
        pictures=tuple(map(house.media.path, one.pictures)),
        clip=house.media.path(one.clip) if one.clip is not None else None,
        strength=one.strength,
        id=one.id,
    )


def _written(one: Character, shot: Shot) -> Written:
    frames = one.frames[:MOST_FRAMES]
    source = one.source
    return Written(
        id=one.id,
        name=one.name,
        description=one.description,
        cutouts=tuple(frame.matte for frame in frames),
        pictures=tuple(frame.media for frame in frames),
        clip=source if source is not None and source.type.startswith("video/") else None,
        strength=_strength(one, shot),
    )


def _strength(one: Character, shot: Shot) -> float:
    """How much the shot lets a character's own clip or frame count, where it points at that besides."""
    own = {one.source, *(frame.media for frame in one.frames)}
    return next(
        (
            anchor.strength
            for anchor in shot.anchors
            if anchor.role is Role.REFERENCE and anchor.media in own
        ),
        1.0,
    )


def _refuse(name: str, one: Character | None) -> None:
    if one is None:
        raise BadInput(
            f"Character '{name}' was deleted before the shot was made",
            field="characters",
            code="not_found",
            hint="make it again, and create the shot anew",
        )
    if one.status == "failed":
        why = one.error.message if one.error is not None else "it could not be prepared"
        raise BadInput(
            f"Character '{name}' cannot be used: {why}",
            field="characters",
            code="character_failed",
            hint=one.error.hint if one.error is not None else "",
        )
