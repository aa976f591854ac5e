"""Where the bytes of an answer go: decoded in bounded steps, judged, and on into the media store."""

from __future__ import annotations

import asyncio
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator

from mutoscope.shot import Media
from mutoscope.storage.media import Incoming, MediaStore, TooLarge
from mutoscope.storage.sniff import HEAD, media_type

BATCH = 1 << 18  # bytes that go to a thread together
STEP = 1 << 18  # bytes that one step of decoding may come to
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS

Judge = Callable[[str, int], None]


class Undecodable(Exception):
    """The content is not what its encoding says."""


class Sink:
    """Its methods belong in a thread; `take` and `end` raise what `judge` raises, or Undecodable.

    `judge(type, length)` is called as soon as the first bytes tell the media type, with the bytes so
    far, and after each further step: it stops the whole by raising. `inflate` undoes gzip and deflate.
    """

    def __init__(self, media: MediaStore, judge: Judge, *, bound: int, inflate: bool) -> None:
        self._media = media
        self._bound = bound
        self._incoming: Incoming | None = None  # made in the thread that writes first
        self._inflate = zlib.decompressobj(GZIP_OR_ZLIB) if inflate else None
        self._judge = judge
        self._type: str | None = None
        self._lock = threading.Lock()  # a step whose caller was cancelled may still be running
        self._closed = False

    def take(self, data: bytes) -> None:
        """The next bytes, as they were sent."""
        with self._lock:
            for piece in self._decoded(data):
                if self._closed:
                    return
                self._incoming = self._incoming or self._media.incoming(max_bytes=self._bound)
                self._keep(self._incoming, piece)

    def end(self) -> Media | None:
        """All was taken: the handle to it; None where there was nothing."""
        with self._lock:
            if self._incoming is None or not self._incoming.length:
                return None
            if self._inflate is not None and not self._inflate.eof:
                raise Undecodable
            self._tell(self._incoming)
            return self._media.keep(self._incoming)

    def close(self) -> None:
        """Leave nothing behind that was not kept."""
        with self._lock:
            self._closed = True
            if self._incoming is not None:
                self._incoming.close()

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            yield data
            return
        try:
            while data and not self._inflate.eof:
                yield self._inflate.decompress(data, STEP)
                data = self._inflate.unconsumed_tail
        except zlib.error:
            raise Undecodable from None

    def _keep(self, incoming: Incoming, piece: bytes) -> None:
        if self._type is not None:
            self._judge(self._type, incoming.length + len(piece))
        incoming.write(piece)
        if self._type is None and len(incoming.head) >= HEAD:
            self._tell(incoming)

    def _tell(self, incoming: Incoming) -> None:
        if self._type is None:
            self._type = media_type(incoming.head)
            self._judge(self._type, incoming.length)


async def pour(body: AsyncIterator[bytes], sink: Sink, bound: int) -> Media | None:
    """All of `body`, at most `bound` bytes as they are sent, into the sink; the sink is closed."""
    batch, sent = bytearray(), 0
    try:
        async for chunk in body:
            sent += len(chunk)
            if sent > bound:
                raise TooLarge(f"the file is longer than {bound:,} bytes, the most that is fetched")
            batch += chunk
            first = sent == len(batch)  # the first bytes tell the type at once
            if first or len(batch) >= BATCH:
                await asyncio.to_thread(sink.take, bytes(batch))
                batch.clear()
        await asyncio.to_thread(sink.take, bytes(batch))
        return await asyncio.to_thread(sink.end)
    finally:
        await asyncio.shield(asyncio.to_thread(sink.close))
