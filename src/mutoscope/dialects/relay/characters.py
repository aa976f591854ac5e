"""/v1/sora/characters: made from a film, pictures or a finished task; listed, told of, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.characters import consent as consents
from mutoscope.characters.making import Making, Wish
from mutoscope.characters.model import checked_description, checked_name
from mutoscope.characters.store import Characters
from mutoscope.dialects.native import reading
from mutoscope.dialects.relay import introducing
from mutoscope.dialects.relay.asking import DIALECT
from mutoscope.dialects.relay.character import CharactersShown, shown
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
from mutoscope.dialects.shared.naming import renamed
from mutoscope.errors import BadInput, MutoscopeError
from mutoscope.jobs.desk import Desk
from mutoscope.server.body import Body, read_body
from mutoscope.server.errors import Refusal
from mutoscope.storage.files import Files

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 1000, 100


class Handlers:
    """Each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.making = Making(house)
        self.store = Characters(house.records)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        return await self._make(request, await read_body(request, self.house, ("images",)))

    async def extract(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        if not any(body.fields.get(name) for name in ("task_id", "from_task")):
            raise fields.missing("task_id", "the id of a finished task of /v1/sora/generate")
        if any(body.fields.get(name) for name in ("url", "video_url", "video", "file")):
            raise BadInput(
                "a character is extracted from a task alone; POST /v1/sora/characters takes a film",
                field="task_id",
                code="contradicting_fields",
            )
        return await self._make(request, body)

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
        sign = Signer(self.house, request.scope)
        characters = [shown(one, sign) for one in found.characters] if limit else []
        more = found.has_more if limit else bool(found.characters)
        return answer(CharactersShown(characters=characters, has_more=more))

    async def get(self, request: Request) -> Response:
        id = request.path_params["character_id"]
        one = await self.store.get(id, caller(request).reads)
        if one is None:
            raise no_character(id)
        return answer(shown(one, Signer(self.house, request.scope)))

    async def delete(self, request: Request) -> Response:
        id = request.path_params["character_id"]
        if not await self.making.delete(id, caller(request).project):
            raise no_character(id)
        return answer({"character_id": id, "id": id, "deleted": True})

    async def _make(self, request: Request, body: Body) -> Response:
        own, came, notices = introducing.read(body.fields)
        who = caller(request)
        if "job" in own and await self.desk.get(own["job"], who.project) is None:
            raise no_task(body.fields[came["job"]])
        finder = Finder(self.house, self.files, who, hosts(request, self.house))
        try:
            wish = Wish(
                caller=who,
                dialect=DIALECT,
                name=checked_name(own["name"]),
                description=checked_description(own.get("description", "")),
                consent=consents.read(own["consent"]) if "consent" in own else None,
                film=await reading.film(own, finder),
                part=reading.part(own),
                pictures=await reading.pictures(own, finder),
                idempotency_key=idempotency_key(request),
                fingerprint=body.fingerprint,
                retried=retried(request),
            )
            one = await self.making.make(wish)
        except MutoscopeError as error:
            renamed(error, came)
            raise
        return answer(shown(one, Signer(self.house, request.scope), notices))


def no_task(id: object) -> Refusal:
    return Refusal(
        f"Task '{str(id)[:80]}' not found.", status=404, param="task_id", code="not_found"
    )


def no_character(id: str) -> Refusal:
    return Refusal(f"Character with id '{id[:80]}' not found.", status=404, code="not_found")
