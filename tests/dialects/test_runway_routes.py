"""Runway's routes over a house with real records: tasks, cancelling, uploads, the organization."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update
from wired import ADDRESS, FILM, SKETCHING, Wired, data_url, picture, wired

from mutoscope.config import Server, Settings
from mutoscope.dialects.all import dialect
from mutoscope.dialects.runway.ids import task_id
from mutoscope.dialects.runway.refused import REFUSED
from mutoscope.jobs.job import Change, Job, Problem
from mutoscope.jobs.retention import Retention
from mutoscope.jobs.stages.manner import remembered
from mutoscope.server.app import build
from mutoscope.shot import Kind, Role, Size
from mutoscope.storage.files import File, Files
from mutoscope.storage.tables import files, jobs

VERSION = {"X-Runway-Version": "2024-11-06"}
PNG = picture(1280, 720)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here")) as made:
        yield made


@pytest.fixture(scope="module")
def sketching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("sketching"), SKETCHING) as made:
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def post(here: Wired, path: str = "image_to_video", **fields: Any) -> Any:
    body = {"model": "gen4_turbo", "promptText": "slow dolly in", "ratio": "1280:720"} | fields
    if path == "image_to_video":
        body = {"promptImage": data_url(1280, 720), "duration": 5} | body
    return here.client.post(f"/v1/{path}", json=body, headers=VERSION)


def created(here: Wired, path: str = "image_to_video", **fields: Any) -> str:
    answer = post(here, path, **fields)
    assert answer.status_code == 200, answer.text
    made: str = answer.json()["id"]
    return made


def get(here: Wired, id: str) -> Any:
    return here.client.get(f"/v1/tasks/{id}", headers=VERSION)


def newest(here: Wired) -> Job:
    page = asyncio.run(here.house.ledger.page("default", limit=1))
    assert page is not None
    return page.jobs[0]


def error_of(answer: Any, status: int) -> dict[str, Any]:
    """The error of an answer, which must be in the vendor's form."""
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    assert isinstance(said["error"], str)
    assert answer.headers["x-request-id"]
    return said


# tasks


def test_a_task_is_made_and_told_of(here: Wired) -> None:
    answer = post(here, seed=7, audio=True)
    said = answer.json()
    job = newest(here)
    assert said == {"id": task_id(job.id), "estimatedCost": {"credits": 0.0}} | (
        {"warnings": said["warnings"]} if "warnings" in said else {}
    )
    assert (job.dialect, job.model) == ("runway", "gen4_turbo")
    shot = job.shot
    assert shot is not None
    assert (shot.seed, shot.sound, shot.seconds, shot.size) == (7, True, 5.0, Size(1280, 720))
    task = get(here, said["id"]).json()
    assert (task["id"], task["status"]) == (said["id"], "PENDING")
    assert task["createdAt"].endswith("Z")
    assert get(here, job.id).json() == task, "the house's own id is good, too"


def test_the_whole_life_of_a_task(here: Wired) -> None:
    id = created(here)
    job = newest(here)
    here.change(job.id, Change(stage="render"))
    assert get(here, id).json()["status"] == "THROTTLED"
    here.change(job.id, Change(status="in_progress", progress=0.5))
    running = get(here, id).json()
    assert (running["status"], running["progress"]) == ("RUNNING", 0.5)
    here.finish(job.id)
    done = get(here, id).json()
    assert (done["status"], done["cost"]) == ("SUCCEEDED", {"credits": 0})
    (link,) = done["output"]
    assert link.startswith(f"{ADDRESS}/mutoscope/jobs/")
    assert here.client.get(link).content == FILM
    # the same film is there in every other dialect
    assert here.client.get(f"/v1/videos/{job.id}").json()["status"] == "completed"


def test_links_keep_the_host_that_was_called(here: Wired) -> None:
    id = created(here)
    here.finish(newest(here).id)
    called = {**VERSION, "host": "localhost:8640"}
    (link,) = here.client.get(f"/v1/tasks/{id}", headers=called).json()["output"]
    assert link.startswith("http://localhost:8640/")


