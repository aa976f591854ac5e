"""Uploads in one request and in parts, with and without a key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from wired import Wired, picture, wired

from mutoscope.config import Limits, Server, Settings
from mutoscope.dialects.gemini.partial import LASTING, Partials
from serving import Serving

PNG = picture(200, 120)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def begin(here: Wired, size: int | None = len(PNG), **more: Any) -> Any:
    """The answer to the start of an upload."""
    headers = {
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-type": "image/png",
        "x-goog-upload-file-name": "first.png",
    } | ({} if size is None else {"x-goog-upload-header-content-length": str(size)})
    root = more.pop("root", "/upload/v1beta/files")
    body = more.pop("body", {"file": {"mime_type": "image/png"}})
    return here.client.post(root, headers=headers | more.pop("headers", {}), json=body, **more)


def put(here: Wired, url: str, command: str, offset: int = 0, content: bytes = b"") -> Any:
    """A later request of an upload: without a key."""
    headers = {"x-goog-upload-command": command, "x-goog-upload-offset": str(offset)}
    return here.client.post(url, headers=headers, content=content)


def in_store(here: Wired, file: dict[str, Any]) -> bytes:
    content: bytes = here.client.get(file["downloadUri"]).content
    return content


def test_a_file_in_one_part(here: Wired) -> None:
    started = begin(here)
    assert started.headers["x-goog-upload-status"] == "active"
    ended = put(here, started.headers["x-goog-upload-url"], "upload, finalize", 0, PNG)
    assert ended.headers["x-goog-upload-status"] == "final"
    file = ended.json()["file"]
    assert (file["displayName"], file["mimeType"]) == ("first.png", "image/png")
    assert in_store(here, file) == PNG


def test_the_address_keeps_the_prefix_and_needs_no_key(here: Wired) -> None:
    key, _ = here.house.keys.create(name="ours", project="ours")
    refused = begin(here)
    assert (refused.status_code, refused.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    for root in ("/upload/v1beta/files", "/gemini/upload/v1beta/files"):
        started = begin(here, root=root, headers={"x-goog-api-key": key})
        url = started.headers["x-goog-upload-url"]
        assert f"8640{root}/" in url
        assert put(here, url.partition("?")[0], "query").status_code == 401
        file = put(here, url, "upload, finalize", 0, PNG).json()["file"]
        mine = here.client.get(file["downloadUri"], headers={"x-goog-api-key": key})
        assert mine.content == PNG
    by_query = here.client.get(f"/v1beta/files?key={key}")
    assert len(by_query.json()["files"]) == 2


def test_a_file_in_parts_goes_on_after_the_server_was_started_again(tmp_path: Path) -> None:
    third = len(PNG) // 3
    with wired(tmp_path) as here:
        url = begin(here).headers["x-goog-upload-url"]
        answer = put(here, url, "upload", 0, PNG[:third])
        assert answer.headers["x-goog-upload-status"] == "active"
    with wired(tmp_path) as here:
        asked = put(here, url, "query")
        assert asked.headers["x-goog-upload-size-received"] == str(third)
        assert put(here, url, "upload", third, PNG[third : 2 * third]).status_code == 200
        ended = put(here, url, "upload, finalize", 2 * third, PNG[2 * third :])
        assert in_store(here, ended.json()["file"]) == PNG
        assert not list(Partials(here.house.media.folder).folder.glob("*.part"))


def test_a_part_that_is_sent_again_changes_nothing(here: Wired) -> None:
    url = begin(here).headers["x-goog-upload-url"]
    for _ in range(2):
        put(here, url, "upload", 0, PNG[:100])
    first = put(here, url, "upload, finalize", 100, PNG[100:])
    again = put(here, url, "upload, finalize", 100, PNG[100:])
    assert first.json() == again.json()
    assert len(here.client.get("/v1beta/files").json()["files"]) == 1


def test_the_last_part_may_be_followed_by_finalize_alone(here: Wired) -> None:
    url = begin(here, size=None).headers["x-goog-upload-url"]
    put(here, url, "upload", 0, PNG)
    ended = put(here, url, "finalize", len(PNG))
    assert in_store(here, ended.json()["file"]) == PNG
    assert put(here, url, "query").headers["x-goog-upload-status"] == "final"


def test_a_cancelled_upload_is_gone(here: Wired) -> None:
    url = begin(here).headers["x-goog-upload-url"]
    put(here, url, "upload", 0, PNG[:100])
    assert put(here, url, "cancel").headers["x-goog-upload-status"] == "cancelled"
    gone = put(here, url, "upload, finalize", 100, PNG[100:])
    assert (gone.status_code, gone.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert gone.headers["x-goog-upload-status"] == "final"


def test_what_is_wrong_with_a_part_is_told_and_ends_it(here: Wired) -> None:
    """The status header is there: without it the client sends the same part again and again."""
    url = begin(here).headers["x-goog-upload-url"]
    for command, offset, content, says in (
        ("upload", 50, PNG[50:], "but 0 bytes have come"),
        ("upload, finalize", 0, PNG[:-1], "bytes have come"),
        ("upload", 0, PNG + b"more", "longer than"),
        ("finalize", 0, b"", f"0 of {len(PNG):,} bytes have come"),
    ):
        answer = put(here, url, command, offset, content)
        assert answer.status_code in (400, 413)
        assert says in answer.json()["error"]["message"]
        assert answer.headers["x-goog-upload-status"] == "final"
    for wrong in (
        put(here, url, "dance"),
        here.client.post(
            url, headers={"x-goog-upload-command": "upload", "x-goog-upload-offset": "x"}
        ),
    ):
        assert (wrong.status_code, wrong.headers["x-goog-upload-status"]) == (400, "final")
    whole = put(here, url, "upload, finalize", 0, PNG)
    assert whole.status_code == 200


def test_a_file_beyond_the_limit_is_refused_before_and_while_it_comes(tmp_path: Path) -> None:
    limits = Limits(image_bytes=1000, file_bytes=2000, video_bytes=2000)
    with wired(tmp_path, Settings(limits=limits)) as here:
        early = begin(here, size=3000)
        assert (early.status_code, early.json()["error"]["code"]) == (413, 413)
        url = begin(here, size=1500).headers["x-goog-upload-url"]
        late = put(here, url, "upload, finalize", 0, (PNG * 9)[:1500])
        assert late.status_code == 413
        assert "limits.image_bytes" in late.json()["error"]["hint"]
        assert not list(here.house.media.folder.glob(".incoming/*"))


def test_raw_and_in_one_body_with_what_is_said_of_it(here: Wired) -> None:
    raw = here.client.post("/upload/v1beta/files?uploadType=media", content=PNG,
                           headers={"content-type": "image/png"})  # fmt: skip
    assert in_store(here, raw.json()["file"]) == PNG
    said = json.dumps({"file": {"displayName": "Cat at the window"}}).encode()
    body = (
        b"--cut\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" + said +
        b"\r\n--cut\r\nContent-Type: image/png\r\n\r\n" + PNG + b"\r\n--cut--\r\n"
    )  # fmt: skip
    related = here.client.post(
        "/upload/v1beta/files?uploadType=multipart",
        content=body,
        headers={"content-type": "multipart/related; boundary=cut", "x-goog-upload-protocol": "multipart"},
    )  # fmt: skip
    file = related.json()["file"]
    assert (file["displayName"], in_store(here, file)) == ("Cat at the window", PNG)
    form = here.client.post(
        "/upload/v1beta/files",
        files={"metadata": ("", said, "application/json"), "file": ("cat.png", PNG, "image/png")},
    )
    assert in_store(here, form.json()["file"]) == PNG
    short = here.client.post(
        "/upload/v1beta/files",
        content=body.replace(b"--cut--", b""),
        headers={"content-type": "multipart/related; boundary=cut"},
    )
    assert (short.status_code, short.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_what_is_said_of_a_file_with_single_quotes(here: Wired) -> None:
    """So the service's own examples for curl are written."""
    started = here.client.post(
        "/upload/v1beta/files",
        content=b"{'file': {'display_name': 'TEXT'}}",
        headers={"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start",
                 "content-type": "application/json"},
    )  # fmt: skip
    url = started.headers["x-goog-upload-url"]
    assert put(here, url, "upload, finalize", 0, PNG).json()["file"]["displayName"] == "TEXT"
    wrong = begin(here, body=[1])
    assert wrong.status_code == 400


