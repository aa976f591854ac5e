"""The wire table of /v1/videos, row by row, over a house with real records."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update
from wired import ADDRESS, FILM, SKETCHING, Wired, data_url, picture, wired

from mutoscope.config import Limits, Routes, Server, Settings
from mutoscope.dialects.shared.naming import on_the_wire
from mutoscope.jobs.job import Change, Notice, Problem
from mutoscope.shot import Fit, Kind, Quality, Role, Shot, Size
from mutoscope.storage.tables import jobs

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
    """A house in which nothing has happened yet."""
    with wired(tmp_path) as made:
        yield made


def error_of(answer: Any, status: int) -> dict[str, Any]:
    """The error of an answer, which must be in the service's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["x-request-id"]
    error: dict[str, Any] = answer.json()["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    return error


# create


def test_create_with_defaults(here: Wired) -> None:
    answer = here.client.post(
        "/v1/videos", data={"prompt": "a cat"}, files={"input_reference": ("upload", PNG)}
    )
    made = answer.json()
    assert answer.status_code == 200
    assert made["id"].startswith("video_")
    assert (made["model"], made["seconds"], made["size"]) == ("sora-2", "4", "720x1280")
    assert (made["status"], made["progress"], made["object"]) == ("queued", 0, "video")
    assert answer.headers["x-should-retry"] == "false"
    assert int(answer.headers["openai-poll-after-ms"]) > 0
    shot = here.job(made["id"]).shot
    assert shot is not None
    (anchor,) = shot.anchors
    assert (anchor.role, anchor.media.type) == (Role.FIRST_FRAME, "image/png")
    assert here.house.media.path(anchor.media).read_bytes() == PNG


def test_create_as_multipart_with_all_that_the_sdk_sends(here: Wired) -> None:
    answer = here.client.post(
        "/v1/videos",
        data={
            "prompt": "a cat", "model": "sora-2-pro", "seconds": "8", "size": "1280x720",
            "seed": "7", "loop": "true", "last_frame[image_url]": data_url(1280, 720),
            "loras[][name]": "x",
        },
        files={"input_reference": ("first.png", PNG, "image/png")},
    )  # fmt: skip
    made = answer.json()
    assert (made["model"], made["seconds"], made["size"]) == ("sora-2-pro", "8", "1280x720")
    shot = here.job(made["id"]).shot
    assert shot is not None
    assert (shot.seed, shot.loop, shot.seconds) == (7, True, 8.0)
    assert [one.role for one in shot.anchors] == [Role.FIRST_FRAME, Role.LAST_FRAME]
    assert "loras" in [one["field"] for one in made["warnings"]]


def test_create_as_json(here: Wired) -> None:
    answer = here.client.post(
        "/v1/videos",
        json={
            "prompt": "a cat", "seconds": 8, "size": "1280×720", "fit": "pad", "quality": "hd",
            "pad_colour": "#102030", "input_reference": {"image_url": data_url(1280, 720)},
            "negative_prompt": "rain", "fps": 30, "priority": 3, "webhook_url": "https://e.org/h",
        },
    )  # fmt: skip
    job = here.job(answer.json()["id"])
    shot = job.shot
    assert shot is not None
    assert (shot.fit, shot.quality, shot.pad_colour) == (Fit.PAD, Quality.BEST, "#102030")
    assert (shot.negative_prompt, shot.fps, shot.size) == ("rain", 30.0, Size(1280, 720))
    assert (job.priority, job.webhook_url) == (3, "https://e.org/h")
    assert answer.json()["quality"] == "best"


def test_a_native_model_has_its_engines_own_defaults(here: Wired) -> None:
    made = here.create(model="flipbook")
    assert (made["model"], made["size"], made["seconds"]) == ("flipbook", "1280x720", "4")


def test_a_file_id_is_a_picture(here: Wired) -> None:
    file = upload(here, PNG)
    for form in ({"file_id": file}, file):
        made = here.create(input_reference=form)
        shot = here.job(made["id"]).shot
        assert shot is not None
        assert shot.anchors[0].media.length == len(PNG)


def upload(here: Wired, content: bytes, name: str = "first.png") -> str:
    answer = here.client.post("/v1/files", data={"purpose": "user_data"}, files={"file": (name, content)})  # fmt: skip
    assert answer.status_code == 200, answer.text
    id: str = answer.json()["id"]
    return id


def test_a_link_to_an_own_file_is_read_from_the_store(here: Wired) -> None:
    file = upload(here, PNG)
    made = here.create(image_url=f"{ADDRESS}/v1/files/{file}/content")
    shot = here.job(made["id"]).shot
    assert shot is not None
    assert shot.anchors[0].media.length == len(PNG)
    assert "pending" not in here.job(made["id"]).work


def test_any_other_address_waits_for_its_stage(here: Wired) -> None:
    made = here.create(input_reference={"image_url": "https://example.org/a.png"})
    job = here.job(made["id"])
    assert job.work["pending"] == {
        "0": {"url": "https://example.org/a.png", "field": "input_reference"}
    }
    assert job.shot is not None
    assert job.shot.anchors[0].media.type == "image/unknown"


def test_a_link_to_a_thumbnail_is_a_picture(here: Wired) -> None:
    done = here.completed()
    made = here.create(image_url=f"{ADDRESS}/v1/videos/{done['id']}/content?variant=thumbnail")
    shot = here.job(made["id"]).shot
    assert shot is not None
    assert shot.anchors[0].media.type == "image/webp"


def test_what_the_vendor_could_not_is_said_in_warnings_and_header(here: Wired) -> None:
    answer = here.client.post(
        "/v1/videos", json={"prompt": "a cat", "seconds": 6, "image_data": data_url(64, 64)}
    )
    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["field"]) == ("outside_contract", "seconds")
    assert json.loads(answer.headers["x-mutoscope-warnings"])[0]["field"] == "seconds"
    again = here.client.get(f"/v1/videos/{answer.json()['id']}")
    assert again.headers["x-mutoscope-warnings"] == answer.headers["x-mutoscope-warnings"]


