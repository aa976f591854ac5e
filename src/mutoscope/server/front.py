"""The outermost layer: every request gets an id, is let in or refused, answered in one form, counted and
written into the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mutoscope.server.auth import Door
from mutoscope.server.errors import answer, tell
from mutoscope.server.intake import Intake
from mutoscope.server.logs import about
from mutoscope.server.metrics import Metrics
from mutoscope.server.origin import cors, preflight

_log = logging.getLogger("mutoscope.requests")
_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.:/+=-]{0,127}")
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked for all day: not in the log


class Front:
    """See the module. A pure ASGI application around `app`."""

    def __init__(self, app: ASGIApp, door: Door, metrics: Metrics, intake: Intake) -> None:
        self.app, self.door, self.metrics, self.intake = app, door, metrics, intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        given = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        asked = given.get("x-request-id", "").encode("latin-1")
        request_id = asked if _SANE.fullmatch(asked) else b"req_" + secrets.token_hex(12).encode()
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id.decode("ascii")
        added: list[tuple[bytes, bytes]] = [(b"x-request-id", request_id)]
        origin = given.get("origin")
        if origin is not None and self.door.origins.allows(origin):
            added += cors(origin)
        status, sent = 0, 0

        async def reply(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *added]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        with about(request=state["request_id"]):
            reason = ""
            try:
                if scope["method"] == "OPTIONS" and await self._preflight(given, reply):
                    return
                caller, told = await self.door.admit(
                    scope["method"], scope["path"], scope["query_string"].decode("latin-1"), given,
                    scope["scheme"],
                )  # fmt: skip
                state["caller"] = caller
                added += [(name.encode(), value.encode()) for name, value in told.items()]
                await self.app(scope, receive, reply)
            except ClientDisconnect:
                reason = "disconnected"
            except Exception as error:
                reason = tell(error).code or "refused"
                if status:
                    raise
                await answer(error)(scope, receive, reply)
            finally:
                self._note(scope, status, sent, time.perf_counter() - begun, reason)

    async def _preflight(self, given: dict[str, str], reply: Send) -> bool:
        origin = given.get("origin", "")
        if "access-control-request-method" not in given or not self.door.origins.allows(origin):
            return False
        headers = preflight(origin, given.get("access-control-request-headers", ""))
        await reply({"type": "http.response.start", "status": 204, "headers": headers})
        await reply({"type": "http.response.body", "body": b""})
        return True

    def _note(self, scope: Scope, status: int, sent: int, seconds: float, reason: str) -> None:
        route = getattr(scope.get("route"), "path", "")
        self.metrics.request(scope["method"], route, status, seconds)
        self.metrics.bytes.sent += sent
        self.metrics.bytes.received = self.intake.received
        if reason:
            self.metrics.refused(reason)
        path = scope["path"]
        if path in QUIET or not _log.isEnabledFor(logging.INFO):
            return
        fields: dict[str, Any] = {"status": status, "ms": round(seconds * 1000, 1)}
        caller = scope["state"].get("caller")
        if caller is not None and caller.project:
            fields["project"] = caller.project
        if (job := scope.get("path_params", {}).get("video_id")) is not None:
            fields["job"] = job
        if reason:
            fields["reason"] = reason
        _log.info("%s %s", scope["method"], path, extra={"fields": fields})