def test_a_failed_task_has_the_vendors_code(here: Wired) -> None:
    id = created(here)
    here.fail(newest(here).id, Problem(code="fetch_failed", message="it gave nothing"))
    said = get(here, id).json()
    assert (said["status"], said["failure"], said["failureCode"]) == (
        "FAILED", "it gave nothing", "ASSET.INVALID",
    )  # fmt: skip


def test_a_video_made_elsewhere_is_a_task_here(here: Wired) -> None:
    made = here.create(model="flipbook")
    task = get(here, task_id(made["id"])).json()
    assert task["status"] == "PENDING"


def ended(job: Job) -> Change:
    """What a stage that ends a job commits."""
    return Change(ended=True, status="failed", expires=1.0, remembered=remembered(job))


def test_a_cancelled_task_is_told_of_as_such_and_a_deleted_one_is_gone(fresh: Wired) -> None:
    id = created(fresh)
    job = newest(fresh)
    assert fresh.client.delete(f"/v1/tasks/{id}", headers=VERSION).status_code == 204
    assert get(fresh, id).json()["status"] == "CANCELLED"
    assert fresh.client.get(f"/v1/videos/{job.id}").status_code == 404, "hidden elsewhere"
    fresh.change(job.id, ended(job))
    asyncio.run(Retention(fresh.house).turn())
    told = get(fresh, id).json()
    assert (told["status"], told["cost"]) == ("CANCELLED", {"credits": 0})
    kept = fresh.job(job.id).expires
    assert kept is not None
    assert kept == pytest.approx(time.time() + dialect("runway").remembers, abs=60)
    assert fresh.client.delete(f"/v1/tasks/{id}", headers=VERSION).status_code == 204
    error_of(get(fresh, id), 404)
    error_of(fresh.client.delete(f"/v1/tasks/{id}", headers=VERSION), 404)


def test_a_cancelled_task_is_forgotten_after_a_while(fresh: Wired) -> None:
    id = created(fresh)
    job = newest(fresh)
    fresh.client.delete(f"/v1/tasks/{id}", headers=VERSION)
    fresh.change(job.id, ended(job))
    past = update(jobs).where(jobs.c.id == job.id).values(expires=1.0)
    asyncio.run(fresh.house.records.write(lambda c: c.execute(past)))
    asyncio.run(Retention(fresh.house).turn())
    error_of(get(fresh, id), 404)


def test_a_finished_task_is_deleted_with_its_film(fresh: Wired) -> None:
    id = created(fresh)
    fresh.finish(newest(fresh).id)
    (link,) = get(fresh, id).json()["output"]
    assert fresh.client.delete(f"/v1/tasks/{id}", headers=VERSION).status_code == 204
    error_of(get(fresh, id), 404)
    assert fresh.client.get(link).status_code == 404


@pytest.mark.parametrize("id", ["nothing", "497f6eca-6276-4993-bfeb-53cbbbba6f08", "video_0"])
def test_an_unknown_task_is_a_404(here: Wired, id: str) -> None:
    assert error_of(get(here, id), 404)["code"] == "not_found"


def test_first_and_last_frame(here: Wired) -> None:
    frames = [
        {"uri": data_url(1280, 720), "position": "first"},
        {"uri": data_url(640, 360), "position": "last"},
    ]
    created(here, model="veo3.1", promptImage=frames, duration=4)
    job = newest(here)
    assert job.model == "veo3.1"
    assert job.shot is not None
    assert [one.role for one in job.shot.anchors] == [Role.FIRST_FRAME, Role.LAST_FRAME]


def test_a_bare_name_means_runways_contract(here: Wired) -> None:
    answer = post(here, duration=12)
    warnings = answer.json()["warnings"]
    assert [one["field"] for one in warnings] == ["duration"]
    assert "runway/gen4_turbo takes whole numbers from 2 to 10" in warnings[0]["message"]
    header = msgspec.json.decode(answer.headers["x-mutoscope-warnings"])
    assert [one["code"] for one in header] == ["outside_contract"]


def test_strict_refuses_in_the_vendors_form(here: Wired, tmp_path: Path) -> None:
    said = error_of(post(here, duration=12, strict=True), 400)
    assert said["error"].startswith("Validation of body failed: ")
    assert said["issues"][0]["path"] == ["duration"]
    with wired(tmp_path, Settings(server=Server(compat="strict"))) as strict:
        assert error_of(post(strict, ratio="640:360"), 400)["issues"][0]["path"] == ["ratio"]


