"""Every route of the server with another project's key: what is not one's own is not there.

The table is made from the routes themselves, so that a route which is added later is tried too, or
this fails for want of an object to try it with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient
from wired import ADDRESS, FILM, SKETCHING, Wired, wired

from mutoscope.dialects.all import NAMES, dialect
from mutoscope.dialects.gemini.ids import bare
from mutoscope.dialects.interactions.interaction import interaction_id
from mutoscope.dialects.runway.ids import task_id
from mutoscope.server import health
from mutoscope.server.app import ROOMS, build
from mutoscope.storage.tables import deliveries, events
from workshop import film

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
#: Paths that show nothing of any project.
OPEN = {"/healthz", "/readyz", "/metrics"}
#: Parameters that name nothing of a project's.
COMMON = {"model": "sora-2", "n": "1"}
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with (
        wired(tmp_path_factory.mktemp("here"), SKETCHING) as made,
        TestClient(build(made.house), base_url=ADDRESS) as client,
    ):
        made.client = client
        yield made


@pytest.fixture(scope="module")
def secrets(here: Wired) -> dict[str, str]:
    """A key of each of two projects."""
    return {name: here.house.keys.create(project=name)[0] for name in ("hers", "his")}


@pytest.fixture(scope="module")
def hers(here: Wired, secrets: dict[str, str]) -> dict[str, str]:
    """One object of every kind, of one project: its id by the parameter that names it."""
    here.client.headers["authorization"] = f"Bearer {secrets['hers']}"
    video = here.create()["id"]
    here.finish(video)
    upload: dict[str, Any] = {"data": {"purpose": "batch"}, "files": {"file": ("her.jsonl", b"{}")}}
    file = here.client.post("/v1/files", **upload).json()["id"]
    asked = {"input_file_id": file, "endpoint": "/v1/videos", "completion_window": "24h"}
    batch = here.client.post("/v1/batches", json=asked).json()["id"]
    hook = {"name": "hers", "url": "http://127.0.0.1:8000/", "event_types": ["video.completed"]}
    answer = here.client.post("/v1/webhook_endpoints", json=hook)
    assert answer.status_code == 200, answer.text
    endpoint = answer.json()["id"]
    return {
        "video_id": video, "job_id": video, "file_id": file, "batch_id": batch,
        "endpoint_id": endpoint, "character_id": _character(here), **_told(here, video),
    }  # fmt: skip


def _character(here: Wired) -> str:
    clip = film(here.house.records.folder / "mossy.mp4", frames=24).read_bytes()
    made = here.client.post(
        "/v1/videos/characters", data={"name": "Mossy"}, files={"video": ("m.mp4", clip)}
    )
    assert made.status_code == 200, made.text
    id: str = made.json()["id"]
    assert id.startswith("char_")
    return id


def _told(here: Wired, video: str) -> dict[str, str]:
    """An event of hers, and its delivery."""
    event = {"id": "evt_hers", "project": "hers", "type": "video.completed", "subject": video, "created": 1.0}  # fmt: skip
    delivery = {
        "id": "dlv_hers", "event": "evt_hers", "project": "hers", "url": "http://127.0.0.1:8000/",
        "status": "failed", "created": 1.0, "log": "[]",
    }  # fmt: skip

    def write(connection: Any) -> None:
        connection.execute(insert(events).values(event))
        connection.execute(insert(deliveries).values(delivery))

    here.house.records.write_now(write)
    return {"event_id": "evt_hers", "delivery_id": "dlv_hers"}


def paths(here: Wired) -> list[str]:
    """The path of every route that the house and the OpenAI dialect have."""
    found = [route.path for route in health.routes(here.house)]
    for room in (*ROOMS, *dialect("openai").routes):
        found += [route.path for route in import_module(room).routes(here.house)]
    return list(dict.fromkeys(found))


def his(here: Wired, secrets: dict[str, str], method: str, path: str, **more: Any) -> Any:
    bearer = {"authorization": f"Bearer {secrets['his']}"}
    return here.client.request(method, path, headers=bearer, **more)


def test_every_route_that_names_an_object_says_that_it_is_not_there(
    here: Wired, secrets: dict[str, str], hers: dict[str, str]
) -> None:
    tried = 0
    for template in paths(here):
        names = _PARAMETER.findall(template)
        if not names or set(names) <= set(COMMON):
            continue
        missing = set(names) - set(hers) - set(COMMON)
        assert not missing, f"{template}: no object of another project for {missing}"
        path = _PARAMETER.sub(lambda match: hers.get(match[1]) or COMMON[match[1]], template)
        for method in METHODS:
            answer = his(here, secrets, method, path, json=BODY if method in ("POST", "PATCH", "PUT") else None)  # fmt: skip
            assert answer.status_code in (404, 405), (method, path, answer.text)
            own = here.client.request(method, path.replace(hers[names[0]], "none"))
            assert own.status_code == answer.status_code, (method, path)
            tried += answer.status_code == 404
    assert tried > 20


BODY = {"prompt": "a cat", "seconds": "4", "name": "his", "url": "http://127.0.0.1:8000/"}


#: How an object's id reads in a dialect, by the parameter that names it; others are as they are.
FORMS: dict[tuple[str, str], Callable[[dict[str, str]], str]] = {
    ("azure", "job_id"): lambda ids: ids["video_id"].replace("video_", "task_"),
    ("azure", "generation_id"): lambda ids: ids["video_id"].replace("video_", "gen_"),
    ("runway", "id"): lambda ids: task_id(ids["video_id"]),
    ("runway", "file"): lambda ids: ids["file_id"],
    ("relay", "task_id"): lambda ids: ids["video_id"],
    ("gemini", "operation"): lambda ids: bare(ids["video_id"]),
    ("gemini", "file"): lambda ids: bare(ids["file_id"]),
    ("gemini", "id"): lambda ids: interaction_id(ids["video_id"]),
    ("vertex", "operation"): lambda ids: bare(ids["video_id"]),
    ("vertex", "id"): lambda ids: interaction_id(ids["video_id"]),
}
#: Parameters of the vendors' paths that name nothing of a project's.
PLACES = {
    "model": "veo-3.1", "deployment": "sora-2", "version": "v1beta", "project": "p", "location": "l",
    "publisher": "google", "rest": "x", "token": "x", "upload": "x",
}  # fmt: skip


def shaped(name: str, template: str, ids: dict[str, str]) -> str:
    """The path of a dialect's route with these objects."""

    def value(match: re.Match[str]) -> str:
        parameter = match[1]
        of = "gemini" if name == "interactions" else name
        if (form := FORMS.get((of, parameter))) is not None:
            return form(ids)
        return ids[parameter] if parameter in ids else PLACES[parameter]

    return _PARAMETER.sub(value, template)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "openai"])
