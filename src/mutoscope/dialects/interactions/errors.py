"""Errors in the form of this API: {"error": {code, message}}, whose code is a word."""

from __future__ import annotations

from typing import Any

import msgspec

from mutoscope.dialects.google import errors as google
from mutoscope.server.errors import Refusal, Told

#: The service's own words for what it says most.
WORDS = {400: "invalid_request", 404: "not_found", 405: "invalid_request"}


def form(told: Told) -> bytes:
    """The body of an error's answer; `reason`, `param` and `hint` are additions of this house."""
    status = google.name(told.status)
    error: dict[str, Any] = {
        "code": WORDS.get(told.status, status.lower()),
        "message": told.message,
        "status": status,
    }
    error |= {"reason": told.code} if told.code else {}
    error |= {"param": told.param} if told.param else {}
    error |= {"hint": told.hint} if told.hint else {}
    return msgspec.json.encode({"error": error})


def unknown(id: str) -> Refusal:
    """The service's error for an id that it does not have: a 400, not a 404."""
    return Refusal(
        f"Invalid interaction name: {id[:80]}",
        status=400,
        param="interaction",
        code="unknown_interaction",
        hint="an interaction is known until it is deleted, or its time is over",
    )
