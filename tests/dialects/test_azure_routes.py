"""Azure's routes over a house: jobs and their generations, videos under every root, errors, keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import ADDRESS, FILM, Wired, data_url, picture, wired

from mutoscope.config import Server, Settings
from mutoscope.jobs.job import Change, Problem

JOBS = "/openai/v1/video/generations/jobs"
GENERATIONS = "/openai/v1/video/generations"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def posted(here: Wired, **given: Any) -> dict[str, Any]:
    asked = {"prompt": "slow dolly in", "image_data": data_url(48, 48)} | given
    answer = here.client.post(JOBS, params={"api-version": "preview"}, json=asked)
    assert answer.status_code == 201, answer.text
    assert answer.headers["x-should-retry"] == "false"
    job: dict[str, Any] = answer.json()
    return job


def takes(here: Wired, job: dict[str, Any]) -> list[str]:
    """The videos' ids of a job."""
    first = here.job(f"video_{job['id'].removeprefix('task_')}")
    if first.take_of is None:
        return [first.id]
    return [one.id for one in asyncio.run(here.house.ledger.takes(first))]


def got(here: Wired, path: str, status: int = 200, **query: Any) -> Any:
    answer = here.client.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def dated(version: str) -> dict[str, Any]:
    return {"api-version": version}


def test_a_new_job_has_every_field_of_the_service(here: Wired) -> None:
    job = posted(here, width="480", height="854", n_seconds="7", n_variants="2")
    assert {name: job[name] for name in (
        "object", "status", "finished_at", "expires_at", "generations", "prompt", "model",
        "n_variants", "n_seconds", "height", "width", "failure_reason",
    )} == {
        "object": "video.generation.job", "status": "queued", "finished_at": None,
        "expires_at": None, "generations": [], "prompt": "slow dolly in", "model": "sora",
        "n_variants": 2, "n_seconds": 7, "height": 854, "width": 480, "failure_reason": None,
    }  # fmt: skip
    assert job["id"].startswith("task_")
    assert job["created_at"] > 0


def test_a_job_has_ended_when_all_its_films_have(here: Wired) -> None:
    job = posted(here, n_variants=3)
    ids = takes(here, job)
    assert [here.job(one).shot.seed for one in ids] == [0, 1, 2]  # type: ignore[union-attr]
    here.finish(ids[1])
    between = got(here, f"{JOBS}/{job['id']}")
    assert (between["status"], len(between["generations"])) == ("running", 1)
    assert "output" not in between
    here.finish(ids[0])
    here.finish(ids[2])
    done = got(here, f"{JOBS}/{job['id']}")
    assert (done["status"], done["progress"]) == ("succeeded", 100)
    assert done["finished_at"] >= done["created_at"]
    assert done["expires_at"] == 4_000_000_000
    assert [one["id"] for one in done["generations"]] == [f"gen_{one[6:]}" for one in ids]
    assert {one["job_id"] for one in done["generations"]} == {job["id"]}
    assert done["output"]["url"] == done["generations"][0]["url"]


def test_films_that_came_out_alike_are_told_of(here: Wired) -> None:
    alike, other = posted(here, n_variants=2), posted(here, n_variants=2)
    for number, job in enumerate((alike, other)):
        for at, one in enumerate(takes(here, job)):
            here.finish(one, film=FILM + bytes([number * at]))
    codes = [one["code"] for one in got(here, f"{JOBS}/{alike['id']}")["warnings"]]
    assert "variants_alike" in codes
    codes = [one["code"] for one in got(here, f"{JOBS}/{other['id']}").get("warnings", [])]
    assert "variants_alike" not in codes


def test_films_that_fail_are_told_of(here: Wired) -> None:
    job = posted(here, n_variants=2)
    first, second = takes(here, job)
    problem = Problem(code="out_of_ideas", message="nothing came of it")
    here.fail(second, problem)
    here.finish(first)
    part = got(here, f"{JOBS}/{job['id']}")
    assert (part["status"], part["failure_reason"]) == ("succeeded", None)
    assert part["warnings"][-1]["code"] == "variants_failed"
    none = posted(here)
    here.fail(takes(here, none)[0], problem)
    failed = got(here, f"{JOBS}/{none['id']}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "out_of_ideas")
    assert failed["error"]["message"] == "nothing came of it"


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("prepare", "preprocessing"),
        ("render", "running"),
        ("poll", "running"),
        ("finish", "processing"),
    ],
)
def test_stages_have_the_services_words(here: Wired, stage: str, status: str) -> None:
    job = posted(here)
    here.change(takes(here, job)[0], Change(stage=stage, status="in_progress", wait=999.0))
    assert got(here, f"{JOBS}/{job['id']}")["status"] == status


