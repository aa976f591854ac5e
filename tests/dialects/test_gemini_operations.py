"""predictLongRunning and its operations, over a house in which nothing renders."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wired import ADDRESS, FILM, Wired, picture, wired

from mutoscope.config import Server, Settings
from mutoscope.dialects.gemini import ids
from mutoscope.jobs.job import Problem

KEY = {"x-goog-api-key": "AIza"}
IMAGE = {
    "bytesBase64Encoded": base64.b64encode(picture(1280, 720)).decode(),
    "mimeType": "image/png",
}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    with wired(tmp_path_factory.mktemp("here")) as made:
        yield made


def post(here: Wired, instance: dict[str, Any] | None = None, **options: Any) -> Any:
    """The answer to a creation; options are the path's `model` and `root`, and parameters."""
    model, root = options.pop("model", "veo-3.1"), options.pop("root", "/v1beta")
    body = {"instances": [{"prompt": "slow dolly in", "image": IMAGE} | (instance or {})]}
    if options:
        body["parameters"] = options  # type: ignore[assignment]
    return here.client.post(f"{root}/models/{model}:predictLongRunning", json=body, headers=KEY)


def made(here: Wired, instance: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    answer = post(here, instance, **options)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def job_of(operation: dict[str, Any]) -> str:
    return ids.video_id(operation["name"].rpartition("/")[2])


@pytest.mark.parametrize("root", ["/v1beta", "/v1", "/gemini/v1beta", "/gemini/v1", "/v1alpha"])
def test_a_film_from_its_creation_to_its_download(here: Wired, root: str) -> None:
    operation = made(here, root=root)
    assert "done" not in operation
    assert operation["name"].startswith("models/veo-3.1/operations/")
    assert operation["metadata"]["state"] == "PENDING"
    pending = here.client.get(f"{root}/{operation['name']}", headers=KEY).json()
    assert "done" not in pending
    here.finish(job_of(operation))
    ended = here.client.get(f"{root}/{operation['name']}", headers=KEY).json()
    assert ended["done"] is True
    (sample,) = ended["response"]["generateVideoResponse"]["generatedSamples"]
    uri = sample["video"]["uri"]
    assert uri.startswith(f"{ADDRESS}{root}/files/")
    assert here.client.get(uri, headers=KEY).content == FILM
    assert ended["metadata"]["report"]["done"][0]["words"] == "slow dolly in"
    assert here.client.get(ended["metadata"]["videoUrls"][0]).content == FILM


def test_the_operation_without_its_model(here: Wired) -> None:
    operation = made(here)
    short = operation["name"].rpartition("operations/")[2]
    assert here.client.get(f"/v1beta/operations/{short}").json()["name"] == operation["name"]


def test_the_mangled_addresses_of_old_clients(here: Wired) -> None:
    operation = made(here)
    here.finish(job_of(operation))
    id = operation["name"].rpartition("/")[2]
    uri = f"http://127.0.0.1:8640/v1beta/files/{id}:download?alt=media"
    for mangled in (f"{uri}:download?alt=media", f"{uri}%3Adownload&alt=media"):
        for root in ("/v1beta", "/gemini/v1beta", "/v1"):
            answer = here.client.get(f"{root}/files/{mangled}", headers=KEY)
            assert (answer.status_code, answer.content) == (200, FILM), (root, mangled)


def test_a_part_of_the_film(here: Wired) -> None:
    operation = made(here)
    here.finish(job_of(operation))
    id = operation["name"].rpartition("/")[2]
    answer = here.client.get(
        f"/v1beta/files/{id}:download?alt=media", headers=KEY | {"range": "bytes=4-7"}
    )
    assert (answer.status_code, answer.content) == (206, FILM[4:8])


def test_several_samples_are_as_many_films(here: Wired) -> None:
    operation = made(here, sampleCount=3, seed=5)
    first = here.job(job_of(operation))
    import asyncio

    takes = asyncio.run(here.house.ledger.takes(first))
    assert [job.shot.seed for job in takes if job.shot] == [5, 6, 7]
    for job in takes[:2]:
        here.finish(job.id)
    assert "done" not in here.client.get(f"/v1beta/{operation['name']}").json()
    here.finish(takes[2].id)
    ended = here.client.get(f"/v1beta/{operation['name']}").json()
    samples = ended["response"]["generateVideoResponse"]["generatedSamples"]
    names = [sample["video"]["uri"].rpartition("/")[2].partition(":")[0] for sample in samples]
    assert names == [ids.bare(job.id) for job in takes]


def test_a_failed_film_is_the_operations_error(here: Wired) -> None:
    operation = made(here)
    here.fail(job_of(operation), Problem(code="invalid_image", message="it is broken", hint="mend"))
    ended = here.client.get(f"/v1beta/{operation['name']}").json()
    assert ended["done"] is True
    assert ended["error"] == {
        "code": 3, "message": "it is broken", "status": "INVALID_ARGUMENT", "hint": "mend",
    }  # fmt: skip
    assert "response" not in ended


def test_what_the_servers_owner_does_not_allow_is_told_as_filtered(here: Wired) -> None:
    operation = made(here)
    here.fail(job_of(operation), Problem(code="moderation_blocked", message="no consent"))
    ended = here.client.get(f"/v1beta/{operation['name']}").json()
    assert ended["done"] is True
    assert ended["response"]["generateVideoResponse"] == {
        "raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["no consent"],
    }  # fmt: skip


def test_one_of_two_that_failed_leaves_the_other(here: Wired) -> None:
    import asyncio

    operation = made(here, sampleCount=2)
    one, two = asyncio.run(here.house.ledger.takes(here.job(job_of(operation))))
    here.finish(one.id)
    here.fail(two.id, Problem(code="engine_failed", message="it fell over"))
    ended = here.client.get(f"/v1beta/{operation['name']}").json()
    assert len(ended["response"]["generateVideoResponse"]["generatedSamples"]) == 1
    assert ended["metadata"]["failed"] == ["it fell over"]


def test_a_film_is_extended_by_the_address_that_was_answered(here: Wired) -> None:
    operation = made(here)
    here.finish(job_of(operation))
    ended = here.client.get(f"/v1beta/{operation['name']}").json()
    uri = ended["response"]["generateVideoResponse"]["generatedSamples"][0]["video"]["uri"]
    body = {"instances": [{"prompt": "go on", "video": {"uri": uri}}]}
    longer = here.client.post(
        "/v1beta/models/veo-3.1-generate-preview:predictLongRunning", json=body, headers=KEY
    )
    assert longer.status_code == 200, longer.text
    extension = here.job(job_of(longer.json()))
    assert (extension.kind, extension.parent) == ("extend", job_of(operation))


def test_warnings_are_in_the_metadata_and_in_a_header(here: Wired) -> None:
    answer = post(here, durationSeconds=5, enhancePrompt=True)
    fields = {one["field"] for one in answer.json()["metadata"]["warnings"]}
    assert {"parameters.durationSeconds", "parameters.enhancePrompt"} <= fields
    assert {one["field"] for one in json.loads(answer.headers["x-mutoscope-warnings"])} == fields


def test_what_the_client_wants_shown_again(here: Wired) -> None:
    body = {
        "instances": [{"prompt": "pan left", "image": IMAGE}],
        "webhookConfig": {"uris": ["https://h.example/x"], "user_metadata": {"k": "v"}},
    }
    answer = here.client.post("/v1beta/models/veo-3.1:predictLongRunning", json=body, headers=KEY)
    assert answer.json()["metadata"]["userMetadata"] == {"k": "v"}
    assert here.job(job_of(answer.json())).webhook_url == "https://h.example/x"


def test_an_unknown_model_is_told_in_the_services_words(here: Wired) -> None:
    answer = post(here, model="veo-9")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (404, 404, "NOT_FOUND")
    assert error["message"].startswith(
        "models/veo-9 is not found for API version v1beta, or is not"
    )


def test_an_unknown_operation(here: Wired) -> None:
    for name in ("models/veo-3.1/operations/nope", "operations/0", "operations/%2e%2e"):
        answer = here.client.get(f"/v1beta/{name}")
        assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_strict_gives_the_services_own_error(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(compat="strict"))) as here:
        error = post(here, durationSeconds=5).json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == (
        "The number value for `durationSeconds` is out of bound. "
        "Please provide a value between 4 and 8, inclusive."
    )
    assert error["details"][1]["fieldViolations"][0]["field"] == "parameters.durationSeconds"


