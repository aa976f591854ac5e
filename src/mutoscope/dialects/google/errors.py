"""Errors in Google's form: {"error": {code, message, status, details}}.

`code` repeats the HTTP status, `status` is the name of a google.rpc code; `details` say which field is at
fault, and when to come again. `hint` is an addition of this house.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mutoscope.server.errors import Told

RPC = "type.googleapis.com/google.rpc."
#: HTTP status → the name of the google.rpc code.
NAMES: dict[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    507: "RESOURCE_EXHAUSTED",
}
#: The name of a google.rpc code → its number, which errors of operations have in place of an HTTP status.
NUMBERS: dict[str, int] = {
    "CANCELLED": 1,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}


def name(status: int) -> str:
    """The google.rpc name for an HTTP status."""
    return NAMES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")


def form(told: Told) -> bytes:
    """The body of an error's answer."""
    error: dict[str, Any] = {
        "code": told.status,
        "message": told.message,
        "status": name(told.status),
    }
    if details := _details(told):
        error["details"] = details
    if told.hint:
        error["hint"] = told.hint
    return msgspec.json.encode({"error": error})


def _details(told: Told) -> list[Mapping[str, Any]]:
    details: list[Mapping[str, Any]] = []
    if told.code:
        details.append(
            {
                "@type": f"{RPC}ErrorInfo",
                "reason": told.code.upper(),
                "domain": "mutoscope",
            }
        )
    if told.param:
        details.append(
            {
                "@type": f"{RPC}BadRequest",
                "fieldViolations": [{"field": told.param, "description": told.message}],
            }
        )
    if (wait := told.headers.get("retry-after")) is not None:
        details.append({"@type": f"{RPC}RetryInfo", "retryDelay": f"{wait}s"})
    return details
