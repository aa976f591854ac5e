"""What a request says of a file that it sends: {"file": {"displayName": ..., "mimeType": ...}}."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request

from mutoscope.dialects.google.naming import camel
from mutoscope.dialects.shared import fields
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Notice
from mutoscope.server.errors import Refusal
from mutoscope.server.parts import as_type

MOST_NAME = 512  # characters of a display name, as the service had it
PURPOSE = "user_data"  # what OpenAI's list of the same files shows of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """`type` is what its sender claims, and counts where the content does not show it."""

    filename: str = "upload"
    type: str = ""
    size: int | None = None
    notices: tuple[Notice, ...] = ()


def described(request: Request, body: bytes | Mapping[str, Any], claimed: str = "") -> Described:
    """What the body and the headers say. BadInput."""
    said = _file(body if isinstance(body, Mapping) else _values(body))
    headers = request.headers
    named = said.get("displayName")
    if named is None:
        sent = urllib.parse.unquote(_text(headers.get("x-goog-upload-file-name", "")))
        named = sent.replace("\\", "/").rpartition("/")[2] or "upload"
    name = fields.words("file.displayName", named).strip() or "upload"
    if len(name) > MOST_NAME or not name.isprintable():
        raise BadShot.of("file.displayName", name, f"1 to {MOST_NAME} printable characters")
    kind = said.get("mimeType") or headers.get("x-goog-upload-header-content-type") or claimed
    length = said.get("sizeBytes")
    if length is None:
        length = headers.get("x-goog-upload-header-content-length")
    size = None if length is None else fields.whole("file.sizeBytes", length)
    if size is not None and size < 0:
        raise BadShot.of("file.sizeBytes", size, "0 or more")
    notices: tuple[Notice, ...] = ()
    if said.get("name"):
        message = "file.name is given by this server; the name that was asked for has no effect"
        notices = (Notice(code="ignored", field="file.name", message=message),)
    return Described(
        filename=name,
        type=as_type(fields.words("file.mimeType", kind).partition(";")[0].strip().lower()),
        size=size,
        notices=notices,
    )


def _file(body: Mapping[str, Any]) -> dict[str, Any]:
    said = body.get("file", {})
    if not isinstance(said, Mapping):
        raise fields.wrong_type("file", "an object", said)
    return {camel(str(name)): value for name, value in said.items() if value is not None}


def _text(header: str) -> str:
    """A header's value, in UTF-8 where it is that: it was read byte by byte."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header


def _values(body: bytes) -> Mapping[str, Any]:
    """The JSON; with single quotes too, as the service's own examples for curl are written."""
    if not body.strip():
        return {}
    for form in (body, body.replace(b"'", b'"')):
        try:
            read = msgspec.json.decode(form)
            break
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    else:
        raise Refusal(
            'the body is not JSON; it must be {"file": {"displayName": "..."}}, or empty',
            code="invalid_json",
        )
    if not isinstance(read, Mapping):
        raise BadInput("the body must be a JSON object", code="invalid_type")
    return read
