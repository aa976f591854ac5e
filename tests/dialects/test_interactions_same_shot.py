"""A shot said as an interaction and the same shot said natively are the same shot, and the same film."""

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

from mutoscope.shot import Anchor, Shot
from serving import Serving

MODEL = "gemini-omni-1.1-flash"
FIRST, LAST = picture(1280, 720), picture(640, 360)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path, SKETCHING) as made:
        yield made


def image(content: bytes) -> dict[str, str]:
    return {"type": "image", "mime_type": "image/png", "data": base64.b64encode(content).decode()}


def shot(here: Wired, id: str) -> Shot:
    found = here.job(id).shot
    assert found is not None
    return found


def native(here: Wired, **fields: Any) -> Shot:
    given = {"model": MODEL, "image_data": data_url(1280, 720), "size": "1280x720", "seconds": 8}
    return shot(here, here.create(**{k: v for k, v in (given | fields).items() if v is not None})["id"])  # fmt: skip


def interaction(here: Wired, given: Any, **fields: Any) -> Shot:
    answer = here.client.post(
        "/v1/interactions", json={"model": MODEL, "input": given, "background": True, **fields}
    )
    assert answer.status_code == 200, answer.text
    return shot(here, "video_" + answer.json()["id"].removeprefix("v1_"))


@pytest.mark.parametrize(
    ("said", "natively"),
    [
        ({}, {}),
        ({"response_format": {"duration": "4.5s"}}, {"seconds": 4.5}),
        ({"response_format": {"aspect_ratio": "9:16"}}, {"size": "720x1280"}),
        ({"response_format": {"resolution": "1080p"}}, {"size": "1920x1080"}),
        ({"generation_config": {"seed": 7}}, {"seed": 7}),
        ({"fit": "pad", "loop": True}, {"fit": "pad", "loop": True}),
    ],
)
def test_the_same_shot(here: Wired, said: dict[str, Any], natively: dict[str, Any]) -> None:
    ours = native(here, prompt="slow dolly in", **natively)
    assert interaction(here, [image(FIRST), "slow dolly in"], **said) == ours


def test_the_same_shot_between_two_frames(here: Wired) -> None:
    ours = native(here, prompt="morph", last_frame=data_url(640, 360))
    assert (
        interaction(here, [image(FIRST), image(LAST), "<FIRST_FRAME> <LAST_FRAME> morph"]) == ours
    )


def test_the_same_shot_from_references(here: Wired) -> None:
    both = [data_url(1280, 720), data_url(640, 360)]
    ours = native(here, prompt="a walk", image_data=None, input_reference=both)
    task = {"generation_config": {"video_config": {"task": "reference_to_video"}}}
    assert interaction(here, [image(FIRST), image(LAST), "a walk"], **task) == ours


def test_the_same_change_extension_and_edit(here: Wired) -> None:
    before = here.completed(model=MODEL, prompt="slow dolly in", seconds=4, size="1280x720")["id"]
    remix = here.client.post(f"/v1/videos/{before}/remix", json={"prompt": "pan left"}).json()
    theirs = interaction(here, "pan left", previous_interaction_id=before)
    assert theirs == shot(here, remix["id"])
    longer = here.client.post(
        "/v1/videos/extensions", json={"prompt": "continue", "seconds": 8, "video": {"id": before}}
    ).json()
    assert interaction(here, "continue", previous_interaction_id=before) == shot(here, longer["id"])
    film = base64.b64encode(b"\0\0\0\x18ftypisom" + bytes(64)).decode()
    edit = here.client.post(
        "/v1/videos/edits",
        json={"model": MODEL, "prompt": "warmer", "video": f"data:video/mp4;base64,{film}"},
    ).json()
    video = {"type": "video", "data": film, "mime_type": "video/mp4"}
    assert interaction(here, [video, "warmer"]) == shot(here, edit["id"])


def test_upscaling_is_reframing_to_a_larger_size(here: Wired) -> None:
    before = here.completed(model=MODEL, prompt="slow dolly in", seconds=4, size="1280x720")["id"]
    made = interaction(
        here, "larger", previous_interaction_id=before, response_format={"resolution": "1080p"},
        generation_config={"video_config": {"task": "upscale"}},
    )  # fmt: skip
    assert (str(made.kind), str(made.size), made.seconds) == ("reframe", "1920x1080", 4.0)
    assert [type(one) for one in made.anchors] == [Anchor]


@pytest.mark.slow
def test_the_same_film(tmp_path: Path) -> None:
    """The same bytes, from two programs that know nothing of each other; and from Vertex's."""
    photo = base64.b64encode(picture(640, 360)).decode()
    resource = "publishers/google/models/veo-3.1-generate-001"
    with Serving(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60.0) as client:
        theirs = client.post(
            "/v1/interactions",
            json={
                "model": MODEL, "size": "320x180", "generation_config": {"seed": 3},
                "input": [{"type": "image", "data": photo}, "pan left"],
                "response_format": {"type": "video", "duration": "1s"},
            },
        ).json()  # fmt: skip
        assert theirs["status"] == "completed", theirs
        ours = client.post(
            "/v1/videos",
            json={"model": MODEL, "prompt": "pan left", "image_data": photo, "size": "320x180",
                  "seconds": 1, "seed": 3},
        ).json()  # fmt: skip
        vertex = client.post(
            f"/v1/{resource}:predictLongRunning",
            json={"instances": [{"prompt": "pan left", "image": {"bytesBase64Encoded": photo}}],
                  "parameters": {"resolution": "180p", "durationSeconds": 1, "seed": 3}},
        ).json()  # fmt: skip
        limit = time.monotonic() + 90
        while (video := client.get(f"/v1/videos/{ours['id']}").json())["status"] != "completed":
            assert video["status"] != "failed", video
            assert time.monotonic() < limit
            time.sleep(0.1)
        asked = {"operationName": vertex["name"]}
        place = f"/v1/{resource}:fetchPredictOperation"
        while not (operation := client.post(place, json=asked).json()).get("done"):
            assert time.monotonic() < limit
            time.sleep(0.1)
        films = [
            client.get(f"/v1/videos/{ours['id']}/content").content,
            base64.b64decode(theirs["steps"][0]["content"][0]["data"]),
            base64.b64decode(operation["response"]["videos"][0]["bytesBase64Encoded"]),
        ]
    assert films[0][4:8] == b"ftyp"
    assert films[0] == films[1] == films[2]


def test_a_models_name_is_all_that_may_differ(here: Wired) -> None:
    ours = native(here, prompt="pan left", model="sora-2", seconds=8)
    theirs = interaction(here, [image(FIRST), "pan left"])
    assert replace(ours, model=MODEL) == theirs
