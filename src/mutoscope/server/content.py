"""A stored file as an answer: ranges, conditions, HEAD, and never more of it in memory than two chunks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mutoscope.server.connection import abort
from mutoscope.server.errors import Refusal
from mutoscope.server.filenames import disposition

CHUNK = 1 << 20
STALLED = 120.0  # seconds without room for one more chunk; then the reader is cut
#: what a browser may show in place; everything else is a download, whatever was asked for
SHOWN = {
    "video/mp4", "video/webm", "image/jpeg", "image/png", "image/webp", "image/gif", "image/avif",
}  # fmt: skip


def content(
    request: Request,
    path: Path,
    *,
    media_type: str,
    filename: str,
    etag: str,
    inline: bool = False,
) -> Response:
    """The file at `path`, whole or in the part that was asked for (RFC 9110, 13 and 14).

    `etag` is the content's SHA-256, without quotes. Several ranges at once give the whole file. The
    answer is 200, 206, 304, 412 or 416; `Refusal` 404 where the file is gone.
    """
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise Refusal("this file is no longer here", status=404, code="not_found") from None
    tag = f'"{etag}"'
    shown = inline and media_type in SHOWN
    modified = int(stat.st_mtime)
    headers = {
        "accept-ranges": "bytes",
        "etag": tag,
        "last-modified": formatdate(modified, usegmt=True),
        "cache-control": "private, no-cache",
        "content-disposition": disposition(filename, inline=shown),
        "x-content-type-options": "nosniff",
    }
    if not shown:  # should a browser show it after all, nothing in it runs
        headers["content-security-policy"] = "sandbox; default-src 'none'"
    given = request.headers
    if (failed := _condition(request, tag, modified)) is not None:
        if failed == 412:
            raise Refusal("the file is not the one that the request's condition names", status=412,
                          code="precondition_failed")  # fmt: skip
        return Response(status_code=failed, headers=headers)
    start, end, status = 0, stat.st_size, 200
    wanted = given.get("range")
    if wanted and request.method == "GET" and _same(given.get("if-range"), tag, modified):
        found = _range(wanted, stat.st_size)
        if found == "unsatisfiable":
            raise Refusal(
                f"Range is {wanted[:80]!r}; the file has {stat.st_size:,} bytes",
                status=416,
                code="range_not_satisfiable",
                headers={"content-range": f"bytes */{stat.st_size}"},
            )
        if isinstance(found, tuple):
            start, end, status = *found, 206
            headers["content-range"] = f"bytes {start}-{end - 1}/{stat.st_size}"
    headers["content-length"] = str(end - start)
    headers["content-type"] = media_type
    return FileAnswer(path, start, end, status, headers)


class FileAnswer(Response):
    """The bytes from `start` up to `end` of a file."""

    def __init__(
        self, path: Path, start: int, end: int, status: int, headers: dict[str, str]
    ) -> None:
        self.path, self.start, self.end = path, start, end
        self.status_code, self.background = status, None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        if scope["method"] == "HEAD" or self.start == self.end:
            await send(head)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        loop = asyncio.get_running_loop()
        handle = await loop.run_in_executor(None, os.open, self.path, os.O_RDONLY | os.O_CLOEXEC)
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send(head)
            left = self.end - self.start
            async with aclosing(self._chunks(handle)) as pieces:
                async for piece in pieces:
                    if gone.done():
                        return
                    left -= len(piece)
                    async with asyncio.timeout(STALLED):
                        await send(
                            {"type": "http.response.body", "body": piece, "more_body": left > 0}
                        )
        except TimeoutError:
            abort(scope)  # to close it would wait for its reader for ever
        finally:
            gone.cancel()
            os.close(handle)

    async def _chunks(self, handle: int) -> AsyncGenerator[bytes, None]:
        """The bytes in order; while one chunk is sent the next is read."""
        loop = asyncio.get_running_loop()
        at = self.start

        def read() -> asyncio.Future[bytes]:
            return loop.run_in_executor(None, os.pread, handle, min(CHUNK, self.end - at), at)

        ahead = read()
        try:
            while at < self.end:
                piece = await ahead
                if not piece:
                    return  # the file became shorter: the connection is closed
                at += len(piece)
                if at < self.end:
                    ahead = read()
                yield piece
        finally:
            if not ahead.done():  # the handle is closed only when nothing reads it
                await asyncio.shield(asyncio.wait([ahead]))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _condition(request: Request, tag: str, modified: int) -> int | None:
    """304 or 412 where a condition of the request decides it, in the order of RFC 9110, 13.2.2."""
    given = request.headers
    if (match := given.get("if-match")) is not None:
        if not _listed(match, tag):
            return 412
    elif (since := _date(given.get("if-unmodified-since"))) is not None and modified > since:
        return 412
    if (none := given.get("if-none-match")) is not None:
        return 304 if _listed(none, tag) else None
    if (since := _date(given.get("if-modified-since"))) is not None and modified <= since:
        return 304
    return None


def _listed(header: str, tag: str) -> bool:
    if header.strip() == "*":
        return True
    return tag in (part.strip().removeprefix("W/") for part in header.split(","))


def _same(if_range: str | None, tag: str, modified: int) -> bool:
    """Whether a range may be taken: there is no If-Range, or it names this very content."""
    if if_range is None:
        return True
    return if_range.strip() == tag or _date(if_range) == modified


def _date(header: str | None) -> int | None:
    if header is None:
        return None
    try:
        return int(parsedate_to_datetime(header).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _range(header: str, length: int) -> tuple[int, int] | str:
    """(start, end) of one satisfiable range; "unsatisfiable"; or "whole" where it is not understood."""
    unit, _, spec = header.partition("=")
    first, dash, last = spec.strip().partition("-")
    first, last = first.strip(), last.strip()
    digits = all(
        part.isascii() and part.isdigit() and len(part) < 20 for part in (first, last) if part
    )
    if unit.strip().lower() != "bytes" or not dash or not digits or not (first or last):
        return "whole"
    if not first:
        count = min(int(last), length)
        return (length - count, length) if count else "unsatisfiable"
    start = int(first)
    if last and int(last) < start:
        return "whole"
    if start >= length:
        return "unsatisfiable"
    return start, min(int(last) + 1 if last else length, length)
