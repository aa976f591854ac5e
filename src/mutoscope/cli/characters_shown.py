"""A character on a terminal: in a line, as values, as a contact sheet."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mutoscope.cli.records import print_json
from mutoscope.errors import BadInput

if TYPE_CHECKING:
    from mutoscope.characters.model import Character
    from mutoscope.storage.media import MediaStore


def written(one: Character, media: MediaStore, path: Path) -> None:
    """Write the contact sheet. Raises BadInput where there are no frames yet."""
    from mutoscope.characters.sheet import sheet
    from mutoscope.images.encode import encoded, put

    if not one.frames:
        raise BadInput(f"character '{one.name}' is {one.status}; it has no frames for a sheet")
    files = [(media.path(frame.media), media.path(frame.matte)) for frame in one.frames]
    put(encoded(sheet(one.frames, files), "png"), path)


def tell(one: Character, as_json: bool) -> None:
    """What became of a character: its line and its id, or JSON."""
    if as_json:
        print_json(row(one))
        return
    print(f"{one.name}: {told(one)}")
    print(f"  {one.id}, project {one.project}")


def told(one: Character) -> str:
    """A character in a line."""
    of = {
        "upload": "an uploaded film",
        "url": "a film at an address",
        "job": "a video of this server",
        "pictures": "pictures",
        "import": "its file",
    }
    parts: list[str] = [one.status]
    if one.frames:
        parts.append(counted(len(one.frames), "frame"))
    if one.origin is not None:
        parts.append(f"made of {of[one.origin.kind]}")
    if one.faces:
        parts.append("a face")
    if one.consent is not None:
        parts.append(
            "with consent, which has ended" if one.consent.over(time.time()) else "with consent"
        )
    elif one.faces:
        parts.append("no consent")
    return ", ".join(parts)


def counted(number: int, what: str) -> str:
    """ "1 frame", "2 frames"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def row(one: Character) -> dict[str, Any]:
    """A character as values."""
    from mutoscope.characters.names import mention
    from mutoscope.characters.showing import origin_shown, standing

    return {
        "id": one.id,
        "project": one.project,
        "name": one.name,
        "mention": mention(one.name),
        "description": one.description,
        "status": one.status,
        "created": one.created,
        "updated": one.updated,
        "faces": one.faces,
        "consent": msgspec.to_builtins(one.consent),
        "origin": origin_shown(one.origin),
        "registered": {name: id for name, id in one.registered.items() if not id.startswith("?")},
        "frames": msgspec.to_builtins(one.frames),
        "warnings": msgspec.to_builtins(standing(one, time.time())),
        "error": msgspec.to_builtins(one.error),
    }
