"""Senders that take their time, on a socket: they are cut, others are served meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from echoing import answer, echoing, on_a_socket, raw
from small_house import small_house

from mutoscope.config import Limits, Settings
from mutoscope.server import connection
from mutoscope.server.house import House

pytestmark = pytest.mark.slow

HEAD = (
    b"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n"
)
FORM = (
    b"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=B\r\n"
    b"Content-Length: %d\r\n\r\n"
)
GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextlib.contextmanager
def served(folder: Path, **limits: float) -> Iterator[tuple[int, House]]:
    settings = Settings(limits=Limits(**({"slow_seconds": 0.3} | limits)))  # type: ignore[arg-type]
    with small_house(folder, settings) as house, on_a_socket(echoing(house)) as port:
        yield port, house


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 5)


def test_a_body_that_stops_is_cut(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _), dial(port) as slow:
        slow.sendall(HEAD % 100 + b'{"prompt"')
        begun = time.monotonic()
        status, _, body = answer(slow)
        assert status == 408
        assert "too slowly" in json.loads(body)["error"]["message"]
        assert time.monotonic() - begun < 2


def test_a_body_in_drips_is_cut_though_it_never_stops(tmp_path: Path) -> None:
    with served(tmp_path, slowest_rate=10_000) as (port, _), dial(port) as slow:
        slow.sendall(HEAD % 100_000)
        begun = time.monotonic()
        slow.settimeout(0.05)
        got = b""
        while not got and time.monotonic() - begun < 5:
            slow.sendall(b" ")
            with contextlib.suppress(TimeoutError):
                got = slow.recv(65536)
        assert got.startswith(b"HTTP/1.1 408")


def test_a_steady_sender_is_not_cut_however_long_it_takes(tmp_path: Path) -> None:
    body = b'{"prompt": "' + b"x" * 40_000 + b'"}'
    with served(tmp_path, slowest_rate=1000) as (port, _), dial(port) as steady:
        steady.sendall(HEAD % len(body))
        pause = 0.07  # ten pieces: twice slow_seconds in all
        for start in range(0, len(body), len(body) // 10 + 1):
            steady.sendall(body[start : start + len(body) // 10 + 1])
            time.sleep(pause)
        assert answer(steady)[0] == 200


def test_a_cut_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    large = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n' + bytes(
        9 << 20
    )
    with served(tmp_path) as (port, house), dial(port) as slow:
        slow.sendall(FORM % (50 << 20) + large)
        assert answer(slow)[0] == 408
        wait(lambda: not list((tmp_path / "media" / ".incoming").glob("*")))
        assert (house.intake.held, house.intake.uploads) == (0, 0)


def test_a_sender_that_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    large = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n' + bytes(
        9 << 20
    )
    with served(tmp_path, slow_seconds=20) as (port, house):
        with dial(port) as gone:
            gone.sendall(FORM % (50 << 20) + large)
            wait(lambda: bool(list((tmp_path / "media" / ".incoming").glob("*"))))
        wait(lambda: not list((tmp_path / "media" / ".incoming").glob("*")))
        wait(lambda: (house.intake.held, house.intake.uploads) == (0, 0))


def test_uploads_wait_for_a_place_and_are_told_when_there_is_none(tmp_path: Path) -> None:
    with served(tmp_path, uploads=1, slow_seconds=0.4) as (port, house), dial(port) as first:
        first.sendall(FORM % 5000 + b"--B\r\n")
        wait(lambda: house.intake.uploads == 1)
        with dial(port) as second:
            second.sendall(FORM % 5000 + b"--B\r\n")
            assert raw(port, GET)[0] == 200, "what is no upload is served meanwhile"
            # the first is cut at 0.4 s; the second has its place then, or was told to come again
            assert answer(first)[0] == 408
            assert answer(second)[0] in (408, 503)
        wait(lambda: house.intake.uploads == 0)


def test_memory_for_bodies_is_bounded_in_all(tmp_path: Path) -> None:
    body = b'{"prompt": "' + b"x" * 200_000 + b'"}'
    with served(tmp_path, memory_bytes=100_000) as (port, house):
        status, headers, raw_body = raw(port, HEAD % len(body) + body)
        assert status == 503
        assert headers["retry-after"] == "5"
        assert "busy" in json.loads(raw_body)["error"]["message"]
        wait(lambda: house.intake.held == 0)


def test_a_head_that_never_ends_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with served(tmp_path) as (port, _):
        with dial(port) as silent:
            assert answer(silent)[0] == 408
        with dial(port) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
            assert answer(slow)[0] == 408
        with dial(port) as kept:
            kept.sendall(GET)
            assert answer(kept)[0] == 200
            kept.sendall(b"GET /heal")
            assert answer(kept)[0] == 408


def test_a_refusal_reaches_a_sender_that_goes_on_sending(tmp_path: Path) -> None:
    """10 GB declared: the answer comes at once, and what follows is read for a while, not kept."""
    with served(tmp_path) as (port, house), dial(port) as eager:
        eager.sendall(HEAD % (10 << 30))
        assert answer(eager)[0] == 413
        with pytest.raises(OSError, match=r"reset|pipe|closed"):
            eager.sendall(bytes(64 << 20))
        assert house.intake.held == 0


def test_a_refused_body_that_never_comes_holds_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LINGER_SECONDS", 0.2)
    with served(tmp_path) as (port, _), dial(port) as waiting:
        waiting.sendall(HEAD % (10 << 30))
        assert answer(waiting)[0] == 413
        assert waiting.recv(100) == b""


def test_a_connection_goes_on_after_a_refused_body_was_read(tmp_path: Path) -> None:
    with served(tmp_path, json_bytes=10) as (port, _), dial(port) as kept:
        kept.sendall(HEAD % 1000 + bytes(1000))
        assert answer(kept)[0] == 413
        kept.sendall(GET)
        assert answer(kept)[0] == 200


def test_expect_continue_is_refused_before_the_body(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _), dial(port) as polite:
        head = (HEAD % (10 << 30)).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
        polite.sendall(head)
        assert answer(polite)[0] == 413


def wait(true: object, patience: float = 5.0) -> None:
    assert callable(true)
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        asyncio.run(asyncio.sleep(0.01))
