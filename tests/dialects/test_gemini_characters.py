"""Characters in Veo's requests: by @name, and by a picture that is their own frame."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import Wired, picture, wired

from mutoscope.characters.model import Frame, Origin
from mutoscope.characters.store import Characters
from mutoscope.dialects.gemini import ids
from mutoscope.jobs.job import Job
from mutoscope.storage.ids import new_id

FRAME, MATTE = picture(320, 240), picture(322, 240)
SCENE = picture(1280, 720)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def character(
    here: Wired, name: str, project: str = "default", frame: bytes = FRAME, matte: bytes = MATTE
) -> str:
    """A character with one frame."""
    store, media = Characters(here.house.records), here.house.media
    id = new_id("char_")
    one = Frame(media=media.put(frame), matte=media.put(matte), at=0.0, box=(0, 0, 1, 1))
    made = store.create(
        id, project, name, "", source=None, frames=(one,), origin=Origin(kind="pictures"),
        consent=None,
    )  # fmt: skip
    asyncio.run(made)
    return id


def place(here: Wired, instance: dict[str, Any]) -> tuple[Job, dict[str, Any]]:
    body = {"instances": [instance]}
    answer = here.client.post("/v1beta/models/veo-3.1:predictLongRunning", json=body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    return here.job(ids.video_id(shown["name"].rpartition("/")[2])), shown


def image(content: bytes) -> dict[str, str]:
    return {"bytesBase64Encoded": base64.b64encode(content).decode(), "mimeType": "image/png"}


def test_a_character_by_name(here: Wired) -> None:
    id = character(here, "Mia")
    job, _ = place(here, {"prompt": "@Mia walks to the left", "image": image(SCENE)})
    assert job.shot is not None
    assert job.shot.cast == ("Mia",)
    assert job.work["characters"] == {"Mia": id}


@pytest.mark.parametrize("own", [FRAME, MATTE])
def test_a_reference_image_that_is_a_characters_frame_is_that_character(
    here: Wired, own: bytes
) -> None:
    id = character(here, "Mia")
    references = [{"image": image(own), "referenceType": "ASSET"}]
    job, shown = place(
        here, {"prompt": "pan left", "image": image(SCENE), "referenceImages": references}
    )
    assert job.shot is not None
    assert job.work["characters"] == {"Mia": id}
    assert [anchor.role for anchor in job.shot.anchors] == ["first_frame"]
    said = {one["code"]: one["message"] for one in shown["metadata"]["warnings"]}
    assert said["character"].endswith("is a frame of the character Mia, who is cast")


def test_one_who_is_named_and_shown_is_there_once(here: Wired) -> None:
    character(here, "Mia")
    references = [{"image": image(FRAME)}, {"image": image(MATTE)}]
    job, _ = place(
        here, {"prompt": "@Mia waves", "image": image(SCENE), "referenceImages": references}
    )
    assert job.shot is not None
    assert job.shot.cast == ("Mia",)


def test_another_projects_character_is_a_picture_like_any_other(here: Wired) -> None:
    character(here, "Mia", project="theirs")
    character(here, "Ben", frame=picture(330, 240), matte=picture(332, 240))
    job, shown = place(here, {"prompt": "pan left", "referenceImages": [{"image": image(FRAME)}]})
    assert job.shot is not None
    assert (job.shot.cast, len(job.shot.anchors)) == ((), 1)
    assert "character" not in {one["code"] for one in shown["metadata"].get("warnings", ())}


def test_a_first_frame_is_no_character(here: Wired) -> None:
    character(here, "Mia")
    job, _ = place(here, {"prompt": "pan left", "image": image(FRAME)})
    assert job.shot is not None
    assert (job.shot.cast, job.shot.anchors[0].role) == ((), "first_frame")