def test_reference_images_beyond_the_contract(tmp_path: Path) -> None:
    references = [{"image": IMAGE, "referenceType": "ASSET"}]
    with wired(tmp_path, Settings(server=Server(compat="strict"))) as here:
        refused = post(here, {"image": None, "referenceImages": references}, model="veo-3.1-fast")
        assert refused.status_code == 400
        assert "reference" in refused.json()["error"]["message"]
        assert post(here, {"image": None, "referenceImages": references}).status_code == 200


def test_a_cancelled_operation_ends(here: Wired) -> None:
    operation = made(here)
    assert here.client.post(f"/v1beta/{operation['name']}:cancel").json() == {}
    assert here.client.get(f"/v1beta/{operation['name']}").status_code == 404
    assert here.job(job_of(operation)).cancel_requested


def test_a_deleted_operation_is_gone(here: Wired) -> None:
    operation = made(here)
    here.finish(job_of(operation))
    assert here.client.delete(f"/v1beta/{operation['name']}").json() == {}
    assert here.client.get(f"/v1beta/{operation['name']}").status_code == 404


def test_what_is_made_here_is_seen_by_every_other_dialect(here: Wired) -> None:
    operation = made(here)
    here.finish(job_of(operation))
    video = here.client.get(f"/v1/videos/{job_of(operation)}").json()
    assert (video["status"], video["model"]) == ("completed", "veo-3.1")
    other = here.completed()
    id = ids.bare(other["id"])
    seen = here.client.get(f"/v1beta/models/sora-2/operations/{id}").json()
    assert seen["done"] is True
    assert here.client.get(f"/v1beta/files/{id}", headers=KEY).json()["source"] == "GENERATED"


