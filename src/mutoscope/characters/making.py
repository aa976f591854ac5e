"""A character comes into being: what it is made from is looked at, and its job written down.

Every dialect that makes characters comes in here, as every one that makes films comes to the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from mutoscope.characters.consent import Consent
from mutoscope.characters.model import PREFIX, Character, Kind, Origin
from mutoscope.characters.store import Characters
from mutoscope.characters.work import Part
from mutoscope.compute.awaited import called
from mutoscope.errors import BadInput, MutoscopeError
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import NewJob
from mutoscope.server.errors import Refusal
from mutoscope.shot import Media
from mutoscope.storage.ids import new_id

if TYPE_CHECKING:
    from mutoscope.server.callers import Caller
    from mutoscope.server.house import House

MOST_PICTURES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A film or picture that a character is made from: `media` is here, or is still to be fetched from
    `url`. `field` names it on the wire; `job` is the video whose film it is."""

    field: str
    media: Media | None = None
    url: str = ""
    job: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A character that is asked for: of a `film`, or of that `part` of it, or of `pictures`. Name,
    description and consent were checked."""

    caller: Caller
    dialect: str
    name: str
    description: str = ""
    consent: Consent | None = None
    film: Material | None = None
    part: Part | None = None
    pictures: tuple[Material, ...] = ()
    idempotency_key: str | None = None
    fingerprint: str | None = None
    retried: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture that is here, or at an address."""

    media: Media | None = None
    url: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a character's job goes by, as its row keeps it."""

    name: str
    description: str = ""
    source: Media | None = None
    url: str = ""
    part: Part | None = None
    pictures: tuple[Place, ...] = ()
    origin: Origin | None = None
    consent: Consent | None = None


class Making:
    """See the module."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.store = Characters(house.records)

    async def make(self, wish: Wish) -> Character:
        """The character that is made, "preparing", or that this request made before. Raises BadInput for
        what can be told at once, Refusal for a limit."""
        await asyncio.gather(*(self._look(one, "video") for one in _given(wish.film)))
        if len(wish.pictures) > MOST_PICTURES:
            raise BadInput(
                f"{len(wish.pictures)} pictures were sent; a character is made from at most "
                f"{MOST_PICTURES}",
                field=wish.pictures[0].field.partition("[")[0],
                code="invalid_value",
            )
        await asyncio.gather(*(self._look(one, "image") for one in wish.pictures))
        await self.desk.within_limits(wish.caller)
        placed = await self.desk.write(_job(wish), wish.retried)
        if not placed.fresh:
            made = await self.store.get(placed.job.id, placed.job.project)
            if made is not None:
                return made
            if placed.job.due is None or placed.job.cancel_requested:
                raise Refusal(
                    "the character that this request made before was deleted",
                    status=409,
                    code="character_deleted",
                    hint="send the request with another Idempotency-Key",
                    headers={"x-should-retry": "false"},
                )
        work = msgspec.convert(placed.job.work, Work)
        return await self.store.create(
            placed.job.id,
            placed.job.project,
            work.name,
            work.description,
            work.source,
            origin=work.origin,
            consent=work.consent,
        )

    async def delete(self, id: str, project: str) -> bool:
        """Delete a character with its files, also one that is still being prepared. Whether the project
        had it."""
        job = await self.desk.get(id, project, "character")
        if job is not None and job.due is not None:
            await self.desk.delete(job)  # first: what runs could write it down anew
        unneeded = await self.store.delete(id, project)
        if unneeded is None:
            return False
        if job is not None and job.due is None:
            await self.desk.delete(job)
        await self.desk.retire(unneeded)
        return True

    async def _look(self, one: Material, kind: str) -> None:
        """Refuse at once what is here and is no film, or no picture; a process beside this one looks."""
        from mutoscope.finish.probe import probe

        if one.media is None:
            return
        path = await asyncio.to_thread(self.house.media.path, one.media)
        if one.media.type.startswith(f"{kind}/"):
            try:
                seen = await called(self.house.probes, probe, path)
            except MutoscopeError as error:
                error.field = error.field or one.field
                raise
            if seen.kind == kind:
                return
        what, forms = {
            "video": ("film", "MP4, MOV, WebM, Matroska or AVI"),
            "image": ("picture", "JPEG, PNG, WebP or AVIF"),
        }[kind]
        raise BadInput(
            f"{one.field} is {one.media.type}, no {what}; a character is made from {forms}",
            field=one.field,
            code=f"invalid_{kind}",
        )


def _given(film: Material | None) -> tuple[Material, ...]:
    return () if film is None else (film,)


def _job(wish: Wish) -> NewJob:
    film = wish.film
    materials = (*_given(film), *wish.pictures)
    work = Work(
        name=wish.name,
        description=wish.description,
        source=film.media if film is not None else None,
        url=film.url if film is not None else "",
        part=wish.part,
        pictures=tuple(Place(media=one.media, url=one.url) for one in wish.pictures),
        origin=_origin(wish, materials),
        consent=wish.consent,
    )
    return NewJob(
        id=new_id(PREFIX),
        object="character",
        project=wish.caller.project,
        key_id=wish.caller.key_id,
        dialect=wish.dialect,
        kind="character",
        model="character",
        engine="house",
        stage="fetch" if any(one.url for one in materials) else "frames",
        asked={"name": wish.name},
        work=msgspec.to_builtins(work),
        idempotency_key=wish.idempotency_key,
        fingerprint=wish.fingerprint,
        uses=tuple(one.media for one in materials if one.media is not None),
    )


def _origin(wish: Wish, materials: Iterable[Material]) -> Origin:
    film = wish.film
    kind: Kind = "pictures"
    if film is not None:
        kind = "job" if film.job else "url" if film.url else "upload"
    return Origin(
        kind=kind,
        url=bare(film.url) if film is not None else "",
        job=film.job if film is not None else "",
        filenames=tuple(one.filename for one in materials if one.filename),
        part=wish.part,
        pictures=tuple(one.media for one in wish.pictures if one.media is not None),
    )


def bare(url: str) -> str:
    """An address without what may be a secret in it: its user, its query and its fragment."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
