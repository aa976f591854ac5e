"""The routes of the Agents API: generations and files, under the prefix and on the bare host."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from wired import ADDRESS, SKETCHING, Wired, app, data_url, picture, wired

from mutoscope.jobs.job import Problem
from mutoscope.shot import Kind, Role
from workshop import film

PREFIX = "/luma-agents"
PNG = picture(1280, 720)
DATA = {"data": base64.b64encode(PNG).decode(), "media_type": "image/png"}
#: What tells the vendor's client from OpenAI's where both have a path.
AGENT = {"user-agent": "Luma/Python 0.5.0"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path) as made:
        yield made


def asked(**video: Any) -> dict[str, Any]:
    return {"prompt": "push in", "type": "video", "model": "ray-3.2", "video": video}


def made(here: Wired, body: dict[str, Any] | None = None, prefix: str = "") -> Any:
    answer = here.client.post(f"{prefix}/v1/generations", json=body or asked(start_frame=DATA))
    assert answer.status_code == 201, answer.text
    return answer.json()


def announced(here: Wired, **fields: Any) -> Any:
    body = {"mime_type": "image/png", "size_bytes": len(PNG)} | fields
    answer = here.client.post("/v1/files", json=body, headers=AGENT)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_a_generation_is_made_and_told_of(here: Wired, prefix: str) -> None:
    one = made(here, prefix=prefix)
    assert (one["state"], one["type"], one["model"]) == ("queued", "video", "ray-3.2")
    assert (one["output"], one["failure_code"], one["failure_reason"]) == ([], None, None)
    here.finish(one["id"])
    done = here.client.get(f"{prefix}/v1/generations/{one['id']}").json()
    assert done["state"] == "completed"
    (output,) = done["output"]
    assert output["type"] == "video"
    assert here.client.get(output["url"]).status_code == 200
    assert here.client.get(f"/v1/videos/{one['id']}").json()["status"] == "completed"


def test_a_failed_generation_says_why_in_the_services_code(here: Wired) -> None:
    one = made(here)
    here.fail(one["id"], Problem(code="invalid_image", message="no picture", hint="send one"))
    failed = here.client.get(f"/v1/generations/{one['id']}").json()
    assert (failed["state"], failed["failure_code"]) == ("failed", "corrupt_input")
    assert failed["failure_reason"] == "no picture; send one"
    assert failed["output"] == []


def test_a_file_is_announced_put_and_completed(here: Wired) -> None:
    new = announced(here, filename="cup.png", user_id="me", purpose="reference")
    assert (new["state"], new["file"]["state"], new["file"]["size_bytes"]) == (
        "pending",
        "pending",
        0,
    )
    assert (new["file"]["user_id"], new["file"]["mime_type"]) == ("me", "image/png")
    assert new["upload"]["method"] == "PUT"
    early = here.client.post(f"/v1/files/{new['id']}/complete")
    assert (early.status_code, early.json()["code"]) == (400, "file_not_uploaded")
    put = here.client.put(new["upload"]["url"], content=PNG, headers=new["upload"]["headers"])
    assert put.status_code == 200, put.text
    done = here.client.post(f"/v1/files/{new['id']}/complete").json()
    assert (done["state"], done["size_bytes"], done["purpose"]) == ("ready", len(PNG), "reference")
    shot = here.job(made(here, asked(start_frame={"file_id": new["id"]}))["id"]).shot
    assert shot is not None
    assert shot.anchors[0].media.length == len(PNG)
    # it is the same file for the other dialects, and goes
    assert here.client.get(f"/v1/files/{new['id']}/content").content == PNG
    assert here.client.delete(f"/v1/files/{new['id']}", headers=AGENT).status_code == 204
    assert here.client.get(f"/v1/files/{new['id']}", headers=AGENT).status_code == 404


def test_the_address_to_put_a_file_at_needs_no_key_and_takes_that_file_alone(
    tmp_path: Path,
) -> None:
    with wired(tmp_path, SKETCHING) as here:
        here.client.headers["authorization"] = f"Bearer {here.house.keys.create(project='p')[0]}"
        new = announced(here)
        url = new["upload"]["url"]
        anybody = TestClient(app(here.house), base_url=ADDRESS)
        assert anybody.put(url.replace("signature=", "signature=0"), content=PNG).status_code == 401
        assert anybody.put(url.partition("?")[0], content=PNG).status_code == 401
        assert anybody.get(url).status_code == 401
        assert here.client.put(url.partition("?")[0], content=PNG).status_code == 403
        short = anybody.put(url, content=PNG[:-1])
        assert (short.status_code, short.json()["param"]) == (400, "size_bytes")
        assert anybody.put(url, content=PNG + b"x").status_code == 413
        assert here.client.get(f"/v1/files/{new['id']}", headers=AGENT).json()["state"] == "pending"
        assert anybody.put(url, content=PNG).status_code == 200
        assert anybody.put(url, content=PNG).status_code == 200, "again is no error"
        assert here.client.get(f"/v1/files/{new['id']}", headers=AGENT).json()["state"] == "ready"
        here.client.delete(f"/v1/files/{new['id']}", headers=AGENT)
        assert anybody.put(url, content=PNG).status_code == 404


def test_a_file_within_the_request_is_ready_at_once(here: Wired) -> None:
    answer = here.client.post(
        f"{PREFIX}/v1/files", data={"purpose": "input"}, files={"file": ("cup.png", PNG)}
    )
    new = answer.json()
    assert (answer.status_code, new["state"], new["upload"]) == (201, "ready", None)
    assert (new["file"]["filename"], new["file"]["mime_type"]) == ("cup.png", "image/png")


def test_an_empty_file_is_refused(here: Wired) -> None:
    sent = here.client.post(f"{PREFIX}/v1/files", files={"file": ("cup.png", b"")})
    assert (sent.status_code, sent.json()["code"]) == (400, "empty_file")


def test_files_by_pages(here: Wired) -> None:
    ids = [announced(here, purpose="input" if n % 2 else "reference")["id"] for n in range(5)][::-1]
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = here.client.get(f"{PREFIX}/v1/files", params={"limit": 2} | cursor).json()
        seen += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ids

    def listed(**query: str) -> list[str]:
        data = here.client.get(f"{PREFIX}/v1/files", params=query).json()["data"]
        return [one["id"] for one in data]

    assert listed(purpose="input") == ids[1::2]
    assert listed(state="pending") == ids
    assert listed(state="ready") == []
    for name, text in (("limit", "0"), ("limit", "101"), ("cursor", "x"), ("purpose", "fun"), ("state", "new")):  # fmt: skip
        refused = here.client.get(f"{PREFIX}/v1/files", params={name: text})
        assert (refused.status_code, refused.json()["param"]) == (400, name)


def test_the_same_path_is_openais_for_other_clients(here: Wired) -> None:
    upload: dict[str, Any] = {"data": {"purpose": "vision"}, "files": {"file": ("a.png", PNG)}}
    theirs = here.client.post("/v1/files", **upload)
    assert theirs.json()["object"] == "file"
    mine = here.client.get(f"/v1/files/{theirs.json()['id']}", headers=AGENT).json()
    assert (mine["state"], mine["purpose"]) == ("ready", "reference")
    assert "next_cursor" in here.client.get("/v1/files", headers=AGENT).json()
    assert "first_id" in here.client.get("/v1/files").json()
    asynchronous = {"user-agent": "AsyncLuma/Python 0.5.0"}
    assert "next_cursor" in here.client.get("/v1/files", headers=asynchronous).json()


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"size_bytes": 5}, "mime_type"),
        ({"mime_type": "image/png"}, "size_bytes"),
        ({"mime_type": "text/plain", "size_bytes": 5}, "mime_type"),
        ({"mime_type": "image/png", "size_bytes": 0}, "size_bytes"),
        ({"mime_type": "image/png", "size_bytes": 10**13}, "size_bytes"),
        ({"mime_type": "image/png", "size_bytes": 5, "purpose": "fun"}, "purpose"),
        ({"mime_type": "image/png", "size_bytes": 5, "expires_at": "soon"}, "expires_at"),
        ({"mime_type": "image/png", "size_bytes": 5, "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
    ],
)  # fmt: skip
def test_a_file_is_refused_before_its_bytes_come(
    here: Wired, body: dict[str, Any], param: str
) -> None:
    refused = here.client.post(f"{PREFIX}/v1/files", json=body)
    assert (refused.status_code, refused.json()["param"]) == (400, param)


def test_what_of_a_file_has_no_effect_is_told(here: Wired) -> None:
    body = {"mime_type": "image/png", "size_bytes": 5, "user_id": "me", "colour": "red"}
    body["expires_at"] = "2100-01-01T00:00:00Z"
    answer = here.client.post(f"{PREFIX}/v1/files", json=body)
    said = answer.headers["x-mutoscope-warnings"]
    assert "user_id" in said
    assert "colour" in said
    assert answer.json()["file"]["expires_at"].startswith("2100-01-01T00:00:0")


def test_pictures_at_frames_and_between_films(here: Wired) -> None:
    one = made(here)
    clip = film(here.house.records.folder / "clip.mp4")
    here.finish(one["id"], film=clip.read_bytes(), size="64x64", seconds=0.5)
    gen = {"generation_id": one["id"]}
    longer = here.job(made(here, asked(start_frame=gen))["id"])
    assert longer.shot is not None
    assert (longer.shot.kind, longer.parent) == (Kind.EXTEND, one["id"])
    pinned = here.job(made(here, asked(keyframes=[gen, DATA], keyframe_indexes=[0, 60]))["id"]).shot
    assert pinned is not None
    roles = [(one.role, one.frame) for one in pinned.anchors]
    assert roles == [(Role.FIRST_FRAME, None), (Role.FRAME, 60)]
    edit = {"type": "video_edit", "prompt": "warmer", "source": gen}
    assert here.job(made(here, edit)["id"]).kind == "edit"
    shape = {"type": "video_reframe", "prompt": "", "source": gen, "aspect_ratio": "9:16"}
    reframed = made(here, shape)
    assert (reframed["type"], here.job(reframed["id"]).kind) == ("video_reframe", "reframe")


def test_errors_are_details(here: Wired) -> None:
    cases: list[tuple[str, str, Any, int, str | None]] = [
        ("GET", "/v1/generations/none", None, 404, None),
        ("POST", "/v1/generations", {"prompt": "x"}, 400, "model"),
        ("POST", "/v1/generations", {"prompt": "x", "model": "ray-3.2"}, 400, "video.start_frame"),
        ("POST", "/v1/generations", {**asked(start_frame=DATA, duration="7s"), "strict": True}, 400, "video.duration"),
        ("POST", "/v1/generations", {**asked(start_frame=DATA), "strict": True, "aspect_ratio": "2:1"}, 400, "video.resolution"),
        ("POST", "/v1/generations", asked(start_frame={"file_id": "file-none"}), 404, "video.start_frame"),
        ("DELETE", "/v1/generations/none", None, 405, None),
    ]  # fmt: skip
    for method, path, body, status, param in cases:
        refused = here.client.request(method, PREFIX + path, json=body)
        said = refused.json()
        assert refused.status_code == status, refused.text
        assert isinstance(said["detail"], str)
        assert said.get("param") == param, said


def test_a_file_without_its_bytes_is_no_picture(here: Wired) -> None:
    new = announced(here)
    refused = here.client.post("/v1/generations", json=asked(start_frame={"file_id": new["id"]}))
    assert (refused.status_code, refused.json()["param"]) == (400, "video.start_frame")


def test_another_project_has_none_of_it(tmp_path: Path) -> None:
    with wired(tmp_path, SKETCHING) as here:
        keys = {name: here.house.keys.create(project=name)[0] for name in ("hers", "his")}
        here.client.headers["authorization"] = f"Bearer {keys['hers']}"
        one, file = made(here), announced(here)
        here.client.headers["authorization"] = f"Bearer {keys['his']}"
        for method, path in (
            ("GET", f"/v1/generations/{one['id']}"), ("GET", f"/v1/files/{file['id']}"),
            ("POST", f"/v1/files/{file['id']}/complete"), ("DELETE", f"/v1/files/{file['id']}"),
        ):  # fmt: skip
            refused = here.client.request(method, PREFIX + path)
            assert refused.status_code == 404, (path, refused.text)
        for start in ({"generation_id": one["id"]}, {"file_id": file["id"]}):
            refused = here.client.post("/v1/generations", json=asked(start_frame=start))
            assert refused.status_code == 404
        assert here.client.get(f"{PREFIX}/v1/files").json()["data"] == []


def test_types_of_what_other_dialects_made(here: Wired) -> None:
    video = here.create(image_data=data_url(1280, 720))
    seen = here.client.get(f"/v1/generations/{video['id']}").json()
    assert (seen["type"], seen["model"]) == ("video", "sora-2")
    job = here.job(video["id"])
    from mutoscope.dialects.luma_agents.generation import generation

    kinds = {
        "edit": "video_edit",
        "remix": "video_edit",
        "reframe": "video_reframe",
        "extend": "video",
    }
    for kind, type in kinds.items():
        assert generation(replace(job, kind=kind), lambda path: path).type == type