def test_in_every_dialect_what_is_not_ones_own_is_as_if_it_were_not(
    here: Wired, secrets: dict[str, str], hers: dict[str, str], name: str
) -> None:
    spoken = dialect(name)
    found = [
        route.path for room in spoken.routes for route in import_module(room).routes(here.house)
    ]
    absent = {
        key: f"{id[:24]}{'0' if id[24:25] == '1' else '1'}{id[25:]}" for key, id in hers.items()
    }
    named = 0
    for template in dict.fromkeys(found):
        mine, none = (spoken.prefix + shaped(name, template, ids) for ids in (hers, absent))
        if mine == none:
            continue
        for method in METHODS:
            body = BODY if method in ("POST", "PATCH", "PUT") else None
            answer = his(here, secrets, method, mine, json=body)
            other = his(here, secrets, method, none, json=body)
            assert 400 <= answer.status_code < 500, (method, mine, answer.text)
            assert answer.status_code == other.status_code, (method, mine)
            if method != "HEAD":
                told = answer.text.replace(mine.rsplit("/", 1)[-1], "")
                assert "her.jsonl" not in told
                assert "Mossy" not in told
            named += 1
    assert named >= 6
    assert here.client.get(f"/v1/videos/{hers['video_id']}").status_code == 200


def test_every_list_shows_nothing_of_another_project(
    here: Wired, secrets: dict[str, str], hers: dict[str, str]
) -> None:
    for path in paths(here):
        if _PARAMETER.search(path) or path in OPEN or path.endswith("/import"):
            continue
        answer = his(here, secrets, "GET", path)
        assert answer.status_code in (200, 405), (path, answer.text)
        for id in hers.values():
            assert id not in answer.text, path
        assert "Mossy" not in answer.text


