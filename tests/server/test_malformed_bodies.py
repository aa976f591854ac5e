"""Bodies that no client should send, byte by byte on a socket: each gets a 4xx in the dialect's form, in
under a second, and the process does not grow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from echoing import echoing, on_a_socket, raw, resident
from small_house import small_house

from mutoscope.config import Limits, Settings

LIMITS = Limits(
    json_bytes=1 << 20, image_bytes=1 << 20, request_bytes=8 << 20, field_bytes=1 << 20, parts=20,
    slow_seconds=0.4,
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("house")
    with (
        small_house(folder, Settings(limits=LIMITS)) as house,
        on_a_socket(echoing(house)) as port,
    ):
        yield port, folder


def post(body: bytes, kind: str, *, length: int | None = None, extra: str = "") -> bytes:
    size = len(body) if length is None else length
    head = (
        f"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {size}\r\n{extra}\r\n"
    )
    return head.encode("latin-1") + body


def as_json(body: bytes, **more: int) -> bytes:
    return post(body, "application/json", **more)  # type: ignore[arg-type]


def part(header: str, body: bytes = b"x") -> bytes:
    return b"--B\r\n" + header.encode("utf-8") + b"\r\n\r\n" + body + b"\r\n"


def form(
    *parts: bytes, end: bytes = b"--B--\r\n", kind: str = "multipart/form-data; boundary=B"
) -> bytes:
    return post(b"".join(parts) + end, kind)


def named(name: str, more: str = "", body: bytes = b"x") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"{more}', body)


def chunked(body: bytes, kind: str = "application/json") -> bytes:
    head = (
        f"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    return head.encode() + body


JPEG = b"\xff\xd8\xff\xe0" + bytes(4096)


@dataclass(frozen=True)
class Case:
    request: bytes
    status: int
    says: str


CASES = {
    # JSON
    "no json": Case(as_json(b"prompt=x"), 400, "not valid JSON"),
    "json cut off": Case(as_json(b'{"prompt": "a'), 400, "not valid JSON"),
    "json twice": Case(as_json(b"{}{}"), 400, "not valid JSON"),
    "json list": Case(as_json(b"[1]"), 400, "must be a JSON object, not a list"),
    "json null": Case(as_json(b"null"), 400, "must be a JSON object"),
    "json text": Case(as_json(b'"prompt"'), 400, "not text"),
    "duplicate key": Case(as_json(b'{"a":1,"a":2}'), 400, "'a' is given more than once"),
    "duplicate inner key": Case(as_json(b'{"o":{"a":1,"a":2}}'), 400, "more than once"),
    "NaN": Case(as_json(b'{"seconds": NaN}'), 400, "NaN"),
    "Infinity": Case(as_json(b'{"seconds": -Infinity}'), 400, "Infinity"),
    "1e999": Case(as_json(b'{"seconds": 1e999}'), 400, "too large a number"),
    "endless number": Case(as_json(b'{"n": ' + b"9" * 100_000 + b"}"), 400, "number that is too long"),
    "deep lists": Case(as_json(b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), 400, "nested more than"),
    "deep objects": Case(as_json(b'{"a":' * 40 + b"1" + b"}" * 40), 400, "nested more than"),
    "a bomb of values": Case(as_json(b'{"a":[' + b"[]," * 200_000 + b"0]}"), 400, "more than 100,000 values"),
    "latin-1 json": Case(as_json('{"prompt": "caf\xe9"}'.encode("latin-1")), 400, "not UTF-8"),
    "half a surrogate": Case(as_json(b'{"prompt": "\\ud800"}'), 400, "broken Unicode"),
    "NUL": Case(as_json(b'{"prompt": "a\\u0000b"}'), 400, "NUL characters"),
    "utf-16 json": Case(as_json('{"a": 1}'.encode("utf-16")), 400, "not UTF-8"),
    "json too long": Case(as_json(b"{}", length=(1 << 20) + 1), 413, "longer than 1,048,576 bytes"),
    "ten gigabytes declared": Case(as_json(b"{}", length=10 << 30), 413, "longer than"),
    "a negative length": Case(as_json(b"{}", length=-5), 400, "not a valid HTTP request"),
    "chunks beyond the bound": Case(
        chunked(b"20000\r\n" + b" " * 0x20000 + b"\r\n" + (b"F0000\r\n" + b" " * 0xF0000 + b"\r\n") * 2),
        413, "longer than 1,048,576 bytes",
    ),
    "a broken chunk": Case(chunked(b"zz\r\n{}\r\n0\r\n\r\n"), 400, ""),
    # kinds
    "plain text": Case(post(b"prompt", "text/plain"), 415, "must be application/json"),
    "xml": Case(post(b"<prompt/>", "application/xml"), 415, "must be application/json"),
    "compressed": Case(
        post(b"\x1f\x8b", "application/json", extra="Content-Encoding: gzip\r\n"), 415, "compressed"
    ),
    # multipart
    "no boundary": Case(post(b"--B--", "multipart/form-data"), 400, "names no boundary"),
    "an endless boundary": Case(
        post(b"--B--", "multipart/form-data; boundary=" + "B" * 300), 400, "boundary is longer"
    ),
    "another boundary": Case(form(named("a"), kind="multipart/form-data; boundary=C"), 400, "cannot be read"),
    "no end": Case(form(named("a"), end=b""), 400, "before its closing boundary"),
    "empty multipart": Case(form(end=b""), 400, "before its closing boundary"),
    "cut in a head": Case(form(end=b"--B\r\nContent-Dispo"), 400, "before its closing boundary"),
    "no name": Case(form(part("Content-Disposition: form-data")), 400, "Content-Disposition"),
    "no disposition": Case(form(part("Content-Type: text/plain")), 400, "Content-Disposition"),
    "an attachment": Case(form(part('Content-Disposition: attachment; name="a"')), 400, "form-data"),
    "an empty name": Case(form(named("")), 400, "field name"),
    "a name that is not UTF-8": Case(
        form(b'--B\r\nContent-Disposition: form-data; name="\xff\xfe"\r\n\r\nx\r\n'), 400, "not UTF-8"
    ),
    "text that is not UTF-8": Case(form(named("prompt", body=b"\xff\xfe")), 400, "not UTF-8 text"),
    "text with NUL": Case(form(named("prompt", body=b"a\0b")), 400, "NUL"),
    "a duplicate field": Case(form(named("prompt"), named("prompt")), 400, "prompt is given more than once"),
    "a field both ways": Case(form(named("v"), named("v[id]")), 400, "does not fit"),
    "deep brackets": Case(form(named("a" + "[b]" * 50)), 400, "nested more than 8 deep"),
    "brackets that do not pair": Case(form(named("a[b")), 400, "do not pair"),
    "brackets the wrong way": Case(form(named("a]b[")), 400, "field name"),
    "an endless name": Case(form(named("a" * 3000)), 400, "longer than 256"),
    "an endless part header": Case(form(named("a", "; x=" + "y" * 20_000)), 400, "cannot be read"),
    "headers without end": Case(
        form(part("\r\n".join(f"X-{n}: 1" for n in range(50)))), 400, "cannot be read"
    ),
    "a header that is none": Case(form(b"--B\r\nno colon here\r\n\r\nx\r\n"), 400, "cannot be read"),
    "too many parts": Case(form(*(named(f"f{n}") for n in range(30))), 413, "more than 20 parts"),
    "too long a text": Case(form(named("prompt", body=b"x" * ((1 << 20) + 1))), 413, "text field"),
    "too large an image": Case(
        form(named("input_reference", '; filename="a.jpg"', JPEG + bytes(1 << 20))), 413, "an image"
    ),
    "multipart declared huge": Case(
        post(b"", "multipart/form-data; boundary=B", length=1 << 40), 413, "longer than"
    ),
    # urlencoded
    "urlencoded not UTF-8": Case(post(b"a=%ff%fe", "application/x-www-form-urlencoded"), 400, "not UTF-8 text"),
    "urlencoded twice": Case(post(b"a=1&a=2", "application/x-www-form-urlencoded"), 400, "more than once"),
    "urlencoded many": Case(
        post(b"&".join(b"a[]=1" for _ in range(100)), "application/x-www-form-urlencoded"), 400, "form"
    ),
    # heads
    "no http": Case(b"hello\r\n\r\n", 400, "not a valid HTTP request"),
    "two lengths": Case(
        b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        400, "not a valid HTTP request",
    ),
    "length and chunks": Case(
        b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400, "not a valid HTTP request",
    ),
    "an odd target": Case(b"GET //[ HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "nothing at this path"),
    "a target that is not ASCII": Case(
        b"GET /v1/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "not a valid HTTP request"
    ),
    "a header with a NUL": Case(b"GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n", 400, "not a valid HTTP"),
    "folded headers": Case(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400, ""
    ),
    "an endless head": Case(
        b"GET /v1/echo HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 400_000, 431, "longer than 65,536"
    ),
    "an endless path": Case(b"GET /" + b"y" * 400_000, 431, "longer than 65,536"),
    "another method": Case(b"PUT /v1/echo HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "does not take this method"),
    "nothing there": Case(b"GET /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "nothing at this path"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_is_refused_at_once(place: tuple[int, Path], name: str) -> None:
    port, folder = place
    case = CASES[name]
    begun = time.monotonic()
    status, headers, body = raw(port, case.request)
    spent = time.monotonic() - begun
    assert status == case.status, body
    error = json.loads(body)["error"]
    assert set(error) >= {"message", "type", "param", "code"}
    assert case.says in error["message"]
    assert headers["content-type"] == "application/json"
    assert spent < 1.0
    assert not list((folder / "media" / ".incoming").glob("*"))


def test_the_process_does_not_grow(place: tuple[int, Path]) -> None:
    port, _ = place

    def every() -> None:
        for case in CASES.values():
            raw(port, case.request)

    every()
    before = resident()
    for _ in range(3):
        every()
    assert resident() - before < 24 << 20


def test_sane_requests_still_work(place: tuple[int, Path]) -> None:
    port, _ = place
    status, _, body = raw(port, as_json('{"prompt": "Käse", "n": [1, 2.5, null]}'.encode()))
    assert status == 200
    assert json.loads(body)["fields"] == {"prompt": "Käse", "n": [1, 2.5, None]}
