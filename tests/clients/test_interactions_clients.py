"""Google's packages that make films by interactions, unmodified but for the address, and plain requests."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from mutoscope.finish.probe import probe
from official import ROOM, ROOT
from serving import Serving

EVENTS = [
    "interaction.created", "interaction.status_update", "step.start", "step.delta", "step.stop",
    "interaction.completed",
]  # fmt: skip


def python(version: str, program: str, *arguments: str) -> dict[str, Any]:
    """What a program prints that runs with this release."""
    package = ROOT / ".venv" / "clients" / f"google-genai-{version}"
    assert package.is_dir(), "`make clients` installs the releases"
    ran = subprocess.run(
        [sys.executable, str(ROOM / program), *arguments],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize(
    ("version", "prefix"), [("3.4.0", ""), ("3.4.0", "/gemini"), ("2.34.0", "")]
)
def test_every_method_in_python(
    version: str, prefix: str, server: Serving, photo: Path, tmp_path: Path
) -> None:
    said = python(version, "interactions_program.py", server.url + prefix, str(photo))
    assert said["version"] == version
    assert said["made"] == ["completed", "video/mp4", "ftyp"]
    assert said["usage"] == 0
    assert said["report"] == "slow push in"
    assert said["again"] == [True, True]
    assert said["input"] == [["image", "text"], ["video"]]
    assert said["begun"] == "in_progress"
    assert said["uri"] == [True, "ftyp"]
    assert said["changed"] == ["completed", True]
    films = {}
    for name, data in said["films"].items():
        (tmp_path / f"{name}.mp4").write_bytes(base64.b64decode(data))
        films[name] = probe(tmp_path / f"{name}.mp4")
    assert (films["longer"].width, films["longer"].frames) == (320, 48)
    assert (films["edited"].width, films["edited"].frames) == (320, 24)
    assert (films["larger"].width, films["larger"].height, films["larger"].frames) == (640, 360, 24)
    assert said["seed"]
    assert (said["events"], said["delta"]) == (EVENTS, "ftyp")
    assert said["resumed"] == EVENTS[3:]
    assert said["cancelled"] == ["cancelled", "cancelled"]
    assert said["deleted"][0] == "BadRequestError"
    assert "Invalid interaction name" in said["deleted"][1]
    assert said["number"][:2] == ["BadRequestError", 400]
    assert "ends in s" in said["number"][2]
    assert said["words alone"][:2] == ["BadRequestError", 400]
    assert said["strict"][:2] == ["BadRequestError", 400]
    assert "3 to 10" in said["strict"][2]
    assert said["awaited"] == ["completed", "ftyp"]
    assert said["at once"] == 3
    assert said["awaited events"] == EVENTS
    assert said["awaited cancel"] == "cancelled"
    assert said["awaited deleted"] == "BadRequestError"


@pytest.mark.parametrize("prefix", ["", "/interactions"])
def test_every_method_in_javascript(prefix: str, server: Serving, photo: Path, node: str) -> None:
    ran = subprocess.run(
        [node, str(ROOM / "npm" / "interactions.mjs"), server.url + prefix, str(photo)],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout)
    assert said["made"] == ["completed", "video/mp4", "ftyp"]
    assert said["again"]
    assert (said["begun"], said["downloaded"]) == ("in_progress", "ftyp")
    assert said["changed"] == ["completed", True]
    assert (said["events"], said["delta"]) == (EVENTS, "ftyp")
    assert said["cancelled"] == ["cancelled", "cancelled"]
    assert said["deleted"][:2] == ["BadRequestError", 400]
    assert said["number"][:2] == ["BadRequestError", 400]
    assert "ends in s" in said["number"][2]


def test_plain_requests_with_the_key_in_the_query(server: Serving, photo: Path) -> None:
    """As the service's own guide has them for curl."""
    image = {"type": "image", "data": base64.b64encode(photo.read_bytes()).decode(), "mime_type": "image/jpeg"}  # fmt: skip
    body = {
        "model": "flipbook", "input": [image, {"type": "text", "text": "pan left"}],
        "response_format": {"type": "video", "duration": "1s", "resolution": "360p", "delivery": "uri"},
    }  # fmt: skip
    with httpx.Client(base_url=server.url, params={"key": "AIza-any"}, timeout=60.0) as client:
        made = client.post("/v1beta/interactions", json=body).json()
        assert made["status"] == "completed", made
        (film,) = made["steps"][-1]["content"]
        id = film["uri"].rpartition("/")[2].partition(":")[0]
        assert client.get(f"/v1beta/files/{id}").json()["state"] == "ACTIVE"
        content = client.get(f"/v1beta/files/{id}:download", params={"alt": "media", "key": "k"})
        assert content.content[4:8] == b"ftyp"
        assert client.delete(f"/v1beta/interactions/{made['id']}").json() == {}


def test_a_server_with_keys_takes_them_where_google_has_them(tmp_path: Path, photo: Path) -> None:
    image = {"type": "image", "data": base64.b64encode(photo.read_bytes()).decode()}
    body = {"model": "flipbook", "input": [image, "pan left"], "background": True}
    data = tmp_path / "data"
    made = subprocess.run(
        [sys.executable, "-m", "mutoscope", "keys", "create", "--data", str(data)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    key = next(word for word in made.stdout.split() if word.startswith("mu"))
    with Serving(data) as server, httpx.Client(base_url=server.url, timeout=60.0) as client:
        refused = client.post("/v1/interactions", json=body)
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "unauthenticated"
        for sent in ({"headers": {"x-goog-api-key": key}}, {"params": {"key": key}}):
            assert client.post("/v1/interactions", json=body, **sent).status_code == 200  # type: ignore[arg-type]
        wrong = client.get("/v1/interactions/x", params={"key": "nope"})
        assert wrong.status_code == 401