def test_strict_answers_as_the_vendor_did(here: Wired) -> None:
    given = {"prompt": "a cat", "image_data": data_url(720, 1280), "strict": True}
    error = error_of(here.client.post("/v1/videos", json=given | {"seconds": "5"}), 400)
    assert error["message"] == "Invalid value: '5'. Supported values are: '4', '8', and '12'."
    assert (error["param"], error["code"]) == ("seconds", "invalid_value")
    assert here.client.post("/v1/videos", json=given).status_code == 200


@pytest.mark.parametrize("given", [{"strict": True}, {"fit": "strict"}])
def test_a_picture_of_another_size_is_refused_in_the_vendors_words(
    here: Wired, given: dict[str, Any]
) -> None:
    asked = {"prompt": "a cat", "image_data": data_url(1280, 720)} | given
    error = error_of(here.client.post("/v1/videos", json=asked), 400)
    assert error["message"] == "Inpaint image must match the requested width and height"
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", None, None)


def test_compat_strict_holds_for_the_whole_server(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(compat="strict"))) as here:
        asked = {"prompt": "a cat", "image_data": data_url(1280, 720)}
        error_of(here.client.post("/v1/videos", json=asked), 400)
        assert here.client.post("/v1/videos", json=asked | {"strict": False}).status_code == 200
        assert here.client.post("/v1/videos", json=asked | {"model": "flipbook"}).status_code == 200


def test_words_alone_say_which_engine_could_film_them(here: Wired) -> None:
    error = error_of(here.client.post("/v1/videos", json={"prompt": "a cat"}), 400)
    assert error["param"] == "input_reference"
    assert "sketch could film words alone" in error["hint"]
    assert "routes.text_only" in error["hint"]


def test_words_alone_go_to_the_owners_fallback(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(routes=Routes(text_only="sketch"))) as here:
        answer = here.client.post("/v1/videos", json={"prompt": "a cat"})
        assert here.job(answer.json()["id"]).engine == "sketch"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a" + b"\0" * 20, "input_reference"),
        (b"", "empty"),
        (b"hello", "input_reference"),
        (FILM, "it must be a picture"),
        (PNG[:40], "input_reference"),
    ],
)
def test_what_is_no_picture_is_told_at_once(here: Wired, content: bytes, said: str) -> None:
    answer = here.client.post(
        "/v1/videos", data={"prompt": "a"}, files={"input_reference": ("upload", content)}
    )
    error = error_of(answer, 400)
    assert said in error["message"]
    assert error["param"] in ("input_reference", None)


