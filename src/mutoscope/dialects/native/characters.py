"""/mutoscope/characters: made, listed, edited, deleted; carried away as one file, and taken in again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.characters import consent as consents
from mutoscope.characters.making import Making, Wish
from mutoscope.characters.model import Character, checked_description, checked_name
from mutoscope.characters.store import Characters
from mutoscope.dialects.native import reading
from mutoscope.dialects.native.carrying import Carrying
from mutoscope.dialects.native.showing import PATH, no_character, shown
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.answers import (
    Signer,
    answer,
    caller,
    hosts,
    idempotency_key,
    listing,
    retried,
)
from mutoscope.dialects.shared.finding import Finder
from mutoscope.server.body import read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal
from mutoscope.server.routing import route
from mutoscope.storage.files import Files

if TYPE_CHECKING:
    from mutoscope.server.house import House

DIALECT = "native"
MOST_LISTED, USUALLY_LISTED = 100, 20


class Handlers:
    """Each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.making = Making(house)
        self.store = Characters(house.records)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house, reading.PICTURES)
        given = {name: value for name, value in body.fields.items() if value is not None}
        reading.known(given, reading.CREATE)
        if "name" not in given:
            raise fields.missing("name", "what prompts call the character, such as Mossy")
        name, description = checked_name(given["name"]), given.get("description", "")
        consent = consents.read(given["consent"]) if "consent" in given else None
        part = reading.part(given)
        finder = Finder(self.house, self.files, caller(request), hosts(request, self.house))
        wish = Wish(
            caller=caller(request),
            dialect=DIALECT,
            name=name,
            description=checked_description(description),
            consent=consent,
            film=await reading.film(given, finder),
            part=part,
            pictures=await reading.pictures(given, finder),
            idempotency_key=idempotency_key(request),
            fingerprint=body.fingerprint,
            retried=retried(request),
        )
        return answer(shown(await self.making.make(wish), self._sign(request)))

    async def list(self, request: Request) -> Response:
        limit, order, after = listing(request, MOST_LISTED, USUALLY_LISTED)
        found = await self.store.page(
            caller(request).project,
            after=after,
            limit=limit or 1,
            order=order,
            search=request.query_params.get("q", "")[:200],
        )
        if found is None:
            raise Refusal(
                f"Invalid 'after': no character has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        sign = self._sign(request)
        data = [shown(one, sign) for one in found.characters] if limit else []
        return answer(
            {
                "object": "list",
                "data": data,
                "first_id": data[0].id if data else None,
                "last_id": data[-1].id if data else None,
                "has_more": found.has_more if limit else bool(found.characters),
            }
        )

    async def retrieve(self, request: Request) -> Response:
        return answer(shown(await self._found(request), self._sign(request)))

    async def edit(self, request: Request) -> Response:
        await self._found(request)  # an unknown one is a 404, whatever the body holds
        change = reading.edit((await read_body(request, self.house)).fields)
        one = await self.store.edit(_id(request), caller(request).project, change)
        if one is None:
            raise no_character(_id(request))
        return answer(shown(one, self._sign(request)))

    async def delete(self, request: Request) -> Response:
        id = _id(request)
        if not await self.making.delete(id, caller(request).project):
            raise no_character(id)
        return answer({"id": id, "object": "character.deleted", "deleted": True})

    async def frame(self, request: Request) -> Response:
        return await self._frame(request, cutout=False)

    async def cutout(self, request: Request) -> Response:
        return await self._frame(request, cutout=True)

    def _sign(self, request: Request) -> Signer:
        return Signer(self.house, request.scope)

    async def _found(self, request: Request) -> Character:
        one = await self.store.get(_id(request), caller(request).reads)
        if one is None:
            raise no_character(_id(request))
        return one

    async def _frame(self, request: Request, *, cutout: bool) -> Response:
        one, n = await self._found(request), request.path_params["n"]
        if n >= len(one.frames):
            raise Refusal(
                f"character '{one.id}' has {len(one.frames)} frames, counted from 0",
                status=404,
                code="not_found",
            )
        frame = one.frames[n]
        media = frame.matte if cutout else frame.media
        return content(
            request,
            await asyncio.to_thread(self.house.media.path, media),
            media_type=media.type,
            filename=f"{one.id}-{n}{'-cutout' if cutout else ''}.{'png' if cutout else 'jpg'}",
            etag=media.sha256,
            inline=True,
        )


def _id(request: Request) -> str:
    id: str = request.path_params["character_id"]
    return id


def routes(house: House) -> list[Route]:
    """`import` stands before what would take it for an id."""
    on, carrying = Handlers(house), Carrying(house)
    one = f"{PATH}/{{character_id}}"
    return [
        route(PATH, {"GET": on.list, "POST": on.create}),
        route(f"{PATH}/import", {"POST": carrying.take_in}),
        route(one, {"GET": on.retrieve, "PATCH": on.edit, "DELETE": on.delete}),
        route(f"{one}/export", {"GET": carrying.export}),
        route(f"{one}/frames/{{n:int}}", {"GET": on.frame}),
        route(f"{one}/frames/{{n:int}}/cutout", {"GET": on.cutout}),
    ]
