"""What a request points at as a picture or a clip, in every form that programs send; nothing is looked
up here.

====================================================== ==============================
an uploaded part                                        `Upload`
{"file_id": ...}, a file's id as text                   `FileId`
{"image_url": ...}, {"url": ...}, an http(s) URL        `Address`
a data URL, base64 in `image_data`                      `Data`
{"id": ...}, a video's id as text                       `VideoId`
"files/...", a Google file's name                       `Resource`
a video's first or last frame, as a picture             `FilmFrame`
====================================================== ==============================
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

from mutoscope.dialects.shared.fields import got, structure, wrong_type
from mutoscope.errors import BadInput, BadShot
from mutoscope.server.body import Upload

_FILE = re.compile(r"file[-_][0-9A-Za-z_-]{1,70}", re.ASCII)
_VIDEO = re.compile(r"video_[0-9A-Za-z_-]{1,70}", re.ASCII)
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]+={0,2}", re.ASCII)
_LINK_FIELDS = ("image_url", "video_url", "url")
MAX_URL = 8192  # characters


@dataclass(frozen=True, slots=True)
class FileId:
    """`plain`: it came as bare text, which the service itself never took."""

    id: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class VideoId:
    id: str


@dataclass(frozen=True, slots=True)
class FilmFrame:
    """A frame of a finished video, as a picture: its last one, or its first."""

    id: str
    last: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """A file or a finished video, by what its id has after the prefix: Google's names have one room for
    both."""

    id: str


@dataclass(frozen=True, slots=True)
class Address:
    url: str


@dataclass(frozen=True, slots=True, repr=False)
class Data:
    """The bytes within a request's text. `text` is a data URL or bare base64."""

    text: str

    def decode(self, field: str) -> bytes:
        """The bytes; megabytes of them take milliseconds. Raises BadInput."""
        head, comma, rest = self.text.partition(",")
        if self.text[:5].lower() != "data:":
            head, rest = ";base64", self.text
        elif not comma:
            raise _broken(field, "it has no comma")
        if not head.lower().endswith(";base64"):
            return unquote_to_bytes(rest)
        packed = "".join(rest.split()).replace("-", "+").replace("_", "/").rstrip("=")
        try:
            content = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise _broken(field, "it is not base64") from None
        if not content:
            raise _broken(field, "it is empty")
        return content


Reference: TypeAlias = Upload | FileId | VideoId | FilmFrame | Resource | Address | Data


def picture(field: str, value: object) -> Reference:
    """A picture: a file, {image_url} or {file_id}, or one of these as text."""
    if isinstance(value, dict):
        return _named(field, value, ("image_url", "file_id"))
    return _plain(field, value, "a file")


def clip(field: str, value: object) -> Reference:
    """A clip: a file, {id}, or an id, a URL or a data URL as text."""
    if isinstance(value, dict):
        return _named(field, value, ("id", "file_id", "video_url", "url"))
    return _plain(field, value, "a file or an object with an id")


def link(field: str, value: object) -> Reference:
    """An address: http(s) or a data URL, as text or as {url}."""
    given = structure(field, value) if isinstance(value, str) and value[:1] == "{" else value
    if isinstance(given, dict):
        return _named(field, given, ("url",))
    return _address(field, given)


def data(field: str, value: object) -> Reference:
    """A picture's bytes: a file, base64, or a data URL."""
    if isinstance(value, Upload):
        return value
    if not isinstance(value, str):
        raise wrong_type(field, "a base64-encoded string", value)
    if value[:5].lower() != "data:" and not _BASE64.fullmatch("".join(value[:4096].split())):
        raise _broken(field, "it is not base64")
    return Data(value)


def unknown_within(field: str, value: object) -> list[str]:
    """The members of a reference's object that nothing here reads."""
    known = {"id", "file_id", *_LINK_FIELDS}
    return (
        [f"{field}.{key}" for key in value if key not in known] if isinstance(value, dict) else []
    )


def _named(field: str, value: dict[str, object], allowed: tuple[str, ...]) -> Reference:
    given = [key for key in allowed if value.get(key) is not None]
    if len(given) != 1:
        raise BadInput(
            f"Invalid '{field}': expected exactly one of {' or '.join(allowed[:2])}, "
            f"but got {' and '.join(given) or 'neither'}.",
            field=field,
            code="invalid_value",
        )
    (key,) = given
    inner, one = f"{field}.{key}", value[key]
    if key in _LINK_FIELDS:
        return _address(inner, one)
    if not isinstance(one, str):
        raise wrong_type(inner, "a string", one)
    return VideoId(one) if key == "id" and not _FILE.fullmatch(one) else FileId(one)


def _plain(field: str, value: object, expected: str) -> Reference:
    if isinstance(value, Upload):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text[:5].lower() == "data:" or "://" in text[:12]:
            return _address(field, text)
        if _FILE.fullmatch(text):
            return FileId(text, plain=True)
        if _VIDEO.fullmatch(text):
            return VideoId(text)
    raise not_a_file(field, value, expected)


def not_a_file(field: str, value: object, expected: str = "a file") -> BadInput:
    """The service's own error for text where a file should be."""
    return BadInput(
        f"Invalid type for '{field}': expected {expected}, but got {got(value)} instead.",
        field=field,
        code="invalid_type",
        hint="send a file as a multipart part, the id of a file in /v1/files, an http(s) URL, "
        "or a data URL",
    )


def _address(field: str, value: object) -> Reference:
    if not isinstance(value, str):
        raise wrong_type(field, "a string", value)
    text = value.strip()
    if text[:5].lower() == "data:":
        return Data(text)
    shown = text if len(text) <= 200 else f"{text[:200]}..."
    try:
        parts = urlsplit(text)
        well = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        well = False
    if not well or len(text) > MAX_URL or not text.isprintable() or " " in text:
        raise BadShot.of(
            field,
            shown,
            "an http:// or https:// address or a data URL "
            f"(data:image/png;base64,...), at most {MAX_URL:,} characters for an address",
        )
    return Address(text)


def _broken(field: str, why: str) -> BadInput:
    return BadInput(
        f"{field} cannot be decoded: {why}; it must be base64, or a data URL such as "
        "data:image/png;base64,...",
        field=field,
        code="invalid_base64",
    )