def test_words_alone_need_an_engine_that_can(here: Wired, sketching: Wired) -> None:
    said = error_of(post(here, "text_to_video"), 400)
    assert said["issues"][0]["path"] == ["promptImage"]
    assert "sketch" in said["error"]
    created(sketching, "text_to_video", duration=5)
    shot = newest(sketching).shot
    assert shot is not None
    assert (shot.anchors, shot.prompt) == ((), "slow dolly in")


def test_a_film_is_edited_extended_and_reframed(sketching: Wired) -> None:
    first = created(sketching)
    job = newest(sketching)
    sketching.finish(job.id)
    (film,) = get(sketching, first).json()["output"]
    created(sketching, "video_to_video", model="aleph2", videoUri=film, promptText="warmer")
    edit = newest(sketching)
    assert edit.shot is not None
    assert (edit.shot.kind, edit.parent) == (Kind.EDIT, job.id)
    created(sketching, "video_to_video", model="seedance2_5", promptVideo=film, mode="extend",
            duration=4, ratio=None)  # fmt: skip
    longer = newest(sketching).shot
    assert longer is not None
    assert (longer.kind, longer.seconds) == (Kind.EXTEND, 4.0)
    created(sketching, "video_to_video", model="aleph2", videoUri=film, promptText=None, ratio=None,
            targetAspectRatio="9:16")  # fmt: skip
    tall = newest(sketching).shot
    assert tall is not None
    assert (tall.kind, tall.size) == (Kind.REFRAME, Size(720, 1280))


@pytest.mark.parametrize("path", sorted(REFUSED))
@pytest.mark.parametrize("below", ["", "/anything"])
def test_what_cannot_be_done_is_refused_and_says_what_can(
    here: Wired, path: str, below: str
) -> None:
    said = error_of(here.client.post(path + below, json={}, headers=VERSION), 400)
    assert said["code"] == "not_supported"
    assert said["hint"] in said["error"]


def test_the_version_must_be_named(here: Wired) -> None:
    id = created(here)
    for headers in ({}, {"X-Runway-Version": "2023-01-01"}):
        answers = [
            here.client.get(f"/v1/tasks/{id}", headers=headers),
            here.client.post("/v1/image_to_video", json={}, headers=headers),
            here.client.get("/v1/organization", headers=headers),
            here.client.post("/runway/v1/uploads", json={}, headers=headers),
        ]
        for answer in answers:
            said = error_of(answer, 400)
            assert (said["code"], "2024-11-06" in said["error"]) == ("invalid_version", True)


def test_everything_is_under_the_prefix_too(here: Wired) -> None:
    body = {"model": "gen4_turbo", "promptImage": data_url(1280, 720), "ratio": "1280:720"}
    made = here.client.post("/runway/v1/image_to_video", json=body, headers=VERSION).json()["id"]
    seen = here.client.get(f"/runway/v1/tasks/{made}", headers=VERSION)
    assert seen.json() == get(here, made).json()
    error_of(here.client.get("/runway/v1/nothing", headers=VERSION), 404)
    error_of(here.client.get("/v1/image_to_video", headers=VERSION), 405)


def test_a_retried_post_is_the_same_task(here: Wired) -> None:
    body = {"model": "gen4_turbo", "promptImage": data_url(1280, 720), "promptText": "once only"}
    first, again, new = (
        here.client.post(
            "/v1/image_to_video", json=body,
            headers=VERSION | {"x-stainless-retry-count": str(count)},
        ).json()["id"]
        for count in (0, 1, 0)
    )  # fmt: skip
    assert first == again != new


def test_the_houses_extras_are_taken(here: Wired) -> None:
    created(here, loop=True, fit="pad", fps=30)
    shot = newest(here).shot
    assert shot is not None
    assert (shot.loop, str(shot.fit), shot.fps) == (True, "pad", 30.0)


# uploads


