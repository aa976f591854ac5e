"""What programs written for the vendors' services ask of models with open weights: it is filmed, or refused
with a sentence. Nothing films here: each shot is a job, or none."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import Wired, data_url, picture, wired

from mutoscope.config import Routes, Settings
from mutoscope.engines.base import Readiness
from mutoscope.engines.diffusion.engine import DiffusionEngine
from mutoscope.jobs.job import Job
from mutoscope.shot import Kind, Role, Size

TI2V, I2V, VACE = "wan2.2-ti2v-5b", "wan2.2-i2v-a14b", "wan2.1-vace-1.3b"
ROUTES = Routes(
    default=TI2V,
    models={"sora-2-pro": VACE, "veo-3.1-generate-001": I2V, "gen4_turbo": I2V, "ray-2": I2V},
)
FIRST, LAST, MIDDLE = data_url(640, 360), data_url(480, 270), data_url(320, 180)
LACKING = DiffusionEngine.lacking
PHOTO = {"prompt": "slow dolly in", "image_data": FIRST}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DiffusionEngine, "check", lambda self: Readiness(ready=True))
        patched.setattr(DiffusionEngine, "lacking", lambda self, shot: "")
        with wired(tmp_path_factory.mktemp("here"), Settings(routes=ROUTES)) as made:
            yield made


def newest(here: Wired) -> Job:
    page = asyncio.run(here.house.ledger.page("default", limit=1))
    assert page is not None
    return page.jobs[0]


def post(here: Wired, path: str = "/v1/videos", **given: Any) -> Any:
    return here.client.post(path, json=given)


def refused(answer: Any) -> str:
    """The sentence of a 400."""
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"]["message"])


# the OpenAI dialect


@pytest.mark.parametrize("seconds", ["4", "8", "12"])
@pytest.mark.parametrize(
    ("model", "size"),
    [("sora-2", "1280x720"), ("sora-2", "720x1280"), ("sora-2-pro", "1792x1024"),
     ("sora-2-pro", "1024x1792")],
)  # fmt: skip
def test_the_services_sizes_and_lengths(here: Wired, model: str, size: str, seconds: str) -> None:
    answer = post(here, **PHOTO, model=model, size=size, seconds=seconds)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["size"], answer.json()["seconds"]) == (size, seconds)
    assert "warnings" not in answer.json(), answer.json()["warnings"]
    job = newest(here)
    assert job.engine == ROUTES.models.get(model, TI2V)
    assert job.shot is not None
    assert (str(job.shot.size), job.shot.seconds) == (size, float(seconds))


def test_a_seed_reaches_the_model(here: Wired) -> None:
    assert post(here, **PHOTO, seed=7).status_code == 200
    shot = newest(here).shot
    assert shot is not None
    assert shot.seed == 7


def test_longer_than_the_model_is_refused_with_its_limit(here: Wired) -> None:
    assert "15" in refused(post(here, **PHOTO, seconds="20"))


def test_words_alone_go_to_a_model_that_films_them(here: Wired) -> None:
    assert post(here, prompt="a cat on a roof").status_code == 200
    assert newest(here).engine == TI2V
    said = refused(post(here, prompt="a cat on a roof", model=I2V))
    assert f"{I2V} films a photograph" in said
    assert TI2V in said
    assert "wan-v2v" not in said  # films whose source is a film


def test_words_alone_go_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiffusionEngine, "check", lambda self: Readiness(ready=True))
    with wired(tmp_path, Settings(routes=Routes(text_only=TI2V))) as here:
        assert post(here, prompt="a cat on a roof", model="sora-2").status_code == 200
        assert newest(here).engine == TI2V
        assert post(here, **PHOTO, model="sora-2").status_code == 200
        assert newest(here).engine == "flipbook"


def test_a_quality_whose_lora_is_not_here_is_refused_before_there_is_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(DiffusionEngine, "check", lambda self: Readiness(ready=True))
    monkeypatch.setattr(DiffusionEngine, "lacking", LACKING)
    with wired(tmp_path, Settings(routes=ROUTES)) as here:
        answer = post(here, **PHOTO, model=I2V, quality="draft")
        assert answer.status_code == 503
        error = answer.json()["error"]
        assert error["code"] == "engine_not_ready"
        assert f"mutoscope models pull {I2V} --lora 4-step" in error["message"]
        assert "ask for the quality best" in error["message"]
        assert post(here, **PHOTO, model=I2V, quality="best").status_code == 200


def test_an_engines_own_name_has_its_own_length_rate_and_size(here: Wired) -> None:
    assert post(here, **PHOTO, model=VACE).status_code == 200
    shot = newest(here).shot
    assert shot is not None
    assert (shot.fps, shot.size) == (16, Size(832, 480))


def test_first_and_last_frame_where_the_model_can(here: Wired) -> None:
    both = {"prompt": "pan left", "first_frame": FIRST, "last_frame": LAST}
    assert post(here, **both, model=I2V).status_code == 200
    shot = newest(here).shot
    assert shot is not None
    assert {one.role for one in shot.anchors} == {Role.FIRST_FRAME, Role.LAST_FRAME}
    assert f"the shot has 2 pictures; {TI2V} takes 0 to 1" in refused(
        post(here, **both, model=TI2V)
    )
    said = refused(post(here, prompt="pan left", last_frame=LAST, model=TI2V))
    assert "last" in said
    assert TI2V in said


def test_several_references_where_the_model_can(here: Wired) -> None:
    given: dict[str, Any] = {"prompt": "orbit", "input_reference": [FIRST, LAST]}
    assert post(here, **given, model="sora-2-pro").status_code == 200
    assert TI2V in refused(post(here, **given, model="sora-2"))


def test_a_remix_an_edit_and_an_extension_of_a_film(here: Wired) -> None:
    source = post(here, **PHOTO, model="sora-2").json()["id"]
    here.finish(source)
    assert post(here, f"/v1/videos/{source}/remix", prompt="at night").status_code == 200
    assert newest(here).kind == Kind.REMIX
    edit = {"prompt": "at night", "video": {"id": source}, "influence_strength": 0.4}
    assert post(here, "/v1/videos/edits", **edit).status_code == 200
    edited = newest(here)
    assert edited.kind == Kind.EDIT
    assert edited.shot is not None
    assert [one.strength for one in edited.shot.anchors if one.role is Role.SOURCE] == [0.4]
    longer = {"prompt": "on", "video": {"id": source}, "seconds": "4"}
    assert post(here, "/v1/videos/extensions", **longer).status_code == 200
    assert newest(here).kind == Kind.EXTEND


@pytest.mark.parametrize("model", [TI2V, I2V])
def test_an_extension_does_not_end_in_the_pictures_of_its_film_again(
    here: Wired, model: str
) -> None:
    last = {"last_frame": LAST} if model == I2V else {}
    source = post(here, prompt="on", image_data=FIRST, model=model, **last).json()["id"]
    here.finish(source)
    longer = {"prompt": "on", "video": {"id": source}, "seconds": "4"}
    assert post(here, "/v1/videos/extensions", **longer).status_code == 200
    assert _roles(newest(here)) == {Role.SOURCE}


def test_references_go_on_into_an_extension(here: Wired) -> None:
    given: dict[str, Any] = {"prompt": "orbit", "input_reference": [FIRST, LAST]}
    source = post(here, **given, model=VACE).json()["id"]
    here.finish(source)
    longer = {"prompt": "on", "video": {"id": source}, "seconds": "4"}
    assert post(here, "/v1/videos/extensions", **longer).status_code == 200
    assert _roles(newest(here)) == {Role.REFERENCE, Role.SOURCE}


def test_what_a_model_cannot_make_of_a_film_is_refused(here: Wired) -> None:
    source = post(here, **PHOTO, model=I2V).json()["id"]
    here.finish(source)
    asked: dict[str, dict[str, Any]] = {
        f"/v1/videos/{source}/remix": {"prompt": "at night"},
        "/v1/videos/edits": {"prompt": "at night", "video": {"id": source}},
    }
    for path, given in asked.items():
        said = refused(post(here, path, **given))
        assert I2V in said
        assert "create" in said  # what it can
    longer = {"prompt": "on", "video": {"id": source}, "seconds": "4"}
    assert post(here, "/v1/videos/extensions", **longer).status_code == 200


def test_a_loop_where_the_model_can(here: Wired) -> None:
    assert post(here, **PHOTO, model=I2V, loop=True).status_code == 200
    assert "loop" in refused(post(here, **PHOTO, model=TI2V, loop=True))


# the others: one representative each


def test_veos_first_and_last_frame(here: Wired) -> None:
    def image(width: int) -> dict[str, str]:
        content = base64.b64encode(picture(width, 360)).decode()
        return {"bytesBase64Encoded": content, "mimeType": "image/png"}

    path = "/v1/publishers/google/models/veo-3.1-generate-001:predictLongRunning"
    instance = {"prompt": "pan left", "image": image(640), "lastFrame": image(480)}
    answer = post(here, path, instances=[instance], parameters={"durationSeconds": 8})
    assert answer.status_code == 200, answer.text
    assert _roles(newest(here)) == {Role.FIRST_FRAME, Role.LAST_FRAME}
    assert newest(here).engine == I2V


def test_runways_pictures_at_their_positions(here: Wired) -> None:
    given = {
        "model": "gen4_turbo", "promptText": "pan left", "ratio": "1280:720", "duration": 5,
        "promptImage": [{"uri": FIRST, "position": "first"}, {"uri": LAST, "position": "last"}],
    }  # fmt: skip
    headers = {"X-Runway-Version": "2024-11-06"}
    answer = here.client.post("/v1/image_to_video", json=given, headers=headers)
    assert answer.status_code == 200, answer.text
    assert _roles(newest(here)) == {Role.FIRST_FRAME, Role.LAST_FRAME}
    given["model"] = TI2V
    answer = here.client.post("/v1/image_to_video", json=given, headers=headers)
    assert answer.status_code == 400
    assert f"{TI2V} takes 0 to 1" in answer.json()["error"]


def test_lumas_keyframes(here: Wired) -> None:
    given = {
        "model": "ray-2", "prompt": "pan left", "duration": "5s",
        "keyframes": {"frame0": {"type": "image", "url": FIRST}, "frame1": {"type": "image", "url": LAST}},
    }  # fmt: skip
    answer = here.client.post("/dream-machine/v1/generations/video", json=given)
    assert answer.status_code == 201, answer.text
    assert _roles(newest(here)) == {Role.FIRST_FRAME, Role.LAST_FRAME}


def test_lumas_keyframe_within(here: Wired) -> None:
    video = {"keyframes": [{"data": MIDDLE.partition(",")[2], "media_type": "image/png"}],
             "keyframe_indexes": [24], "duration": "5s"}  # fmt: skip
    answer = post(here, "/v1/generations", prompt="zoom out", model=VACE, video=video)
    assert answer.status_code in (200, 201), answer.text
    assert _roles(newest(here)) == {Role.FRAME}
    assert newest(here).engine == VACE


def _roles(job: Job) -> set[Role]:
    assert job.shot is not None
    return {one.role for one in job.shot.anchors}
