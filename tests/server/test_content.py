"""A stored file as an answer: ranges and conditions by RFC 9110, names by RFC 6266, memory."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from echoing import on_a_socket, resident
from hypothesis import given
from hypothesis import strategies as st
from small_house import small_house
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mutoscope.server import content as module
from mutoscope.server.app import build
from mutoscope.server.content import _range, content
from mutoscope.server.filenames import disposition

BYTES = bytes(range(256)) * 10
TAG = "a" * 64


@pytest.fixture
def http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(module, "CHUNK", 100)  # so that 2,560 bytes are many chunks
    film = tmp_path / "film"
    film.write_bytes(BYTES)
    os.utime(film, (1_700_000_000.5, 1_700_000_000.5))

    async def get(request: Request) -> Response:
        name = request.query_params.get("name", "film.mp4")
        kind = request.query_params.get("kind", "video/mp4")
        return content(request, film, media_type=kind, filename=name, etag=TAG, inline=True)

    async def gone(request: Request) -> Response:
        return content(request, tmp_path / "none", media_type="video/mp4", filename="x", etag=TAG)

    with small_house(tmp_path / "house") as house:
        more = [Route("/film", get, methods=["GET"]), Route("/gone", gone, methods=["GET"])]
        yield TestClient(
            build(house, rooms=(), dialects=(), more=more), base_url="http://127.0.0.1"
        )


def test_the_whole_file(http: TestClient) -> None:
    answer = http.get("/film")
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["etag"] == f'"{TAG}"'
    assert answer.headers["content-length"] == "2560"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["last-modified"] == formatdate(1_700_000_000, usegmt=True)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_head_is_get_without_the_bytes(http: TestClient) -> None:
    whole, head = http.get("/film"), http.head("/film")
    assert (head.status_code, head.content) == (200, b"")
    same = {"content-length", "etag", "content-type", "last-modified", "content-disposition"}
    assert {name: head.headers[name] for name in same} == {
        name: whole.headers[name] for name in same
    }


RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-99": (0, 100),
    "bytes=100-": (100, 2560),
    "bytes=-1": (2559, 2560),
    "bytes=-9999": (0, 2560),
    "bytes=2559-9999": (2559, 2560),
    "bytes = 5-6": (5, 7),
    "BYTES=99-101": (99, 102),
}


@pytest.mark.parametrize("asked", RANGES)
def test_a_range_is_given(http: TestClient, asked: str) -> None:
    start, end = RANGES[asked]
    answer = http.get("/film", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, BYTES[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/2560"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=2560-", "bytes=9999-10000", "bytes=-0"])
def test_a_range_beyond_is_416(http: TestClient, asked: str) -> None:
    answer = http.get("/film", headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */2560"
    assert answer.json()["error"]["code"] == "range_not_satisfiable"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=5-1",
        "bytes=a-b",
        "bytes=-",
        "bytes",
        "chars=0-1",
        "bytes=٣-٤",
        "",
        "bytes=1",
    ],
)
def test_what_is_not_one_range_gives_the_whole(http: TestClient, asked: str) -> None:
    answer = http.get("/film", headers={b"range": asked.encode()})
    assert (answer.status_code, answer.content) == (200, BYTES)


@given(st.text("bytes=-,0123456789 ", max_size=20), st.integers(0, 5000))
def test_no_header_leads_outside_the_file(header: str, length: int) -> None:
    found = _range(header, length)
    if isinstance(found, tuple):
        assert 0 <= found[0] < found[1] <= length


NEWER, OLDER = formatdate(1_700_000_001, usegmt=True), formatdate(1_699_999_999, usegmt=True)
EXACT = formatdate(1_700_000_000, usegmt=True)
CONDITIONS = {
    "none match, the same": ({"if-none-match": f'"{TAG}"'}, 304),
    "none match, weak": ({"if-none-match": f'W/"{TAG}"'}, 304),
    "none match, in a list": ({"if-none-match": f'"x", "{TAG}"'}, 304),
    "none match, any": ({"if-none-match": "*"}, 304),
    "none match, another": ({"if-none-match": '"x"'}, 200),
    "none match wins over the date": ({"if-none-match": '"x"', "if-modified-since": NEWER}, 200),
    "not modified since": ({"if-modified-since": EXACT}, 304),
    "modified since": ({"if-modified-since": OLDER}, 200),
    "a date that is none": ({"if-modified-since": "yesterday"}, 200),
    "match": ({"if-match": f'"{TAG}"'}, 200),
    "match, another": ({"if-match": '"x"'}, 412),
    "unmodified since": ({"if-unmodified-since": EXACT}, 200),
    "modified meanwhile": ({"if-unmodified-since": OLDER}, 412),
    "if range, the same": ({"range": "bytes=0-1", "if-range": f'"{TAG}"'}, 206),
    "if range, another": ({"range": "bytes=0-1", "if-range": '"x"'}, 200),
    "if range, weak": ({"range": "bytes=0-1", "if-range": f'W/"{TAG}"'}, 200),
    "if range, the date": ({"range": "bytes=0-1", "if-range": EXACT}, 206),
    "if range, an older date": ({"range": "bytes=0-1", "if-range": OLDER}, 200),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions(http: TestClient, name: str) -> None:
    headers, status = CONDITIONS[name]
    answer = http.get("/film", headers=headers)
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        assert answer.headers["etag"] == f'"{TAG}"'


def test_a_missing_file_is_404(http: TestClient) -> None:
    assert http.get("/gone").status_code == 404


def test_only_films_and_pictures_are_shown_in_place(http: TestClient) -> None:
    film = http.get("/film")
    assert film.headers["content-disposition"].startswith("inline;")
    assert "content-security-policy" not in film.headers, "a sandboxed film plays in no browser"
    for kind in ("text/html", "image/svg+xml", "application/pdf", "application/octet-stream"):
        answer = http.get("/film", params={"kind": kind})
        assert answer.headers["content-disposition"].startswith("attachment;"), kind
        assert "sandbox" in answer.headers["content-security-policy"]


NAMES = {
    "film.mp4": 'attachment; filename="film.mp4"',
    "кот.mp4": "attachment; filename=\"___.mp4\"; filename*=UTF-8''%D0%BA%D0%BE%D1%82.mp4",
    'a"b;c.mp4': 'attachment; filename="a_b;c.mp4"',
    "../x\r\nSet-Cookie: a=b.mp4": 'attachment; filename="xSet-Cookie_ a=b.mp4"',
    "50%.mp4": "attachment; filename=\"50_.mp4\"; filename*=UTF-8''50%25.mp4",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_header(name: str) -> None:
    assert disposition(name, inline=False) == NAMES[name]


def test_a_reader_that_stops_reading_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALLED", 0.2)
    large = tmp_path / "large"
    large.write_bytes(bytes(64 << 20))

    async def get(request: Request) -> Response:
        return content(request, large, media_type="video/mp4", filename="l.mp4", etag=TAG)

    with small_house(tmp_path / "house") as house:
        app = build(house, rooms=(), dialects=(), more=[Route("/large", get, methods=["GET"])])
        with on_a_socket(app) as port, socket.create_connection(("127.0.0.1", port), 5) as lazy:
            lazy.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert select.select([lazy], [], [], 5)[0]
            until_closed(port, lazy)
            got = 0
            with contextlib.suppress(ConnectionResetError):
                while piece := lazy.recv(1 << 20):
                    got += len(piece)
            assert got < 64 << 20


def until_closed(port: int, reader: socket.socket) -> None:
    """Wait until the server's end of the connection is gone."""
    mine = reader.getsockname()[1]
    end = time.monotonic() + 5
    while any(f":{mine:04X} 01" in line for line in established(port)):
        assert time.monotonic() < end
        time.sleep(0.02)


