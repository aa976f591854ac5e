"""A body of two parts (RFC 2387, multipart/related): what is said of a file as JSON, then its content."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser
from starlette.requests import Request

from mutoscope.server.errors import Refusal
from mutoscope.server.parts import malformed
from mutoscope.server.raw import bounded, largest, pieces, roomy
from mutoscope.shot import Media

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

    from mutoscope.server.house import House

SAID = 64 << 10  # bytes of the first part


class Related:
    """What has been parsed: `said` is the first part, `fresh` what came of the second since it was taken
    away last, `claimed` the second's Content-Type."""

    def __init__(self, boundary: bytes) -> None:
        self.said, self.claimed, self.parts, self.ended = b"", "", 0, False
        self.fresh: list[bytes] = []
        self._name = self._value = b""
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header,
            "on_header_value": self._of_header,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError:
            raise malformed("its boundary is longer than 256 characters") from None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Parse on; what came of the file's content."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise malformed(str(error)) from None
        fresh, self.fresh = self.fresh, []
        return fresh

    def end(self) -> None:
        if not self.ended:
            raise malformed("it ends before its closing boundary")
        if self.parts != 2:
            raise malformed(f"it has {self.parts} parts; there must be two, JSON and the content")

    def _begin(self) -> None:
        self.parts += 1

    def _header(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _of_header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self.parts == 2 and self._name.lower() == b"content-type":
            self.claimed = self._value.decode("latin-1").partition(";")[0].strip().lower()[:100]
        self._name = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self.parts == 1:
            self.said += data[start:end]
            if len(self.said) > SAID:
                raise Refusal(
                    f"the first part is longer than {SAID:,} bytes; it must be JSON, the second the content",
                    status=413,
                )
        elif self.parts == 2:
            self.fresh.append(data[start:end])

    def _end(self) -> None:
        self.ended = True


async def read_related(request: Request, house: House, boundary: bytes) -> tuple[bytes, str, Media]:
    """The first part, the type that the second claims, and its content in the store. Refusal."""
    limits, loop = house.settings.limits, asyncio.get_running_loop()
    parsed = Related(boundary)
    incoming = await loop.run_in_executor(None, house.media.incoming)
    try:
        async with aclosing(pieces(request, house, largest(limits) + SAID)) as stream:
            async for piece in stream:
                fresh = [part for chunk in piece for part in parsed.feed(chunk)]

                def write(fresh: list[bytes] = fresh) -> None:
                    roomy(house, sum(map(len, fresh)))
                    incoming.write(*fresh)

                if fresh:
                    await loop.run_in_executor(None, write)
                    bounded(limits, incoming.head, incoming.length)
        parsed.end()
        media = await loop.run_in_executor(
            None, lambda: house.media.keep(incoming, type=parsed.claimed)
        )
        return parsed.said, parsed.claimed, media
    finally:
        await asyncio.shield(loop.run_in_executor(None, incoming.close))
