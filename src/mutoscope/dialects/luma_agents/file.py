"""A file → the File object on the wire."""

from __future__ import annotations

import msgspec

from mutoscope.dialects.luma.generation import iso
from mutoscope.storage.files import File

PURPOSES = ("input", "reference")
STATES = ("pending", "ready", "failed", "deleted")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The service's File object."""

    id: str
    created_at: str
    mime_type: str
    purpose: str
    size_bytes: int
    state: str
    deleted_at: str | None = None
    expires_at: str | None = None
    failure_reason: str | None = None
    filename: str | None = None
    user_id: str | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file's bytes are to be put."""

    url: str
    method: str = "PUT"
    headers: dict[str, str]
    expires_at: str


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """What a file's creation is answered with; `upload` is null where its bytes are here already."""

    id: str
    state: str
    file: Shown
    upload: Upload | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Files, the newest first."""

    data: list[Shown]
    has_more: bool
    next_cursor: str | None


def state(file: File) -> str:
    """Whether its bytes are here."""
    return "ready" if file.media.length else "pending"


def shown(file: File, user: str | None = None) -> Shown:
    """The file as its clients see it. One that came by another dialect is a reference."""
    return Shown(
        id=file.id,
        created_at=iso(file.created),
        mime_type=file.media.type,
        purpose=file.purpose if file.purpose in PURPOSES else "reference",
        size_bytes=file.media.length,
        state=state(file),
        expires_at=iso(file.expires) if file.expires is not None else None,
        filename=file.filename or None,
        user_id=user,
    )
