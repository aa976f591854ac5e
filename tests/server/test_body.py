"""Bodies as real programs send them, in every encoding, and what becomes of their files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from echoing import echoing
from hypothesis import given
from hypothesis import strategies as st
from small_house import small_house
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from mutoscope.config import Limits, Retention, Settings
from mutoscope.server import parts
from mutoscope.server.body import read_body
from mutoscope.server.errors import Refusal
from mutoscope.server.fields import nest, path
from mutoscope.server.house import House

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[TestClient, House]]:
    settings = Settings(limits=Limits(image_bytes=20 << 20))
    with small_house(tmp_path, settings) as house:
        yield TestClient(echoing(house), base_url="http://127.0.0.1"), house


def fields(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["fields"]
    return found


NESTED = {
    "plain": ([("prompt", "x"), ("seconds", "8")], {"prompt": "x", "seconds": "8"}),
    "an object": ([("input_reference[image_url]", "u")], {"input_reference": {"image_url": "u"}}),
    "a list": ([("tags[]", "a"), ("tags[]", "b")], {"tags": ["a", "b"]}),
    "a list by number": ([("tags[0]", "a"), ("tags[1]", "b")], {"tags": ["a", "b"]}),
    "objects in a list": (
        [("loras[][name]", "a"), ("loras[][scale]", "1"), ("loras[][name]", "b"), ("loras[][scale]", "2")],
        {"loras": [{"name": "a", "scale": "1"}, {"name": "b", "scale": "2"}]},
    ),
    "one name again and again": (
        [("characters[][id]", "a"), ("characters[][id]", "b")], {"characters": [{"id": "a"}, {"id": "b"}]},
    ),
    "objects by number": (
        [("c[0][id]", "a"), ("c[1][id]", "b")], {"c": [{"id": "a"}, {"id": "b"}]},
    ),
    "deep": ([("a[b][c][]", "1"), ("a[b][c][]", "2")], {"a": {"b": {"c": ["1", "2"]}}}),
    "an object in each of a list": (
        [("a[][b][c]", "1"), ("a[][b][d]", "2"), ("a[][b][c]", "3")],
        {"a": [{"b": {"c": "1", "d": "2"}}, {"b": {"c": "3"}}]},
    ),
    "names that only look like numbers": ([("a[1]", "x"), ("a[0]", "y")], {"a": {"1": "x", "0": "y"}}),
    "objects name by name": (
        [("a[][b]", "1"), ("a[][b]", "2"), ("a[][c][d]", "3"), ("a[][c][d]", "4")],
        {"a": [{"b": "1", "c": {"d": "3"}}, {"b": "2", "c": {"d": "4"}}]},
    ),
    "a list in a list": ([("a[][]", "1"), ("a[][]", "2")], {"a": [["1", "2"]]}),
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_bracket_names_are_nested(name: str) -> None:
    pairs, expected = NESTED[name]
    assert nest(pairs) == expected


@given(st.lists(st.tuples(st.text("ab[]01", max_size=12), st.text(max_size=3)), max_size=6))
def test_whatever_the_names_they_are_nested_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        found = nest(pairs)
    except Refusal:
        return
    assert all(isinstance(key, str) and key for key in found)
    assert bool(found) == bool(pairs)


def test_objects_that_come_name_by_name_are_not_guessed_at() -> None:
    """Whose the one "c" is, cannot be told."""
    pairs = [("a[][b]", "1"), ("a[][b]", "2"), ("a[][d]", "3"), ("a[][d]", "4"), ("a[][c]", "5")]
    with pytest.raises(Refusal) as caught:
        nest(pairs)
    assert (caught.value.param, caught.value.reason) == ("a", "ambiguous_parameter")


def test_a_part_that_may_come_again_is_a_list() -> None:
    assert nest([("files", 1), ("x", 2), ("files", 3)], ("files",)) == {"files": [1, 3], "x": 2}
    assert nest([("files", 1)], ("files",)) == {"files": [1]}


def test_a_path_of_names() -> None:
    assert path("a") == ["a"]
    assert path("a[b][]") == ["a", "b", ""]


def test_json_types_stay(place: tuple[TestClient, House]) -> None:
    http, _ = place
    given = {"prompt": "Käse 🧀", "n": 4, "x": 1.5, "on": True, "none": None, "o": {"l": [1, "a"]}}
    assert fields(http.post("/v1/echo", json=given)) == given
    with_mark = http.post(
        "/v1/echo", content=b'\xef\xbb\xbf{"a": 1}', headers={"content-type": "application/json"}
    )
    assert fields(with_mark) == {"a": 1}
    assert fields(http.post("/v1/echo", content=b'{"a": 1}')) == {"a": 1}
    vendor = {"content-type": "application/vnd.api+json; charset=utf-8"}
    assert fields(http.post("/v1/echo", content=b"{}", headers=vendor)) == {}


def test_an_empty_body_is_no_fields(place: tuple[TestClient, House]) -> None:
    http, _ = place
    assert fields(http.post("/v1/echo")) == {}
    assert fields(http.post("/v1/echo", headers={"content-type": "application/json"})) == {}


def test_forms_are_text(place: tuple[TestClient, House]) -> None:
    http, _ = place
    given = {"prompt": "a & b = ä", "tags[]": ["x", "y"], "empty": ""}
    expected = {"prompt": "a & b = ä", "tags": ["x", "y"], "empty": ""}
    assert fields(http.post("/v1/echo", data=given)) == expected
    assert fields(http.post("/v1/echo", data=given, files={"f": (None, b"x")})) == expected | {
        "f": "x"
    }


def test_a_forms_empty_file_field_is_left_out(place: tuple[TestClient, House]) -> None:
    http, _ = place
    raw = b'--B\r\nContent-Disposition: form-data; name="f"; filename=""\r\n\r\n\r\n--B--\r\n'
    assert fields(http.post("/v1/echo", content=raw, headers=FORM)) == {}


def test_a_file_is_in_the_store_with_its_true_type(place: tuple[TestClient, House]) -> None:
    http, house = place
    found = fields(
        http.post(
            "/v1/echo",
            data={"prompt": "x"},
            files={"input_reference": ("a photo.jpg", PNG, "image/jpeg")},
        )
    )["input_reference"]
    assert found["media"]["type"] == "image/png"
    assert (found["filename"], found["claimed"]) == ("a photo.jpg", "image/jpeg")
    kept = house.media.folder / found["media"]["sha256"][:2] / found["media"]["sha256"]
    assert kept.read_bytes() == PNG


NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\photos\\cat.jpg": "cat.jpg",
    "/abs/olute.png": "olute.png",
    "..": "upload",
    ".htaccess": "htaccess",
    "a\u202egpj.exe": "agpj.exe",
    "x" * 400 + ".jpeg": None,
    "ä 🐈.jpg": "ä 🐈.jpg",
    'a"b.jpg': None,
    "con<>:|?*.txt": "con______.txt",
    " . ": "upload",
}


@pytest.mark.parametrize("name", NAMES)
def test_file_names_lead_nowhere(place: tuple[TestClient, House], name: str) -> None:
    http, _ = place
    raw = (
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="'
        + name.replace("\\", "\\\\").replace('"', '\\"').encode()
        + b'"\r\n\r\n'
        + PNG
        + b"\r\n--B--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=B"}
    safe = fields(http.post("/v1/echo", content=raw, headers=headers))["f"]["filename"]
    assert safe == NAMES[name] or NAMES[name] is None
    assert "/" not in safe
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 200
    assert all(sign.isprintable() for sign in safe)


def test_an_extended_file_name_is_a_file(place: tuple[TestClient, House]) -> None:
    http, _ = place
    raw = (
        b"--B\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''caf%C3%A9.png\r\n\r\n"
        + PNG
        + b"\r\n--B--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=B"}
    assert (
        fields(http.post("/v1/echo", content=raw, headers=headers))["f"]["filename"] == "café.png"
    )


FORM = {"content-type": "multipart/form-data; boundary=B"}


def pieces(content: bytes) -> Iterator[bytes]:
    """A body with one file, in pieces that cut the boundary, too."""
    raw = (
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
        + content
        + b"\r\n--B--\r\n"
    )
    for start in range(0, len(raw), 777):
        yield raw[start : start + 777]


def sent(house: House, content: bytes) -> parts.Upload:
    """The upload of a chunked body that comes in pieces."""
    left = pieces(content)

    async def receive() -> Message:
        piece = next(left, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    headers = [(b"content-type", FORM["content-type"].encode()), (b"transfer-encoding", b"chunked")]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/echo", "query_string": b"",
        "headers": headers, "server": ("127.0.0.1", 80), "scheme": "http",
    }  # fmt: skip
    body = asyncio.run(read_body(Request(scope, receive), house))
    (upload,) = body.uploads()
    assert body.fields == {"f": upload}
    return upload


@pytest.mark.parametrize("spill", [1000, 777, 5000, 1 << 20])
def test_a_large_file_is_written_as_it_comes(
    place: tuple[TestClient, House], monkeypatch: pytest.MonkeyPatch, spill: int
) -> None:
    _, house = place
    monkeypatch.setattr(parts, "SPILL", spill)
    content = PNG + bytes(range(256)) * 400
    upload = sent(house, content)
    assert (upload.media.length, upload.media.type) == (len(content), "image/png")
    assert house.media.path(upload.media).read_bytes() == content
    assert (house.intake.held, house.intake.uploads) == (0, 0)
    assert not list((house.media.folder / ".incoming").glob("*"))


def test_bytes_like_the_boundary_are_content(place: tuple[TestClient, House]) -> None:
    _, house = place
    content = PNG + b"\r\n--\r\n--A\r\n-B--\r\n--b\r\n\r\n-\r\r\n" * 300
    assert house.media.path(sent(house, content).media).read_bytes() == content


def test_the_fingerprint_is_of_what_is_said_not_how(place: tuple[TestClient, House]) -> None:
    http, _ = place

    def print_of(**more: Any) -> str:
        return str(http.post("/v1/echo", **more).json()["fingerprint"])

    file = {"f": ("a.png", PNG, "image/png")}
    one = print_of(data={"a": "1", "b": "2"}, files=file)
    assert print_of(data={"b": "2", "a": "1"}, files=file) == one  # another boundary and order
    assert print_of(data={"a": "1", "b": "3"}, files=file) != one
    assert print_of(data={"a": "1", "b": "2"}, files={"f": ("a.png", PNG + b"x")}) != one
    assert print_of(json={"a": "1"}) == print_of(data={"a": "1"})
    assert print_of(json={"a": 1}) != print_of(json={"a": "1"})


def test_the_disk_is_never_touched_on_the_event_loop(
    place: tuple[TestClient, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    http, house = place
    threads: list[str] = []
    real = type(house.media).put_pieces

    def watched(*arguments: Any, **named: Any) -> Any:
        threads.append(threading.current_thread().name)
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return real(*arguments, **named)

    monkeypatch.setattr(type(house.media), "put_pieces", watched)
    fields(http.post("/v1/echo", files={"f": ("a.png", PNG)}))
    assert len(threads) == 1


def test_a_full_disk_is_told_and_leaves_nothing(
    place: tuple[TestClient, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    http, house = place

    def full(*_: Any) -> int:
        import errno

        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.writev", full)
    answer = http.post("/v1/echo", files={"f": ("a.png", PNG)})
    assert answer.status_code == 507
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == ("insufficient_storage", "server_error")
    assert str(house.media.folder) not in answer.text
    assert answer.headers["x-should-retry"] == "false"
    assert not [one for one in house.media.folder.rglob("*") if one.is_file()]
    assert (house.intake.held, house.intake.uploads) == (0, 0)


def test_a_large_file_is_refused_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "SPILL", 1000)
    settings = Settings(retention=Retention(free_bytes=1 << 60))
    with small_house(tmp_path, settings) as house:
        with pytest.raises(Refusal, match="no room") as refused:
            sent(house, PNG * 100)
        assert refused.value.http_status == 507
        assert not [one for one in house.media.folder.rglob("*") if one.is_file()]
        assert (house.intake.held, house.intake.uploads) == (0, 0)
