"""A connection, bounded where uvicorn leaves it open: heads that never end, bodies nobody wants any more,
readers that stopped reading."""

from __future__ import annotations

from asyncio import TimerHandle

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mutoscope.server.errors import KINDS, Told, openai
from mutoscope.server.logs import request_id

ABORT = (
    "mutoscope.abort"  # in a request's scope: ends its connection without waiting for its reader
)
HEAD_SECONDS = 20.0  # for a request's line and headers to be there
HEAD_BYTES = 64 << 10
LINGER_SECONDS = 5.0  # in which a sender may learn that its body was refused
LINGER_BYTES = 8 << 20  # of such a body that are read and forgotten


def abort(scope: Scope) -> None:
    """End a request's connection at once, without waiting for its reader, where that can be done."""
    if (now := scope.get(ABORT)) is not None:
        now()


class Connection(HttpToolsProtocol):
    """See the module. An early refusal is answered while its body still comes: closing at once would take
    the answer away from the sender."""

    _head_timer: TimerHandle | None = None
    _linger_timer: TimerHandle | None = None
    _in_head = True
    _turned = False  # in this piece of data a head or a message ended
    _head_bytes = 0
    _discarded = 0

    def connection_made(self, transport) -> None:  # type: ignore[no-untyped-def]
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._cut)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._turned = False
        super().data_received(data)
        if not self._in_head or self._turned or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self._refuse(
                431, f"the request's line and headers are longer than {HEAD_BYTES:,} bytes"
            )
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._cut)

    def on_headers_complete(self) -> None:
        self._in_head, self._turned, self._head_bytes = False, True, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        self.scope[ABORT] = self.transport.abort  # type: ignore[literal-required]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if cycle.response_complete:
            self._discarded += len(body)
            if self._discarded > LINGER_BYTES:
                self.transport.close()
        elif cycle.body:
            super().on_body(body)
        else:
            # bytes in place of uvicorn's bytearray: they are handed on without two more copies
            cycle.body = body  # type: ignore[assignment]
            if len(body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._turned, self._head_bytes, self._discarded = True, True, 0, 0
        if self._linger_timer is not None:  # it was read to its end after all
            self._linger_timer.cancel()
            self._linger_timer = None
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head and not self.pipeline and not self.transport.is_closing():
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # it stopped reading; to close would wait for it for ever
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "this is not a valid HTTP request")

    def _cut(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._refuse(408, f"the request's headers took longer than {HEAD_SECONDS:g} seconds")

    def _refuse(self, status: int, message: str) -> None:
        type, code = KINDS.get(status, KINDS[400])
        body = openai(Told(status, message, type, None, code))
        lines = (
            f"HTTP/1.1 {status} {_PHRASES[status]}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            f"x-request-id: {request_id().decode()}",
            "connection: close",
        )
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self.transport.close()

    def _stop_timers(self) -> None:
        for timer in (self._head_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()


_PHRASES = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
