"""The dialect of relays by plain requests, as programs call them: no package has it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mutoscope.finish.probe import probe
from serving import Serving

QUICK: dict[str, Any] = {"model": "flipbook", "size": "320x180", "duration": 1}
OVER = ("completed", "failed", "cancelled")


@pytest.fixture(scope="module")
def http(server: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"authorization": "Bearer k"}) as client:
        yield client


@pytest.fixture(scope="module")
def task(http: httpx.Client, photo: Path) -> dict[str, Any]:
    """A finished task: the camera goes around a cup."""
    return made(http, prompt="orbit slowly", image_url=data_url(photo), duration=2)


def data_url(photo: Path) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(photo.read_bytes()).decode()}"


def waited(http: httpx.Client, path: str, limit: float = 120.0) -> dict[str, Any]:
    end = time.monotonic() + limit
    while True:
        answer = http.get(path)
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        if seen["status"] in OVER:
            return seen
        assert time.monotonic() < end, seen
        time.sleep(0.1)


def made(http: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = http.post("/v1/sora/generate", json=QUICK | asked)
    assert answer.status_code == 200, answer.text
    return waited(http, f"/v1/sora/tasks/{answer.json()['task_id']}")


def test_a_picture_is_filmed_and_its_link_plays(
    http: httpx.Client, photo: Path, tmp_path: Path
) -> None:
    task = made(http, prompt="slow push in", image_url=data_url(photo), seed=3)
    assert (task["status"], task["progress"], task["error"]) == ("completed", 100, None), task
    shown = httpx.get(task["video_url"])
    assert shown.headers["content-type"] == "video/mp4"
    assert shown.headers["content-disposition"].startswith("inline")
    part = httpx.get(task["video_url"], headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    place = tmp_path / "film.mp4"
    place.write_bytes(shown.content)
    assert probe(place).frames == 24
    assert httpx.get(task["thumbnail_url"]).content[8:12] == b"WEBP"


@pytest.mark.weights
def test_one_character_from_upload_to_film(http: httpx.Client, task: dict[str, Any]) -> None:
    clip = httpx.get(task["video_url"]).content
    answer = http.post(
        "/v1/sora/characters",
        data={"name": "Relay Espresso", "description": "a red cup", "timestamps": "0,1"},
        files={"video": ("clip.mp4", clip, "video/mp4")},
    )
    assert answer.status_code == 200, answer.text
    id = answer.json()["character_id"]
    listed = http.get("/v1/sora/characters").json()["characters"]
    assert id in [one["character_id"] for one in listed]
    # at once, and without a picture: the shot waits for its character, who brings its own ground
    film = made(http, prompt=f"@{id} on its table, slow push in", model="sora-2", duration=1)
    assert film["status"] == "completed", film
    assert waited(http, f"/v1/sora/characters/{id}")["status"] == "completed"
    done = {row["words"]: row["outcome"] for row in film["report"]["done"]}
    told = {row["words"]: row["how"] for row in film["report"]["approximated"]}
    assert done["slow push in"] == "done"
    assert "cut-out" in told["@Relay_Espresso"]
    assert "there is no picture" in told["background"]


@pytest.mark.weights
def test_a_character_extracted_from_a_part_of_a_task(
    http: httpx.Client, task: dict[str, Any]
) -> None:
    asked = {"task_id": task["task_id"], "name": "Relay Mug", "from": 0.2, "to": 1.2}
    answer = http.post("/v1/sora/characters/extract", json=asked)
    assert answer.status_code == 200, answer.text
    id = answer.json()["character_id"]
    ready = waited(http, f"/v1/sora/characters/{id}")
    assert ready["status"] == "completed", ready
    assert httpx.get(ready["profile_picture_url"]).content[:2] == b"\xff\xd8"
    elsewhere = http.get(f"/v1/videos/characters/{id}").json()
    assert (elsewhere["id"], elsewhere["name"]) == (id, "Relay Mug")
    gone = http.delete(f"/v1/sora/characters/{id}")
    assert gone.json() == {"character_id": id, "id": id, "deleted": True}
    assert http.get(f"/v1/sora/characters/{id}").status_code == 404


def test_a_reference_video_with_its_strength_is_told_of(
    http: httpx.Client, photo: Path, task: dict[str, Any]
) -> None:
    film = made(
        http, prompt="pan left", image_url=data_url(photo), reference_video=task["video_url"],
        influence_strength=0.4,
    )  # fmt: skip
    assert film["status"] == "completed", film
    told = [
        *film.get("warnings", []),
        *film["report"]["approximated"],
        *film["report"]["not_possible"],
    ]
    assert any("reference" in str(one).lower() or "strength" in str(one) for one in told), film


def test_a_remix_of_a_task(http: httpx.Client, task: dict[str, Any]) -> None:
    answer = http.post(
        "/v1/sora/generate",
        json={"prompt": "pan right instead", "remix_target_id": task["task_id"]},
    )
    again = waited(http, f"/v1/sora/tasks/{answer.json()['task_id']}")
    assert (again["status"], again["duration"]) == ("completed", 2), again


def test_list_cancel_and_delete(http: httpx.Client, photo: Path) -> None:
    asked = {"prompt": "truck left", "image_url": data_url(photo), "duration": 20}
    long = http.post("/v1/sora/generate", json=asked).json()["task_id"]
    assert long in [one["task_id"] for one in http.get("/v1/sora/tasks").json()["tasks"]]
    assert http.post(f"/v1/sora/tasks/{long}/cancel").json()["status"] == "cancelled"
    end = time.monotonic() + 20
    while http.get(f"/v1/sora/tasks/{long}").status_code == 200:
        assert time.monotonic() < end
        time.sleep(0.1)
    short = made(http, prompt="pan", image_url=data_url(photo))["task_id"]
    assert http.delete(f"/v1/sora/tasks/{short}").json() == {"task_id": short, "deleted": True}
    assert http.get(f"/v1/sora/tasks/{short}").status_code == 404


@pytest.mark.parametrize(
    ("given", "status", "code", "param"),
    [
        ({}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": "a"}, 400, "missing_required_parameter", "image_url"),
        ({"prompt": "@nobody_at_all waves"}, 400, "unknown_character", "prompt"),
        ({"prompt": "a", "orientation": "up"}, 400, "invalid_value", "orientation"),
        ({"prompt": "a", "model": "nonesuch"}, 400, "invalid_value", "model"),
        ({"prompt": "a", "remix_target_id": "task_none"}, 404, "not_found", None),
    ],
)
def test_errors(
    http: httpx.Client, given: dict[str, Any], status: int, code: str, param: str | None
) -> None:
    answer = http.post("/v1/sora/generate", json=given)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
    assert error["message"]
