"""A shot said in Vertex's words and the same shot said natively are the same shot. That they are the same
film is shown in test_interactions_same_shot.py."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from wired import SKETCHING, Wired, data_url, picture, wired

from mutoscope.shot import Shot

MODEL = "veo-3.1-generate-001"
FIRST, LAST = picture(1280, 720), picture(640, 360)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path, SKETCHING) as made:
        yield made


def image(content: bytes) -> dict[str, str]:
    return {"bytesBase64Encoded": base64.b64encode(content).decode(), "mimeType": "image/png"}


def shot(here: Wired, id: str) -> Shot:
    found = here.job(id).shot
    assert found is not None
    return replace(found, model="any")


def native(here: Wired, **fields: Any) -> Shot:
    given = {"model": MODEL, "image_data": data_url(1280, 720), "size": "1280x720", "seconds": 8}
    return shot(here, here.create(**{k: v for k, v in (given | fields).items() if v is not None})["id"])  # fmt: skip


def vertex(here: Wired, instance: dict[str, Any], parameters: dict[str, Any] | None = None) -> Shot:
    answer = here.client.post(
        f"/v1/publishers/google/models/{MODEL}:predictLongRunning",
        json={"instances": [instance], "parameters": parameters or {}},
    )
    assert answer.status_code == 200, answer.text
    return shot(here, "video_" + answer.json()["name"].rpartition("/")[2])


@pytest.mark.parametrize(
    ("said", "natively"),
    [
        ({"durationSeconds": 6, "aspectRatio": "9:16"}, {"seconds": 6, "size": "720x1280"}),
        ({"resolution": "1080p", "seed": 7}, {"size": "1920x1080", "seed": 7}),
        ({"generateAudio": True, "fps": 30}, {"sound": True, "fps": 30}),
        ({"resizeMode": "PAD", "negativePrompt": "rain"}, {"fit": "pad", "negative_prompt": "rain"}),
        ({"resizeMode": "CROP", "compressionQuality": "LOSSLESS"}, {"fit": "cover", "quality": "best"}),
    ],
)  # fmt: skip
def test_the_same_shot(here: Wired, said: dict[str, Any], natively: dict[str, Any]) -> None:
    ours = native(here, prompt="slow dolly in", **natively)
    assert vertex(here, {"prompt": "slow dolly in", "image": image(FIRST)}, said) == ours


def test_the_same_shot_between_two_frames(here: Wired) -> None:
    ours = native(here, prompt="morph", last_frame=data_url(640, 360))
    said = {"prompt": "morph", "image": image(FIRST), "lastFrame": image(LAST)}
    assert vertex(here, said) == ours


def test_the_same_shot_from_references(here: Wired) -> None:
    both = [data_url(1280, 720), data_url(640, 360)]
    ours = native(here, prompt="a walk", image_data=None, input_reference=both)
    references = [
        {"image": image(one), "referenceType": kind}
        for one, kind in ((FIRST, "ASSET"), (LAST, "STYLE"))
    ]
    assert vertex(here, {"prompt": "a walk", "referenceImages": references}) == ours


def test_the_same_extension(here: Wired) -> None:
    film = b"\0\0\0\x18ftypisom" + bytes(64)
    ours = here.client.post(
        "/v1/videos/extensions",
        json={"model": MODEL, "prompt": "on", "seconds": 8, "size": "1280x720",
              "video": "data:video/mp4;base64," + base64.b64encode(film).decode()},
    ).json()  # fmt: skip
    said = {"prompt": "on", "video": image(film) | {"mimeType": "video/mp4"}}
    assert vertex(here, said, {"durationSeconds": 8, "resolution": "720p"}) == shot(
        here, ours["id"]
    )
