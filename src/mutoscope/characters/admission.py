"""The cast of a shot, told when it is handed in: who is meant, and what cannot be."""

from __future__ import annotations

import asyncio
import difflib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mutoscope.characters.consent import Policy, Use, permitted, told
from mutoscope.characters.names import WIDE_AT, find, mention
from mutoscope.characters.store import PREFIX, Character, Characters
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Notice
from mutoscope.shot import Kind, Shot

if TYPE_CHECKING:
    from mutoscope.server.house import House

CASTING = (Kind.CREATE, Kind.REMIX)
#: Names that a misspelt one is compared with, the newest first: each takes .02 ms.
_COMPARED = 2000


@dataclass(frozen=True, slots=True)
class Cast:
    """`shot` has its cast's names, and its prompt names them as the direction parser reads them; `work`
    is what the stage `cast` goes by; `characters` are those who are meant."""

    shot: Shot
    work: dict[str, Any]
    notices: tuple[Notice, ...] = ()
    characters: tuple[Character, ...] = ()


async def cast_of(store: Characters, project: str, shot: Shot) -> Cast:
    """The cast of a shot whose `cast` holds the ids or names that its request listed, and whose prompt
    may name more. Raises BadInput for an id or a listed name that the project has not (field "cast"), an
    @name that is nobody's (field "prompt"), or a character that could not be prepared."""
    if shot.kind not in CASTING:
        return _without(shot)
    asks = shot.cast or "@" in shot.prompt or WIDE_AT in shot.prompt
    if not asks and not await store.any(project):
        return Cast(shot, {})
    known = await store.named(project)
    if not known and not asks:
        return Cast(shot, {})
    listed = [_listed(one, place, known) for place, one in enumerate(shot.cast)]
    usable = [one for one in known if one.status != "failed"]
    spoiled = [one for one in known if one.status == "failed"]
    found = find(shot.prompt, (*usable, *spoiled), listed)
    if found.unknown:
        raise await asyncio.to_thread(_unknown, found.unknown, [one.name for one in usable])
    by_id = {one.id: one for one in known}
    for member in found.members:
        _refuse_failed(by_id[member.id])
    return Cast(
        replace(shot, prompt=found.prompt, cast=tuple(one.name for one in found.members)),
        {"characters": {one.name: one.id for one in found.members}} if found.members else {},
        characters=tuple(await store.several([one.id for one in found.members], project)),
    )


def agreed(
    house: House, characters: Sequence[Character], shot: Shot, engine: str, compat: str
) -> tuple[Notice, ...]:
    """What is said of those who take part in a shot that `engine` films: no consent, one that has ended,
    or one for other uses. Raises BadInput (moderation_blocked) where the owner's policy, or a vendor's
    name in compat=strict, does not let them."""
    if not characters:
        return ()
    policy: Policy = house.settings.characters.faces
    contract = house.engines.contract(shot.model)
    strict = compat == "strict" and contract is not None and not contract.native
    use: Use = "local" if house.engines.get(engine).local else "elsewhere"
    now = time.time()
    said = (
        permitted(told(one.name, one.faces, one.consent, use, now), policy, strict=strict)
        for one in characters
    )
    return tuple(notice for notices in said for notice in notices)


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
    near = [] if what == "id" else near_names(wanted, [one.name for one in known])
    mend = f"; did you mean {_either(near)}?" if near else ""
    raise BadInput(
        f"Character with {what} '{wanted[:80]}' not found{mend or '.'}",
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


def _unknown(unknown: Sequence[str], names: Sequence[str]) -> BadInput:
    """The error for @names that are nobody's, with those that are near."""
    said = []
    for one in unknown:
        near = [mention(name) for name in near_names(one[1:], names)]
        said.append(f"{one[:80]} (did you mean {_either(near)}?)" if near else one[:80])
    several = len(unknown) > 1
    if names:
        lead = "GET /mutoscope/characters lists those there are"
    else:
        lead = "it has none yet: POST /mutoscope/characters makes one of a clip or of pictures"
    return BadInput(
        f"{_both(said)} {'are no characters' if several else 'is no character'} of this project",
        field="prompt",
        code="unknown_character",
        hint=f"{lead}; text that is to be read in the picture goes in quotation marks",
    )


def near_names(word: str, names: Sequence[str]) -> list[str]:
    """Up to three of the names that are spelt much like a word, the nearest first."""
    spelt: dict[str, str] = {}
    for name in reversed(names[:_COMPARED]):  # of two alike, the newest
        as_mention = mention(name)[1:].casefold()
        spelt[as_mention.partition("_")[0]] = name
        spelt[as_mention] = name
    near = difflib.get_close_matches(mention(word)[1:].casefold(), list(spelt), n=6, cutoff=0.6)
    return list(dict.fromkeys(spelt[one] for one in near))[:3]


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _both(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
