"""JSON with films in it as base64, sent piece by piece: a film is never in memory as a whole."""

from __future__ import annotations

import asyncio
import os
import secrets
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mutoscope.server.connection import abort
from mutoscope.server.content import STALLED
from mutoscope.server.errors import Refusal
from mutoscope.shot import Media
from mutoscope.storage.media import MediaStore

CHUNK = 3 << 18  # bytes of a file at a time: a multiple of 3, so that no piece of base64 is padded
#: What an answer is put together from: bytes as they are, and files that become base64.
Piece = bytes | Path
#: What is done after an answer: it is told whether that was handed over whole.
After = Callable[[bool], Awaitable[None]]


@dataclass(slots=True)
class Films:
    """Stands for files while a value is made: `mark` gives the text that stands where the base64 of a
    file is to be. Refusal (410) for a file that was deleted."""

    store: MediaStore
    marks: dict[str, Path] = field(default_factory=dict)

    def mark(self, media: Media) -> str:
        if not self.store.has(media):
            raise Refusal(
                "the film has expired and was deleted",
                status=410,
                code="content_expired",
                hint="retention.video_days in the server's settings says how long films are kept",
            )
        name = f"film:{secrets.token_hex(16)}"
        self.marks[name] = self.store.path(media)
        return name

    def pieces(self, text: bytes) -> list[Piece]:
        """The text with files in place of their marks."""
        found: list[Piece] = []
        for name, path in self.marks.items():
            before, mark, rest = text.partition(name.encode())
            if mark:
                found += [before, path]
                text = rest
        return [*found, text]

    def json(self, value: Any) -> list[Piece]:
        """A value as JSON, with the files in it. Marks stand in the order in which they were made."""
        return self.pieces(msgspec.json.encode(value))


class Inline(Response):
    """`pieces` as one JSON answer with its length. `after` is awaited at its end: whether all of it was
    handed over to a client that is still there."""

    media_type = "application/json"

    def __init__(
        self,
        pieces: Iterable[Piece],
        headers: Mapping[str, str] | None = None,
        after: After | None = None,
    ) -> None:
        self.pieces = list(pieces)
        self.status_code, self.background = 200, None
        self.body = b""
        self.after = after
        length = sum(_length(one) for one in self.pieces)
        self.init_headers({"content-length": str(length), **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        whole, pieces = False, self.pieces if scope["method"] != "HEAD" else []
        try:
            await send(head)
            with leaving(receive) as gone:
                if await handed_over(pieces, send, gone):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    whole = not gone.done()
            if not whole:
                abort(scope)  # to close it would wait for its reader for ever
        finally:
            if self.after is not None:
                await self.after(whole)


@contextmanager
def leaving(receive: Receive) -> Iterator[asyncio.Future[None]]:
    """What is done as soon as the client has gone."""
    gone = asyncio.ensure_future(_gone(receive))
    try:
        yield gone
    finally:
        gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def handed_over(pieces: Iterable[Piece], send: Send, gone: asyncio.Future[None]) -> bool:
    """Send the pieces' bytes; False where the client goes away, or takes nothing for two minutes."""
    try:
        await pour(pieces, send, gone)
    except TimeoutError:
        return False
    return not gone.done()


async def pour(pieces: Iterable[Piece], send: Send, gone: asyncio.Future[None]) -> None:
    """Send the pieces' bytes until the client has gone. TimeoutError where it takes nothing for two
    minutes."""
    for piece in pieces:
        async with aclosing(_bytes(piece)) as parts:
            async for part in parts:
                if gone.done():
                    return
                async with asyncio.timeout(STALLED):
                    await send({"type": "http.response.body", "body": part, "more_body": True})


async def _bytes(piece: Piece) -> AsyncGenerator[bytes, None]:
    if isinstance(piece, bytes):
        yield piece
        return
    loop = asyncio.get_running_loop()
    handle = await loop.run_in_executor(None, os.open, piece, os.O_RDONLY | os.O_CLOEXEC)
    try:
        at, size = 0, os.fstat(handle).st_size
        while at < size:
            part = await loop.run_in_executor(None, _encoded, handle, at, min(CHUNK, size - at))
            at += CHUNK
            yield part
    finally:
        os.close(handle)


def _encoded(handle: int, at: int, count: int) -> bytes:
    content = b""
    while len(content) < count and (
        more := os.pread(handle, count - len(content), at + len(content))
    ):
        content += more
    return b64encode(content)


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else -(-piece.stat().st_size // 3) * 4
