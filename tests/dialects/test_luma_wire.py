"""Dream Machine's routes: every method, under the prefix and on the bare host, in the vendor's own forms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from wired import SKETCHING, Wired, data_url, wired

from mutoscope.config import Server, Settings
from mutoscope.dialects.luma.generation import generation, news
from mutoscope.dialects.shared.announced import Announced
from mutoscope.jobs.job import Change, Notice, Problem
from mutoscope.jobs.stages.manner import told_of_start
from mutoscope.shot import Kind, Role, Size
from mutoscope.storage.ids import new_id
from workshop import film

BASE = "/dream-machine/v1"
IMAGE = {"type": "image", "url": data_url(1280, 720)}
FIELDS: dict[str, Any] = {
    "prompt": "slow push in",
    "model": "ray-2",
    "keyframes": {"frame0": IMAGE},
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def made(here: Wired, path: str = "/generations/video", base: str = BASE, **fields: Any) -> Any:
    answer = here.client.post(base + path, json=fields or FIELDS)
    assert answer.status_code == 201, answer.text
    return answer.json()


def filmed(here: Wired, **fields: Any) -> dict[str, Any]:
    """A generation that is finished, with a film that can be read."""
    one = made(here, **(FIELDS | fields))
    seconds, frames = 0.5, 6
    clip = film(here.house.records.folder / "clip.mp4", frames=frames)
    here.finish(one["id"], film=clip.read_bytes(), size="64x64", seconds=seconds)
    found: dict[str, Any] = here.client.get(f"{BASE}/generations/{one['id']}").json()
    return found


@pytest.mark.parametrize("base", [BASE, "/luma" + BASE])
@pytest.mark.parametrize("path", ["/generations", "/generations/video"])
def test_a_generation_is_made_told_of_listed_and_deleted(here: Wired, base: str, path: str) -> None:
    one = made(here, path, base)
    assert (one["state"], one["model"], one["generation_type"]) == ("queued", "ray-2", "video")
    assert (one["failure_reason"], one["assets"]) == (None, None)
    assert one["request"]["prompt"] == "slow push in"
    assert one["created_at"].endswith("Z")
    here.finish(one["id"])
    done = here.client.get(f"{base}/generations/{one['id']}").json()
    assert done["state"] == "completed"
    assert done["report"]["done"]
    assert done["assets"]["progress_video"] is None
    for asset in ("video", "image"):
        opened = here.client.get(done["assets"][asset])
        assert opened.status_code == 200
    listed = here.client.get(f"{base}/generations").json()
    assert [one["id"] for one in listed["generations"]] == [one["id"]]
    gone = here.client.delete(f"{base}/generations/{one['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert here.client.get(f"{base}/generations/{one['id']}").status_code == 404


def test_states_are_the_services_words(here: Wired) -> None:
    one = made(here)
    here.change(one["id"], Change(status="in_progress", stage="render"))
    assert here.client.get(f"{BASE}/generations/{one['id']}").json()["state"] == "dreaming"
    here.fail(one["id"], Problem(code="invalid_image", message="no picture", hint="send one"))
    failed = here.client.get(f"{BASE}/generations/{one['id']}").json()
    assert (failed["state"], failed["failure_reason"]) == ("failed", "no picture; send one")
    assert failed["assets"] is None


def test_pages_by_limit_and_offset(here: Wired) -> None:
    ids = [made(here)["id"] for _ in range(5)][::-1]

    def page(**query: int) -> tuple[list[str], int, bool]:
        answer = here.client.get(f"{BASE}/generations", params=query)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        asked = {"limit": 100, "offset": 0} | query
        assert {name: said[name] for name in asked} == asked
        return [one["id"] for one in said["generations"]], said["count"], said["has_more"]

    assert page() == (ids, 5, False)
    assert page(limit=2) == (ids[:2], 2, True)
    assert page(limit=2, offset=2) == (ids[2:4], 2, True)
    assert page(limit=2, offset=3) == (ids[3:], 2, False)
    assert page(limit=2, offset=9) == ([], 0, False)
    assert page(limit=0) == ([], 0, True)
    for name, text in (("limit", "101"), ("offset", "-1"), ("limit", "ten")):
        refused = here.client.get(f"{BASE}/generations", params={name: text})
        assert (refused.status_code, refused.json()["param"]) == (400, name)


def test_what_another_dialect_made_is_a_generation_too(here: Wired) -> None:
    video = here.create(model="sora-2", size="720x1280", seconds="8")
    seen = here.client.get(f"{BASE}/generations/{video['id']}").json()
    assert seen["model"] == "sora-2"
    assert seen["request"] == {
        "generation_type": "video", "model": "sora-2", "prompt": "slow dolly in",
        "aspect_ratio": "9:16", "resolution": "720p", "duration": "8s", "loop": False,
    }  # fmt: skip
    mine = made(here)["id"]
    assert here.client.get(f"/v1/videos/{mine}").json()["model"] == "ray-2"


def test_a_generation_is_extended_led_into_and_joined_to_another(here: Wired) -> None:
    first, second = filmed(here), filmed(here)
    ends = ({"type": "generation", "id": one["id"]} for one in (first, second))
    frame0, frame1 = ends
    longer = here.job(made(here, keyframes={"frame0": frame0}, duration="5s")["id"])
    assert longer.shot is not None
    assert (longer.shot.kind, longer.shot.seconds) == (Kind.EXTEND, 5.0)
    assert longer.parent == first["id"]
    before = here.job(made(here, keyframes={"frame1": frame1})["id"]).shot
    between = here.job(made(here, keyframes={"frame0": frame0, "frame1": frame1})["id"]).shot
    assert before is not None
    assert between is not None
    assert [one.role for one in before.anchors] == [Role.LAST_FRAME]
    assert [one.role for one in between.anchors] == [Role.FIRST_FRAME, Role.LAST_FRAME]
    start, end = (one.media for one in between.anchors)
    assert start != end, "the films' last and first frames differ"
    assert before.anchors[0].media == end
    assert {start.type, end.type} == {"image/png"}
    assert here.house.media.has(start)


def test_a_keyframe_must_be_a_finished_generation_of_ones_own(here: Wired) -> None:
    waiting = made(here)["id"]
    for id, status in ((waiting, 400), ("video_none", 404), (new_id("video_"), 404)):
        for frame in ("frame0", "frame1"):
            keyframes = {frame: {"type": "generation", "id": id}}
            refused = here.client.post(f"{BASE}/generations", json={"keyframes": keyframes})
            assert refused.status_code == status, refused.text
            assert id in refused.json()["detail"]


def test_an_upscale_films_it_again_and_sound_leaves_its_frames(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        one = filmed(here)
        path = f"/generations/{one['id']}"
        up = made(here, f"{path}/upscale", resolution="1080p", generation_type="upscale_video")
        shot = here.job(up["id"]).shot
        assert shot is not None
        assert (shot.kind, shot.size) == (Kind.REMIX, Size(1080, 1080))
        assert up["model"] == "ray-2"
        assert [note["code"] for note in up["warnings"]] == ["filmed_anew"]
        loud = made(here, f"{path}/audio", prompt="rain", negative_prompt="thunder")
        shot = here.job(loud["id"]).shot
        assert shot is not None
        assert (shot.kind, shot.sound) == (Kind.EDIT, True)
        assert shot.direction is not None
        assert (shot.direction.sound, shot.negative_prompt) == (("rain",), "thunder")
        assert "negative_prompt" in [note["field"] for note in loud["warnings"]]
        small = here.client.post(f"{BASE}{path}/upscale", json={"resolution": "16p"})
        assert (small.status_code, small.json()["param"]) == (400, "resolution")
        none = here.client.post(f"{BASE}/generations/none/upscale", json={})
        assert none.status_code == 404


def test_a_film_without_pictures_is_resampled(here: Wired) -> None:
    one = filmed(here)
    edit = made(
        here, "/generations/video/modify", media={"url": one["assets"]["video"]}, mode="adhere_1"
    )
    here.finish(edit["id"], size="64x64", seconds=0.5)
    up = made(here, f"/generations/{edit['id']}/upscale", resolution="540p")
    shot = here.job(up["id"]).shot
    assert shot is not None
    assert (shot.kind, shot.size) == (Kind.EDIT, Size(540, 540))
    assert [note["code"] for note in up["warnings"]] == ["resampled"]


def test_an_edit_that_keeps_less_says_that_it_cannot(here: Wired) -> None:
    one = filmed(here)
    fields: dict[str, Any] = {
        "media": {"url": one["assets"]["video"]},
        "prompt": "warmer",
        "model": "ray-2",
    }
    edit = made(here, "/generations/video/modify", mode="reimagine_2", **fields)
    assert here.job(edit["id"]).parent == one["id"]
    notes = {note["field"]: note["message"] for note in edit["warnings"]}
    assert notes["mode"].startswith("flipbook takes no strength")
    shape = made(here, "/generations/video/reframe", aspect_ratio="9:16", **fields)
    shot = here.job(shape["id"]).shot
    assert shot is not None
    assert (shot.kind, shot.size) == (Kind.REFRAME, Size(720, 1280))


def test_what_is_beside_generations(here: Wired) -> None:
    assert here.client.get(f"{BASE}/ping").json() == {"message": "pong"}
    credits = here.client.get(f"{BASE}/credits").json()
    assert credits["credit_balance"] == 1_000_000, "a program that looks at it goes on"
    assert "counts no credits" in credits["message"]
    listed = here.client.get(f"{BASE}/generations/concepts/list").json()
    assert len(listed) == 34
    assert "dolly_zoom" in listed
    for path in ("/generations/image", "/generations/image/reframe"):
        refused = here.client.post(BASE + path, json={"prompt": "a cup", "model": "photon-1"})
        assert (refused.status_code, refused.json()["code"]) == (400, "not_supported")
        assert "makes films" in refused.json()["detail"]


def test_errors_are_details(here: Wired) -> None:
    cases: list[tuple[str, str, Any, int, str | None]] = [
        ("GET", "/generations/none", None, 404, None),
        ("POST", "/generations", {"prompt": "x"}, 400, "keyframes"),
        ("POST", "/generations", {**FIELDS, "model": "ray-9"}, 400, "model"),
        ("POST", "/generations", {**FIELDS, "strict": True, "duration": "3s"}, 400, "duration"),
        ("POST", "/generations", {**FIELDS, "strict": True, "aspect_ratio": "5:4"}, 400, "resolution"),
        ("PUT", "/generations", None, 405, None),
        ("GET", "/nothing", None, 404, None),
    ]  # fmt: skip
    for method, path, body, status, param in cases:
        refused = here.client.request(method, BASE + path, json=body)
        said = refused.json()
        assert refused.status_code == status, refused.text
        assert isinstance(said["detail"], str)
        assert said.get("param") == param, said
        assert "error" not in said


def test_lenient_names_the_limit_and_the_header_has_it_too(here: Wired) -> None:
    one = made(here, **FIELDS, duration="3s")
    assert one["warnings"] == [
        {
            "code": "outside_contract", "field": "duration",
            "message": "duration is 3; luma/ray-2 takes 5 or 9 s; the nearest is 5",
        }
    ]  # fmt: skip
    answer = here.client.get(f"{BASE}/generations/{one['id']}")
    assert json.loads(answer.headers["x-mutoscope-warnings"]) == one["warnings"]


def test_a_repeat_of_the_clients_own_makes_no_second_generation(here: Wired) -> None:
    sent = {"x-stainless-retry-count": "1"}
    first = here.client.post(f"{BASE}/generations", json=FIELDS)
    again = here.client.post(f"{BASE}/generations", json=FIELDS, headers=sent)
    assert first.json()["id"] == again.json()["id"]
    assert first.headers["x-should-retry"] == again.headers["x-should-retry"] == "false"


def test_another_project_has_none_of_it(tmp_path: Path) -> None:
    with wired(tmp_path, SKETCHING) as here:
        keys = {name: here.house.keys.create(project=name)[0] for name in ("hers", "his")}
        heads = {name: {"authorization": f"Bearer {key}"} for name, key in keys.items()}
        here.client.headers |= heads["hers"]
        id = filmed(here)["id"]
        here.client.headers |= heads["his"]
        paths = [f"/generations/{id}", f"/generations/{id}/upscale", f"/generations/{id}/audio"]
        for method, path in (
            ("GET", paths[0]),
            ("DELETE", paths[0]),
            ("POST", paths[1]),
            ("POST", paths[2]),
        ):
            refused = here.client.request(method, BASE + path, json={})
            assert refused.status_code == 404, refused.text
            assert "detail" in refused.json()
        for frame in ("frame0", "frame1"):
            keyframes = {frame: {"type": "generation", "id": id}}
            refused = here.client.post(f"{BASE}/generations", json={"keyframes": keyframes})
            assert refused.status_code == 404
        assert here.client.get(f"{BASE}/generations").json()["generations"] == []
        here.client.headers["authorization"] = "Bearer wrong"
        refused = here.client.get(f"{BASE}/generations")
        assert refused.status_code == 401
        assert "Incorrect API key" in refused.json()["detail"]


def test_a_callback_is_sent_the_generation_as_it_is(here: Wired) -> None:
    hook = "http://127.0.0.1:8000/hook"
    one = made(here, **FIELDS, callback_url=hook)
    job = here.job(one["id"])
    assert (job.webhook_url, job.dialect) == (hook, "luma")
    assert told_of_start(job) == "video.started"
    assert told_of_start(replace(job, webhook_url=None)) is None
    assert told_of_start(replace(job, status="in_progress")) is None
    assert told_of_start(replace(job, dialect="openai")) is None
    told = Announced(here.house.records, here.house.links, here.house.settings)

    def body(event: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(asyncio.run(told(one["id"], event)) or "null")
        return said

    begun = replace(job, status="in_progress")
    started = json.loads(news(begun, "video.started", lambda path: path))
    assert (started["state"], started["assets"]) == ("dreaming", None)
    here.finish(one["id"])
    assert body("video.completed") == here.client.get(f"{BASE}/generations/{one['id']}").json()
    assert body("video.started") == body("video.completed"), "a start told of late"
    video = here.create()["id"]
    assert asyncio.run(told(video, "video.completed")) is None, "the event itself"
    assert asyncio.run(told("video_none", "video.completed")) is None


def test_a_failed_generation_is_told_as_failed(here: Wired) -> None:
    one = made(here)
    here.fail(one["id"], Problem(code="engine_failed", message="it broke"))
    said = json.loads(news(here.job(one["id"]), "video.failed", lambda path: path))
    assert (said["state"], said["failure_reason"]) == ("failed", "it broke")


def test_a_callback_elsewhere_than_allowed_is_refused(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(host="0.0.0.0"))) as here:
        here.client.headers["authorization"] = f"Bearer {here.house.keys.create(project='p')[0]}"
        refused = here.client.post(
            f"{BASE}/generations", json={**FIELDS, "callback_url": "http://10.0.0.1/hook"}
        )
        assert (refused.status_code, refused.json()["param"]) == (400, "callback_url")


def test_notices_have_this_apis_names(here: Wired) -> None:
    job = replace(
        here.job(made(here)["id"]),
        warnings=(Notice(code="x", field="size", message="size is odd"),),
    )
    (note,) = generation(job, lambda path: path).warnings or ()
    assert (note.field, note.message) == ("resolution", "resolution is odd")