def test_a_data_url_beyond_the_limit_names_its_field(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(limits=Limits(image_bytes=1000))) as small:
        given = {"prompt": "a", "image_data": data_url(720, 1280)}
        error = error_of(small.client.post("/v1/videos", json=given), 413)
        assert (error["param"], "limits.image_bytes" in error["hint"]) == ("image_data", True)


def test_an_animated_picture_is_refused(here: Wired) -> None:
    frames = [Image.new("RGB", (64, 64), (value, 0, 0)) for value in (0, 100, 200)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    given = {"prompt": "a", "image_data": base64.b64encode(out.getvalue()).decode()}
    error = error_of(here.client.post("/v1/videos", json=given), 400)
    assert "animated" in error["message"]
    assert error["param"] == "image_data"


def test_text_for_a_file_gets_the_vendors_words(here: Wired) -> None:
    for text in ("cat.png", "file-unknown", "video_unknown"):
        given = {"prompt": "a", "input_reference": text}
        error = error_of(here.client.post("/v1/videos", json=given), 400)
        assert error["message"] == (
            "Invalid type for 'input_reference': expected a file, but got a string instead."
        )
        assert (error["param"], error["code"]) == ("input_reference", "invalid_type")


def test_an_unknown_file_id_is_a_404(here: Wired) -> None:
    given = {"prompt": "a", "input_reference": {"file_id": "file-unknown"}}
    error = error_of(here.client.post("/v1/videos", json=given), 404)
    assert error["param"] == "input_reference"


def test_an_unknown_model_names_the_likeliest(here: Wired) -> None:
    given = {"prompt": "a", "model": "sora-3", "image_data": data_url(64, 64)}
    error = error_of(here.client.post("/v1/videos", json=given), 400)
    assert error["param"] == "model"
    assert "sora-2" in error["message"] + str(error["hint"])


# limits


def test_a_full_queue_is_a_429_with_a_time(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(limits=Limits(queued=2))) as here:
        here.create()
        done = here.create()
        answer = here.client.post(
            "/v1/videos", json={"prompt": "a", "image_data": data_url(64, 64)}
        )
        error = error_of(answer, 429)
        assert error["message"] == "Too many running tasks"
        assert "limits.queued" in error["hint"]
        assert int(answer.headers["retry-after"]) > 0
        here.finish(done["id"])
        here.create()


def test_a_key_has_its_own_limit_of_jobs(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        secret, _ = here.house.keys.create(jobs_at_once=1)
        bearer = {"authorization": f"Bearer {secret}"}
        given = {"prompt": "a", "image_data": data_url(64, 64)}
        assert here.client.post("/v1/videos", json=given, headers=bearer).status_code == 200
        error = error_of(here.client.post("/v1/videos", json=given, headers=bearer), 429)
        assert "may have 1 at once" in error["hint"]


def test_pollers_are_told_what_the_engine_took_before(sketching: Wired) -> None:
    shot = Shot(size=Size(1280, 720), seconds=4, fps=24)
    sketching.house.pace.learn("sketch", shot, 100.0)
    answer = sketching.client.post("/v1/videos", json={"prompt": "a", "size": "1280x720"})
    assert int(answer.headers["openai-poll-after-ms"]) >= 2400


# repeats


def test_an_idempotency_key_gives_the_first_job_back(fresh: Wired) -> None:
    given = {"prompt": "a", "image_data": data_url(64, 64)}
    named = {"idempotency-key": "one"}
    first = fresh.client.post("/v1/videos", json=given, headers=named)
    again = fresh.client.post("/v1/videos", json=given, headers=named)
    assert again.json()["id"] == first.json()["id"]
    other = fresh.client.post("/v1/videos", json=given | {"prompt": "b"}, headers=named)
    error = error_of(other, 400)
    assert error["code"] == "idempotency_key_reused"
    assert other.headers["x-should-retry"] == "false"
    assert len(fresh.client.get("/v1/videos").json()["data"]) == 1


@pytest.mark.parametrize("key", ["", "a" * 256, "a\tb"])
def test_an_idempotency_key_that_is_none(here: Wired, key: str) -> None:
    given = {"prompt": "a", "image_data": data_url(64, 64)}
    error_of(here.client.post("/v1/videos", json=given, headers={"idempotency-key": key}), 400)


def test_the_sdks_silent_retry_gives_the_first_job_back(here: Wired) -> None:
    given: dict[str, Any] = {
        "data": {"prompt": "a"}, "files": {"input_reference": ("upload", PNG)},
    }  # fmt: skip
    first = here.client.post("/v1/videos", headers={"x-stainless-retry-count": "0"}, **given)
    again = here.client.post("/v1/videos", headers={"x-stainless-retry-count": "1"}, **given)
    assert again.json()["id"] == first.json()["id"]
    # the same request on purpose is another film
    meant = here.client.post("/v1/videos", headers={"x-stainless-retry-count": "0"}, **given)
    assert meant.json()["id"] != first.json()["id"]
    other = here.client.post(
        "/v1/videos", data={"prompt": "b"}, files=given["files"], headers={"x-stainless-retry-count": "1"}
    )  # fmt: skip
    assert other.json()["id"] not in (first.json()["id"], meant.json()["id"])


def test_a_retry_is_answered_even_where_the_queue_is_full(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(limits=Limits(queued=1))) as here:
        given = {"prompt": "a", "image_data": data_url(64, 64)}
        first = here.client.post("/v1/videos", json=given)
        again = here.client.post("/v1/videos", json=given, headers={"x-stainless-retry-count": "2"})
        assert again.json()["id"] == first.json()["id"]


# retrieve, list, delete


def test_retrieve_follows_the_job(here: Wired) -> None:
    made = here.create()
    here.change(
        made["id"],
        Change(stage="render", status="in_progress", progress=0.42, expected_end=4e9, wait=0.0),
    )
    answer = here.client.get(f"/v1/videos/{made['id']}")
    assert (answer.json()["status"], answer.json()["progress"]) == ("in_progress", 42)
    assert answer.headers["openai-poll-after-ms"] == "10000"
    here.finish(made["id"])
    answer = here.client.get(f"/v1/videos/{made['id']}")
    assert (answer.json()["status"], answer.json()["progress"]) == ("completed", 100)
    assert "openai-poll-after-ms" not in answer.headers


def test_a_failed_job_is_answered_with_200(here: Wired) -> None:
    made = here.create()
    here.fail(made["id"], Problem(code="invalid_image", message="it is damaged"))
    answer = here.client.get(f"/v1/videos/{made['id']}")
    assert answer.status_code == 200
    assert answer.json()["error"] == {"code": "invalid_image", "message": "it is damaged"}


def test_an_unknown_video_is_a_404(here: Wired) -> None:
    for method, path in (
        ("GET", ""), ("DELETE", ""), ("GET", "/content"), ("POST", "/remix"),
    ):  # fmt: skip
        error = error_of(here.client.request(method, f"/v1/videos/video_x{path}"), 404)
        assert error["message"] == "Video with id 'video_x' not found."


def test_paging_in_both_orders(fresh: Wired) -> None:
    ids = [fresh.create()["id"] for _ in range(5)]
    for order, expected in (("asc", ids), ("desc", ids[::-1])):
        seen: list[str] = []
        after = ""
        while True:
            query = f"?limit=2&order={order}" + (f"&after={after}" if after else "")
            page = fresh.client.get(f"/v1/videos{query}").json()
            seen += [one["id"] for one in page["data"]]
            assert (page["object"], page["first_id"]) == ("list", page["data"][0]["id"])
            after = page["last_id"]
            if not page["has_more"]:
                break
        assert seen == expected


def test_pages_go_on_where_their_last_video_was_deleted(fresh: Wired) -> None:
    ids = [fresh.create()["id"] for _ in range(4)]
    for id in ids:
        fresh.finish(id)
    page = fresh.client.get("/v1/videos?limit=2&order=asc").json()
    for one in page["data"]:
        assert fresh.client.delete(f"/v1/videos/{one['id']}").status_code == 200
    rest = fresh.client.get(f"/v1/videos?limit=2&order=asc&after={page['last_id']}").json()
    assert [one["id"] for one in rest["data"]] == ids[2:]


def test_an_empty_list_and_a_limit_of_nothing(fresh: Wired) -> None:
    empty: dict[str, Any] = {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }
    assert fresh.client.get("/v1/videos").json() == empty
    fresh.create()
    assert fresh.client.get("/v1/videos?limit=0").json() == empty | {"has_more": True}


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=101", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=", "limit"),
        ("limit=1e1", "limit"), ("limit=" + "9" * 400, "limit"), ("order=up", "order"),
        ("after=x", "after"), ("after=" + "video_" + "g" * 48, "after"),
    ],
)  # fmt: skip
def test_a_list_query_that_will_not_do(here: Wired, query: str, param: str) -> None:
    assert error_of(here.client.get(f"/v1/videos?{query}"), 400)["param"] == param


