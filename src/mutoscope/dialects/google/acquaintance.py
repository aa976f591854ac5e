"""Reference images that are a character's own frames: whoever sends one means that character.

The picture is known by its bytes. The character is then cast, and each engine gets it in the form that it
takes; the picture itself is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mutoscope.characters.model import PREFIX, Character
from mutoscope.characters.store import Characters
from mutoscope.dialects.shared.naming import renamed
from mutoscope.errors import MutoscopeError
from mutoscope.jobs.job import Notice
from mutoscope.jobs.placing import UNKNOWN, Placing
from mutoscope.shot import Anchor, Kind, Role
from mutoscope.storage.tables import media_uses

if TYPE_CHECKING:
    from mutoscope.dialects.shared.creating import Ask, Creating
    from mutoscope.jobs.desk import Placed
    from mutoscope.server.house import House


async def place(creating: Creating, ask: Ask) -> Placed:
    """`Creating.place`, for a request whose reference images may be characters'."""
    try:
        placing = await creating.placing(ask)
        return await creating.desk.place(await acquainted(creating.house, placing))
    except MutoscopeError as error:
        renamed(error, ask.names)
        raise


async def acquainted(house: House, placing: Placing) -> Placing:
    """The same with the characters that its reference images are frames of in its cast."""
    shot = placing.shot
    asked = [anchor for anchor in shot.anchors if _may_be(anchor)]
    if shot.kind is not Kind.CREATE or not asked:
        return placing
    store = Characters(house.records)
    project = placing.caller.project
    if not await store.any(project):
        return placing
    shown = {anchor.media.sha256 for anchor in asked}
    ids = await house.records.read(lambda connection: _owners(connection, shown))
    known = _by_picture(await store.several(ids, project))
    met = {
        number: known[anchor.media.sha256]
        for number, anchor in enumerate(shot.anchors)
        if _may_be(anchor) and anchor.media.sha256 in known
    }
    return _with(placing, met) if met else placing


def _may_be(anchor: Anchor) -> bool:
    return anchor.role is Role.REFERENCE and anchor.media.type not in UNKNOWN


def _owners(connection: Connection, pictures: Iterable[str]) -> Sequence[str]:
    """The ids of characters, anybody's, that keep one of the pictures."""
    of = select(media_uses.c.owner).where(media_uses.c.sha256.in_(list(pictures)))
    mine = of.where(media_uses.c.owner.startswith(PREFIX, autoescape=True))
    return list(connection.execute(mine.distinct()).scalars())


def _by_picture(characters: Iterable[Character]) -> dict[str, Character]:
    """The newest character that has a picture among its reference frames."""
    ordered = sorted(characters, key=lambda one: one.id)
    return {
        media.sha256: one
        for one in ordered
        if one.status == "ready"
        for frame in one.frames
        for media in (frame.media, frame.matte)
    }


def _with(placing: Placing, met: dict[int, Character]) -> Placing:
    shot = placing.shot
    kept = [number for number in range(len(shot.anchors)) if number not in met]
    cast = dict.fromkeys((*shot.cast, *(one.id for one in met.values())))
    notices = tuple(
        Notice(
            code="character",
            field=placing.name(number),
            message=f"{placing.name(number)} is a frame of the character {one.name}, who is cast",
        )
        for number, one in met.items()
    )
    return replace(
        placing,
        shot=replace(
            shot, anchors=tuple(shot.anchors[number] for number in kept), cast=tuple(cast)
        ),
        fields=tuple(placing.name(number) for number in kept),
        pending={
            place: placing.pending[number]
            for place, number in enumerate(kept)
            if number in placing.pending
        },
        warnings=(*placing.warnings, *notices),
    )
