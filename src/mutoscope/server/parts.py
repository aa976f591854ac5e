"""A multipart/form-data body, read as it comes: text is kept, files go into the media store.

A file up to SPILL bytes is collected in memory and stored in one go; a longer one is written out every
SPILL bytes. So the event loop never waits on the disk, and a usual photograph costs one hand-off.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mutoscope.config import Limits
from mutoscope.jobs.quota import full
from mutoscope.server.errors import Refusal
from mutoscope.server.filenames import safe_name
from mutoscope.server.intake import Intake
from mutoscope.server.strict_json import check_text
from mutoscope.shot import Media
from mutoscope.storage.incoming import Incoming, beginning
from mutoscope.storage.media import MediaStore
from mutoscope.storage.sniff import media_type

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

SPILL = 4 << 20
SNIFFED = 64  # bytes after which a part's kind can be told
HEADERS = 16  # of one part
T = TypeVar("T")
_EXTENDED = re.compile(r"filename\*\s*=\s*utf-8''([^;\s]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A part with a file name, stored. `filename` is its safe base name; `claimed` the type that its
    sender named, which proves nothing: `media.type` is what its first bytes show."""

    media: Media
    filename: str
    claimed: str


@dataclass(slots=True)
class _Part:
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    held: list[bytes] = field(default_factory=list)
    holding: int = 0  # bytes in `held`
    length: int = 0
    incoming: Incoming | None = None
    bound: int | None = None

    @property
    def claimed(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()[:100]


class Parts:
    """Feed it the body's chunks in order, then `end`; `close` in every case. Refusals are 4xx."""

    def __init__(
        self,
        boundary: bytes,
        media: MediaStore,
        limits: Limits,
        intake: Intake,
        spare: int = 0,
    ) -> None:
        """`spare`: bytes that stay free on the disk, whatever is sent."""
        self.fields: list[tuple[str, Any]] = []
        self.text = 0  # bytes of text fields
        self._media, self._limits, self._intake, self._spare = media, limits, intake, spare
        self._part = _Part()
        self._done: list[_Part] = []
        self._count, self._held, self._ended = 0, 0, False
        self._header, self._value = b"", b""
        self._error: Refusal | None = None
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks, max_header_count=HEADERS)
        except FormParserError:
            raise malformed("its boundary is longer than 256 characters") from None

    async def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise malformed(str(error)) from None
        for part in self._done:
            await self._store(part)
        self._done.clear()
        if self._part.filename is not None and self._part.holding >= SPILL:
            await self._spill(self._part)

    def end(self) -> None:
        if not self._ended:
            raise malformed("it ends before its closing boundary")

    def close(self) -> None:
        """Give memory back and leave no file behind that was not stored."""
        self._intake.hold(-self._held, self._limits)
        self._held = 0
        for part in (*self._done, self._part):
            if part.incoming is not None:
                asyncio.get_running_loop().run_in_executor(None, part.incoming.close)

    # what the parser calls

    def _begin(self) -> None:
        self._count += 1
        if self._count > self._limits.parts:
            raise Refusal(
                f"the body has more than {self._limits.parts} parts, the most that are taken",
                status=413,
                hint="limits.parts is the setting",
            )
        self._part = _Part()

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        name, value = self._header.decode("latin-1").lower(), self._value.decode("latin-1")
        self._part.headers[name] = value
        self._header = self._value = b""

    def _on_headers(self) -> None:
        part = self._part
        disposition = part.headers.get("content-disposition", "")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            raise malformed('a part has no header Content-Disposition: form-data; name="…"')
        try:
            part.name = options[b"name"].decode()
        except UnicodeDecodeError:
            raise malformed("a part's name is not UTF-8") from None
        check_text("a part's name", part.name)
        if b"filename" in options:
            part.filename = options[b"filename"].decode("utf-8", "replace")
        elif extended := _EXTENDED.search(disposition):
            part.filename = urllib.parse.unquote(extended[1], errors="replace")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        part, count = self._part, end - start
        self._hold(count)
        part.held.append(data[start:end])
        part.holding += count
        part.length += count
        if part.filename is None:
            if part.length > self._limits.field_bytes:
                raise self._too_long(part, "a text field", "field_bytes")
            return
        if part.bound is None and part.length >= SNIFFED:
            self._bound(part)
        if part.bound is not None and part.length > part.bound:
            raise self._too_long(part, *self._rule(part))

    def _on_part_end(self) -> None:
        part, self._part = self._part, _Part()
        if part.filename is None:
            self._text(part)
        elif part.filename or part.length:  # a form's empty file field is a field left out
            self._done.append(part)

    def _on_end(self) -> None:
        self._ended = True

    def _text(self, part: _Part) -> None:
        raw = b"".join(part.held)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise Refusal(
                f"{part.name[:80]} is not UTF-8 text (byte {error.start:,})",
                param=part.name[:80],
                code="invalid_text",
                hint="a file needs a file name in its part's header",
            ) from None
        check_text(part.name, text)
        self.text += part.length
        self.fields.append((part.name, text))

    # limits

    def _hold(self, count: int) -> None:
        self._intake.hold(count, self._limits)
        self._held += count

    def _rule(self, part: _Part) -> tuple[str, str]:
        """What the part is, and the setting that bounds it."""
        kind = media_type(part.incoming.head if part.incoming else beginning(part.held))
        room = kind.partition("/")[0]
        return {"image": ("an image", "image_bytes"), "video": ("a video", "video_bytes")}.get(
            room, ("a file", "file_bytes")
        )

    def _bound(self, part: _Part) -> None:
        part.bound = getattr(self._limits, self._rule(part)[1])

    def _too_long(self, part: _Part, what: str, setting: str) -> Refusal:
        most = getattr(self._limits, setting)
        return Refusal(
            f"{part.name[:80]} is longer than {most:,} bytes, the most for {what} here",
            status=413,
            param=part.name[:80],
            code="too_large",
            hint=f"send a smaller one; limits.{setting} is the server's setting",
        )

    # the disk, in a thread

    async def _spill(self, part: _Part) -> None:
        pieces, count = part.held, part.holding
        part.held, part.holding = [], 0
        if part.incoming is None:
            part.incoming = await _in_thread(self._media.incoming)
        incoming = part.incoming

        def write() -> None:
            free = shutil.disk_usage(self._media.folder).free
            if free - count < self._spare:
                raise full(
                    f"{free:,} bytes are free on the server's disk, {self._spare:,} stay free"
                )
            incoming.write(*pieces)

        await _in_thread(write)
        self._hold(-count)

    async def _store(self, part: _Part) -> None:
        pieces, claimed = part.held, part.claimed
        if (incoming := part.incoming) is None:
            media = await _in_thread(lambda: self._media.put_pieces(pieces, type=as_type(claimed)))
        else:

            def finish() -> Media:
                incoming.write(*pieces)
                return self._media.keep(incoming, type=as_type(claimed))

            media = await _in_thread(finish)
        self._hold(-part.holding)
        self.fields.append((part.name, Upload(media, safe_name(part.filename or ""), claimed)))


_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def as_type(claimed: str) -> str:
    """What may count where the bytes show no type; never one that they would have shown."""
    shown = claimed.startswith(("image/", "video/", "audio/"))
    return "" if shown or not _TYPE.fullmatch(claimed) else claimed


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, work)


def malformed(why: str) -> Refusal:
    return Refusal(f"the multipart body cannot be read: {why}", code="invalid_multipart")
