"""A request's fields and files as the body of a POST, in each encoding; files are read as they are sent."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from mutoscope.engines.openai_videos.request import Request, Upload
from mutoscope.errors import CannotWrite
from mutoscope.storage.sniff import HEAD, media_type

_CHUNK = 1 << 20
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "video/mp4": "mp4",
            "video/quicktime": "mov", "video/webm": "webm"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """Ready to send: its media type, its length in bytes, and its pieces, bytes or files, in order."""

    type: str
    pieces: tuple[bytes | Path, ...]
    length: int = field(default=0)

    async def stream(self) -> AsyncIterator[bytes]:
        """The bytes, files read in pieces beside the event loop."""
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            with await asyncio.to_thread(piece.open, "rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    yield chunk


def encoded(request: Request, encoding: Literal["multipart", "json", "form"]) -> Body:
    """The body. Looks into the files (their heads; all of them for JSON and urlencoded forms), so it
    runs in a thread. Raises CannotWrite where one of this server's own files cannot be read."""
    try:
        if encoding == "multipart":
            return _multipart(request)
        pictures = _as_data(request)
    except OSError as error:
        raise CannotWrite(f"a prepared file cannot be read: {error.strerror}") from error
    fields = dict(request.fields) | pictures
    if encoding == "json":
        return _one("application/json", msgspec.json.encode(fields))
    flat = {key: text for name, value in fields.items() for key, text in _flat(name, value)}
    return _one("application/x-www-form-urlencoded", urlencode(flat).encode())


def _one(kind: str, content: bytes) -> Body:
    return Body(kind, (content,), len(content))


def _as_data(request: Request) -> dict[str, Any]:
    """Each file as a data URL under its field's name, several of one name as a list: a picture as
    {image_url}, a film as it is."""
    found: dict[str, list[Any]] = {}
    listed: dict[str, list[Any]] = {}
    for one in request.uploads:
        url = _data_url(one.path)
        if one.within is not None:
            listed.setdefault(one.field, []).append({**one.within, "uri": url})
            continue
        whole = url if url.startswith("data:video/") else {"image_url": url}
        found.setdefault(one.field, []).append(whole)
    alone = {name: values[0] if len(values) == 1 else values for name, values in found.items()}
    return alone | listed


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    """Bracket names, as the API's own clients write them: `input_reference[image_url]` for an object's
    member, `characters[][id]` for each one's in a list."""
    if isinstance(value, dict) and list(value) == ["image_url"]:
        return [(f"{name}[image_url]", value["image_url"])]
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return [(f"{name}[][{key}]", _text(inner)) for one in value for key, inner in one.items()]
    return [(name, _text(value))]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _multipart(request: Request) -> Body:
    boundary = secrets.token_hex(16)
    pieces: list[bytes | Path] = []
    length = 0
    fields = [pair for name, value in request.fields.items() for pair in _flat(name, value)]
    for name, text in fields:
        pieces.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        )
    for upload in request.uploads:
        pieces += [_part_head(upload, boundary), upload.path, b"\r\n"]
        length += upload.path.stat().st_size
    pieces.append(f"--{boundary}--\r\n".encode())
    length += sum(len(piece) for piece in pieces if isinstance(piece, bytes))
    return Body(f"multipart/form-data; boundary={boundary}", tuple(pieces), length)


def _part_head(upload: Upload, boundary: str) -> bytes:
    kind = _kind(upload.path)
    name = upload.name or f"{upload.field.rstrip('[]')}.{_ENDINGS.get(kind, 'bin')}"
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{upload.field}"; '
        f'filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    ).encode()


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        return media_type(file.read(HEAD)) or "application/octet-stream"


def _data_url(path: Path) -> str:
    return f"data:{_kind(path)};base64,{base64.b64encode(path.read_bytes()).decode()}"
