"""The body of a request, whatever its encoding: JSON, multipart or urlencoded form."""

from __future__ import annotations

import asyncio
import hashlib
import urllib.parse
from collections.abc import Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from mutoscope.config import Limits
from mutoscope.server import strict_json
from mutoscope.server.errors import Refusal
from mutoscope.server.fields import nest
from mutoscope.server.intake import SMALL, Intake, chunks, too_long
from mutoscope.server.parts import Parts, Upload, malformed

if TYPE_CHECKING:
    from mutoscope.server.house import House

T = TypeVar("T")
LARGE = 256 << 10  # bytes of a body beyond which it is read into values in a thread


@dataclass(frozen=True, slots=True)
class Body:
    """`fields`: the request as nested values; JSON types stay, form fields are text, and parts with a
    file name are `Upload`s. `fingerprint`: SHA-256 over method, path, fields and uploads' hashes."""

    fields: dict[str, Any]
    fingerprint: str

    def uploads(self) -> list[Upload]:
        """Every upload, wherever it is nested."""
        found: list[Upload] = []
        rest: list[Any] = [self.fields]
        while rest:
            match rest.pop():
                case Upload() as upload:
                    found.append(upload)
                case dict() as inner:
                    rest.extend(inner.values())
                case list() as inner:
                    rest.extend(inner)
        return found


async def read_body(request: Request, house: House, several: Collection[str] = ()) -> Body:
    """Read the whole body; `Refusal` (400, 408, 413, 415, 503) says what is wrong with it. Uploads are in
    the media store afterwards. `several`: parts of a form that may come more than once by one name."""
    limits, intake = house.settings.limits, house.intake
    kind, options = parse_options_header(request.headers.get("content-type"))
    if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise Refusal(
            "the body is compressed; send it as it is, without Content-Encoding", status=415
        )
    most = limits.request_bytes if kind == b"multipart/form-data" else limits.json_bytes
    declared = _declared(request)
    if declared is not None and declared > most:
        raise too_long(most)
    if kind == b"multipart/form-data":
        boundary = options.get(b"boundary", b"")
        if not boundary:
            raise malformed("its Content-Type names no boundary")
        async with intake.place(limits):
            fields, weight = await _multipart(request, house, boundary, most, several)
    elif declared is None or declared > SMALL:
        async with intake.place(limits):
            fields, weight = await _whole(request, limits, intake, kind, most)
    else:
        fields, weight = await _whole(request, limits, intake, kind, most)
    # with the prefix: what one dialect is asked is no repeat of what another was
    method, path = (
        request.method,
        request.scope.get("state", {}).get("prefix", "") + request.url.path,
    )
    return Body(fields, await _aside(weight > LARGE, _fingerprint, method, path, fields))


def _declared(request: Request) -> int | None:
    """The Content-Length; None for a chunked body."""
    header = request.headers.get("content-length")
    if header is None:
        return None if "transfer-encoding" in request.headers else 0
    if not (header.isascii() and header.isdigit()) or len(header) > 18:
        raise Refusal("Content-Length is not a whole number", code="invalid_header")
    return int(header)


#: The fields, and how many bytes of text they hold.
Read = tuple[dict[str, Any], int]


async def _multipart(
    request: Request, house: House, boundary: bytes, most: int, several: Collection[str]
) -> Read:
    spare = house.settings.retention.free_bytes
    parts = Parts(boundary, house.media, house.settings.limits, house.intake, spare)
    try:
        async with aclosing(chunks(request.receive, house.settings.limits, most)) as stream:
            async for chunk in stream:
                house.intake.received += len(chunk)
                await parts.feed(chunk)
        parts.end()
    finally:
        parts.close()
    return nest(parts.fields, several), parts.text


async def _whole(request: Request, limits: Limits, intake: Intake, kind: bytes, most: int) -> Read:
    pieces: list[bytes] = []
    held = 0
    try:
        async with aclosing(chunks(request.receive, limits, most)) as stream:
            async for chunk in stream:
                intake.hold(len(chunk), limits)
                held += len(chunk)
                pieces.append(chunk)
        intake.received += held
        raw = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return await _aside(held > LARGE, _values, kind, raw, limits), held
    finally:
        intake.hold(-held, limits)


def _values(kind: bytes, raw: bytes, limits: Limits) -> dict[str, Any]:
    if kind == b"application/x-www-form-urlencoded":
        return nest(_pairs(raw, limits))
    if not raw.strip():
        return {}
    if kind == b"application/json" or kind.endswith(b"+json"):
        return strict_json.read(raw)
    if not kind and raw.lstrip()[:1] == b"{":
        return strict_json.read(raw)
    raise Refusal(
        f"Content-Type is {kind.decode('latin-1')[:80]!r}; it must be application/json or "
        "multipart/form-data",
        status=415,
    )


def _pairs(raw: bytes, limits: Limits) -> list[tuple[str, str]]:
    try:
        pairs = urllib.parse.parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=limits.parts,
        )
    except UnicodeDecodeError:
        raise Refusal("the form is not UTF-8 text", code="invalid_text") from None
    except ValueError as error:
        raise Refusal(f"the form cannot be read: {error}", code="invalid_form") from None
    for name, value in pairs:
        strict_json.check_text("a field's name", name)
        strict_json.check_text(name, value)
    return pairs


def _fingerprint(method: str, path: str, fields: dict[str, Any]) -> str:
    digest = hashlib.sha256(f"{method} {path}\n".encode())
    digest.update(msgspec.json.encode(fields, order="sorted"))
    return digest.hexdigest()


async def _aside(large: bool, work: Callable[..., T], *arguments: Any) -> T:
    """The work's result; large work is done in a thread."""
    if not large:
        return work(*arguments)
    return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)


__all__ = ["Body", "Upload", "read_body"]
