"""Azure's video generation jobs by hand, as its customers' programs call them: no package has them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mutoscope.finish.probe import probe
from serving import Serving

JOBS = "/openai/v1/video/generations/jobs"
OVER = ("succeeded", "failed", "cancelled")
#: As small as can be: `model` names the engine, so that its own sizes hold.
QUICK: dict[str, Any] = {"model": "flipbook", "width": 320, "height": 180, "n_seconds": 1}


@pytest.fixture(scope="module")
def http(server: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=server.url, headers={"api-key": "k"}, params={"api-version": "preview"}
    ) as client:
        yield client


def waited(http: httpx.Client, job: dict[str, Any], limit: float = 90.0) -> dict[str, Any]:
    end = time.monotonic() + limit
    while job["status"] not in OVER:
        assert time.monotonic() < end, job
        time.sleep(0.1)
        job = http.get(f"{JOBS}/{job['id']}").json()
    return job


def made(http: httpx.Client, **request: Any) -> dict[str, Any]:
    answer = http.post(JOBS, **request)
    assert answer.status_code == 201, answer.text
    return waited(http, answer.json())


def film(http: httpx.Client, job: dict[str, Any], folder: Path, number: int = 0) -> Path:
    generation = job["generations"][number]["id"]
    answer = http.get(f"/openai/v1/video/generations/{generation}/content/video")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    place = folder / f"{generation}.mp4"
    place.write_bytes(answer.content)
    return place


def data_url(photo: Path) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(photo.read_bytes()).decode()}"


def test_a_program_written_for_sora_on_azure_runs(
    http: httpx.Client, photo: Path, tmp_path: Path
) -> None:
    """Multipart, everything as text, as the vendor's own page sends it."""
    items = [
        {"frame_index": 0, "type": "image", "file_name": photo.name,
         "crop_bounds": {"left_fraction": 0.1, "top_fraction": 0.1, "right_fraction": 0.9,
                         "bottom_fraction": 0.9}}
    ]  # fmt: skip
    job = made(
        http,
        data={
            "prompt": "Slow push in on the cup", "model": "sora", "width": "480", "height": "480",
            "n_seconds": "2", "n_variants": "1", "inpaint_items": json.dumps(items),
        },
        files=[("files", (photo.name, photo.read_bytes(), "image/jpeg"))],
    )  # fmt: skip
    assert job["status"] == "succeeded", job
    assert job["object"] == "video.generation.job"
    assert job["id"].startswith("task_")
    assert (job["width"], job["height"], job["n_seconds"], job["n_variants"]) == (480, 480, 2, 1)
    assert job["created_at"] <= job["finished_at"] < job["expires_at"]
    assert (job["model"], job["failure_reason"]) == ("sora", None)
    seen = probe(film(http, job, tmp_path))
    assert (seen.width, seen.height, seen.frames) == (480, 480, 60)
    assert httpx.get(job["output"]["url"]).content[4:8] == b"ftyp"


def test_variants_are_films_with_seeds_of_their_own(
    http: httpx.Client, photo: Path, tmp_path: Path
) -> None:
    asked = QUICK | {"prompt": "handheld, leaves drift", "n_variants": 3, "seed": 5}
    job = made(http, json=asked | {"image_url": data_url(photo)})
    assert (job["status"], job["n_variants"], len(job["generations"])) == ("succeeded", 3, 3)
    assert [one["seed"] for one in job["generations"]] == [5, 6, 7]
    films = {film(http, job, tmp_path, number).read_bytes() for number in range(3)}
    assert len(films) == 3
    for one in job["generations"]:
        told = http.get(f"/openai/v1/video/generations/{one['id']}").json()
        assert (told["object"], told["job_id"]) == ("video.generation", job["id"])
        head = http.head(f"/openai/v1/video/generations/{one['id']}/content/video")
        assert int(head.headers["content-length"]) > 1000
        small = http.get(f"/openai/v1/video/generations/{one['id']}/content/thumbnail")
        assert small.content[8:12] == b"WEBP"


def test_pictures_at_several_frames(http: httpx.Client, photo: Path, tmp_path: Path) -> None:
    items = [
        {"frame_index": 0, "type": "image", "file_name": "a.jpg"},
        {"frame_index": 15, "type": "image", "file_name": "b.jpg"},
        {"frame_index": -1, "type": "image", "file_name": "a.jpg"},
    ]
    parts = [("files", (f"{name}.jpg", photo.read_bytes(), "image/jpeg")) for name in "aba"]
    job = made(
        http,
        data={**QUICK, "prompt": "dissolve", "fps": "30", "inpaint_items": json.dumps(items)},
        files=parts,
    )
    assert job["status"] == "succeeded", job
    assert probe(film(http, job, tmp_path)).frames == 30