def test_delete_takes_the_film_with_it(fresh: Wired) -> None:
    done = fresh.completed()
    job = fresh.job(done["id"])
    assert job.result is not None
    film = job.result.media["video"]
    fresh.age()
    answer = fresh.client.request(
        "DELETE", f"/v1/videos/{done['id']}", headers={"content-type": "application/json"}
    )
    assert answer.json() == {"id": done["id"], "object": "video.deleted", "deleted": True}
    error_of(fresh.client.get(f"/v1/videos/{done['id']}"), 404)
    error_of(fresh.client.delete(f"/v1/videos/{done['id']}"), 404)
    assert not fresh.house.media.has(film)


def test_a_film_that_another_job_needs_outlives_its_own(sketching: Wired) -> None:
    done = sketching.completed()
    remix = sketching.client.post(f"/v1/videos/{done['id']}/remix", json={"prompt": "pan left"})
    assert remix.status_code == 200, remix.text
    film = sketching.job(done["id"]).result
    assert film is not None
    sketching.age()
    sketching.client.delete(f"/v1/videos/{done['id']}")
    assert sketching.house.media.has(film.media["video"])


def test_deleting_a_running_video_cancels_it_and_hides_it_at_once(fresh: Wired) -> None:
    made, other = fresh.create(), fresh.create()
    fresh.change(made["id"], Change(stage="render", status="in_progress", hold=True))
    assert fresh.client.delete(f"/v1/videos/{made['id']}").json()["deleted"] is True
    assert fresh.job(made["id"]).cancel_requested
    error_of(fresh.client.get(f"/v1/videos/{made['id']}"), 404)
    error_of(fresh.client.get(f"/v1/videos/{made['id']}/content"), 404)
    error_of(fresh.client.get(f"/mutoscope/jobs/{made['id']}"), 404)
    assert [one["id"] for one in fresh.client.get("/v1/videos").json()["data"]] == [other["id"]]


