"""/mutoscope/characters/{id}/export and /mutoscope/characters/import: a character as one file."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.characters import consent as consents
from mutoscope.characters.arriving import stored
from mutoscope.characters.model import PREFIX, Character, checked_name
from mutoscope.characters.packed import TYPE, Bounds
from mutoscope.characters.packing import filename, pack
from mutoscope.characters.store import Characters
from mutoscope.characters.unpacking import unpack
from mutoscope.compute.awaited import called
from mutoscope.dialects.native import reading
from mutoscope.dialects.native.showing import no_character, shown
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.answers import Signer, answer, caller
from mutoscope.dialects.shared.told import warning_header
from mutoscope.jobs.retention import LEAVING
from mutoscope.server.body import Upload, read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal
from mutoscope.shot import Media
from mutoscope.storage.ids import new_id
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Carrying:
    """Each handler is parse → call → render."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.store = Characters(house.records)

    async def export(self, request: Request) -> Response:
        one = await self.store.get(request.path_params["character_id"], caller(request).project)
        if one is None:
            raise no_character(request.path_params["character_id"])
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
        one = await self.store.create(
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
        return answer(shown(one, Signer(self.house, request.scope)))

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