def test_metrics_and_health_name_no_object(here: Wired, hers: dict[str, str]) -> None:
    for path in OPEN:
        text = here.client.get(path).text
        assert not [id for id in hers.values() if id in text]


BODIES: list[tuple[str, dict[str, Any]]] = [
    ("/v1/videos", {"prompt": "a", "input_reference": {"file_id": "file_id"}}),
    ("/v1/videos", {"prompt": "a", "input_reference": "file_id"}),
    ("/v1/videos", {"prompt": "a", "last_frame": {"file_id": "file_id"}}),
    ("/v1/videos", {"prompt": "a", "image_url": ADDRESS + "/v1/files/file_id/content"}),
    ("/v1/videos", {"prompt": "a", "image_url": ADDRESS + "/v1/videos/video_id/content?variant=thumbnail"}),
    ("/v1/videos", {"prompt": "a", "reference_video": {"id": "video_id"}}),
    ("/v1/videos", {"prompt": "a", "remix_video_id": "video_id"}),
    ("/v1/videos", {"prompt": "a", "characters": [{"id": "character_id"}]}),
    ("/v1/videos/edits", {"prompt": "a", "video": {"id": "video_id"}}),
    ("/v1/videos/edits", {"prompt": "a", "video": {"id": "file_id"}}),
    ("/v1/videos/extensions", {"prompt": "a", "seconds": "4", "video": {"id": "video_id"}}),
    ("/v1/batches", {"input_file_id": "file_id", "endpoint": "/v1/videos", "completion_window": "24h"}),
]  # fmt: skip


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The body with ids in place of the parameters' names."""
    match value:
        case dict():
            return {key: filled(one, ids) for key, one in value.items()}
        case list():
            return [filled(one, ids) for one in value]
        case str():
            for name, id in ids.items():
                value = re.sub(rf"\b{name}\b", id, value)
    return value


@pytest.mark.parametrize(("path", "body"), BODIES)
def test_a_body_cannot_point_at_another_projects_objects(
    here: Wired, secrets: dict[str, str], hers: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    answer = his(here, secrets, "POST", path, json=filled(body, hers))
    assert answer.status_code in (400, 404), answer.text
    # the very same is said of what is nowhere
    nowhere = {"file_id": "file-none", "video_id": "video_none", "character_id": "char_none"}

    other = his(here, secrets, "POST", path, json=filled(body, nowhere))
    assert other.status_code == answer.status_code
    assert other.json()["error"]["code"] == answer.json()["error"]["code"]
    assert his(here, secrets, "GET", "/v1/videos").json()["data"] == []


def test_a_mention_of_her_character_means_nothing_to_him(
    here: Wired, secrets: dict[str, str], hers: dict[str, str]
) -> None:
    answer = his(here, secrets, "POST", "/v1/videos", json={"prompt": "@Mossy walks"})
    if answer.status_code == 200:
        job = here.job(answer.json()["id"])
        assert job.shot is not None
        assert job.shot.cast == ()
        his(here, secrets, "DELETE", f"/v1/videos/{job.id}")
    else:
        assert answer.status_code == 400


def test_a_signed_link_opens_what_it_names_and_nothing_else(
    here: Wired, secrets: dict[str, str], hers: dict[str, str]
) -> None:
    video = hers["video_id"]
    link = here.house.links.sign(f"/v1/videos/{video}/content", seconds=60)
    anybody = TestClient(build(here.house), base_url=ADDRESS)
    assert anybody.get(link).content == FILM
    query = link.partition("?")[2]
    for path in (
        f"/v1/videos/{video}", f"/v1/files/{hers['file_id']}/content", "/v1/videos",
        f"/mutoscope/jobs/{video}",
    ):  # fmt: skip
        assert anybody.get(f"{path}?{query}").status_code == 401
    assert anybody.delete(f"/v1/videos/{video}/content?{query}").status_code == 401
    # a link that she gave away may be used as an input by whoever has it
    given = {"prompt": "a", "video": link}
    made = his(here, secrets, "POST", "/v1/videos/edits", json=given)
    assert made.status_code == 200, made.text
    assert "source_video_id" not in made.json()
    his(here, secrets, "DELETE", f"/v1/videos/{made.json()['id']}")
