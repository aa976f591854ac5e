"""cast: the shot waits until its characters are ready, and takes the best of their frames along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mutoscope.characters.store import Character, Characters
from mutoscope.errors import BadInput
from mutoscope.jobs.failpoints import reach
from mutoscope.jobs.held import Held
from mutoscope.jobs.job import Change
from mutoscope.shot import Media

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Seconds after which to look again at a character that is being prepared.
LOOK_AGAIN = 0.5
#: Cut-outs of each character that an engine is given.
MOST_FRAMES = 3


async def cast(house: House, held: Held) -> Change:
    """Raises BadInput where a character was deleted or came to nothing."""
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
    cast = {
        name: tuple(frame.matte for frame in one.frames[:MOST_FRAMES])
        for name, one in found.items()
        if one is not None
    }
    media: tuple[Media, ...] = tuple({one for kept in cast.values() for one in kept})
    reach("cast.found")
    work = job.work | {"cast": msgspec.to_builtins(cast)}
    return Change(stage="prepare", work=work, uses=media)


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