def test_models_are_listed_in_pages(here: Wired) -> None:
    names: list[str] = []
    token = ""
    while True:
        page = here.client.get(f"/v1beta/models?pageSize=5&pageToken={token}").json()
        names += [model["name"] for model in page["models"]]
        if not (token := page.get("nextPageToken", "")):
            break
    assert names[0] == "models/veo-3.1-generate-preview"
    assert {"models/veo-3.1", "models/veo-3.1-fast", "models/flipbook"} <= set(names)
    assert len(names) == len(set(names))
    one = here.client.get("/v1beta/models/veo-3.1").json()
    assert one["supportedGenerationMethods"] == ["predictLongRunning"]
    assert here.client.get("/v1beta/models/veo-9").status_code == 404


def test_what_two_dialects_have_is_told_apart_by_googles_key(here: Wired) -> None:
    assert here.client.get("/v1/models").json()["object"] == "list"
    assert "models" in here.client.get("/v1/models", headers=KEY).json()
    assert "models" in here.client.get("/v1/models?key=AIza").json()
    assert here.client.get("/v1/files").json()["object"] == "list"
    assert "object" not in here.client.get("/v1/files", headers=KEY).json()


def test_errors_of_the_door_come_in_googles_form(here: Wired) -> None:
    answer = here.client.get("/v1beta/nothing")
    assert answer.json()["error"]["status"] == "NOT_FOUND"
    wrong = here.client.put("/v1beta/models")
    assert (wrong.status_code, wrong.json()["error"]["status"]) == (405, "UNIMPLEMENTED")
    bad = here.client.post("/v1beta/models/veo-3.1:predictLongRunning", content=b"{")
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, 400)


def test_it_does_without_every_other_dialect(tmp_path: Path) -> None:
    with wired(tmp_path, Settings(server=Server(dialects=("gemini",)))) as here:
        operation = made(here)
        here.finish(job_of(operation))
        ended = here.client.get(f"/v1beta/{operation['name']}").json()
        assert here.client.get(ended["metadata"]["videoUrls"][0]).content == FILM
        assert here.client.get("/v1/videos").status_code == 404


def test_newer_clients_find_interactions_at_the_same_address(here: Wired) -> None:
    unknown = here.client.get("/gemini/v1/interactions/none", headers=KEY)
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (
        400, "Invalid interaction name: none",
    )  # fmt: skip


@pytest.mark.parametrize("model", ["azure/sora-2", "gemini/veo-3.1"])
def test_an_operation_of_a_model_with_its_vendor_is_found_by_its_name(
    here: Wired, model: str
) -> None:
    operation = made(here, model=model)
    assert operation["name"].startswith(f"models/{model}/operations/")
    assert here.client.get(f"/v1beta/{operation['name']}", headers=KEY).json() == operation
    assert here.client.post(f"/v1beta/{operation['name']}:cancel", headers=KEY).json() == {}


def listed(here: Wired, path: str) -> dict[str, Any]:
    answer = here.client.get(path, headers=KEY)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def test_operations_are_listed_page_by_page_each_once(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        assert listed(here, "/v1beta/operations") == {}
        samples = made(here, sampleCount=2)["name"]
        fast = made(here, model="veo-3.1-fast")["name"]
        other = f"models/sora-2/operations/{ids.bare(here.create(model='sora-2')['id'])}"
        every = [other, fast, samples]  # the newest first, those of other dialects too
        shown = listed(here, "/v1beta/operations")
        assert [one["name"] for one in shown["operations"]] == every
        assert "nextPageToken" not in shown
        found, token = [], ""
        for _ in every:
            page = listed(here, f"/v1/operations?pageSize=1&key=AIza&pageToken={token}")
            found += [one["name"] for one in page["operations"]]
            token = page.get("nextPageToken", "")
        assert (found[:2], found[-1]) == (every[:2], samples)
        own = listed(here, "/v1beta/models/veo-3.1-fast/operations")["operations"]
        assert [one["name"] for one in own] == [fast]
        assert listed(here, "/gemini/v1/models/veo-2/operations") == {}
        wrong = here.client.get("/v1beta/operations?pageToken=-", headers=KEY)
        assert (wrong.status_code, wrong.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        filtered = here.client.get("/v1beta/operations?filter=done=true", headers=KEY)
        assert "filter" in filtered.json()["error"]["message"]


def test_what_a_model_does_not_do_here_is_told_in_the_services_words(here: Wired) -> None:
    answer = here.client.post("/v1beta/models/veo-3.1:generateContent", json={}, headers=KEY)
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (404, "NOT_FOUND")
    assert "models/veo-3.1 is not found" in error["message"]
    assert "not supported for generateContent" in error["message"]
