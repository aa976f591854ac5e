"""/v1/files: what programs upload, by id; any purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.openai.answers import answer
from mutoscope.dialects.shared import fields, refusals
from mutoscope.dialects.shared.answers import caller, listing
from mutoscope.errors import BadShot
from mutoscope.jobs.desk import Desk
from mutoscope.server.body import Upload, read_body
from mutoscope.server.content import content
from mutoscope.server.errors import Refusal
from mutoscope.storage.files import File, Files

if TYPE_CHECKING:
    from mutoscope.server.house import House

MOST_LISTED = 10_000
MAX_PURPOSE = 64  # characters
LASTING = (3600, 2_592_000)  # seconds: what the service takes as `expires_after`
BATCH_LASTING = 30 * 86400.0  # a batch's input, as the service does, unless it says otherwise


class FileObject(msgspec.Struct, frozen=True, kw_only=True):
    """The service's File object."""

    id: str
    object: str = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: str = "processed"
    expires_at: int | UnsetType = UNSET


def shown(file: File) -> FileObject:
    """The file as its clients see it."""
    return FileObject(
        id=file.id,
        bytes=file.media.length,
        created_at=int(file.created),
        filename=file.filename,
        purpose=file.purpose,
        expires_at=int(file.expires) if file.expires is not None else UNSET,
    )


class Uploads:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        body = await read_body(request, self.house)
        given = {name: value for name, value in body.fields.items() if value is not None}
        upload, purpose = given.get("file"), given.get("purpose")
        if upload is None:
            raise fields.missing("file", "send it as a multipart part with a file name")
        if not isinstance(upload, Upload):
            raise fields.wrong_type("file", "a file", upload)
        if purpose is None:
            raise fields.missing("purpose", "such as user_data, vision or batch")
        purpose = fields.words("purpose", purpose)
        if not (0 < len(purpose) <= MAX_PURPOSE and purpose.isprintable()):
            raise BadShot.of("purpose", purpose, f"1 to {MAX_PURPOSE} printable characters")
        seconds = lasting("expires_after", given.get("expires_after"))
        if seconds is None:
            days = self.house.settings.retention.file_days
            seconds = BATCH_LASTING if purpose == "batch" else days * 86400.0 or None
        await self.desk.quota.require(upload.media.length)
        file = await self.files.create(
            caller(request).project, upload.filename, purpose, upload.media, seconds
        )
        return answer(shown(file))

    async def retrieve(self, request: Request) -> Response:
        return answer(shown(await self._file(request)))

    async def list(self, request: Request) -> Response:
        limit, order, after = listing(request, MOST_LISTED, MOST_LISTED)
        found = await self.files.page(
            caller(request).project,
            after=after,
            limit=limit or 1,
            order=order,
            purpose=request.query_params.get("purpose") or None,
        )
        if found is None:
            raise Refusal(
                f"Invalid 'after': no file has the id '{(after or '')[:80]}'.",
                param="after",
                code="invalid_value",
            )
        data = [shown(file) for file in found.files] if limit else []
        return answer(
            {
                "object": "list",
                "data": data,
                "first_id": data[0].id if data else None,
                "last_id": data[-1].id if data else None,
                "has_more": found.has_more if limit else bool(found.files),
            }
        )

    async def content(self, request: Request) -> Response:
        file = await self._file(request)
        return content(
            request,
            self.house.media.path(file.media),
            media_type=file.media.type,
            filename=file.filename,
            etag=file.media.sha256,
            inline=caller(request).link,
        )

    async def delete(self, request: Request) -> Response:
        id = request.path_params["file_id"]
        unneeded = await self.files.delete(id, caller(request).project)
        if unneeded is None:
            raise refusals.no_file(id)
        await self.desk.retire(unneeded)
        return answer({"id": id, "object": "file", "deleted": True})

    async def _file(self, request: Request) -> File:
        id = request.path_params["file_id"]
        file = await self.files.get(id, caller(request).reads)
        if file is None:
            raise refusals.no_file(id)
        return file


def lasting(field: str, given: Any) -> float | None:
    """Seconds from `expires_after`: {anchor: "created_at", seconds}."""
    if given is None:
        return None
    given = fields.structure(field, given)
    if not isinstance(given, Mapping):
        raise fields.wrong_type(field, "an object", given)
    if given.get("anchor", "created_at") != "created_at":
        raise BadShot.of(f"{field}.anchor", given["anchor"], '"created_at"')
    if given.get("seconds") is None:
        raise fields.missing(f"{field}.seconds")
    seconds = fields.whole(f"{field}.seconds", given["seconds"])
    low, high = LASTING
    if not low <= seconds <= high:
        raise BadShot.of(f"{field}.seconds", seconds, f"from {low:,} to {high:,}")
    return float(seconds)
