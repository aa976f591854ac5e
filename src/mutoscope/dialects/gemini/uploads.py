"""/upload/…/files: a file in one request, or in parts that can be sent again (resumable)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from mutoscope.dialects.gemini.address import Addresses
from mutoscope.dialects.gemini.commands import commands, offset, protocol
from mutoscope.dialects.gemini.described import PURPOSE, Described, described
from mutoscope.dialects.gemini.file import uploaded
from mutoscope.dialects.gemini.partial import LASTING, Partials, Session
from mutoscope.dialects.gemini.related import SAID, read_related
from mutoscope.dialects.shared import fields
from mutoscope.dialects.shared.answers import answer, caller
from mutoscope.dialects.shared.told import warning_header
from mutoscope.errors import BadInput
from mutoscope.jobs.desk import Desk
from mutoscope.server.body import Upload, read_body
from mutoscope.server.errors import Refusal
from mutoscope.server.parts import malformed
from mutoscope.server.raw import bounded, largest, pieces, read_file, roomy
from mutoscope.shot import Media
from mutoscope.storage.files import File, Files
from mutoscope.storage.sniff import HEAD

if TYPE_CHECKING:
    from mutoscope.server.house import House

T = TypeVar("T")
STATUS, RECEIVED = "x-goog-upload-status", "x-goog-upload-size-received"
GRAIN = 256 << 10  # bytes: parts but for the last should be multiples of it, as the service wanted


class Uploads:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desk = Desk(house)
        self.files = Files(house.records)
        self.partials = Partials(house.media.folder)

    async def create(self, request: Request) -> Response:
        """A file in this request, or the beginning of one in parts."""
        asked = commands(request)
        kind, options = parse_options_header(request.headers.get("content-type"))
        if "start" in asked or protocol(request) == "resumable":
            return await self._begin(request)
        if kind == b"multipart/form-data":
            return await self._form(request)
        if kind.startswith(b"multipart/"):
            boundary = options.get(b"boundary", b"")
            if not boundary:
                raise malformed("its Content-Type names no boundary")
            said, claimed, media = await read_related(request, self.house, boundary)
            return await self._kept(request, media, described(request, said, claimed))
        claimed = kind.decode("latin-1")
        about = described(request, b"", claimed)
        media = await read_file(request, self.house, about.type)
        return await self._kept(request, media, about)

    async def go_on(self, request: Request) -> Response:
        """What the address of an upload in parts takes."""
        session = await _aside(lambda: self.partials.find(request.path_params["upload"]))
        who = caller(request)
        if session is None or not (who.link or who.project == session.project):
            raise Refusal(
                "this upload is not known here: it was cancelled or has expired",
                status=404,
                code="not_found",
                hint="begin it anew with X-Goog-Upload-Command: start",
                headers={STATUS: "final"},
            )
        try:
            return await self._obey(request, session, commands(request))
        except BadInput as error:
            raise Refusal(error.message, param=error.field, code=error.code, hint=error.hint,
                          status=error.status, headers={STATUS: "final"}) from None  # fmt: skip
        except Refusal as refusal:
            if refusal.http_status != 503:  # the client tries again where no status is told
                refusal.headers.setdefault(STATUS, "final")
            raise

    async def _obey(self, request: Request, session: Session, asked: set[str]) -> Response:
        if session.file:
            file = await self.files.get(session.file, session.project)
            if file is None:
                raise Refusal("the file was deleted", status=404, code="not_found")
            return self._final(request, file)
        if "cancel" in asked:
            await _aside(lambda: self.partials.drop(session))
            return answer({}, {STATUS: "cancelled"})
        if not asked & {"upload", "finalize"}:
            received = await _aside(lambda: self.partials.received(session))
            return answer({}, {STATUS: "active", RECEIVED: str(received)})
        received = await _aside(lambda: self.partials.received(session))
        whole = {"upload", "finalize"} <= asked and not received and not offset(request, 0)
        if whole:
            media = await read_file(request, self.house, session.type)
            _complete(session, media.length)
            return await self._finish(request, session, media)
        if "upload" in asked:
            received = await self._append(request, session, received)
        if "finalize" not in asked:
            return answer({}, {STATUS: "active", RECEIVED: str(received)})
        _complete(session, received)
        content = self.partials.content(session)
        await self.desk.quota.require(received)

        def store() -> Media:
            with content.open("rb") as file:
                bounded(self.house.settings.limits, file.read(HEAD), received)
            return self.house.media.put(content, type=session.type)

        return await self._finish(request, session, await _aside(store))

    async def _begin(self, request: Request) -> Response:
        raw = b""
        async with aclosing(pieces(request, self.house, SAID)) as stream:
            async for piece in stream:
                raw += b"".join(piece)
        about = described(request, raw)
        if about.size is not None:
            if about.size > (most := largest(self.house.settings.limits)):
                raise Refusal(
                    f"the file is {about.size:,} bytes long; {most:,} is the most that is taken here",
                    status=413,
                    code="too_large",
                    hint="limits.file_bytes, image_bytes and video_bytes are the server's settings",
                )
            await self.desk.quota.require(about.size)
        project = caller(request).project
        session = await _aside(
            lambda: self.partials.begin(project, about.filename, about.type, about.size)
        )
        version = request.path_params["version"]
        path = f"/upload/{version}/files/{session.id}"
        address = Addresses(self.house, request).upload(path, LASTING)
        headers = {
            "x-goog-upload-url": address,
            "x-goog-upload-control-url": address,
            "x-goog-upload-chunk-granularity": str(GRAIN),
            STATUS: "active",
        }
        return answer({}, headers | _warned(about))

    async def _append(self, request: Request, session: Session, received: int) -> int:
        """Write what this request brings; how many bytes there are then."""
        at = offset(request, received)
        if at > received:
            raise Refusal(
                f"X-Goog-Upload-Offset is {at:,}, but {received:,} bytes have come",
                code="invalid_offset",
                hint="X-Goog-Upload-Command: query tells how many",
                headers={RECEIVED: str(received)},
            )
        most = largest(self.house.settings.limits)
        if session.size is not None:
            most = min(most, session.size)
        async with aclosing(pieces(request, self.house, most - at)) as stream:
            async for piece in stream:

                def write(piece: list[bytes] = piece, at: int = at) -> None:
                    roomy(self.house, sum(map(len, piece)))
                    self.partials.append(session, at, piece)

                await _aside(write)
                at += sum(map(len, piece))
        return max(at, received)

    async def _form(self, request: Request) -> Response:
        """A form with the file as a part, and what is said of it as another."""
        body = await read_body(request, self.house)
        uploads = body.uploads()
        if len(uploads) > 1 and uploads[0].claimed == "application/json":
            said_by, uploads = uploads[0], uploads[1:]
            said: Any = await _aside(lambda: self.house.media.path(said_by.media).read_bytes())
        else:
            said = body.fields.get("metadata", {})
            said = fields.structure("metadata", said)
            if not isinstance(said, dict):
                raise fields.wrong_type("metadata", "an object", said)
        if len(uploads) != 1:
            raise fields.missing("file", "send one part with a file name")
        upload: Upload = uploads[0]
        about = described(request, said, upload.claimed)
        if about.filename == "upload":
            about = Described(filename=upload.filename, type=about.type, notices=about.notices)
        return await self._kept(request, upload.media, about)

    async def _finish(self, request: Request, session: Session, media: Media) -> Response:
        file = await self._write(session.project, session.filename, media)
        await _aside(lambda: self.partials.finished(session, file.id))
        return self._final(request, file)

    async def _kept(self, request: Request, media: Media, about: Described) -> Response:
        await self.desk.quota.require(media.length)
        file = await self._write(caller(request).project, about.filename, media)
        return self._final(request, file, about)

    async def _write(self, project: str, filename: str, media: Media) -> File:
        days = self.house.settings.retention.file_days
        return await self.files.create(project, filename, PURPOSE, media, days * 86400.0 or None)

    def _final(self, request: Request, file: File, about: Described | None = None) -> Response:
        shown = uploaded(file, Addresses(self.house, request))
        return answer({"file": shown}, {STATUS: "final"} | _warned(about))


def _warned(about: Described | None) -> dict[str, str]:
    if about is None or not about.notices:
        return {}
    return {"x-mutoscope-warnings": warning_header(about.notices)}


def _complete(session: Session, received: int) -> None:
    if session.size is not None and received != session.size:
        raise Refusal(
            f"{received:,} of {session.size:,} bytes have come",
            code="incomplete_upload",
            hint="send the rest before finalize",
            headers={RECEIVED: str(received)},
        )


async def _aside(work: Callable[[], T]) -> T:
    """The work's result; it waits on the disk, so it is done in a thread."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