def begin(here: Wired, **headers: str) -> dict[str, Any]:
    answer = here.client.post(
        "/v1/uploads", json={"filename": "a b.png", "type": "ephemeral"}, headers=VERSION | headers
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert set(said) == {"uploadUrl", "fields", "runwayUri"}
    return said


def send(here: Wired, upload: dict[str, Any], content: bytes = PNG, name: str = "a b.png") -> Any:
    """As the SDK does: the fields first, the file last, no key and no version."""
    return here.client.post(
        upload["uploadUrl"], data=upload["fields"], files={"file": (name, content)}
    )


def test_an_upload_is_a_picture_for_a_task(here: Wired) -> None:
    upload = begin(here)
    assert upload["runwayUri"].startswith("runway://")
    error_of(post(here, promptImage=upload["runwayUri"]), 400)  # nothing came yet
    assert send(here, upload).status_code == 204
    created(here, promptImage=upload["runwayUri"])
    shot = newest(here).shot
    assert shot is not None
    assert here.house.media.path(shot.anchors[0].media).read_bytes() == PNG


def test_the_same_file_may_come_again_and_another_may_not(here: Wired) -> None:
    upload = begin(here)
    assert [send(here, upload).status_code for _ in range(2)] == [204, 204]
    said = send(here, upload, picture(64, 36))
    assert said.status_code == 409
    assert said.headers["x-should-retry"] == "false"


def test_tries_of_one_upload_at_the_same_moment_are_one(here: Wired) -> None:
    upload = begin(here)
    together = threading.Barrier(2)
    get = Files.get

    async def late(self: Files, *of: str) -> File | None:
        found = await get(self, *of)
        if found is None:  # until both have looked
            await asyncio.to_thread(together.wait, 10)
        return found

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(Files, "get", late)
        assert [one.status_code for one in pool.map(lambda _: send(here, upload), range(2))] == [204, 204]  # fmt: skip


def test_an_id_that_is_nearly_a_tasks_is_none(here: Wired) -> None:
    id = created(here)
    near = id[:-1] + f"{int(id[-1], 16) ^ 1:x}"
    error_of(get(here, near), 404)
    error_of(here.client.delete(f"/v1/tasks/{near}", headers=VERSION), 404)
    assert get(here, id.upper()).json()["id"] == id


def test_an_upload_address_is_good_for_its_file_and_its_hour_alone(here: Wired) -> None:
    first, second = begin(here), begin(here)
    address, _, query = first["uploadUrl"].partition("?")
    for wrong in (
        address,
        f"{second['uploadUrl'].partition('?')[0]}?{query}",
        f"{address}?{query[:-1]}{'0' if query[-1] != '0' else '1'}",
        here.house.links.sign(address.removeprefix(ADDRESS), seconds=-10.0, method="POST"),
        here.house.links.sign(address.removeprefix(ADDRESS), seconds=100.0),
    ):
        assert send(here, first | {"uploadUrl": wrong}).status_code == 403, wrong
    assert here.client.get(first["uploadUrl"]).status_code in (403, 405)


def test_an_upload_expires_after_a_day(fresh: Wired) -> None:
    upload = begin(fresh)
    send(fresh, upload)
    past = update(files).values(expires=1.0)
    asyncio.run(fresh.house.records.write(lambda c: c.execute(past)))
    assert "cannot be used" in error_of(post(fresh, promptImage=upload["runwayUri"]), 400)["error"]


@pytest.mark.parametrize(
    "body", [{}, {"filename": 7}, {"filename": "a.png", "type": "permanent"}, {"type": "ephemeral"}]
)
def test_an_upload_needs_its_name(here: Wired, body: dict[str, Any]) -> None:
    error_of(here.client.post("/v1/uploads", json=body, headers=VERSION), 400)


def test_an_upload_needs_its_file(here: Wired) -> None:
    upload = begin(here)
    error_of(here.client.post(upload["uploadUrl"], data=upload["fields"]), 400)


def test_uploads_without_the_header_are_not_runways(here: Wired) -> None:
    answer = here.client.post("/v1/uploads", json={"filename": "a.png"})
    assert "error" in answer.json()
    assert not isinstance(answer.json()["error"], str), "the other dialect's form"


# keys


def test_another_projects_task_and_upload_are_not_there(fresh: Wired) -> None:
    mine, theirs = (
        {"Authorization": f"Bearer {fresh.house.keys.create(project=project)[0]}"}
        for project in ("mine", "theirs")
    )
    error_of(fresh.client.get("/v1/organization", headers=VERSION), 401)
    upload = begin(fresh, **mine)
    assert send(fresh, upload).status_code == 204
    body = {"model": "gen4_turbo", "promptImage": upload["runwayUri"], "ratio": "1280:720"}
    made = fresh.client.post("/v1/image_to_video", json=body, headers=VERSION | mine)
    id = made.json()["id"]
    answer = fresh.client.post("/v1/image_to_video", json=body, headers=VERSION | theirs)
    assert error_of(answer, 400)["issues"][0]["path"] == ["promptImage"]
    assert fresh.client.get(f"/v1/tasks/{id}", headers=VERSION | mine).status_code == 200
    error_of(fresh.client.get(f"/v1/tasks/{id}", headers=VERSION | theirs), 404)
    error_of(fresh.client.delete(f"/v1/tasks/{id}", headers=VERSION | theirs), 404)
    assert fresh.client.get(f"/v1/tasks/{id}", headers=VERSION | mine).json()["status"] == "PENDING"


# the organization


def test_the_organization_has_models_and_what_was_made_of_them(fresh: Wired) -> None:
    created(fresh)
    created(fresh)
    said = fresh.client.get("/v1/organization", headers=VERSION).json()
    assert said["creditBalance"] > 0
    assert {"gen4.5", "gen4_turbo", "veo3.1", "flipbook"} <= set(said["tier"]["models"])
    assert said["usage"]["models"]["gen4_turbo"] == {"dailyGenerations": 2}
    assert said["usage"]["models"]["gen4.5"] == {"dailyGenerations": 0}


def test_usage_by_day_and_model(fresh: Wired) -> None:
    created(fresh)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
    body = {"startDate": today, "beforeDate": tomorrow}
    said = fresh.client.post("/v1/organization/usage", json=body, headers=VERSION).json()
    assert said == {
        "models": ["gen4_turbo"],
        "results": [{"date": today, "usedCredits": [{"model": "gen4_turbo", "amount": 0}]}],
    }
    whole = fresh.client.post("/v1/organization/usage", json={}, headers=VERSION).json()
    assert len(whole["results"]) == 30


@pytest.mark.parametrize(
    "body",
    [
        {"startDate": "yesterday"},
        {"startDate": "2026-01-02", "beforeDate": "2026-01-01"},
        {"startDate": "2026-01-01", "beforeDate": "2026-12-01"},
    ],
)
def test_a_span_that_is_none_is_refused(here: Wired, body: dict[str, str]) -> None:
    error_of(here.client.post("/v1/organization/usage", json=body, headers=VERSION), 400)


# alone


def test_it_works_where_no_other_dialect_is_spoken(here: Wired) -> None:
    from starlette.testclient import TestClient

    alone = build(here.house, dialects=[dialect("runway")])
    id = created(here)
    here.finish(newest(here).id)
    with TestClient(alone, base_url=ADDRESS) as client:
        (link,) = client.get(f"/v1/tasks/{id}", headers=VERSION).json()["output"]
        assert client.get(link).content == FILM
        assert client.get("/v1/videos").status_code == 404


# the router


def test_a_config_is_a_name_that_leads_to_an_engine(here: Wired) -> None:
    body = {
        "configId": "sketch",
        "input": {"promptText": "pan", "aspectRatio": "1:1", "resolution": "480p", "duration": 3},
    }
    answer = here.client.post("/v1/generate/video", json=body, headers=VERSION)
    said = answer.json()
    assert said["routing"] == {
        "configId": "sketch", "model": "sketch", "provider": "sketch",
        "estimatedCost": {"credits": 0.0},
        "resolvedInput": {"duration": 3.0, "ratio": "480:480", "resolution": "480p"},
        "resolvedSettings": {"optimizeFor": "quality", "priceCeiling": None},
    }  # fmt: skip
    assert get(here, said["id"]).json()["status"] == "PENDING"
    unknown = here.client.post(
        "/v1/generate/video", json=body | {"configId": "my-config"}, headers=VERSION
    )
    assert error_of(unknown, 400)["issues"][0]["path"] == ["configId"]
    broken = here.client.post(
        "/v1/generate/video", json=body | {"configId": "flipbook"}, headers=VERSION
    )
    assert error_of(broken, 400)["issues"][0]["path"] == ["input", "referenceImages"]