def test_a_video_that_was_ready_before_its_cancel_is_deleted_all_the_same(here: Wired) -> None:
    made = here.create()
    here.client.delete(f"/v1/videos/{made['id']}")
    here.finish(made["id"])
    job = here.job(made["id"])
    assert job.expires is not None
    assert job.expires <= time.time()
    error_of(here.client.get(f"/v1/videos/{made['id']}"), 404)


# content


def test_content_in_its_variants(here: Wired) -> None:
    done = here.completed()
    path = f"/v1/videos/{done['id']}/content"
    film = here.client.get(path, headers={"accept": "application/binary"})
    assert (film.content, film.headers["content-type"]) == (FILM, "video/mp4")
    assert film.headers["content-disposition"] == f'attachment; filename="{done["id"]}.mp4"'
    assert here.client.get(path + "?variant=video").content == FILM
    thumbnail = here.client.get(path + "?variant=thumbnail")
    assert thumbnail.headers["content-type"] == "image/webp"
    assert f"{done['id']}-thumbnail.webp" in thumbnail.headers["content-disposition"]
    sheet = here.client.get(path + "?variant=spritesheet")
    assert sheet.headers["content-type"] == "image/jpeg"
    error = error_of(here.client.get(path + "?variant=poster"), 400)
    assert (error["param"], "'thumbnail'" in error["message"]) == ("variant", True)