def established(port: int) -> list[str]:
    """Lines "local peer:PORT state" of connections whose local port is the server's."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [f"{row[2]} {row[3]}" for row in rows if row[1].endswith(f":{port:04X}")]


@pytest.mark.slow
def test_a_gigabyte_takes_little_memory_and_a_reader_that_leaves_none(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(1 << 30)

    async def get(request: Request) -> Response:
        return content(request, large, media_type="video/mp4", filename="l.mp4", etag=TAG)

    with small_house(tmp_path / "house") as house:
        app = build(house, rooms=(), dialects=(), more=[Route("/large", get, methods=["GET"])])
        with on_a_socket(app) as port:
            ask = b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            before, most, count = resident(), 0, 0
            buffer = bytearray(1 << 20)
            with socket.create_connection(("127.0.0.1", port), 20) as reader:
                reader.sendall(ask)
                while got := reader.recv_into(buffer):
                    count += got
                    if count >> 26 != (count - got) >> 26:
                        most = max(most, resident())
            assert count > 1 << 30
            assert most - before < 64 << 20
            handles = len(os.listdir("/proc/self/fd"))
            for _ in range(5):
                with socket.create_connection(("127.0.0.1", port), 20) as leaver:
                    leaver.sendall(ask)
                    leaver.recv(1000)
            with socket.create_connection(("127.0.0.1", port), 20) as last:
                last.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert last.recv(1000).startswith(b"HTTP/1.1 200")
        assert len(os.listdir("/proc/self/fd")) <= handles
