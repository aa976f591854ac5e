"""A shot said in Veo's words and the same shot said natively are the same shot, and the same film."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from wired import SKETCHING, Wired, data_url, picture, wired

from mutoscope.dialects.gemini import ids
from mutoscope.shot import Shot
from serving import Serving

LAST = picture(640, 360)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here")) as made:
        yield made


def image(content: bytes) -> dict[str, str]:
    return {"bytesBase64Encoded": base64.b64encode(content).decode(), "mimeType": "image/png"}


def native(here: Wired, **fields: Any) -> Shot:
    shot = here.job(here.create(**fields)["id"]).shot
    assert shot is not None
    return shot


def veo(here: Wired, instance: dict[str, Any], **parameters: Any) -> Shot:
    answer = here.client.post(
        "/v1beta/models/veo-3.1:predictLongRunning",
        json={"instances": [instance], "parameters": parameters},
    )
    assert answer.status_code == 200, answer.text
    shot = here.job(ids.video_id(answer.json()["name"].rpartition("/")[2])).shot
    assert shot is not None
    return shot


FIRST = picture(1280, 720)


@pytest.mark.parametrize(
    ("said", "natively"),
    [
        ({"durationSeconds": 8}, {"seconds": "8"}),
        ({"durationSeconds": 6, "aspectRatio": "9:16"}, {"seconds": 6, "size": "720x1280"}),
        ({"resolution": "1080p"}, {"seconds": 8, "size": "1920x1080"}),
        ({"negativePrompt": "blurry", "seed": 7}, {"seconds": 8, "negative_prompt": "blurry", "seed": 7}),
        ({"generateAudio": True, "fps": 30}, {"seconds": 8, "sound": True, "fps": 30}),
        ({"resizeMode": "PAD"}, {"seconds": 8, "fit": "pad"}),
        ({"resizeMode": "CROP", "loop": True}, {"seconds": 8, "fit": "cover", "loop": True}),
        ({"compressionQuality": "LOSSLESS"}, {"seconds": 8, "quality": "best"}),
        ({"crop_bounds": [0, 0, 0.5, 0.5]}, {"seconds": 8, "crop_bounds": [0, 0, 0.5, 0.5]}),
    ],
)  # fmt: skip
def test_the_same_shot(here: Wired, said: dict[str, Any], natively: dict[str, Any]) -> None:
    sized = {"size": "1280x720"} | natively
    ours = native(
        here, model="veo-3.1", prompt="slow dolly in", image_data=data_url(1280, 720), **sized
    )
    theirs = veo(here, {"prompt": "slow dolly in", "image": image(FIRST)}, **said)
    assert replace(theirs, model="any") == replace(ours, model="any")


def test_the_same_shot_between_two_frames(here: Wired) -> None:
    ours = native(
        here, model="veo-3.1", prompt="morph", image_data=data_url(1280, 720), seconds=8,
        last_frame=data_url(640, 360), size="1280x720",
    )  # fmt: skip
    theirs = veo(here, {"prompt": "morph", "image": image(FIRST), "lastFrame": image(LAST)})
    assert replace(theirs, model="any") == replace(ours, model="any")


def test_the_same_shot_from_references(tmp_path: Path) -> None:
    with wired(tmp_path, SKETCHING) as here:
        references_are_the_same(here)


def references_are_the_same(here: Wired) -> None:
    references = [{"image": image(one), "referenceType": "ASSET"} for one in (FIRST, LAST)]
    ours = native(
        here, model="veo-3.1", prompt="a walk", seconds=8, size="1280x720",
        input_reference=[data_url(1280, 720), data_url(640, 360)],
    )  # fmt: skip
    theirs = veo(here, {"prompt": "a walk", "referenceImages": references})
    assert replace(theirs, model="any") == replace(ours, model="any")


@pytest.mark.slow
def test_the_same_film(tmp_path: Path) -> None:
    """The same bytes, from two programs that know nothing of each other."""
    photo = picture(640, 360, "PNG")
    with Serving(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60.0) as client:
        body = {
            "instances": [{"prompt": "pan left", "image": image(photo)}],
            "parameters": {"resolution": "180p", "durationSeconds": 1, "seed": 3},
        }
        made = client.post("/v1beta/models/veo-3.1:predictLongRunning", json=body).json()
        data = "data:image/png;base64," + base64.b64encode(photo).decode()
        ours = client.post(
            "/v1/videos",
            json={"model": "veo-3.1", "prompt": "pan left", "image_data": data,
                  "size": "320x180", "seconds": 1, "seed": 3},
        ).json()  # fmt: skip
        limit = time.monotonic() + 90
        while not (operation := client.get(f"/v1beta/{made['name']}").json()).get("done"):
            assert time.monotonic() < limit
            time.sleep(0.1)
        while (video := client.get(f"/v1/videos/{ours['id']}").json())["status"] != "completed":
            assert video["status"] != "failed", video
            assert time.monotonic() < limit
            time.sleep(0.1)
        (sample,) = operation["response"]["generateVideoResponse"]["generatedSamples"]
        films = [
            client.get(sample["video"]["uri"]).content,
            client.get(f"/v1/videos/{ours['id']}/content").content,
        ]
    assert films[0][4:8] == b"ftyp"
    assert films[0] == films[1]
