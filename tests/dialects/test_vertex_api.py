"""Vertex's operations over a house: names, every place of them, films inline or in a bucket, errors."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from wired import FILM, SKETCHING, Wired, picture, wired

from mutoscope.config import Storage
from mutoscope.jobs.job import Problem

MODEL = "veo-3.1-generate-001"
PNG = base64.b64encode(picture(1280, 720)).decode()
IMAGE = {"bytesBase64Encoded": PNG, "mimeType": "image/png"}
PROJECT = "projects/proj/locations/us-central1/"
RESOURCE = f"{PROJECT}publishers/google/models/{MODEL}"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path, SKETCHING) as made:
        yield made


def body(instance: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    shown = {"prompt": "slow push in", "image": IMAGE, **(instance or {})}
    return {"instances": [shown], "parameters": {"durationSeconds": 8, **parameters}}


def post(wire: Wired, body: dict[str, Any], place: str = f"/v1beta1/{RESOURCE}") -> dict[str, Any]:
    answer = wire.client.post(f"{place}:predictLongRunning", json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def fetch(wire: Wired, name: str, place: str = f"/v1beta1/{RESOURCE}") -> Any:
    return wire.client.post(f"{place}:fetchPredictOperation", json={"operationName": name})


def video(name: str) -> str:
    return "video_" + name.rsplit("/", 1)[-1]


def test_an_operation_is_named_by_its_models_path_and_has_no_done_while_it_runs(
    wire: Wired,
) -> None:
    made = post(wire, body())
    head, _, id = made["name"].rpartition("/operations/")
    assert (head, len(id)) == (RESOURCE, 48)
    assert "done" not in made
    assert wire.job(video(made["name"])).model == MODEL
    told = fetch(wire, made["name"]).json()
    assert told["name"] == made["name"]
    assert "done" not in told


@pytest.mark.parametrize(
    "place",
    [
        f"/v1beta1/{RESOURCE}", f"/v1/{RESOURCE}", f"/{RESOURCE}", f"/vertex/v1beta1/{RESOURCE}",
        f"/v1beta1/publishers/google/models/{MODEL}", f"/publishers/google/models/{MODEL}",
        f"/vertex/publishers/google/models/{MODEL}", f"/vertex/v1/publishers/google/models/{MODEL}",
    ],
)  # fmt: skip
def test_it_answers_with_project_in_express_mode_and_for_a_collection(
    wire: Wired, place: str
) -> None:
    for headers in ({}, {"x-goog-api-key": "k"}, {"authorization": "Bearer ya29.x"}):
        answer = wire.client.post(f"{place}:predictLongRunning", json=body(), headers=headers)
        name = answer.json()["name"]
        resource = place[place.index(RESOURCE if RESOURCE in place else "publishers/") :]
        assert name.startswith(f"{resource}/operations/")
        told = wire.client.post(
            f"{place}:fetchPredictOperation", json={"operationName": name}, headers=headers
        )
        assert told.json()["name"] == name
    assert wire.client.get(f"{place}/operations/{name.rsplit('/', 1)[-1]}").json()["name"] == name


def test_a_finished_film_is_inline(wire: Wired) -> None:
    name = post(wire, body())["name"]
    wire.finish(video(name))
    told = fetch(wire, name)
    shown = told.json()
    assert shown["done"] is True
    assert shown["response"]["raiMediaFilteredCount"] == 0
    (film,) = shown["response"]["videos"]
    assert film["mimeType"] == "video/mp4"
    assert base64.b64decode(film["bytesBase64Encoded"]) == FILM
    assert int(told.headers["content-length"]) == len(told.content)
    assert shown["metadata"]["report"]["done"]


def test_several_films_come_in_their_order_when_all_are_ready(wire: Wired) -> None:
    name = post(wire, body(sampleCount=3))["name"]
    takes = [job.id for job in _takes(wire, name)]
    assert len(takes) == 3
    for number in (2, 0):
        wire.finish(takes[number], film=FILM + bytes([number]))
    assert "done" not in fetch(wire, name).json()
    wire.finish(takes[1], film=FILM + bytes([1]))
    films = fetch(wire, name).json()["response"]["videos"]
    assert [base64.b64decode(one["bytesBase64Encoded"])[-1] for one in films] == [0, 1, 2]


def _takes(wire: Wired, name: str) -> list[Any]:
    import asyncio

    return asyncio.run(wire.house.ledger.takes(wire.job(video(name))))


def test_a_failure_is_the_operations_error(wire: Wired) -> None:
    name = post(wire, body())["name"]
    wire.fail(video(name), Problem(code="engine_failed", message="it broke"))
    told = fetch(wire, name).json()
    assert (told["done"], told["error"]["message"]) == (True, "it broke")
    assert told["error"]["code"] == 13
    assert "response" not in told


def test_labels_and_metadata_are_shown_again(wire: Wired) -> None:
    asked = body() | {"labels": {"team": "x"}, "webhookConfig": {"user_metadata": {"a": 1}}}
    shown = fetch(wire, post(wire, asked)["name"]).json()["metadata"]
    assert (shown["labels"], shown["userMetadata"]) == ({"team": "x"}, {"a": 1})


def test_a_cancelled_operation_is_gone(wire: Wired) -> None:
    name = post(wire, body())["name"]
    assert wire.client.post(f"/v1beta1/{name}:cancel").json() == {}
    assert wire.job(video(name)).cancel_requested
    assert fetch(wire, name).status_code == 404


@pytest.mark.parametrize(
    ("sent", "status", "word"),
    [
        ({"operationName": f"{RESOURCE}/operations/{'0' * 48}"}, 404, "NOT_FOUND"),
        ({"operationName": "nope"}, 404, "NOT_FOUND"),
        ({}, 400, "INVALID_ARGUMENT"),
        ({"operationName": 7}, 400, "INVALID_ARGUMENT"),
    ],
)
def test_an_unknown_operation_is_said_so(wire: Wired, sent: Any, status: int, word: str) -> None:
    answer = wire.client.post(f"/v1beta1/{RESOURCE}:fetchPredictOperation", json=sent)
    assert (answer.status_code, answer.json()["error"]["status"]) == (status, word)
    assert answer.json()["error"]["code"] == status


def test_an_unknown_model_is_a_404(wire: Wired) -> None:
    place = "/v1beta1/publishers/google/models/veo-9:predictLongRunning"
    answer = wire.client.post(place, json=body())
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert "publishers/google/models/veo-9" in answer.json()["error"]["message"]


def test_strict_brings_the_contracts_refusal_in_this_form(wire: Wired) -> None:
    asked = body(durationSeconds=5) | {"strict": True}
    answer = wire.client.post(f"/v1beta1/{RESOURCE}:predictLongRunning", json=asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].startswith("Unsupported output video duration 5 seconds")
    (notice,) = post(wire, body(durationSeconds=5))["metadata"]["warnings"]
    assert (notice["code"], notice["field"]) == ("outside_contract", "parameters.durationSeconds")


def test_a_bucket_is_refused_with_what_is_allowed(wire: Wired) -> None:
    for asked, field in (
        (body({"image": {"gcsUri": "gs://b/a.png", "mimeType": "image/png"}}), "instances[].image"),
        (body(storageUri="gs://b/o/"), "parameters.storageUri"),
    ):
        answer = wire.client.post(f"/v1beta1/{RESOURCE}:predictLongRunning", json=asked)
        error = answer.json()["error"]
        assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
        assert error["message"].startswith(field)
        assert "storage.gcs" in error["message"]


def test_folders_stand_for_buckets(tmp_path: Path) -> None:
    folder = tmp_path / "bucket"
    folder.mkdir()
    (folder / "a.png").write_bytes(picture(640, 360))
    settings = msgspec.structs.replace(SKETCHING, storage=Storage(gcs={"gs://mine": str(folder)}))
    with wired(tmp_path / "data", settings) as wire:
        asked = body({"image": {"gcsUri": "gs://mine/a.png", "mimeType": "image/png"}})
        asked["parameters"] |= {"storageUri": "gs://mine/films/", "sampleCount": 2}
        name = post(wire, asked)["name"]
        takes = _takes(wire, name)
        assert takes[0].shot.anchors[0].media.length == (folder / "a.png").stat().st_size
        for number, job in enumerate(takes):
            wire.finish(job.id, film=FILM + bytes([number]))
        films = fetch(wire, name).json()["response"]["videos"]
        for number, film in enumerate(films):
            path = f"films/{name.rsplit('/', 1)[-1]}/sample_{number}.mp4"
            assert film == {"gcsUri": f"gs://mine/{path}", "mimeType": "video/mp4"}
            assert (folder / path).read_bytes() == FILM + bytes([number])
        gone = body({"image": {"gcsUri": "gs://mine/none.png"}})
        answer = wire.client.post(f"/v1beta1/{RESOURCE}:predictLongRunning", json=gone)
        assert (answer.status_code, "no such object" in answer.text) == (400, True)


def test_interactions_of_a_project(wire: Wired) -> None:
    image = {"type": "image", "data": PNG, "mime_type": "image/png"}
    asked = {"model": "gemini-omni-1.2-flash", "input": [image, "pan left"], "background": True}
    place = f"/v1beta1/{PROJECT}interactions"
    made = wire.client.post(place, json=asked).json()
    job = wire.job("video_" + made["id"].removeprefix("v1_"))
    assert job.model == "vertex/gemini-omni-1.2-flash"
    assert made["model"] == "gemini-omni-1.2-flash"
    wire.finish(job.id)
    assert wire.client.get(f"{place}/{made['id']}").json()["status"] == "completed"
    assert wire.client.delete(f"{place}/{made['id']}").json() == {}
    asked["response_format"] = {"type": "video", "delivery": "uri"}
    made = wire.client.post(place, json=asked).json()
    wire.finish("video_" + made["id"].removeprefix("v1_"))
    (step,) = wire.client.get(f"{place}/{made['id']}").json()["steps"]
    assert wire.client.get(step["content"][0]["uri"]).content == FILM


def test_a_key_that_may_only_read_may_ask_for_operations(wire: Wired) -> None:
    from mutoscope.dialects.vertex.dialect import DIALECT

    assert DIALECT.scope("POST", f"/v1/{RESOURCE}:fetchPredictOperation") == "videos:read"
    assert DIALECT.scope("POST", f"/v1/{RESOURCE}:predictLongRunning") == "videos:write"


def test_operations_are_listed_by_model_and_by_place_without_the_films(wire: Wired) -> None:
    name = post(wire, body(sampleCount=2))["name"]
    other = post(wire, body(), "/v1beta1/publishers/google/models/veo-3.1")["name"]
    here = f"/v1beta1/{PROJECT}"
    assert other.startswith("publishers/google/")
    for path, names in {
        f"/v1beta1/{RESOURCE}/operations": [name],
        f"{here}operations": [f"{PROJECT}{other}", name],
        f"{here}operations?pageSize=1": [f"{PROJECT}{other}"],
        "/v1beta1/publishers/google/models/veo-3.1/operations": [other],
    }.items():
        shown = wire.client.get(path).json()
        assert [one["name"] for one in shown["operations"]] == names
        assert ("nextPageToken" in shown) is ("pageSize" in path)
    wire.finish(video(other))
    (shown,) = wire.client.get("/publishers/google/models/veo-3.1/operations").json()["operations"]
    assert shown["response"]["videos"] == [{"mimeType": "video/mp4"}]
    assert "bytesBase64Encoded" in fetch(wire, shown["name"]).json()["response"]["videos"][0]


def test_models_are_listed_and_told(wire: Wired) -> None:
    for place in ("/v1beta1/", f"/v1/{PROJECT}", "/vertex/"):
        found = wire.client.get(f"{place}publishers/google/models").json()["publisherModels"]
        assert f"publishers/google/models/{MODEL}" in {one["name"] for one in found}
        assert wire.client.get(f"{place}{found[0]['name']}").json() == found[0]
    unknown = wire.client.get("/v1beta1/publishers/google/models/nope")
    assert (unknown.status_code, unknown.json()["error"]["status"]) == (404, "NOT_FOUND")
    first = wire.client.get("/v1beta1/publishers/google/models?pageSize=1").json()
    token = first["nextPageToken"]
    after = wire.client.get(f"/v1beta1/publishers/google/models?pageSize=1&pageToken={token}")
    assert after.json()["publisherModels"] == [found[1]]


def test_another_publishers_model_is_that_publishers(wire: Wired) -> None:
    name = post(wire, body(), "/v1beta1/publishers/azure/models/sora-2")["name"]
    assert name.startswith("publishers/azure/models/sora-2/operations/")
    assert wire.job(video(name)).model == "azure/sora-2"
    assert fetch(wire, name, "/v1beta1/publishers/azure/models/sora-2").json()["name"] == name
    nobody = wire.client.post(
        "/v1beta1/publishers/nobody/models/nope:predictLongRunning", json=body()
    )
    assert nobody.status_code == 404


def test_a_shape_that_the_model_does_not_have_is_blamed_on_the_field_that_gave_it(
    wire: Wired,
) -> None:
    def fields(**parameters: Any) -> set[str]:
        warnings = post(wire, body(**parameters))["metadata"].get("warnings", [])
        return {one["field"] for one in warnings if one["code"] == "outside_contract"}

    assert fields(aspectRatio="1:1") == {"parameters.aspectRatio"}
    assert fields(aspectRatio="16:9", resolution="480p") == {"parameters.resolution"}
    shaped = {"type": "video", "aspect_ratio": "1:1"}
    content = [{"type": "image", "data": PNG}, {"type": "text", "text": "pan left"}]
    said = wire.client.post(
        "/v1/interactions",
        json={"model": "gemini-omni-1.1-flash", "input": content, "background": True,
              "response_format": shaped},
    ).json()  # fmt: skip
    assert "response_format.aspect_ratio" in {one["field"] for one in said["warnings"]}