def test_a_name_that_is_asked_for_is_told_to_have_no_effect(here: Wired) -> None:
    started = begin(here, body={"file": {"name": "files/mine"}})
    assert json.loads(started.headers["x-mutoscope-warnings"])[0]["field"] == "file.name"


def test_uploads_that_go_no_further_are_swept_out(here: Wired) -> None:
    url = begin(here).headers["x-goog-upload-url"]
    partials = Partials(here.house.media.folder)
    for left in partials.folder.glob("*"):
        os.utime(left, (0, 0))
    assert partials.sweep(LASTING) == 2
    assert put(here, url, "query").status_code == 404


def test_an_upload_is_its_projects_own(here: Wired) -> None:
    hers, his = (here.house.keys.create(project=name)[0] for name in ("hers", "his"))
    url = begin(here, headers={"x-goog-api-key": hers}).headers["x-goog-upload-url"]
    bare = url.partition("?")[0]
    headers = {"x-goog-api-key": his, "x-goog-upload-command": "upload, finalize"}
    assert here.client.post(bare, headers=headers, content=PNG).status_code == 404
    assert (
        here.client.post(bare + "?expires=9999999999&signature=0", content=PNG).status_code == 401
    )
    file = put(here, url, "upload, finalize", 0, PNG).json()["file"]
    body = {"instances": [{"prompt": "pan left", "image": {"uri": file["uri"]}}]}
    for key, status in ((hers, 200), (his, 403)):
        answer = here.client.post(
            "/v1beta/models/veo-3.1:predictLongRunning", json=body, headers={"x-goog-api-key": key}
        )
        assert answer.status_code == status, answer.text


def test_a_page_of_an_allowed_origin_reads_where_to_upload(tmp_path: Path) -> None:
    settings = Settings(server=Server(allowed_origins=("https://studio.example",)))
    with wired(tmp_path, settings) as here:
        started = begin(here, headers={"origin": "https://studio.example"})
    assert "x-goog-upload-url" in started.headers["access-control-expose-headers"]


@pytest.mark.slow
def test_an_upload_goes_on_when_the_server_was_killed_between_two_parts(tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    half = len(content) // 2
    start = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
    server = Serving(tmp_path)
    try:
        begun = httpx.post(f"{server.url}/upload/v1beta/files", headers=start)
        place = begun.headers["x-goog-upload-url"].removeprefix(server.url)
        part = {"x-goog-upload-command": "upload", "x-goog-upload-offset": "0"}
        assert (
            httpx.post(server.url + place, headers=part, content=content[:half]).status_code == 200
        )
    finally:
        server.kill()
    with Serving(tmp_path) as server:
        rest = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": str(half)}
        ended = httpx.post(server.url + place, headers=rest, content=content[half:])
        assert ended.status_code == 200, ended.text
        assert httpx.get(ended.json()["file"]["downloadUri"]).content == content
