"""A shot said in Luma's words, either API's, and the same shot said natively are one shot, and one film."""

from __future__ import annotations

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

FIRST, LAST, MIDDLE = data_url(640, 360), data_url(480, 270), data_url(320, 180)
DREAM, AGENTS, NATIVE = "/dream-machine/v1/generations/video", "/v1/generations", "/v1/videos"


def image(url: str) -> dict[str, str]:
    return {"type": "image", "url": url}


def raw(url: str) -> dict[str, str]:
    return {"data": url.partition(",")[2], "media_type": "image/png"}


#: What is said: natively, to Dream Machine, to Agents. None: that API has no such field.
SAID: dict[str, tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]] = {
    "a picture and words": (
        {"prompt": "slow dolly in", "image_url": FIRST, "size": "1280x720", "seconds": 5, "seed": 7},
        {"prompt": "slow dolly in", "keyframes": {"frame0": image(FIRST)}, "aspect_ratio": "16:9",
         "resolution": "720p", "duration": "5s", "seed": 7},
        {"prompt": "slow dolly in", "aspect_ratio": "16:9", "seed": 7,
         "video": {"start_frame": raw(FIRST), "resolution": "720p", "duration": "5s"}},
    ),
    "first and last frame, upright": (
        {"prompt": "pan left", "first_frame": FIRST, "last_frame": LAST, "size": "540x960",
         "seconds": 9},
        {"prompt": "pan left", "keyframes": {"frame0": image(FIRST), "frame1": image(LAST)},
         "aspect_ratio": "9:16", "resolution": "540p", "duration": "9s"},
        {"prompt": "pan left", "aspect_ratio": "9:16",
         "video": {"start_frame": raw(FIRST), "end_frame": raw(LAST), "resolution": "540p",
                   "duration": "9s"}},
    ),
    "a loop": (
        {"prompt": "leaves sway", "image_url": FIRST, "size": "720x720", "seconds": 5, "loop": True},
        {"prompt": "leaves sway", "keyframes": {"frame0": image(FIRST)}, "aspect_ratio": "1:1",
         "duration": "5s", "loop": True},
        {"prompt": "leaves sway", "aspect_ratio": "1:1",
         "video": {"start_frame": raw(FIRST), "duration": "5s", "loop": True}},
    ),
    "concepts": (
        {"prompt": "A cup. orbit left. zoom in.", "image_url": FIRST, "size": "1280x720", "seconds": 5},
        {"prompt": "A cup", "keyframes": {"frame0": image(FIRST)}, "resolution": "720p",
         "duration": "5s", "concepts": [{"key": "orbit_left"}, {"key": "zoom_in"}]},
        None,
    ),
    "a keyframe within": (
        {"prompt": "zoom out", "image_url": MIDDLE, "frame_index": 60, "size": "1280x720",
         "seconds": 5},
        None,
        {"prompt": "zoom out", "aspect_ratio": "16:9",
         "video": {"keyframes": [raw(MIDDLE)], "keyframe_indexes": [60], "duration": "5s"}},
    ),
    "the house's extras": (
        {"prompt": "zoom out", "image_data": FIRST, "size": "960x540", "seconds": 3, "fit": "pad",
         "fps": 30, "pad_colour": "#102030", "crop_bounds": [0.1, 0, 0.9, 1], "sound": True},
        {"prompt": "zoom out", "image_data": FIRST, "resolution": "540p", "duration": 3, "fit": "pad",
         "fps": 30, "pad_colour": "#102030", "crop_bounds": [0.1, 0, 0.9, 1], "sound": True},
        {"prompt": "zoom out", "image_data": FIRST, "fit": "pad", "fps": 30, "sound": True,
         "pad_colour": "#102030", "crop_bounds": [0.1, 0, 0.9, 1],
         "video": {"resolution": "540p", "duration": "3s"}},
    ),
}  # fmt: skip
PLACES = [(name, at) for name, said in SAID.items() for at in (1, 2) if said[at] is not None]


def posted(said: str, at: int, model: str) -> tuple[str, dict[str, Any]]:
    """The path and body of a saying in Dream Machine's (1) or Agents' (2) words."""
    body = SAID[said][at]
    assert body is not None
    return (DREAM, AGENTS)[at - 1], body | {"model": model} | ({"type": "video"} if at == 2 else {})


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here"), SKETCHING) as made:
        yield made


def shot(here: Wired, path: str, body: dict[str, Any]) -> Shot:
    answer = here.client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    made = here.job(answer.json()["id"]).shot
    assert made is not None
    return made


@pytest.mark.parametrize("vendors", [False, True], ids=["own model", "vendor's model"])
@pytest.mark.parametrize(("said", "at"), PLACES)
def test_the_same_shot_is_the_same_in_lumas_words(
    here: Wired, said: str, at: int, vendors: bool
) -> None:
    expected = shot(here, NATIVE, SAID[said][0] | {"model": "sketch"})
    model = ("ray-2", "ray-3.2")[at - 1] if vendors else "sketch"
    made = shot(here, *posted(said, at, model))
    assert made.model == model
    assert replace(made, model="sketch") == expected


@pytest.mark.slow
def test_the_same_shot_is_the_same_film(tmp_path: Path) -> None:
    words: dict[str, Any] = {"prompt": "orbit left.", "model": "flipbook", "seed": 3}
    native = words | {"image_url": FIRST, "size": "320x180", "seconds": 1}
    dream = {
        "keyframes": {"frame0": image(FIRST)}, "resolution": "180p", "duration": "1s",
        "concepts": [{"key": "orbit_left"}], "model": "flipbook", "seed": 3,
    }  # fmt: skip
    agents = words | {
        "type": "video",
        "video": {"start_frame": raw(FIRST), "resolution": "180p", "duration": "1s"},
    }
    with Serving(tmp_path / "data") as server, httpx.Client(base_url=server.url) as client:
        films = []
        for path, body in ((NATIVE, native), (DREAM, dream), (AGENTS, agents)):
            answer = client.post(path, json=body)
            assert answer.status_code in (200, 201), answer.text
            films.append(filmed(client, answer.json()["id"]))
    assert films[0][4:8] == b"ftyp"
    assert films[0] == films[1] == films[2]


def filmed(client: httpx.Client, id: str) -> bytes:
    """The job's film, once it is there."""
    for _ in range(600):
        seen = client.get(f"{NATIVE}/{id}").json()
        if seen["status"] in ("completed", "failed"):
            break
        time.sleep(0.1)
    assert seen["status"] == "completed", seen
    return client.get(f"{NATIVE}/{id}/content").content
