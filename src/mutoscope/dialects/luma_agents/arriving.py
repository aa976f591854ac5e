"""A file that is put at a signed address: what the address says, and its bytes on their way into the
media store."""

from __future__ import annotations

import asyncio
import base64
import binascii
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, select, update
from starlette.requests import Request

from mutoscope.errors import BadInput
from mutoscope.server.errors import Refusal
from mutoscope.server.intake import chunks
from mutoscope.shot import Media
from mutoscope.storage.tables import files
from mutoscope.storage.uses import Uses

if TYPE_CHECKING:
    from mutoscope.server.house import House


class Promise(msgspec.Struct, frozen=True, array_like=True):
    """What was said of a file before its bytes came: whose it is, its length and its media type."""

    project: str
    length: int
    type: str

    def token(self) -> str:
        """As a piece of an address; the address's signature vouches for it."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def promise(token: str) -> Promise:
    """What a token says. Refusal (404)."""
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.json.decode(packed, type=Promise)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Refusal("there is nothing at this path; check the URL", status=404) from None


async def received(request: Request, house: House, said: Promise) -> Media:
    """The request's body, stored. BadInput where it is not as long as was said."""
    limits = house.settings.limits
    async with house.intake.place(limits):
        incoming = await asyncio.to_thread(house.media.incoming, max_bytes=said.length)
        try:
            async with aclosing(chunks(request.receive, limits, said.length)) as stream:
                async for chunk in stream:
                    house.intake.received += len(chunk)
                    await asyncio.to_thread(incoming.write, chunk)
            if incoming.length != said.length:
                raise BadInput(
                    f"the file has {incoming.length:,} bytes, but {said.length:,} were announced",
                    field="size_bytes",
                    code="invalid_value",
                )
            return await asyncio.to_thread(house.media.keep, incoming, type=said.type)
        finally:
            await asyncio.to_thread(incoming.close)


def fill(connection: Connection, name: str, project: str, media: Media) -> list[Media] | None:
    """Give a file its bytes; the media that nobody needs any more, None where there is no such file."""
    uses = Uses()
    of = (files.c.id == name, files.c.project == project)
    if connection.execute(select(files.c.id).where(*of).with_for_update()).first() is None:
        return None
    values = {"sha256": media.sha256, "type": media.type, "length": media.length}
    gone = [one for one in uses.drop(connection, name) if one.sha256 != media.sha256]
    connection.execute(update(files).where(*of).values(**values))
    uses.add(connection, name, (media,))
    return gone
