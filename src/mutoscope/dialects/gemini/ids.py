"""Ids on this wire: what this house's have after their prefix, in small letters and digits, for that is
all that Google's clients find in an address."""

from __future__ import annotations

import re

_ID = re.compile(r"[a-z0-9]{1,80}", re.ASCII)


def bare(id: str) -> str:
    """`file-0123…` or `video_0123…` without what stands before it."""
    return re.split("[-_]", id, maxsplit=1)[-1]


def file_id(id: str) -> str:
    return f"file-{id}"


def video_id(id: str) -> str:
    return f"video_{id}"


def well(text: str) -> bool:
    """Whether an id could be so."""
    return _ID.fullmatch(text) is not None
