"""/v1/videos/characters: create from a clip, retrieve; list and delete beyond the service's own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.characters.consent import Consent
from mutoscope.characters.making import Making, Wish
from mutoscope.characters.model import Character, checked_description, checked_name
from mutoscope.characters.showing import origin_shown, standing
from mutoscope.characters.store import Characters
from mutoscope.dialects.openai.answers import answer
from mutoscope.dialects.shared import fields, references
from mutoscope.dialects.shared.answers import caller, hosts, idempotency_key, listing, retried
from mutoscope.dialects.shared.finding import Finder
from mutoscope.dialects.shared.material import material
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Notice, Problem
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal
from mutoscope.storage.files import Files

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
    faces: bool | UnsetType | None = UNSET
    consent: Consent | None = None
    origin: dict[str, Any] | UnsetType = UNSET
    warnings: tuple[Notice, ...] | UnsetType = UNSET
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
        faces=one.faces if one.frames else UNSET,
        consent=one.consent,
        origin=origin_shown(one.origin) or UNSET,
        warnings=standing(one, time.time()) or UNSET,
        error=one.error or UNSET,
    )


def no_character(id: str) -> Refusal:
    return Refusal(f"Character with id '{id[:80]}' not found.", status=404, code="not_found")


class Handlers:
    """Each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.making = Making(house)
        self.store = Characters(house.records)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        given = {name: value for name, value in body.fields.items() if value is not None}
        if "name" not in given:
            raise fields.missing("name", "what prompts call the character, such as Mossy")
        name = checked_name(given["name"])
        description = checked_description(given.get("description", ""))
        field, clip = self._clip(given)
        finder = Finder(self.house, self.files, caller(request), hosts(request, self.house))
        one = await self.making.make(
            Wish(
                caller=caller(request),
                dialect=DIALECT,
                name=name,
                description=description,
                film=material(field, await finder.clip(field, clip), clip),
                idempotency_key=idempotency_key(request),
                fingerprint=body.fingerprint,
                retried=retried(request),
            )
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
        id = request.path_params["character_id"]
        if not await self.making.delete(id, caller(request).project):
            raise no_character(id)
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
