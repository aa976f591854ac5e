"""A body that is a file's content, as it is: into the media store, or piece by piece to whoever writes it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.requests import Request

from mutoscope.config import Limits
from mutoscope.jobs.quota import full
from mutoscope.server.errors import Refusal
from mutoscope.server.intake import chunks, too_long
from mutoscope.server.parts import SPILL
from mutoscope.shot import Media
from mutoscope.storage.sniff import media_type

if TYPE_CHECKING:
    from mutoscope.server.house import House

#: Beginning of a media type → what a file of it is called, and the setting that bounds it.
RULES = {"image": ("an image", "image_bytes"), "video": ("a video", "video_bytes")}
ANY = ("a file", "file_bytes")


def largest(limits: Limits) -> int:
    """The most bytes that any file may have."""
    return max(limits.image_bytes, limits.video_bytes, limits.file_bytes)


def bounded(limits: Limits, head: bytes, length: int) -> None:
    """Refuse (413) a file of that length that begins so."""
    what, setting = RULES.get(media_type(head).partition("/")[0], ANY)
    if length > (most := getattr(limits, setting)):
        raise Refusal(
            f"the file is longer than {most:,} bytes, the most for {what} here",
            status=413,
            code="too_large",
            hint=f"send a smaller one; limits.{setting} is the server's setting",
        )


async def pieces(request: Request, house: House, most: int) -> AsyncGenerator[list[bytes], None]:
    """The body in pieces of some megabytes, at most `most` bytes in all. `Refusal` as `read_body`."""
    limits, intake = house.settings.limits, house.intake
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and len(said) <= 18 and int(said) > most:
        raise too_long(most)
    async with intake.place(limits):
        held: list[bytes] = []
        holding = 0
        try:
            async with aclosing(chunks(request.receive, limits, most)) as stream:
                async for chunk in stream:
                    if not chunk:
                        continue
                    intake.hold(len(chunk), limits)
                    intake.received += len(chunk)
                    holding += len(chunk)
                    held.append(chunk)
                    if holding >= SPILL:
                        yield held
                        intake.hold(-holding, limits)
                        held, holding = [], 0
            if held:
                yield held
        finally:
            intake.hold(-holding, limits)


def roomy(house: House, count: int) -> None:
    """Refuse (507) what would leave too little of the disk free. Blocks a moment."""
    spare = house.settings.retention.free_bytes
    house.media.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(house.media.folder).free
    if free - count < spare:
        raise full(f"{free:,} bytes are free on the server's disk, {spare:,} stay free")


async def read_file(request: Request, house: House, claimed: str = "") -> Media:
    """Store the body; its type is what its first bytes show, else `claimed`. `Refusal` as `read_body`."""
    limits, loop = house.settings.limits, asyncio.get_running_loop()
    incoming = await loop.run_in_executor(None, house.media.incoming)
    try:
        async with aclosing(pieces(request, house, largest(limits))) as stream:
            async for piece in stream:

                def write(piece: list[bytes] = piece) -> None:
                    roomy(house, sum(map(len, piece)))
                    incoming.write(*piece)

                await loop.run_in_executor(None, write)
                bounded(limits, incoming.head, incoming.length)
        return await loop.run_in_executor(None, lambda: house.media.keep(incoming, type=claimed))
    finally:
        await asyncio.shield(loop.run_in_executor(None, incoming.close))
