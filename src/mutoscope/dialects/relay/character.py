"""A character on the wire of relays."""

from __future__ import annotations

import time

import msgspec
from msgspec import UNSET, UnsetType

from mutoscope.characters.model import Character
from mutoscope.characters.names import mention
from mutoscope.characters.showing import standing
from mutoscope.dialects.native.showing import PATH
from mutoscope.dialects.shared.told import Sign
from mutoscope.jobs.job import Notice, Problem

STATUSES = {"preparing": "processing", "ready": "completed", "failed": "failed"}


class CharacterShown(msgspec.Struct, frozen=True, kw_only=True):
    """`username` is what stands after the @ in a prompt, as the id may. Prompts may name a character
    that is still processing: its shot waits."""

    character_id: str
    id: str
    object: str = "character"
    name: str
    username: str
    description: str
    status: str
    created_at: int
    profile_picture_url: str | None
    error: Problem | None
    warnings: tuple[Notice, ...] | UnsetType = UNSET


class CharactersShown(msgspec.Struct, frozen=True, kw_only=True):
    """A page of characters."""

    characters: list[CharacterShown]
    has_more: bool


def shown(one: Character, sign: Sign, notices: tuple[Notice, ...] = ()) -> CharacterShown:
    """The character as its clients see it; `notices` are of this request."""
    return CharacterShown(
        character_id=one.id,
        id=one.id,
        name=one.name,
        username=mention(one.name).removeprefix("@"),
        description=one.description,
        status=STATUSES[one.status],
        created_at=int(one.created),
        profile_picture_url=sign(f"{PATH}/{one.id}/frames/0") if one.frames else None,
        error=one.error,
        warnings=(*notices, *standing(one, time.time())) or UNSET,
    )
