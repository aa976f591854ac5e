"""/v1/files: sent within the request, or put at a signed address and completed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from mutoscope.catalog.rules import listed
from mutoscope.dialects.luma.generation import iso
from mutoscope.dialects.luma_agents.arriving import Promise, fill, promise, received
from mutoscope.dialects.luma_agents.file import (
    PURPOSES,
    STATES,
    Created,
    Page,
    Upload,
    shown,
    state,
)
from mutoscope.dialects.shared import extras, fields, refusals
from mutoscope.dialects.shared.answers import Signer, answer, caller
from mutoscope.dialects.shared.told import warning_header
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.desk import Desk
from mutoscope.jobs.job import Notice
from mutoscope.server import body as bodies
from mutoscope.server.errors import Refusal
from mutoscope.server.filenames import safe_name
from mutoscope.shot import Media
from mutoscope.storage.files import File, Files
from mutoscope.storage.ids import is_id

if TYPE_CHECKING:
    from mutoscope.server.house import House

OPEN = 3600.0  # seconds in which a file's bytes may be put
MOST_LISTED, USUALLY_LISTED = 100, 25
UNNAMED = "upload"
NOT_KEPT = "user_id is told back here and not kept: this server attributes nothing to end users"
KNOWN = ("file", "mime_type", "size_bytes", "purpose", "filename", "user_id", "expires_at")


class FilesHandlers:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        """A file that came along, or an address to put it at."""
        read = (await bodies.read_body(request, self.house)).fields
        given = {name: value for name, value in read.items() if value is not None}
        user = fields.words("user_id", given["user_id"]) if "user_id" in given else None
        purpose = _one_of("purpose", given.get("purpose", PURPOSES[0]), PURPOSES)
        lasting = self._lasting(given)
        project = caller(request).project
        upload = given.get("file")
        if upload is not None:
            if not isinstance(upload, bodies.Upload):
                raise fields.wrong_type("file", "a file", upload)
            if not upload.media.length:  # it would be one whose bytes are still to come
                raise BadInput("file is empty", field="file", code="empty_file")
            await self.desk.quota.require(upload.media.length)
            name = _name(given, upload.filename)
            file = await self.files.create(project, name, purpose, upload.media, lasting)
            made = Created(id=file.id, state=state(file), file=shown(file, user))
            return answer(made, _headers(given), 201)
        said = self._promise(given, project)
        await self.desk.quota.require(said.length)
        empty = await asyncio.to_thread(self.house.media.put, b"", type=said.type)
        here = Media(empty.sha256, said.type, 0)
        file = await self.files.create(project, _name(given), purpose, here, lasting)
        made = Created(
            id=file.id,
            state=state(file),
            file=shown(file, user),
            upload=self._upload(request, file, said),
        )
        return answer(made, _headers(given), 201)

    async def receive(self, request: Request) -> Response:
        """The bytes of a file, by the address that was signed for them."""
        if not caller(request).link:
            raise Refusal(
                "this address takes what its signature allows, and it has none that is good",
                status=403,
                hint="POST /v1/files gives an address that is good for an hour",
            )
        name, said = request.path_params["file_id"], promise(request.path_params["token"])
        media = await received(request, self.house, said)
        gone = await self.house.records.write(lambda c: fill(c, name, said.project, media))
        if gone is None:
            await self.desk.retire([media])
            raise refusals.no_file(name)
        await self.desk.retire(gone)
        return Response(status_code=200, headers={"etag": f'"{media.sha256}"'})

    async def complete(self, request: Request) -> Response:
        file = await self._file(request)
        if state(file) == "pending":
            raise Refusal(
                f"the bytes of file '{file.id}' have not come yet",
                status=400,
                code="file_not_uploaded",
                hint="PUT them at upload.url of the answer that made the file, then complete it",
            )
        return answer(shown(file))

    async def get(self, request: Request) -> Response:
        return answer(shown(await self._file(request)))

    async def list(self, request: Request) -> Response:
        query = request.query_params
        limit = fields.whole("limit", query.get("limit", str(USUALLY_LISTED)))
        if not 1 <= limit <= MOST_LISTED:
            raise BadShot.of("limit", limit, f"from 1 to {MOST_LISTED}")
        purpose = query.get("purpose")
        wanted = query.get("state")
        found = await self.files.page(
            caller(request).project,
            after=query.get("cursor") or None,
            limit=limit,
            order="desc",
            purpose=None if purpose is None else _one_of("purpose", purpose, PURPOSES),
        )
        if found is None:
            raise BadShot.of("cursor", query.get("cursor"), "the next_cursor of a page before")
        if wanted is not None:
            _one_of("state", wanted, STATES)
        data = [shown(file) for file in found.files if wanted in (None, state(file))]
        cursor = found.files[-1].id if found.has_more else None
        return answer(Page(data=data, has_more=found.has_more, next_cursor=cursor))

    async def delete(self, request: Request) -> Response:
        id = request.path_params["file_id"]
        unneeded = await self.files.delete(id, caller(request).project)
        if unneeded is None:
            raise refusals.no_file(id)
        await self.desk.retire(unneeded)
        return Response(status_code=204)

    def _promise(self, given: Mapping[str, Any], project: str) -> Promise:
        """What is said of a file to come. BadInput."""
        for name in ("mime_type", "size_bytes"):
            if given.get(name) is None:
                raise fields.missing(name, "or send the file itself as a multipart part `file`")
        kind = fields.words("mime_type", given["mime_type"]).strip().lower()
        if kind.partition("/")[0] not in ("image", "video") or kind.endswith("/"):
            raise BadShot.of("mime_type", kind, "an image's or a film's, such as image/jpeg")
        length = fields.whole("size_bytes", given["size_bytes"])
        limits = self.house.settings.limits
        most = limits.image_bytes if kind.startswith("image/") else limits.video_bytes
        if not 1 <= length <= most:
            raise BadShot.of("size_bytes", f"{length:,}", f"from 1 to {most:,}")
        return Promise(project, length, kind)

    def _upload(self, request: Request, file: File, said: Promise) -> Upload:
        links = self.house.links
        # under the prefix, for nothing in a bare PUT tells this dialect from others
        place = f"/luma-agents/v1/files/{file.id}/bytes/{said.token()}"
        signed = links.sign(place, seconds=OPEN, method="PUT").removeprefix(links.public_url)
        return Upload(
            url=Signer(self.house, request.scope).base + signed,
            headers={"Content-Type": said.type},
            expires_at=iso(float(links.end(OPEN))),
        )

    def _lasting(self, given: Mapping[str, Any]) -> float | None:
        """Seconds that a file is kept."""
        if given.get("expires_at") is None:
            return self.house.settings.retention.file_days * 86400.0 or None
        text = fields.words("expires_at", given["expires_at"])
        try:
            end = datetime.fromisoformat(text)
        except ValueError:
            raise BadShot.of("expires_at", text, "a time such as 2030-01-31T12:00:00Z") from None
        left = (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp() - time.time()
        if left <= 0:
            raise BadInput("expires_at is in the past", field="expires_at", code="invalid_value")
        return left

    async def _file(self, request: Request) -> File:
        id = request.path_params["file_id"]
        file = await self.files.get(id, caller(request).project) if is_id(id) else None
        if file is None:
            raise refusals.no_file(id)
        return file


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    """That trying again would be wrong, and what of the request has no effect."""
    said = [extras.unknown(name, KNOWN) for name in given if name not in KNOWN]
    if "user_id" in given:
        said.append(Notice(code="ignored", field="user_id", message=NOT_KEPT))
    told = {"x-mutoscope-warnings": warning_header(said)} if said else {}
    return {"x-should-retry": "false", **told}


def _name(given: Mapping[str, Any], other: str = UNNAMED) -> str:
    return safe_name(fields.words("filename", given["filename"])) if "filename" in given else other


def _one_of(field: str, value: Any, choices: tuple[str, ...]) -> str:
    said = fields.words(field, value)
    if said not in choices:
        raise BadShot.of(field, value, listed([f'"{one}"' for one in choices]))
    return said
