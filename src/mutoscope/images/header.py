"""What an image's header says besides its size."""

from __future__ import annotations

from typing import Any


def field(header: Any, name: str) -> Any:
    return header.get(name) if header.get_typeof(name) else None


def profile_name(header: Any) -> str | None:
    """ "" for no embedded profile or one that is sRGB already; else what the profile calls itself."""
    profile = field(header, "icc-profile-data")
    if not profile:
        return ""
    text = _description(bytes(profile))
    return "" if text.lower().startswith(("srgb", "c2", "urgb")) else text[:40] or "unnamed"


def _description(profile: bytes) -> str:
    """The text of an ICC profile's `desc` tag (ICC.1:2022, 7.3 and 10.15; `desc` type of version 2)."""
    for entry in range(132, 132 + 12 * min(64, int.from_bytes(profile[128:132], "big")), 12):
        if profile[entry : entry + 4] == b"desc":
            at = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            if profile[at : at + 4] == b"mluc":
                length = int.from_bytes(profile[at + 20 : at + 24], "big")
                start = at + int.from_bytes(profile[at + 24 : at + 28], "big")
                return profile[start : start + length].decode("utf-16-be", "replace").strip("\0 ")
            length = int.from_bytes(profile[at + 8 : at + 12], "big")
            return profile[at + 12 : at + 12 + length].decode("latin-1").strip("\0 ")
    return ""
