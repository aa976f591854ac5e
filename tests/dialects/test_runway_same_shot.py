"""A shot said in Runway's words and the same shot said natively are one shot, and one film."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from wired import SKETCHING, Wired, data_url, wired

from mutoscope.shot import Shot
from serving import Serving

VERSION = {"X-Runway-Version": "2024-11-06"}
FIRST, LAST = data_url(640, 360), data_url(480, 270)

#: What is said, natively and in Runway's words.
SAID: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a picture and words": (
        {"prompt": "slow dolly in", "image_url": FIRST, "size": "1280x720", "seconds": 5, "seed": 7},
        {"promptText": "slow dolly in", "promptImage": FIRST, "ratio": "1280:720", "duration": 5,
         "seed": 7},
    ),
    "first and last frame, sound, what is not wanted": (
        {"prompt": "pan left", "first_frame": FIRST, "last_frame": LAST, "size": "720x1280",
         "seconds": 4, "sound": True, "negative_prompt": "rain"},
        {"promptText": "pan left", "ratio": "720:1280", "duration": 4, "audio": True,
         "negativePrompt": "rain", "promptImage": [{"uri": FIRST, "position": "first"},
                                                   {"uri": LAST, "position": "last"}]},
    ),
    "references": (
        {"prompt": "orbit", "input_reference": [FIRST, LAST], "size": "1920x1080", "seconds": 4,
         "quality": "draft"},
        {"promptText": "orbit", "promptImage": [{"uri": FIRST}, {"uri": LAST}], "ratio": "16:9",
         "resolution": "1080p", "duration": 4, "draft": True},
    ),
    "the house's extras": (
        {"prompt": "zoom out", "image_data": FIRST, "size": "960x960", "seconds": 3, "loop": True,
         "fit": "pad", "fps": 30, "pad_colour": "#102030", "crop_bounds": [0.1, 0, 0.9, 1]},
        {"prompt": "zoom out", "image_data": FIRST, "ratio": "960:960", "duration": 3, "loop": True,
         "fit": "pad", "fps": 30, "pad_colour": "#102030", "crop_bounds": [0.1, 0, 0.9, 1]},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here"), SKETCHING) as made:
        yield made


def newest(here: Wired) -> Shot:
    page = asyncio.run(here.house.ledger.page("default", limit=1))
    assert page is not None
    shot = page.jobs[0].shot
    assert shot is not None
    return shot


@pytest.mark.parametrize("model", ["sketch", "veo3.1"])
@pytest.mark.parametrize("said", SAID)
def test_the_same_shot_is_the_same_in_runways_words(here: Wired, said: str, model: str) -> None:
    native, runways = SAID[said]
    made = here.client.post("/v1/videos", json=native | {"model": "sketch"})
    assert made.status_code == 200, made.text
    expected = newest(here)
    answer = here.client.post(
        "/v1/image_to_video", json=runways | {"model": model}, headers=VERSION
    )
    assert answer.status_code == 200, answer.text
    shot = newest(here)
    assert shot.model == model
    assert replace(shot, model="sketch") == expected


@pytest.mark.slow
def test_the_same_shot_is_the_same_film(tmp_path: Path) -> None:
    native = {"model": "flipbook", "prompt": "slow dolly in", "image_url": FIRST, "size": "320x180",
              "seconds": 1, "seed": 7}  # fmt: skip
    runways = {"model": "flipbook", "promptText": "slow dolly in", "promptImage": FIRST,
               "ratio": "320:180", "duration": 1, "seed": 7}  # fmt: skip
    with Serving(tmp_path) as server, httpx.Client(base_url=server.url, headers=VERSION) as client:
        video = client.post("/v1/videos", json=native).json()["id"]
        task = client.post("/v1/image_to_video", json=runways).json()["id"]
        limit = time.monotonic() + 60
        while (told := client.get(f"/v1/tasks/{task}").json())["status"] != "SUCCEEDED":
            assert told["status"] in ("PENDING", "THROTTLED", "RUNNING"), told
            assert time.monotonic() < limit
            time.sleep(0.2)
        while client.get(f"/v1/videos/{video}").json()["status"] != "completed":
            assert time.monotonic() < limit
            time.sleep(0.2)
        film = client.get(told["output"][0]).content
        assert film[4:8] == b"ftyp"
        assert film == client.get(f"/v1/videos/{video}/content").content
