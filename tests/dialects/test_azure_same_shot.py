"""A shot said to Azure's addresses is the shot that the same words are natively."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from same_shot import films, native, shot
from wired import Wired, data_url, picture, wired

JOBS = "/openai/v1/video/generations/jobs"
URL = data_url(160, 90)
CROP = {"left": 0.1, "top": 0.2, "right": 0.9, "bottom": 1.0}
FRACTIONS = {f"{edge}_fraction": part for edge, part in CROP.items()}
NATIVE: dict[str, Any] = {"prompt": "slow dolly in", "model": "sora", "size": "480x480", "fps": 30}
#: what a job is asked for, and the same said natively
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "flat": (
        {"width": 480, "height": "480", "n_seconds": "7", "image_data": URL},
        {"seconds": "7", "image_data": URL},
    ),
    "other names": (
        {"size": "480x480", "duration": 7, "image_url": URL},
        {"seconds": 7, "input_reference": URL},
    ),
    "the usual length": (
        {"size": "480x480", "image_url": URL}, {"image_data": URL, "seconds": "5"},
    ),
    "a crop at the last frame": (
        {"width": 480, "height": 480, "n_seconds": 2, "inpaint_items": [
            {"frame_index": -1, "type": "image", "image_url": URL, "crop_bounds": FRACTIONS}]},
        {"seconds": "2", "input_reference": URL, "frame_index": -1, "crop_bounds": CROP},
    ),
    "a frame in the middle": (
        {"width": 480, "height": 480, "n_seconds": 2, "inpaint_items": json.dumps(
            [{"frame_index": 31, "image_data": URL}])},
        {"seconds": "2", "image_data": URL, "frame_index": 31},
    ),
    "first and last": (
        {"width": 480, "height": 480, "n_seconds": 2, "inpaint_items": [
            {"frame_index": 0, "image_url": URL}, {"frame_index": 59, "image_url": URL}]},
        {"seconds": "2", "image_url": URL, "last_frame": URL},
    ),
    "extras": (
        {"width": 480, "height": 480, "n_seconds": 2, "image_data": URL, "seed": 7, "loop": "true",
         "negative_prompt": "people", "fit": "pad"},
        {"seconds": "2", "image_data": URL, "seed": 7, "loop": True, "negative_prompt": "people",
         "fit": "pad"},
    ),
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def job(here: Wired, **given: Any) -> str:
    answer = here.client.post(JOBS, json={"prompt": "slow dolly in"} | given)
    assert answer.status_code == 201, answer.text
    return f"video_{answer.json()['id'].removeprefix('task_')}"


@pytest.mark.parametrize("name", SAME)
def test_a_job_is_the_same_shot(here: Wired, name: str) -> None:
    asked, natively = SAME[name]
    assert shot(here, job(here, **asked)) == shot(here, native(here, **NATIVE | natively))


@pytest.mark.parametrize("root", ["/openai/v1", "/openai", "/openai/deployments/sora-2"])
def test_a_video_is_the_same_shot(here: Wired, root: str) -> None:
    given = {
        "prompt": "orbit left", "model": "sora-2", "seconds": "8", "size": "1280x720",
        "input_reference": {"image_url": URL}, "seed": 3, "last_frame": URL, "sound": True,
    }  # fmt: skip
    answer = here.client.post(f"{root}/videos", json=given)
    assert answer.status_code == 200, answer.text
    assert shot(here, answer.json()["id"]) == shot(here, native(here, **given))


def test_an_uploaded_part_is_the_same_picture(here: Wired) -> None:
    items = [{"frame_index": 0, "type": "image", "file_name": "a.png"}]
    answer = here.client.post(
        JOBS,
        data={"prompt": "slow dolly in", "width": "480", "height": "480", "n_seconds": "7",
              "inpaint_items": json.dumps(items)},
        files=[("files", ("a.png", picture(160, 90), "image/png"))],
    )  # fmt: skip
    id = f"video_{answer.json()['id'].removeprefix('task_')}"
    natively = NATIVE | {"seconds": "7", "image_data": URL}
    assert shot(here, id) == shot(here, native(here, **natively))


@pytest.mark.slow
def test_the_same_shot_is_the_same_film(here: Wired) -> None:
    asked = {"model": "flipbook", "image_data": URL, "seed": 5}
    one = job(here, **asked, width=320, height=180, n_seconds=1, inpaint_items=None)
    other = native(here, **asked, prompt="slow dolly in", size="320x180", seconds="1")
    first, second = films(here, [one, other])
    assert first == second
