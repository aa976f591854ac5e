"""A shot said to a relay is the shot that the same words are natively."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from same_shot import films, native, shot
from wired import Wired, data_url, wired

URL = data_url(160, 90)
FILM = "https://example.com/walk.mp4"
#: what a relay is asked for, and the same said natively
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": (
        {"duration": 5, "size": "1280x720", "image_url": URL},
        {"seconds": "5", "size": "1280x720", "input_reference": URL},
    ),
    "words for the frame": (
        {"duration": "10", "size": "large", "orientation": "portrait", "images": [URL]},
        {"seconds": "10", "size": "1080x1920", "input_reference": URL},
    ),
    "what is usual": (
        {"image_url": URL}, {"seconds": "10", "size": "1280x720", "image_data": URL},
    ),
    "references": (
        {"duration": 5, "aspect_ratio": "1:1", "images": [URL, data_url(90, 160)], "model": "sketch"},
        {"seconds": "5", "size": "720x720", "input_reference": [URL, data_url(90, 160)],
         "model": "sketch"},
    ),
    "a film with its strength": (
        {"duration": 5, "size": "1280x720", "image_url": URL, "reference_video": FILM,
         "influence_strength": 0.3},
        {"seconds": "5", "size": "1280x720", "image_url": URL, "reference_video": FILM,
         "influence_strength": 0.3},
    ),
    "extras": (
        {"duration": 5, "size": "720p", "image_data": URL, "seed": 7, "last_frame": URL,
         "crop_bounds": [0, 0, 1, 0.5], "negative_prompt": "people"},
        {"seconds": "5", "size": "720p", "image_data": URL, "seed": 7, "last_frame": URL,
         "crop_bounds": [0, 0, 1, 0.5], "negative_prompt": "people"},
    ),
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def task(here: Wired, **given: Any) -> str:
    answer = here.client.post("/v1/sora/generate", json={"prompt": "slow dolly in"} | given)
    assert answer.status_code == 200, answer.text
    return f"video_{answer.json()['task_id'].removeprefix('task_')}"


@pytest.mark.parametrize("name", SAME)
def test_a_task_is_the_same_shot(here: Wired, name: str) -> None:
    asked, natively = SAME[name]
    other = native(here, prompt="slow dolly in", **natively)
    assert shot(here, task(here, **asked)) == shot(here, other)


@pytest.mark.slow
def test_the_same_shot_is_the_same_film(here: Wired) -> None:
    asked = {"prompt": "slow dolly in", "model": "flipbook", "seed": 5}
    one = task(here, **asked, size="320x180", duration=1, images=[URL])
    other = native(here, **asked, size="320x180", seconds="1", input_reference=URL)
    first, second = films(here, [one, other])
    assert first == second
