"""Ephemeral uploads: an address to POST a file to, signed, and the runway:// address that it then has.

The address to POST to carries the project and the file's id, so whoever has it can put this one file
there and nothing else; it needs no key and no version.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.runway.handling import answer, versioned
from mutoscope.dialects.runway.values import SCHEME
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.answers import Signer, caller
from mutoscope.errors import BadShot
from mutoscope.jobs.desk import Desk
from mutoscope.server.body import Upload, read_body
from mutoscope.server.errors import Refusal
from mutoscope.server.filenames import safe_name
from mutoscope.storage.files import Files
from mutoscope.storage.ids import is_id, new_id

if TYPE_CHECKING:
    from mutoscope.server.house import House

PURPOSE = "ephemeral"
LASTING = 24 * 3600.0  # seconds that an upload is kept
OPEN = 3600.0  # seconds in which its file may be sent


class Uploads:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)

    async def create(self, request: Request) -> Response:
        """{filename, type: "ephemeral"} → {uploadUrl, fields, runwayUri}."""
        versioned(request)
        given = (await read_body(request, self.house)).fields
        if given.get("filename") is None:
            raise fields.missing("filename")
        filename = safe_name(fields.words("filename", given["filename"]))
        kind = given.get("type", PURPOSE)
        if kind != PURPOSE:
            raise BadShot.of("type", kind, f'"{PURPOSE}"')
        name = new_id("file-")
        project = base64.urlsafe_b64encode(caller(request).project.encode()).decode().rstrip("=")
        # under the prefix, for a POST without the vendor's header would be another dialect's
        place = f"/runway/v1/uploads/{project}/{name}"
        links = self.house.links
        signed = links.sign(place, seconds=OPEN, method="POST").removeprefix(links.public_url)
        return answer(
            {
                "uploadUrl": Signer(self.house, request.scope).base + signed,
                "fields": {"key": f"{name}/{filename}"},
                "runwayUri": f"{SCHEME}uploads/{name}",
            }
        )

    async def receive(self, request: Request) -> Response:
        """The file itself; 204. The same file again is no error, another is a 409."""
        if not caller(request).link:
            raise Refusal(
                "this address takes what its signature allows, and it has none that is good",
                status=403,
                hint="POST /v1/uploads gives an uploadUrl that is good for an hour",
            )
        project, name = self._of(request)
        upload = (await read_body(request, self.house)).fields.get("file")
        if upload is None:
            raise fields.missing("file", "send it as a multipart part with a file name")
        if not isinstance(upload, Upload):
            raise fields.wrong_type("file", "a file", upload)
        if (there := await self.files.get(name, project)) is None:
            await self.desk.quota.require(upload.media.length)
            write = (name, project, upload.filename, PURPOSE, upload.media, LASTING)
            try:
                await self.house.records.write(
                    lambda connection: self.files.add(connection, *write)
                )
            except IntegrityError:  # another try of the same came first
                there = await self.files.get(name, project)
        if there is not None and there.media != upload.media:
            raise Refusal("this upload has its file already", status=409, code="conflict",
                          headers={"x-should-retry": "false"})  # fmt: skip
        return Response(status_code=204)

    @staticmethod
    def _of(request: Request) -> tuple[str, str]:
        """The project and the file's id in the address."""
        packed, name = request.path_params["project"], request.path_params["file"]
        try:
            project = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
        except (binascii.Error, ValueError):
            project = ""
        if not project or not is_id(name):
            raise Refusal("there is nothing at this path; check the URL", status=404)
        return project, name