def test_a_cancelled_job_says_so(here: Wired) -> None:
    job = posted(here)
    here.fail(takes(here, job)[0], Problem(code="cancelled", message="it was cancelled"))
    assert got(here, f"{JOBS}/{job['id']}")["status"] == "cancelled"


def test_generations_are_told_of_and_have_content(here: Wired) -> None:
    job = posted(here)
    (id,) = takes(here, job)
    early = got(here, f"{GENERATIONS}/gen_{id[6:]}", 404)["error"]
    assert early["code"] == "NotFound"
    assert "queued" in early["hint"]
    here.finish(id)
    one = got(here, f"{GENERATIONS}/gen_{id[6:]}")
    assert (one["object"], one["job_id"], one["width"]) == ("video.generation", job["id"], 1280)
    video = here.client.get(f"{GENERATIONS}/{one['id']}/content/video", params={"quality": "high"})
    assert (video.headers["content-type"], video.content[4:8]) == ("video/mp4", b"ftyp")
    head = here.client.head(f"{GENERATIONS}/{one['id']}/content/video")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(video.content))
    modified = {"if-modified-since": video.headers["last-modified"]}
    path = f"{GENERATIONS}/{one['id']}/content/thumbnail"
    thumbnail = here.client.get(path)
    assert thumbnail.headers["content-type"] == "image/webp"
    assert here.client.get(path, headers=modified).status_code == 304
    got(here, f"{GENERATIONS}/gen_none", 404)


def test_the_list_has_one_entry_a_request(here: Wired) -> None:
    jobs = [posted(here, n_variants=count)["id"] for count in (1, 3, 1, 2)]
    page = got(here, JOBS, limit=2)
    assert [one["id"] for one in page["data"]] == jobs[:1:-1]
    assert (page["object"], page["has_more"]) == ("list", True)
    assert (page["first_id"], page["last_id"]) == (jobs[3], jobs[2])
    rest = got(here, JOBS, limit=2, after=page["last_id"])
    assert [one["id"] for one in rest["data"]] == jobs[1::-1]
    assert not rest["has_more"]
    newer = got(here, JOBS, limit=2, before=jobs[0])
    assert [one["id"] for one in newer["data"]] == [jobs[2], jobs[1]]
    assert newer["has_more"]
    here.finish(takes(here, {"id": jobs[2]})[0])
    done = got(here, JOBS, statuses=["succeeded", "failed"])
    assert [one["id"] for one in done["data"]] == [jobs[2]]
    assert got(here, JOBS, statuses="succeeded,queued")["has_more"] is False


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"after": "x"}, {"before": "x"},
              {"after": "a", "before": "b"}, {"statuses": "done"}],
)  # fmt: skip
def test_what_a_list_cannot_be_asked(here: Wired, query: dict[str, Any]) -> None:
    error = got(here, JOBS, 400, **query)["error"]
    assert error["param"] in query
    assert error["message"]


