"""HTTP/1.1 as the stand-in vendor needs it: small, and able to misbehave on purpose."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized",
           404: "Not Found", 409: "Conflict", 415: "Unsupported Media Type",
           422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error",
           502: "Bad Gateway"}  # fmt: skip


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    """`chunks` are written one after another with `pause` seconds between them; `length` is what the
    header claims; `close` ends the connection after the answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    pause: float = 0.0
    length: int | None = None
    close: bool = False


class Drop(Exception):
    """The connection is cut, without an answer."""


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(
        status, {"content-type": "application/json"} | named, [json.dumps(value).encode()]
    )


def fault(
    status: int, message: str, code: str | None = None, param: str | None = None, **headers: str
) -> Answer:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return answer(body, status, **headers)


@dataclass
class Part:
    """One part of a form: a file where it has a file name."""

    name: str
    content: bytes
    filename: str | None = None
    type: str = ""


def parts(request: Request) -> list[Part]:
    """The body's fields, whatever its encoding; JSON values stay JSON text unless they are strings."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        boundary = kind.split("boundary=", 1)[1].strip('"').encode()
        found = []
        for piece in request.body.split(b"--" + boundary)[1:-1]:
            head, content = piece.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)
            found.append(_part(head.decode(), content.removesuffix(b"\r\n")))
        return found
    if kind.startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(request.body.decode(), keep_blank_values=True)
        return [_value(name, text) for name, texts in fields.items() for text in texts]
    return [_value(name, value) for name, value in json.loads(request.body).items()]


def _value(name: str, value: Any) -> Part:
    """A field of JSON or of an urlencoded form; a data URL is a file."""
    if isinstance(value, dict) and "image_url" in value:
        name, value = f"{name}[image_url]", value["image_url"]
    if name.endswith("[image_url]") and value.startswith("data:"):
        kind, _, packed = value.removeprefix("data:").partition(";base64,")
        return Part(name.removesuffix("[image_url]"), base64.b64decode(packed), "data", kind)
    return Part(name, value.encode() if isinstance(value, str) else json.dumps(value).encode())


def _part(head: str, content: bytes) -> Part:
    named: dict[str, str] = {}
    kind = ""
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-disposition":
            for entry in value.split(";")[1:]:
                key, _, text = entry.strip().partition("=")
                named[key] = text.strip('"')
        elif name.lower() == "content-type":
            kind = value.strip()
    return Part(named["name"], content, named.get("filename"), kind)


Handle = Callable[[Request], Awaitable[Answer]]
Before = Callable[[Request], None]


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handle, before: Before
) -> None:
    """Serve one connection. `before` sees a request whose body was not read yet, and may `Drop` it."""
    try:
        while (request := await _head(reader)) is not None:
            before(request)
            request.body = await _body(reader, request.headers)
            reply = await handle(request)
            if not await _write(writer, reply):
                return
    except Drop:
        # with nothing lingering, closing is a reset: the client sees the connection break
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _head(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    place = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(place.query).items()}
    return Request(method, unquote(place.path), query, headers)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        pieces = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            pieces.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(pieces)
    return await reader.readexactly(int(headers.get("content-length", 0)))


async def _write(writer: asyncio.StreamWriter, reply: Answer) -> bool:
    """Write the answer; whether the connection goes on."""
    length = sum(map(len, reply.chunks)) if reply.length is None else reply.length
    headers = reply.headers | {"content-length": str(length)}
    if reply.close:
        headers["connection"] = "close"
    lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    for chunk in reply.chunks:
        writer.write(chunk)
        await writer.drain()
        if reply.pause:
            await asyncio.sleep(reply.pause)
    return not reply.close
