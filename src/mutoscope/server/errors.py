"""A refusal of a request, and how any error becomes an answer in its dialect's form."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mutoscope.errors import CannotWrite, MutoscopeError

_log = logging.getLogger("mutoscope.server")

#: HTTP status → type and code of an error that names none itself
KINDS: dict[int, tuple[str, str | None]] = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("permission_error", "insufficient_permissions"),
    404: ("invalid_request_error", "not_found"),
    405: ("invalid_request_error", "method_not_allowed"),
    408: ("invalid_request_error", "request_timeout"),
    409: ("invalid_request_error", "conflict"),
    413: ("invalid_request_error", "request_too_large"),
    415: ("invalid_request_error", "unsupported_media_type"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("server_error", "server_error"),
    503: ("server_error", "unavailable"),
    507: ("server_error", "insufficient_storage"),
}
NOWHERE = (
    "there is nothing at this path; check the URL: the base_url of OpenAI's clients ends in /v1, and "
    "the other dialects' paths are in docs/dialects.md"
)
GENERIC = {"failed", "cannot_write", "weights_corrupt"}  # codes that tell a caller nothing


class Refusal(MutoscopeError):
    """A request that is not done. `status`: HTTP; `type`, `code`: for programs (KINDS where left out);
    `param`: the field at fault; `hint`: how to mend it; `headers`: sent with the answer."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str | None = None,
        param: str | None = None,
        code: str | None = None,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, field=param, hint=hint)
        kind = KINDS.get(status, KINDS[400] if status < 500 else KINDS[500])
        self.http_status = status
        self.type = type or kind[0]
        self.param = param
        self.reason = code if code is not None else kind[1]
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Told:
    """What a dialect's error body is made of."""

    status: int
    message: str
    type: str
    param: str | None = None
    code: str | None = None
    hint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Form = Callable[[Told], bytes]


def openai(told: Told) -> bytes:
    """The error body of the OpenAI dialect, with the `hint` beside the vendor's own fields."""
    error: dict[str, Any] = {
        "message": told.message, "type": told.type, "param": told.param, "code": told.code,
    }  # fmt: skip
    if told.hint:
        error["hint"] = told.hint
    return msgspec.json.encode({"error": error})


def house(told: Told) -> bytes:
    """The same for what is no dialect's path: mostly an address that lacks the beginning of one."""
    if told.code == "unknown_url":
        told = replace(told, message=NOWHERE)
    return openai(told)


def tell(error: BaseException) -> Told:
    """What is said of an error: never a path of this machine, never a traceback."""
    match error:
        case Refusal():
            return Told(
                error.http_status, error.message, error.type, error.param, error.reason,
                error.hint, error.headers,
            )  # fmt: skip
        case CannotWrite():
            return _unwritten(error)
        case MutoscopeError():
            status = error.status
            type, code = KINDS.get(status, KINDS[400] if status < 500 else KINDS[500])
            own = None if error.code in GENERIC else error.code
            return Told(status, error.message, type, error.field, own or code, error.hint)
        case HTTPException():
            return _routing(error)
        case ClientDisconnect():
            return Told(400, "the connection ended before the whole body had come", *_kind(400))
    return Told(500, "the server failed at this request; its log says why", *_kind(500))


def answer(error: BaseException, form: Form = openai) -> Response:
    """The answer for an error. What is the server's own fault goes into its log with the traceback."""
    told = tell(error)
    if told.status >= 500 and not isinstance(error, Refusal):
        expected = isinstance(error, MutoscopeError)
        _log.error("%s: %s", type(error).__name__, error, exc_info=None if expected else error)
    return Response(
        form(told), told.status, headers=dict(told.headers), media_type="application/json"
    )


def _kind(status: int) -> tuple[str, None, str | None]:
    type, code = KINDS[status]
    return type, None, code


def _unwritten(error: CannotWrite) -> Told:
    """Of files that cannot be written only a full disk is the caller's business."""
    if error.status == 507:
        message = "the server's disk is full: it takes nothing more until its owner makes room"
        return Told(507, message, *_kind(507), headers={"x-should-retry": "false"})
    return Told(500, "the server cannot write its files; its log says why", *_kind(500))


def _routing(error: HTTPException) -> Told:
    """Starlette's own: no such route, no such method."""
    status = error.status_code
    type, code = KINDS.get(status, KINDS[400])
    headers = dict(error.headers or {})
    if status == 404:
        return Told(404, "there is nothing at this path; check the URL", type, None, "unknown_url")
    if status == 405:
        allowed = headers.get("Allow", "")
        return Told(
            405, f"this path does not take this method; it takes {allowed}", type, None, code,
            headers=headers,
        )  # fmt: skip
    return Told(status, str(error.detail), type, None, code, headers=headers)