def test_what_is_deleted_is_gone_with_all_its_films(here: Wired) -> None:
    job = posted(here, n_variants=2)
    ids = takes(here, job)
    here.finish(ids[0])
    gone = here.client.delete(f"{JOBS}/{job['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    got(here, f"{JOBS}/{job['id']}", 404)
    assert got(here, JOBS)["data"] == []
    assert asyncio.run(here.house.ledger.get(ids[0])) is None
    assert here.job(ids[1]).cancel_requested


def test_a_job_whose_first_film_was_deleted_goes_by_the_next(here: Wired) -> None:
    job = posted(here, n_variants=3)
    ids = takes(here, job)
    here.finish(ids[0])
    assert here.client.delete(f"/v1/videos/{ids[0]}").status_code == 200
    (left,) = got(here, JOBS)["data"]
    assert (left["id"], left["n_variants"]) == (f"task_{ids[1][6:]}", 2)
    assert got(here, f"{JOBS}/{job['id']}") == left  # whoever waits by the old name goes on
    assert here.client.delete(f"/v1/videos/{ids[1]}").status_code == 200  # it was still to run
    assert got(here, f"{JOBS}/{job['id']}")["id"] == f"task_{ids[2][6:]}"
    assert got(here, f"{JOBS}/task_{ids[1][6:]}")["id"] == f"task_{ids[2][6:]}"
    assert here.client.delete(f"{JOBS}/{job['id']}").status_code == 204
    got(here, f"{JOBS}/{job['id']}", 404)


def test_a_repeated_request_makes_no_second_job(here: Wired) -> None:
    asked = {"prompt": "a", "n_variants": 2, "image_data": data_url(64, 64)}
    key = {"idempotency-key": "one"}
    ids = {here.client.post(JOBS, json=asked, headers=key).json()["id"] for _ in range(2)}
    assert len(ids) == 1
    assert len(got(here, JOBS)["data"]) == 1


def test_a_form_with_files(here: Wired) -> None:
    items = [{"frame_index": 0, "type": "image", "file_name": "a.png"},
             {"frame_index": 20, "type": "image", "file_name": "b.png"}]  # fmt: skip
    parts = [("files", (f"{name}.png", picture(64, 48 + n), "image/png"))
             for n, name in enumerate("ab")]  # fmt: skip
    form = {"prompt": "a", "n_seconds": "2", "inpaint_items": json.dumps(items)}
    answer = here.client.post(JOBS, data=form, files=parts)
    assert answer.status_code == 201, answer.text
    shot = here.job(takes(here, answer.json())[0]).shot
    assert shot is not None
    assert [(one.role, one.frame) for one in shot.anchors] == [("first_frame", None), ("frame", 20)]
    assert shot.fps == 30


def test_a_frame_beyond_the_film_is_refused(here: Wired) -> None:
    items = [{"frame_index": 60, "image_data": data_url(64, 64)}]
    answer = here.client.post(JOBS, json={"prompt": "a", "n_seconds": 2, "inpaint_items": items})
    assert answer.status_code == 400
    assert "from 0 to 59" in answer.json()["error"]["message"]


def test_words_alone_are_refused_in_the_jobs_own_words(here: Wired) -> None:
    error = here.client.post(JOBS, json={"prompt": "a cat"}).json()["error"]
    assert (error["code"], error["param"]) == ("missing_required_parameter", "inpaint_items")


def test_strict_gives_the_services_limits(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(compat="strict"))) as here:
        for given, param in (
            ({"n_seconds": 21}, "n_seconds"),
            ({"width": 500, "height": 500}, "size"),
            ({"n_variants": 6}, "n_variants"),
            ({"negative_prompt": "rain"}, "negative_prompt"),
        ):
            asked = {"prompt": "a", "image_data": data_url(48, 48)} | given
            answer = here.client.post(JOBS, json=asked)
            assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
        unknown = here.client.post(
            JOBS, json={"prompt": "a", "image_data": data_url(48, 48), "model": "mine"}
        )
        assert unknown.status_code == 404
        assert unknown.json()["error"]["code"] == "DeploymentNotFound"
        allowed = {"prompt": "a", "image_data": data_url(96, 54), "width": 1920, "height": 1080,
                   "n_seconds": 20, "n_variants": 5, "model": "sora"}  # fmt: skip
        assert here.client.post(JOBS, json=allowed).status_code == 201


@pytest.mark.parametrize("model", ["flipbook", "sora-2", "azure/sora-2", "sora"])
def test_models_that_are_known_mean_what_they_say(here: Wired, model: str) -> None:
    job = posted(here, model=model)
    assert here.job(takes(here, job)[0]).model in (model, f"azure/{model}")
    assert "deployment" not in [one["code"] for one in job.get("warnings", [])]


def test_another_name_is_a_deployment_of_the_apis_model(here: Wired) -> None:
    job = posted(here, model="video-gen-001")
    assert job["model"] == "video-gen-001"
    assert job["warnings"][0]["code"] == "deployment"
    first = here.job(takes(here, job)[0])
    assert first.shot is not None
    assert (first.model, first.shot.fps) == ("sora", 30)
    video = here.client.post(
        "/openai/v1/videos", json={"prompt": "a", "model": "mine", "image_data": data_url(64, 64)}
    ).json()
    assert video["model"] == "mine"
    assert here.job(video["id"]).model == "azure/sora-2"