def test_content_in_ranges_and_conditions(here: Wired) -> None:
    done = here.completed()
    path = f"/v1/videos/{done['id']}/content"
    part = here.client.get(path, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, FILM[4:8])
    head = here.client.head(path)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(FILM)))
    same = here.client.get(path, headers={"if-none-match": head.headers["etag"]})
    assert same.status_code == 304


def test_a_signed_link_plays_in_a_browser_without_a_key(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        secret, _ = here.house.keys.create()
        here.client.headers["authorization"] = f"Bearer {secret}"
        done = here.completed()
        del here.client.headers["authorization"]
        assert here.client.get(f"/v1/videos/{done['id']}/content").status_code == 401
        played = here.client.get(done["video_url"])
        assert played.content == FILM
        assert played.headers["content-disposition"].startswith("inline")
        assert here.client.get(done["video_url"] + "0").status_code == 401
        assert here.client.get(done["video_url"] + "&variant=thumbnail").status_code == 401


def test_content_before_its_time_is_the_services_404(here: Wired) -> None:
    made = here.create()
    error = error_of(here.client.get(f"/v1/videos/{made['id']}/content"), 404)
    assert error["message"] == (
        "Video is not ready yet, use GET /v1/videos/{video_id} to check status."
    )
    assert error["code"] == "video_not_ready"


def test_content_of_a_failed_video_says_why(here: Wired) -> None:
    made = here.create()
    here.fail(made["id"], Problem(code="invalid_image", message="it is damaged"))
    error = error_of(here.client.get(f"/v1/videos/{made['id']}/content"), 404)
    assert "it is damaged" in error["message"]
    assert error["code"] == "invalid_image"


def test_content_that_was_swept_out_is_gone(here: Wired) -> None:
    done = here.completed()
    result = here.job(done["id"]).result
    assert result is not None
    here.house.media.remove(result.media["video"])
    assert error_of(here.client.get(done["video_url"]), 410)["code"] == "content_expired"


# remix, edit, extend


def test_remix_keeps_the_pictures_and_takes_new_words(sketching: Wired) -> None:
    done = sketching.completed(seconds=4, size="1280x720", seed=7)
    answer = sketching.client.post(f"/v1/videos/{done['id']}/remix", json={"prompt": "pan left"})
    made = answer.json()
    assert (made["remixed_from_video_id"], made["prompt"]) == (done["id"], "pan left")
    assert (made["size"], made["seconds"], made["model"]) == ("1280x720", "4", "sora-2")
    job = sketching.job(made["id"])
    assert (job.kind, job.parent) == ("remix", done["id"])
    assert job.shot is not None
    assert (job.shot.kind, job.shot.seed, job.shot.direction) == (Kind.REMIX, 7, None)
    assert [one.role for one in job.shot.anchors] == [Role.FIRST_FRAME, Role.SOURCE]


@pytest.mark.parametrize("form", ["json", "data"])
def test_remix_takes_json_and_forms(sketching: Wired, form: str) -> None:
    done = sketching.completed()
    given: dict[str, Any] = {form: {"prompt": "pan left"}}
    answer = sketching.client.post(f"/v1/videos/{done['id']}/remix", **given)
    assert answer.status_code == 200


def test_remix_by_a_field_of_create(sketching: Wired) -> None:
    done = sketching.completed(size="1280x720")
    given = {"prompt": "pan left", "remix_video_id": done["id"], "seconds": "8"}
    made = sketching.client.post("/v1/videos", json=given).json()
    assert (made["remixed_from_video_id"], made["seconds"]) == (done["id"], "8")


def test_a_remix_of_a_remix_starts_from_the_latest_film(sketching: Wired) -> None:
    done = sketching.completed()
    first = sketching.client.post(f"/v1/videos/{done['id']}/remix", json={"prompt": "b"}).json()
    sketching.finish(first["id"], film=FILM + b"2")
    second = sketching.client.post(f"/v1/videos/{first['id']}/remix", json={"prompt": "c"}).json()
    shot = sketching.job(second["id"]).shot
    assert shot is not None
    assert [one.role for one in shot.anchors] == [Role.FIRST_FRAME, Role.SOURCE]
    assert shot.anchors[1].media.length == len(FILM) + 1


def test_edit_by_id_keeps_the_films_size_and_length(sketching: Wired) -> None:
    done = sketching.completed()
    given = {"prompt": "warmer", "video": {"id": done["id"]}}
    made = sketching.client.post("/v1/videos/edits", json=given).json()
    assert (made["size"], made["seconds"], made["source_video_id"]) == ("1280x720", "4", done["id"])
    assert made["remixed_from_video_id"] is None
    job = sketching.job(made["id"])
    assert (job.kind, job.parent, job.work["keep_size"]) == ("edit", done["id"], True)


def test_edit_by_multipart_id_and_by_upload(sketching: Wired) -> None:
    done = sketching.completed()
    by_id = sketching.client.post(
        "/v1/videos/edits", data={"prompt": "warmer", "video[id]": done["id"]}
    )
    assert by_id.status_code == 200, by_id.text
    by_file = sketching.client.post(
        "/v1/videos/edits", data={"prompt": "warmer"}, files={"video": ("a.mp4", FILM, "video/mp4")}
    )
    job = sketching.job(by_file.json()["id"])
    assert job.parent is None
    assert job.shot is not None
    assert job.shot.anchors[0].role is Role.SOURCE
    seen = replace(job.shot, size=Size(640, 480), seconds=2.5)
    sketching.change(job.id, Change(stage="prepare", shot=seen))
    shown = sketching.client.get(f"/v1/videos/{job.id}").json()
    assert (shown["size"], shown["seconds"]) == ("640x480", "2.5")


def test_extend_adds_seconds_and_shows_the_total(sketching: Wired) -> None:
    done = sketching.completed()
    given = {"prompt": "go on", "seconds": "8", "video": {"id": done["id"]}}
    made = sketching.client.post("/v1/videos/extensions", json=given).json()
    assert (made["seconds"], made["size"]) == ("12", "1280x720")
    job = sketching.job(made["id"])
    assert job.shot is not None
    assert (job.shot.kind, job.shot.seconds) == (Kind.EXTEND, 8.0)
    sketching.finish(made["id"], seconds=12.0)
    assert sketching.client.get(f"/v1/videos/{made['id']}").json()["seconds"] == "12"


@pytest.mark.parametrize(
    ("given", "roles"),
    [({}, [Role.FIRST_FRAME, Role.SOURCE]), ({"last_frame": data_url(64, 64)}, [Role.SOURCE])],
    ids=["one photograph", "the last frame, too"],
)
def test_an_extension_goes_back_to_the_one_photograph(
    sketching: Wired, given: dict[str, Any], roles: list[Role]
) -> None:
    done = sketching.completed(**given)
    longer = {"prompt": "go on", "seconds": "8", "video": {"id": done["id"]}}
    made = sketching.client.post("/v1/videos/extensions", json=longer).json()
    shot = sketching.job(made["id"]).shot
    assert shot is not None
    assert [one.role for one in shot.anchors] == roles


def test_extensions_end_at_six_and_at_120_seconds(sketching: Wired) -> None:
    id, total = sketching.completed()["id"], 4.0
    for _ in range(6):
        given = {"prompt": "go on", "seconds": "4", "video": {"id": id}}
        id = sketching.client.post("/v1/videos/extensions", json=given).json()["id"]
        total += 4
        sketching.finish(id, seconds=total)
    given = {"prompt": "go on", "seconds": "4", "video": {"id": id}}
    error = error_of(sketching.client.post("/v1/videos/extensions", json=given), 400)
    assert "extended 6 times" in error["message"]
    long = sketching.create()
    sketching.finish(long["id"], seconds=118.0)
    given = {"prompt": "go on", "seconds": "4", "video": {"id": long["id"]}}
    error = error_of(sketching.client.post("/v1/videos/extensions", json=given), 400)
    assert "122 s long; 120 s is the most" in error["message"]
    assert "at most 2 s" in error["hint"]


@pytest.mark.parametrize("path", ["edits", "extensions"])
def test_a_source_that_will_not_do(sketching: Wired, path: str) -> None:
    given = {"prompt": "a", "seconds": "4"}
    running = sketching.create()
    url = f"/v1/videos/{path}"
    error = error_of(sketching.client.post(url, json=given | {"video": {"id": running["id"]}}), 400)
    assert error["code"] == "video_not_completed"
    error = error_of(sketching.client.post(url, json=given | {"video": {"id": "video_none"}}), 404)
    assert error["param"] == "video"
    error_of(sketching.client.post(url, json=given), 400)
    picture_sent = sketching.client.post(url, data=given, files={"video": ("a.png", PNG)})
    error = error_of(picture_sent, 400)
    assert "is image/png, no film" in error["message"]


def test_a_remix_of_what_is_not_finished(sketching: Wired) -> None:
    running = sketching.create()
    answer = sketching.client.post(f"/v1/videos/{running['id']}/remix", json={"prompt": "a"})
    assert error_of(answer, 400)["code"] == "video_not_completed"


# the rest


def test_all_that_is_known_of_a_job(here: Wired) -> None:
    done = here.completed(user="u")
    known = here.client.get(f"/mutoscope/jobs/{done['id']}").json()
    assert (known["engine"], known["dialect"], known["status"]) == (
        "flipbook",
        "openai",
        "completed",
    )
    assert known["shot"]["size"] == {"width": 720, "height": 1280}
    assert known["warnings"][0]["field"] == "user"
    assert known["report"]["done"]
    assert "lease_owner" not in known
    error_of(here.client.get("/mutoscope/jobs/video_none"), 404)


def test_unknown_paths_and_methods_are_answered_in_form(here: Wired) -> None:
    for path in ("/v1", "/v1/", "/v1/video", "/v1/videos/", "/v1/chat/completions", "/nothing"):
        error_of(here.client.get(path), 404)
    answer = here.client.put("/v1/videos")
    error_of(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))
    error_of(here.client.get("/v1/videos/edits"), 405)


