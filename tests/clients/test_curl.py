"""Raw requests, as shell scripts send them; by the curl command and by curl's library alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from official import QUICK

Curl = Callable[..., bytes]
FORM = [word for name, value in QUICK.items() for word in ("-F", f"{name}={value}")]


@pytest.fixture(params=["command", "library"])
def run(request: pytest.FixtureRequest, curl: list[str]) -> Curl:
    library = [sys.executable, str(Path(__file__).with_name("curl_line.py"))]
    command = curl if request.param == "command" else library

    def asked(*words: str) -> bytes:
        return subprocess.run(
            [*command, "-s", "-S", *words], capture_output=True, timeout=60, check=True
        ).stdout

    return asked


def done(run: Curl, base_url: str, video: dict[str, Any]) -> dict[str, Any]:
    end = time.monotonic() + 60
    while video["status"] in ("queued", "in_progress"):
        assert time.monotonic() < end
        time.sleep(0.1)
        video = json.loads(run(f"{base_url}/videos/{video['id']}"))
    return video


def test_create_poll_fetch(run: Curl, base_url: str, photo: Path) -> None:
    made = run(f"{base_url}/videos", *FORM, "-F", "prompt=push in", "-F", f"input_reference=@{photo}")  # fmt: skip
    video = done(run, base_url, json.loads(made))
    assert video["status"] == "completed"
    content = f"{base_url}/videos/{video['id']}/content"
    film = run(content)
    assert film[4:8] == b"ftyp"
    assert run(content, "-r", "4-7") == b"ftyp"
    head = run(content, "-I").decode().lower()
    assert f"content-length: {len(film)}" in head
    assert "accept-ranges: bytes" in head
    etag = next(line.split(": ")[1] for line in head.splitlines() if line.startswith("etag"))
    again = run(content, "-i", "-H", f"If-None-Match: {etag}").decode()
    assert " 304 " in again.splitlines()[0]
    gone = json.loads(run(f"{base_url}/videos/{video['id']}", "-X", "DELETE"))
    assert gone == {"id": video["id"], "object": "video.deleted", "deleted": True}


def test_a_chunked_body(run: Curl, base_url: str, photo: Path) -> None:
    made = run(
        f"{base_url}/videos", *FORM, "-H", "Transfer-Encoding: chunked",
        "-F", "prompt=pan left", "-F", f"input_reference=@{photo}",
    )  # fmt: skip
    assert done(run, base_url, json.loads(made))["status"] == "completed"


def test_a_refusal_says_how_to_mend_it(run: Curl, base_url: str) -> None:
    said = run(f"{base_url}/videos", "-i", "-H", "Content-Type: application/json", "-d", "{}")
    head, _, body = said.decode().partition("\r\n\r\n")
    assert " 400 " in head.splitlines()[0]
    assert "x-request-id" in head.lower()
    error = json.loads(body)["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == "prompt"


def test_progress_as_it_happens(run: Curl, base_url: str, photo: Path) -> None:
    made = json.loads(
        run(f"{base_url}/videos", *FORM, "-F", "prompt=pan", "-F", f"input_reference=@{photo}")
    )
    events = run(f"{base_url}/videos/{made['id']}/events").decode()
    told = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: ")]
    assert told[-1]["status"] == "completed"
    assert [one["progress"] for one in told] == sorted(one["progress"] for one in told)
