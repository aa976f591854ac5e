"""/mutoscope/characters: made, listed, edited, deleted; carried away as one file, and taken in again."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mutoscope.characters import consent as consents
from mutoscope.characters.arriving import stored
from mutoscope.characters.making import Making, Wish
from mutoscope.characters.model import PREFIX, Character, checked_description, checked_name
from mutoscope.characters.packed import TYPE, Bounds
from mutoscope.characters.packing import filename, pack
from mutoscope.characters.store import Characters
from mutoscope.characters.unpacking import unpack
from mutoscope.compute.awaited import called
from mutoscope.dialects.native import reading
from mutoscope.dialects.native.showing import PATH, shown
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
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.retention import LEAVING
from mutoscope.server.body import Upload, read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal
from mutoscope.server.routing import route
from mutoscope.shot import Media
from mutoscope.storage.files import Files
from mutoscope.storage.ids import new_id
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.server.house import House

DIALECT = "native"
MOST_LISTED, USUALLY_LISTED = 100, 20


class Handlers:
    """Each is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.making = Making(house)
        self.store = Characters(house.records)
        self.files = Files(house.records)
        self.sign = Signer(house)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
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
        return answer(shown(await self.making.make(wish), self.sign))

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
        data = [shown(one, self.sign) for one in found.characters] if limit else []
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
        return answer(shown(await self._found(request), self.sign))

    async def edit(self, request: Request) -> Response:
        await self._found(request)  # an unknown one is a 404, whatever the body holds
        change = reading.edit((await read_body(request, self.house)).fields)
        one = await self.store.edit(_id(request), caller(request).project, change)
        if one is None:
            raise no_character(_id(request))
        return answer(shown(one, self.sign))

    async def delete(self, request: Request) -> Response:
        id, project = _id(request), caller(request).project
        unneeded = await self.store.delete(id, project)
        if unneeded is None:
            raise no_character(id)
        job = await self.house.ledger.get(id, project)
        if job is not None:
            await self.desk.delete(job)
        await self.desk.retire(unneeded)
        return answer({"id": id, "object": "character.deleted", "deleted": True})

    async def frame(self, request: Request) -> Response:
        return await self._frame(request, cutout=False)

    async def cutout(self, request: Request) -> Response:
        return await self._frame(request, cutout=True)

    async def export(self, request: Request) -> Response:
        one = await self._found(request)
        if one.status != "ready":
            raise Refusal(
                f"character '{one.name}' is {one.status}; it can be exported once it is ready",
                status=409,
                code="character_not_ready",
                headers={"x-should-retry": "false"},
            )
        notice = consents.told(one.name, one.faces, one.consent, "export", time.time())
        policy = self.house.settings.characters.faces
        notices = consents.permitted(notice, policy, strict=False)
        packed = await asyncio.to_thread(self._packed, one)
        await self._let_go(packed)
        response = content(
            request,
            await asyncio.to_thread(self.house.media.path, packed),
            media_type=TYPE,
            filename=filename(one),
            etag=packed.sha256,
        )
        if notices:
            response.headers["x-mutoscope-warnings"] = warning_header(notices)
        return response

    async def take_in(self, request: Request) -> Response:
        given = (await read_body(request, self.house)).fields
        reading.known(given, ("file", "name"))
        sent = given.get("file")
        if not isinstance(sent, Upload):
            raise fields.missing("file", "the file that an export gave, as a multipart part")
        name = checked_name(given["name"]) if given.get("name") is not None else None
        limits = self.house.settings.limits
        bounds = Bounds(
            image=limits.image_bytes, film=limits.video_bytes, whole=limits.request_bytes
        )
        path = await asyncio.to_thread(self.house.media.path, sent.media)
        scratch = self.house.records.folder / "work" / "jobs"  # swept where a process was killed
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="import-", dir=scratch) as folder:
            found = await called(self.house.probes, unpack, path, Path(folder), bounds)
            source, frames, origin = await asyncio.to_thread(
                stored, found, self.house.media, sent.filename
            )
        one = await self.store.add(
            new_id(PREFIX),
            caller(request).project,
            name or found.manifest.name,
            found.manifest.description,
            source=source,
            frames=frames,
            origin=origin,
            consent=found.consent,
        )
        await self._let_go(sent.media)
        return answer(shown(one, self.sign))

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

    def _packed(self, one: Character) -> Media:
        """The character's file in the store; what was written on the way is nobody's to sweep."""
        scratch = self.house.records.folder / "work"
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=scratch) as out:
            pack(one, self.house.media, out)
            out.seek(0)
            return self.house.media.put(out, type=TYPE)

    async def _let_go(self, media: Media) -> None:
        """Have the retention remove it, unless a row needs it."""
        await self.house.records.write(lambda c: Uses().add(c, LEAVING, (media,)))


def _id(request: Request) -> str:
    id: str = request.path_params["character_id"]
    return id


def no_character(id: str) -> Refusal:
    return Refusal(f"Character with id '{id[:80]}' not found.", status=404, code="not_found")


def routes(house: House) -> list[Route]:
    """`import` stands before what would take it for an id."""
    on = Handlers(house)
    one = f"{PATH}/{{character_id}}"
    return [
        route(PATH, {"GET": on.list, "POST": on.create}),
        route(f"{PATH}/import", {"POST": on.take_in}),
        route(one, {"GET": on.retrieve, "PATCH": on.edit, "DELETE": on.delete}),
        route(f"{one}/export", {"GET": on.export}),
        route(f"{one}/frames/{{n:int}}", {"GET": on.frame}),
        route(f"{one}/frames/{{n:int}}/cutout", {"GET": on.cutout}),
    ]