def test_models_lead_to_engines(here: Wired) -> None:
    page = here.client.get("/v1/models").json()
    names = {one["id"]: one for one in page["data"]}
    assert {"sora-2", "sora-2-pro", "sora-2-2025-10-06", "flipbook", "sketch"} <= set(names)
    assert page["object"] == "list"
    assert names["sora-2"]["engine"] == "flipbook"
    one = here.client.get("/v1/models/sora-2").json()
    assert (one["object"], one["owned_by"]) == ("model", "openai")
    error = error_of(here.client.get("/v1/models/gpt-9"), 404)
    assert error["code"] == "model_not_found"


def test_a_message_about_an_anchor_has_the_wires_own_name(here: Wired) -> None:
    given = {"prompt": "a", "image_data": base64.b64encode(picture(64, 64, "TIFF")).decode()}
    error = error_of(here.client.post("/v1/videos", json=given), 400)
    assert error["message"].startswith("input_reference is image/tiff; flipbook takes")
    (notice,) = on_the_wire([Notice(code="c", message="anchors of iron", field="anchors")])
    assert (notice.field, notice.message) == ("input_reference", "input_reference of iron")


def test_a_kept_answer_is_given_up_when_its_row_or_link_changes(
    here: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = here.completed()
    path = f"/v1/videos/{done['id']}"
    assert here.client.get(path).content == here.client.get(path).content
    later = time.time() + 3600
    monkeypatch.setattr("mutoscope.server.links.time.time", lambda: later)
    assert here.client.get(path).json()["video_url"] != done["video_url"]
    monkeypatch.undo()
    gone = update(jobs).where(jobs.c.id == done["id"]).values(expires=5e9)
    here.house.records.write_now(lambda c: c.execute(gone))
    assert here.client.get(path).json()["expires_at"] == 5_000_000_000
    assert here.client.head(path).headers["content-type"] == "application/json"
    here.client.delete(path)
    error_of(here.client.get(path), 404)


def test_a_base_url_without_v1_is_told_so(here: Wired) -> None:
    error = here.client.get("/videos").json()["error"]
    assert (error["code"], error["type"]) == ("unknown_url", "invalid_request_error")
    assert "ends in /v1" in error["message"]
    assert "ends in /v1" not in here.client.get("/v1/nothing").json()["error"]["message"]
