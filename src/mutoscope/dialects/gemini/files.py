"""files: what was uploaded, by whichever dialect, and finished films; listed, read and deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini import ids
from mutoscope.dialects.gemini.address import Addresses
from mutoscope.dialects.gemini.file import generated, uploaded
from mutoscope.dialects.gemini.paging import paging
from mutoscope.dialects.google.media import bucket
from mutoscope.dialects.shared import film, refusals
from mutoscope.dialects.shared.answers import answer, caller
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import Job
from mutoscope.server.auth import forbidden
from mutoscope.server.body import read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal
from mutoscope.storage.files import File, Files

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED, USUALLY_LISTED = 100, 10
#: What stands last in a path where a file is named. Old clients put a whole http:// address there:
#: files/http://HOST/v1beta/files/ID:download, with "?alt=media:download?alt=media" behind it.
_NAMED = re.compile(r"(?:.*files/)?([a-z0-9]+)(:download)?", re.ASCII)


class Stored:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)

    async def list(self, request: Request) -> Response:
        _allowed(request, "files")
        size, token = paging(request, MOST_LISTED, USUALLY_LISTED)
        after = ids.file_id(token) if token else None
        page = await self.files.page(caller(request).project, after=after, limit=size, order="desc")
        if page is None:
            raise Refusal(
                f"pageToken is {(token or '')[:80]!r}; it must be the nextPageToken of a list",
                param="pageToken",
                code="invalid_value",
            )
        addresses = Addresses(self.house, request)
        shown = [uploaded(file, addresses) for file in page.files]
        more = {"nextPageToken": ids.bare(page.files[-1].id)} if page.has_more else {}
        return answer(({"files": shown} if shown else {}) | more)

    async def get(self, request: Request) -> Response:
        """The file, or its content where the address asks for that."""
        id, download = _asked(request)
        found = await self._find(request, id)
        if download or request.query_params.get("alt", "").startswith("media"):
            return self._content(request, found)
        addresses = Addresses(self.house, request)
        if isinstance(found, File):
            return answer(uploaded(found, addresses))
        if found.result is None or not self.house.media.has(found.result.media["video"]):
            raise refusals.no_resource(id)  # its time is over
        return answer(generated(found, addresses))

    async def delete(self, request: Request) -> Response:
        """The file; of a film its job goes too."""
        id, _ = _asked(request)
        found = await self._find(request, id)
        if isinstance(found, Job):
            await self.desk.delete(found)
            return answer({})
        unneeded = await self.files.delete(found.id, caller(request).project)
        await self.desk.retire(unneeded or ())
        return answer({})

    async def register(self, request: Request) -> Response:
        """files:register names objects in a cloud's store, which are out of reach here."""
        body = await read_body(request, self.house)
        raise bucket("uris", body.fields.get("uris"))

    def _content(self, request: Request, found: File | Job) -> Response:
        if isinstance(found, Job):
            return film.answer(request, self.house, found)
        return content(
            request,
            self.house.media.path(found.media),
            media_type=found.media.type,
            filename=found.filename,
            etag=found.media.sha256,
            inline=caller(request).link,
        )

    async def _find(self, request: Request, id: str) -> File | Job:
        """What the project has under this id. Refusal (403, as the service said it)."""
        project = caller(request).reads
        if not ids.well(id):
            raise refusals.no_resource(id)
        file = await self.files.get(ids.file_id(id), project)
        if file is not None:
            _allowed(request, "files")
            return file
        job = await self.desk.get(ids.video_id(id), project)
        if job is None or job.hidden or job.status != "completed" or job.result is None:
            raise refusals.no_resource(id)
        _allowed(request, "videos")
        return job


def _allowed(request: Request, room: str) -> None:
    """Refusal (403) where the key is for the other of the two rooms that are met here."""
    who = caller(request)
    wanted = f"{room}:{'read' if request.method in ('GET', 'HEAD') else 'write'}"
    if not (who.link or who.may(wanted)):
        raise forbidden(wanted)


def _asked(request: Request) -> tuple[str, bool]:
    """The file's id, and whether its content is wanted."""
    named = request.path_params["file"]
    found = _NAMED.fullmatch(named)
    return (named, False) if found is None else (found[1], found[2] is not None)
