"""The error body of Luma's APIs: `{"detail": ...}`, and beside it what this house adds."""

from __future__ import annotations

import msgspec

from mutoscope.server.errors import Told


def form(told: Told) -> bytes:
    """`detail` is the sentence; `code`, `param` and `hint` are additions."""
    more = {"code": told.code, "param": told.param, "hint": told.hint}
    said = {"detail": told.message} | {name: value for name, value in more.items() if value}
    return msgspec.json.encode(said)