def test_a_video_goes_on_or_is_edited(http: httpx.Client, photo: Path, tmp_path: Path) -> None:
    first = made(http, json=QUICK | {"prompt": "push in", "image_data": data_url(photo)})
    clip = film(http, first, tmp_path).read_bytes()
    items = json.dumps([{"frame_index": 0, "type": "video", "file_name": "clip.mp4"}])
    asked = {**QUICK, "prompt": "black and white", "inpaint_items": items}
    parts = [("files", ("clip.mp4", clip, "video/mp4"))]
    longer = made(http, data={**asked, "n_seconds": "3"}, files=parts)
    assert (longer["status"], longer["n_seconds"]) == ("succeeded", 3), longer
    edited = made(http, data=asked, files=parts)
    assert (edited["status"], edited["n_seconds"]) == ("succeeded", 1), edited
    assert probe(film(http, edited, tmp_path)).width == 320
    crop = {"left_fraction": 0.5, "top_fraction": 0, "right_fraction": 1, "bottom_fraction": 0.5}
    part = json.dumps([{"type": "video", "file_name": "clip.mp4", "crop_bounds": crop}])
    small = {name: asked[name] for name in ("model", "prompt")} | {"inpaint_items": part}
    cropped = made(http, data=small, files=parts)
    assert (cropped["status"], cropped["width"], cropped["height"]) == ("succeeded", 160, 90), (
        cropped
    )


def test_flat_forms_are_answered_with_a_url(http: httpx.Client, photo: Path) -> None:
    for picture in (
        {"image_url": data_url(photo)},
        {"image_data": base64.b64encode(photo.read_bytes()).decode()},
    ):
        asked = {"prompt": "pan left", "model": "flipbook", "size": "320x180", "duration": 1}
        job = made(http, json=asked | picture)
        assert job["status"] == "succeeded", job
        content = httpx.get(job["output"]["url"])
        assert (content.headers["content-type"], content.content[4:8]) == ("video/mp4", b"ftyp")


def test_list_and_delete(http: httpx.Client, photo: Path) -> None:
    asked = QUICK | {"prompt": "pan left", "image_url": data_url(photo)}
    ids = [made(http, json=asked | {"n_variants": count})["id"] for count in (1, 2, 1)]
    page = http.get(JOBS, params={"limit": 2}).json()
    assert [one["id"] for one in page["data"]] == ids[:0:-1]
    assert (page["object"], page["has_more"]) == ("list", True)
    after = http.get(JOBS, params={"limit": 1, "after": page["last_id"]}).json()
    assert [one["id"] for one in after["data"]] == ids[:1]
    before = http.get(JOBS, params={"limit": 5, "before": ids[0]}).json()
    assert [one["id"] for one in before["data"]] == ids[:0:-1]
    ended = http.get(JOBS, params={"limit": 50, "statuses": ["succeeded"]}).json()
    assert set(ids) <= {one["id"] for one in ended["data"]}
    for id in ids:
        gone = http.delete(f"{JOBS}/{id}")
        assert (gone.status_code, gone.content) == (204, b"")
        missing = http.get(f"{JOBS}/{id}")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NotFound")


def test_a_job_is_a_video_in_the_other_dialects(http: httpx.Client, photo: Path) -> None:
    job = made(http, json=QUICK | {"prompt": "push in", "image_url": data_url(photo)})
    video = http.get(f"/v1/videos/video_{job['id'].removeprefix('task_')}").json()
    assert (video["status"], video["size"]) == ("completed", "320x180")
    link = job["output"]["url"]
    again = made(http, json=QUICK | {"prompt": "black and white", "inpaint_items": [
        {"type": "video", "video_url": link}]})  # fmt: skip
    assert again["status"] == "succeeded", again


def test_older_addresses_mean_the_same(http: httpx.Client, photo: Path) -> None:
    asked = QUICK | {"prompt": "push in", "image_url": data_url(photo)}
    del asked["model"]
    for place in ("/openai", "/openai/deployments/flipbook", "/azure/openai/v1"):
        answer = http.post(
            f"{place}/video/generations/jobs", params={"api-version": "2025-02-15-preview"},
            json=asked | ({"model": "flipbook"} if "deployments" not in place else {}),
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        assert waited(http, answer.json())["model"] == "flipbook"


@pytest.mark.parametrize(
    ("given", "status", "code", "param"),
    [
        ({}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": "a", "n_variants": 11}, 400, "invalid_value", "n_variants"),
        ({"prompt": "a", "width": 480}, 400, "missing_required_parameter", "height"),
        ({"prompt": "a", "strict": True, "n_seconds": 21}, 400, "invalid_value", "n_seconds"),
        ({"prompt": "a", "strict": True, "width": 500, "height": 500}, 400, "invalid_value", "size"),
        ({"prompt": "a", "strict": True, "n_variants": 6}, 400, "invalid_value", "n_variants"),
        ({"prompt": "a", "inpaint_items": "x"}, 400, "invalid_value", "inpaint_items"),
        ({"prompt": "a", "inpaint_items": [{"frame_index": 1}]}, 400,
         "missing_required_parameter", "inpaint_items[0].file_name"),
    ],
)  # fmt: skip
def test_errors(
    http: httpx.Client, photo: Path, given: dict[str, Any], status: int, code: str, param: str
) -> None:
    if "inpaint_items" not in given:
        given = given | {"image_url": data_url(photo)}
    answer = http.post(JOBS, json=given)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
    assert error["message"]