@pytest.mark.parametrize(
    "root", ["/openai/v1", "/openai", "/openai/deployments/sora-2", "/azure/openai/v1"]
)
def test_videos_under_every_root(here: Wired, root: str) -> None:
    video = here.completed()
    prefix = "/azure" if root.startswith("/azure") else ""
    seen = got(here, f"{root}/videos/{video['id']}", **dated("2025-04-01-preview"))
    assert seen["status"] == "completed"
    assert seen["video_url"].startswith(
        f"{ADDRESS}{prefix}/openai/v1/videos/{video['id']}/content?"
    )
    content = here.client.get(seen["video_url"].removeprefix(ADDRESS))
    assert content.headers["content-disposition"].startswith("inline")
    assert got(here, f"{root}/videos")["data"][0]["id"] == video["id"]
    assert got(here, f"{root}/videos/characters")["data"] == []
    assert got(here, f"{root}/files")["object"] == "list"
    assert got(here, f"{root}/models/sora-2")["owned_by"] == "azure"
    made = here.client.post(
        f"{root}/videos/{video['id']}/remix", json={"prompt": "pan left"}
    ).json()
    assert made["remixed_from_video_id"] == video["id"]
    assert here.job(made["id"]).dialect == "azure"
    assert here.client.delete(f"{root}/videos/{video['id']}").json()["deleted"] is True


def test_links_keep_the_host_that_was_called(here: Wired) -> None:
    video = here.completed()
    path = f"/openai/v1/videos/{video['id']}"
    for host in ("localhost:8640", "127.0.0.1:8640", "localhost:8640"):
        seen = here.client.get(path, headers={"host": host}).json()
        assert seen["video_url"].startswith(f"http://{host}/openai/v1/")
    job = posted(here)
    here.finish(takes(here, job)[0])
    url = here.client.get(f"{JOBS}/{job['id']}", headers={"host": "localhost:8640"}).json()
    assert url["output"]["url"].startswith("http://localhost:8640/")


def test_links_name_the_public_address_where_there_is_one(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(public_url=ADDRESS))) as here:
        video = here.completed()
        seen = here.client.get(f"/openai/v1/videos/{video['id']}", headers={"host": "localhost"})
        assert seen.json()["video_url"].startswith(ADDRESS)


def test_a_link_is_read_as_the_video_that_it_names(here: Wired) -> None:
    video = here.completed()
    seen = got(here, f"/azure/openai/v1/videos/{video['id']}")
    made = here.client.post(
        "/openai/v1/videos/edits", json={"prompt": "black and white", "video": seen["video_url"]}
    )
    assert made.status_code == 200, made.text
    assert here.job(made.json()["id"]).parent == video["id"]


@pytest.mark.parametrize("path", [JOBS, "/openai/videos", "/openai/v1/videos/video_none"])
def test_a_version_that_is_none_is_refused_in_the_services_words(here: Wired, path: str) -> None:
    error = got(here, path, 400, **dated("tomorrow"))["error"]
    assert (error["code"], error["message"]) == ("BadRequest", "API version not supported")
    assert got(here, "/openai/v1/videos", **dated(""))["object"] == "list"


def test_an_endpoint_that_ends_in_a_slash_is_the_same(here: Wired) -> None:
    assert got(here, f"{ADDRESS}/{JOBS}", **dated("preview"))["object"] == "list"
    assert got(here, f"/azure/{JOBS}")["object"] == "list"


def test_errors_are_in_the_services_form(here: Wired) -> None:
    nowhere = got(here, "/openai/v1/openai/videos", 404)["error"]
    assert nowhere["code"] == "404"
    assert "azure_endpoint is the server's address alone" in nowhere["message"]
    wrong = here.client.put(JOBS).json()["error"]
    broken = here.client.post(
        JOBS, content=b"{", headers={"content-type": "application/json"}
    ).json()["error"]
    for error in (wrong, broken):
        assert isinstance(error["code"], str)
        assert error["message"]


def test_keys_come_as_api_key_or_as_bearer(here: Wired) -> None:
    secret, _ = here.house.keys.create(project="mine")
    for headers in ({}, {"api-key": "wrong"}, {"authorization": "Bearer wrong"}):
        answer = here.client.get(JOBS, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "401")
    for headers in ({"api-key": secret}, {"authorization": f"Bearer {secret}"}):
        assert here.client.get(JOBS, headers=headers).status_code == 200


def test_another_projects_jobs_are_not_there(here: Wired) -> None:
    one, _ = here.house.keys.create(project="one")
    two, _ = here.house.keys.create(project="two")
    here.client.headers["api-key"] = one
    job = posted(here)
    here.finish(takes(here, job)[0])
    here.client.headers["api-key"] = two
    got(here, f"{JOBS}/{job['id']}", 404)
    assert here.client.delete(f"{JOBS}/{job['id']}").status_code == 404
    got(here, f"{GENERATIONS}/gen_{job['id'][5:]}/content/video", 404)
    assert got(here, JOBS)["data"] == []
