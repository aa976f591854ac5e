"""The outermost layer: every request gets an id, is let in or refused, answered in one form, counted and
written into the log."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from mutoscope.server import logs
from mutoscope.server.auth import Door, text
from mutoscope.server.connection import abort
from mutoscope.server.errors import answer, house, tell
from mutoscope.server.intake import Intake
from mutoscope.server.metrics import Metrics
from mutoscope.server.origin import cors, preflight
from mutoscope.server.switch import Switch, plain

_log = logging.getLogger("mutoscope.server")
_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.:/+=-]{0,127}")
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked for all day: not in the log


class Front:
    """See the module. A pure ASGI application around those of the switch."""

    def __init__(
        self,
        switch: Switch,
        door: Door,
        metrics: Metrics,
        intake: Intake,
        lines: logs.Lines | None = None,
    ) -> None:
        self.switch, self.door, self.metrics, self.intake = switch, door, metrics, intake
        self.lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.switch.house.app(scope, receive, send)
            return
        begun = time.perf_counter()
        given: dict[bytes, bytes] = dict(scope["headers"])
        asked = given.get(b"x-request-id", b"")
        request_id = asked if asked and _SANE.fullmatch(asked) else logs.request_id()
        state: dict[str, Any] = scope.setdefault("state", {})
        name = state["request_id"] = request_id.decode("ascii")
        logs.begin(request=name)
        scope["path"] = plain(scope["path"])
        place, path, prefix = self.switch.find(scope["path"], scope["query_string"], given)
        dialect = state["dialect"] = place.dialect
        state["prefix"] = prefix
        added: list[tuple[bytes, bytes]] = [(b"x-request-id", request_id)]
        if b"origin" in given and self.door.origins.allows(origin := text(given, b"origin")):
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

        reason = ""
        try:
            if scope["method"] == "OPTIONS" and await self._preflight(given, reply):
                return
            caller, told = await self.door.admit(
                scope["method"], scope["path"], scope["query_string"], given, scope["scheme"],
                dialect,
            )  # fmt: skip
            state["caller"] = caller
            if told:
                added += [(name.encode(), value.encode()) for name, value in told.items()]
            scope["app"] = (
                self  # a router inside an application refuses by raising, not by answering
            )
            if prefix:
                scope = {**scope, "path": path, "root_path": scope.get("root_path", "") + prefix}
            await place.app(scope, receive, reply)
        except ClientDisconnect:
            reason = "disconnected"
        except Exception as error:
            reason = tell(error).code or "refused"
            if status:  # it is under way: all that is left is to break it off
                _log.error("an answer broke off", exc_info=error)
                abort(scope)
            else:
                form = house if dialect is None else dialect.form
                await answer(error, form)(scope, receive, reply)
        finally:
            self._note(scope, name, status, sent, time.perf_counter() - begun, reason)

    async def _preflight(self, given: dict[bytes, bytes], reply: Send) -> bool:
        origin = text(given, b"origin")
        if b"access-control-request-method" not in given or not self.door.origins.allows(origin):
            return False
        headers = preflight(text(given, b"access-control-request-headers"))
        await reply({"type": "http.response.start", "status": 204, "headers": headers})
        await reply({"type": "http.response.body", "body": b""})
        return True

    def _note(
        self, scope: Scope, name: str, status: int, sent: int, seconds: float, reason: str
    ) -> None:
        route = scope.get("route")
        metrics = self.metrics
        metrics.request(scope["method"], "" if route is None else route.path, status, seconds)
        metrics.bytes.sent += sent
        metrics.bytes.received = self.intake.received
        if reason:
            metrics.refused(reason)
        path = scope["path"]
        if self.lines is None or path in QUIET:
            return
        fields: dict[str, Any] = {"request": name, "status": status, "ms": round(seconds * 1e3, 1)}
        caller = scope["state"].get("caller")
        if caller is not None and caller.project:
            fields["project"] = caller.project
        if (job := scope.get("path_params", _NONE).get("video_id")) is not None:
            fields["job"] = job
        if reason:
            fields["reason"] = reason
        self.lines.request(f"{scope['method']} {path}", fields)


_NONE: dict[str, str] = {}
