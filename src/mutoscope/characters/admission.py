"""The cast of a shot, told when it is handed in: who is meant, and what cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mutoscope.characters.names import Found, find
from mutoscope.characters.store import PREFIX, Character, Characters
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Notice
from mutoscope.shot import Kind, Shot

CASTING = (Kind.CREATE, Kind.REMIX)


@dataclass(frozen=True, slots=True)
class Cast:
    """`shot` has its cast's names, and its prompt names them as the direction parser reads them; `work`
    is what the stage `cast` goes by."""

    shot: Shot
    work: dict[str, Any]
    notices: tuple[Notice, ...] = ()


async def cast_of(store: Characters, project: str, shot: Shot) -> Cast:
    """The cast of a shot whose `cast` holds the ids or names that its request listed, and whose prompt
    may name more. Raises BadInput (field "cast") for an id or a listed name that the project has not,
    or a character that could not be prepared."""
    if shot.kind not in CASTING:
        return _without(shot)
    if not shot.cast and "@" not in shot.prompt and not await store.any(project):
        return Cast(shot, {})
    known = await store.named(project)
    if not known and not shot.cast and "@" not in shot.prompt:
        return Cast(shot, {})
    listed = [_listed(one, place, known) for place, one in enumerate(shot.cast)]
    usable = [one for one in known if one.status != "failed"]
    spoiled = [one for one in known if one.status == "failed"]
    found = find(shot.prompt, (*usable, *spoiled), listed)
    by_id = {one.id: one for one in known}
    for member in found.members:
        _refuse_failed(by_id[member.id])
    return Cast(
        replace(shot, prompt=found.prompt, cast=tuple(one.name for one in found.members)),
        {"characters": {one.name: one.id for one in found.members}} if found.members else {},
        _notices(found),
    )


def _without(shot: Shot) -> Cast:
    if not shot.cast:
        return Cast(shot, {})
    told = (
        f"characters take part in videos that are created; an {shot.kind} keeps who is in its clip"
    )
    return Cast(replace(shot, cast=()), {}, (Notice(code="ignored", message=told, field="cast"),))


def _listed(name: str, place: int, known: Sequence[Character]) -> Character:
    """The character that an entry of the request's list means: by its id, else by its name."""
    wanted = name.removeprefix("@")
    for one in known:
        if one.id == wanted:
            return one
    alike = [one for one in known if one.name.casefold() == wanted.casefold()]
    if alike:
        return next((one for one in alike if one.status != "failed"), alike[0])
    what = "id" if wanted.startswith(PREFIX) else "name"
    raise BadInput(
        f"Character with {what} '{wanted[:80]}' not found.",
        field="cast",
        code="not_found",
        hint="GET /v1/videos/characters lists this project's characters; make one by POST to the same",
    )


def _refuse_failed(one: Character) -> None:
    if one.status != "failed":
        return
    why = one.error.message if one.error is not None else "it could not be prepared"
    raise BadInput(
        f"Character '{one.name}' cannot be used: {why}",
        field="cast",
        code="character_failed",
        hint="delete it and make it again from another clip",
    )


def _notices(found: Found) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            code="unknown_character",
            message=f"{name} is no character of this project; it was read as words",
            field="prompt",
        )
        for name in found.unknown
    )
