"""/v1/videos/characters: create from a clip, retrieve; list and delete beyond the service's own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.characters.store import (
    MAX_DESCRIPTION,
    PREFIX,
    Character,
    Characters,
    checked_name,
)
from mutoscope.compute.awaited import called
from mutoscope.dialects.openai.answers import answer
from mutoscope.dialects.shared import fields, references
from mutoscope.dialects.shared.answers import caller, hosts, idempotency_key, listing, retried
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.making import Found
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import NewJob, Problem
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal
from mutoscope.storage.files import Files
from mutoscope.storage.ids import new_id

if TYPE_CHECKING:
    from mutoscope.server.house import House

DIALECT = "openai"
MOST_LISTED, USUALLY_LISTED = 100, 20
CLIPS = ("video", "video_url")


class ReferenceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A reference frame: seconds into the clip, the figure's box in fractions, scores 0..1."""

    at: float
    box: tuple[float, float, float, float]
    sharpness: float
    whole: float
    score: float


class CharacterObject(msgspec.Struct, frozen=True, kw_only=True):
    """The service's object: id, name and created_at; the rest is this house's."""

    id: str
    object: str = "character"
    name: str
    created_at: int
    status: str
    description: str | UnsetType = UNSET
    frames: tuple[ReferenceShown, ...] | UnsetType = UNSET
    error: Problem | UnsetType = UNSET


def shown(one: Character) -> CharacterObject:
    """The character as its clients see it."""
    frames = tuple(
        ReferenceShown(
            at=frame.at,
            box=frame.box,
            sharpness=frame.sharpness,
            whole=frame.whole,
            score=frame.score,
        )
        for frame in one.frames
    )
    return CharacterObject(
        id=one.id,
        name=one.name,
        created_at=int(one.created),
        status=one.status,
        description=one.description or UNSET,
        frames=frames or UNSET,
        error=one.error or UNSET,
    )


def no_character(id: str) -> Refusal:
    return Refusal(f"Character with id '{id[:80]}' not found.", status=404, code="not_found")


class Handlers:
    """Each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.store = Characters(house.records)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        given = {name: value for name, value in body.fields.items() if value is not None}
        if "name" not in given:
            raise fields.missing("name", "what prompts call the character, such as Mossy")
        name = checked_name(given["name"])
        description = fields.words("description", given.get("description", ""))
        if len(description) > MAX_DESCRIPTION:
            raise BadShot.of("description", description, f"at most {MAX_DESCRIPTION:,} characters")
        field, clip = self._clip(given)
        finder = Finder(self.house, self.files, caller(request), hosts(request, self.house))
        found = await finder.clip(field, clip)
        await self._look(field, found)
        await self.desk.within_limits(caller(request))
        placed = await self.desk.write(
            self._job(request, name, description, found, body.fingerprint), retried(request)
        )
        one = await self.store.create(
            placed.job.id,
            placed.job.project,
            placed.job.work["name"],
            placed.job.work["description"],
            None if found.url else found.media,
        )
        return answer(shown(one))

    async def retrieve(self, request: Request) -> Response:
        id = request.path_params["character_id"]
        one = await self.store.get(id, caller(request).project)
        if one is None:
            raise no_character(id)
        return answer(shown(one))

    async def list(self, request: Request) -> Response:
        limit, order, after = listing(request, MOST_LISTED, USUALLY_LISTED)
        found = await self.store.page(
            caller(request).project, after=after, limit=limit or 1, order=order
        )
        if found is None:
            raise Refusal(
                f"Invalid 'after': no character has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        data = [shown(one) for one in found.characters] if limit else []
        return answer(
            {
                "object": "list",
                "data": data,
                "first_id": data[0].id if data else None,
                "last_id": data[-1].id if data else None,
                "has_more": found.has_more if limit else bool(found.characters),
            }
        )

    async def delete(self, request: Request) -> Response:
        id, project = request.path_params["character_id"], caller(request).project
        unneeded = await self.store.delete(id, project)
        if unneeded is None:
            raise no_character(id)
        job = await self.house.ledger.get(id, project)
        if job is not None:
            await self.desk.delete(job)
        await self.desk.retire(unneeded)
        return answer({"id": id, "object": "character.deleted", "deleted": True})

    def _clip(self, given: dict[str, Any]) -> tuple[str, references.Reference]:
        sent = [name for name in CLIPS if name in given]
        if not sent:
            raise fields.missing("video", "a clip of 2 to 4 seconds in which one figure stands out")
        if len(sent) > 1:
            raise BadInput(
                "'video' and 'video_url' were both sent; a character is made from one clip",
                field="video_url",
                code="invalid_value",
            )
        (field,) = sent
        read = references.clip if field == "video" else references.link
        return field, read(field, given[field])

    async def _look(self, field: str, found: Found) -> None:
        """Refuse at once what is here and no film; a process beside this one looks into it."""
        from mutoscope.finish.probe import probe

        if found.url:
            return
        path = await asyncio.to_thread(self.house.media.path, found.media)
        if found.media.type.startswith("video/"):
            seen = await called(self.house.probes, probe, path)
            if seen.kind == "video":
                return
        raise BadInput(
            f"{field} is {found.media.type}, no film; a character is made from MP4, MOV, WebM, "
            "Matroska or AVI",
            field=field,
            code="invalid_video",
        )

    def _job(
        self, request: Request, name: str, description: str, found: Found, fingerprint: str
    ) -> NewJob:
        source = {} if found.url else {"source": msgspec.to_builtins(found.media)}
        pending = {"url": found.url} if found.url else {}
        who = caller(request)
        return NewJob(
            id=new_id(PREFIX),
            object="character",
            project=who.project,
            key_id=who.key_id,
            dialect=DIALECT,
            kind="character",
            model="character",
            engine="house",
            stage="fetch" if found.url else "frames",
            asked={"name": name},
            work={"name": name, "description": description, **source, **pending},
            idempotency_key=idempotency_key(request),
            fingerprint=fingerprint,
            uses=() if found.url else (found.media,),
        )


def routes(house: House) -> list[Route]:
    """They stand before `/v1/videos/{video_id}`, which would take "characters" for a video."""
    on = Handlers(house)

    async def many(request: Request) -> Response:
        return await (on.create if request.method == "POST" else on.list)(request)

    async def one(request: Request) -> Response:
        return await (on.delete if request.method == "DELETE" else on.retrieve)(request)

    return [
        Route("/v1/videos/characters", many, methods=["GET", "POST"]),
        Route("/v1/videos/characters/{character_id}", one, methods=["GET", "DELETE"]),
    ]
