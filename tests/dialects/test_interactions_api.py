"""/interactions over a house: what is waited for, told again, cancelled, deleted, streamed, and refused."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from wired import FILM, SKETCHING, Wired, picture, wired

from mutoscope.config import Settings, Storage
from mutoscope.jobs.job import Notice, Problem

MODEL = "gemini-omni-1.1-flash"
PNG = base64.b64encode(picture(1280, 720)).decode()
IMAGE = {"type": "image", "data": PNG, "mime_type": "image/png"}
BODY = {"model": MODEL, "input": [IMAGE, {"type": "text", "text": "slow push in"}]}
LATER = BODY | {"background": True}
UNKNOWN = "v1_" + "0" * 48


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wired]:
    with wired(tmp_path, SKETCHING) as made:
        yield made


def post(wire: Wired, **fields: Any) -> dict[str, Any]:
    """An interaction made in the background."""
    answer = wire.client.post("/v1beta/interactions", json=LATER | fields)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def video(id: str) -> str:
    return "video_" + id.removeprefix("v1_")


def done(wire: Wired, **fields: Any) -> str:
    """The id of one that is finished."""
    id: str = post(wire, **fields)["id"]
    wire.finish(video(id))
    return id


def seen(wire: Wired, id: str, query: str = "") -> dict[str, Any]:
    answer = wire.client.get(f"/v1/interactions/{id}{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


class Asking(Thread):
    """A request that waits, in a thread of its own."""

    def __init__(self, wire: Wired, body: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.wire, self.body = wire, body
        self.answer: Any = None
        self.start()

    def run(self) -> None:
        self.answer = self.wire.client.post("/v1/interactions", json=self.body)


def job_made(wire: Wired, count: int = 1) -> str:
    """The newest job, once there are so many."""
    for _ in range(400):
        page = asyncio.run(wire.house.ledger.page("default", after=None, limit=10, order="desc"))
        assert page is not None
        if len(page.jobs) >= count:
            return page.jobs[0].id
        asyncio.run(asyncio.sleep(0.01))
    raise AssertionError("no job was made")


def test_in_the_background_it_is_answered_at_once(wire: Wired) -> None:
    made = post(wire, labels={"team": "x"})
    assert (made["object"], made["status"], made["model"]) == ("interaction", "in_progress", MODEL)
    assert made["steps"] == []
    assert made["usage"]["total_tokens"] == 0
    assert made["labels"] == {"team": "x"}
    assert wire.job(video(made["id"])).dialect == "interactions"


def test_a_finished_one_has_its_film_inline(wire: Wired) -> None:
    told = seen(wire, done(wire))
    assert told["status"] == "completed"
    (step,) = told["steps"]
    (film,) = step["content"]
    assert (step["type"], film["type"], film["mime_type"]) == ("model_output", "video", "video/mp4")
    assert base64.b64decode(film["data"]) == FILM
    assert told["report"]["done"]


def test_a_large_film_is_inline_whole(wire: Wired) -> None:
    film = FILM + bytes(range(256)) * 8000 + b"!"
    id = post(wire)["id"]
    wire.finish(video(id), film=film)
    answer = wire.client.get(f"/v1/interactions/{id}")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert base64.b64decode(answer.json()["steps"][0]["content"][0]["data"]) == film


def test_by_address_it_is_a_file_that_can_be_downloaded(wire: Wired) -> None:
    id = done(wire, response_format={"type": "video", "delivery": "uri"})
    film = seen(wire, id)["steps"][0]["content"][0]
    assert "data" not in film
    assert film["uri"].endswith(f"/v1/files/{id.removeprefix('v1_')}:download?alt=media")
    assert wire.client.get(film["uri"]).content == FILM


def test_what_was_sent_is_shown_again_where_it_is_asked_for(wire: Wired) -> None:
    first, output = seen(wire, done(wire), "?include_input=true")["steps"]
    assert [one["type"] for one in first["content"]] == ["image", "text"]
    assert first["content"][0]["data"] == PNG
    assert first["content"][1]["text"] == "slow push in"
    assert base64.b64decode(output["content"][0]["data"]) == FILM


def test_a_request_waits_for_its_film(wire: Wired) -> None:
    asking = Asking(wire, BODY)
    made = job_made(wire)
    assert asking.is_alive()
    wire.finish(made)
    asking.join(10)
    told = asking.answer.json()
    assert (told["status"], video(told["id"])) == ("completed", made)
    assert base64.b64decode(told["steps"][0]["content"][0]["data"]) == FILM


def test_while_requests_wait_others_are_answered(wire: Wired) -> None:
    many = [Asking(wire, BODY | {"labels": {"n": str(n)}}) for n in range(8)]
    job_made(wire, 8)
    assert wire.client.get("/healthz").status_code == 200
    page = asyncio.run(wire.house.ledger.page("default", after=None, limit=10, order="desc"))
    assert page is not None
    for job in page.jobs:
        wire.finish(job.id)
    for asking in many:
        asking.join(10)
    assert {one.answer.json()["status"] for one in many} == {"completed"}


def test_who_waits_hears_of_a_fault_of_the_request_as_an_error(wire: Wired) -> None:
    asking = Asking(wire, BODY)
    wire.fail(job_made(wire), Problem(code="invalid_image", message="it is damaged", param="input"))
    asking.join(10)
    assert asking.answer.status_code == 400
    assert asking.answer.json()["error"]["message"] == "it is damaged"


def test_who_waits_hears_of_an_engines_failure_in_the_interaction(wire: Wired) -> None:
    asking = Asking(wire, BODY)
    wire.fail(job_made(wire), Problem(code="engine_failed", message="it broke", hint="again"))
    asking.join(10)
    told = asking.answer.json()
    assert (asking.answer.status_code, told["status"]) == (200, "failed")
    assert told["errors"] == [{"code": "engine_failed", "message": "it broke", "hint": "again"}]


def test_what_is_not_to_be_stored_is_gone_once_it_was_answered(wire: Wired) -> None:
    asking = Asking(wire, BODY | {"store": False})
    made = job_made(wire)
    wire.finish(made)
    asking.join(10)
    assert asking.answer.json()["status"] == "completed"
    assert asyncio.run(wire.house.ledger.get(made)) is None
    assert wire.client.get(f"/v1/interactions/{made}").status_code == 400


def test_the_same_request_again_is_another_film(wire: Wired) -> None:
    assert post(wire)["id"] != post(wire)["id"]


def test_an_idempotency_key_finds_the_same_film(wire: Wired) -> None:
    first, second = (
        wire.client.post("/v1/interactions", json=LATER, headers={"idempotency-key": "k"}).json()
        for _ in range(2)
    )
    assert first["id"] == second["id"]


def test_cancelled_it_is_told_of_as_cancelled(wire: Wired) -> None:
    id = post(wire)["id"]
    assert wire.client.post(f"/v1/interactions/{id}/cancel").json()["status"] == "cancelled"
    assert seen(wire, id)["status"] == "cancelled"
    assert wire.job(video(id)).cancel_requested


def test_cancelling_what_has_ended_changes_nothing(wire: Wired) -> None:
    id = done(wire)
    assert wire.client.post(f"/v1/interactions/{id}/cancel").json()["status"] == "completed"


def test_a_deleted_one_is_unknown(wire: Wired) -> None:
    id = done(wire)
    assert wire.client.delete(f"/v1/interactions/{id}").json() == {}
    assert wire.client.get(f"/v1/interactions/{id}").status_code == 400
    running = post(wire)["id"]
    assert wire.client.delete(f"/v1/interactions/{running}").json() == {}
    assert wire.client.get(f"/v1/interactions/{running}").status_code == 400


def test_an_unknown_id_is_a_400_in_the_services_words(wire: Wired) -> None:
    for id in (UNKNOWN, "nope", "video_1"):
        for method, more in (("GET", ""), ("DELETE", ""), ("POST", "/cancel")):
            answer = wire.client.request(method, f"/v1beta/interactions/{id}{more}")
            error = answer.json()["error"]
            assert (answer.status_code, error["code"]) == (400, "invalid_request")
            assert error["message"].startswith("Invalid interaction name")


def test_a_video_of_another_dialect_is_an_interaction_too(wire: Wired) -> None:
    made = wire.completed(model="sora-2")
    id = "v1_" + made["id"].removeprefix("video_")
    assert seen(wire, id)["steps"][0]["content"][0]["type"] == "video"
    assert seen(wire, made["id"])["id"] == id
    again = post(wire, input="pan right", previous_interaction_id=id)
    assert again["previous_interaction_id"] == id
    assert wire.client.get(f"/v1/videos/{video(again['id'])}").json()["remixed_from_video_id"] == made["id"]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kind"), [("make it blue", "remix"), ("Continue the scene", "extend")]
)
def test_the_previous_interaction_is_what_the_film_starts_from(
    wire: Wired, said: str, kind: str
) -> None:
    id = done(wire)
    made = wire.job(video(post(wire, input=said, previous_interaction_id=id)["id"]))
    assert (made.kind, made.parent) == (kind, video(id))
    assert made.shot is not None
    assert str(made.shot.size) == "1280x720"


def test_a_previous_interaction_must_be_known_and_finished(wire: Wired) -> None:
    running = post(wire)["id"]
    for id, said in ((UNKNOWN, "Invalid interaction name"), (running, "must be completed")):
        answer = wire.client.post(
            "/v1/interactions", json=LATER | {"input": "x", "previous_interaction_id": id}
        )
        assert answer.status_code == 400
        assert said in answer.json()["error"]["message"]


def test_what_should_be_known_is_on_the_object_and_in_the_header(wire: Wired) -> None:
    answer = wire.client.post("/v1/interactions", json=LATER | {"colour": "blue"})
    (unknown,) = [one for one in answer.json()["warnings"] if one["code"] == "unknown_field"]
    assert unknown["field"] == "colour"
    assert "colour" in answer.headers["x-mutoscope-warnings"]


def test_strict_brings_the_contracts_refusal_in_this_form(wire: Wired) -> None:
    body = LATER | {"response_format": {"duration": "60s"}, "strict": True}
    answer = wire.client.post("/v1/interactions", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_request")
    assert error["param"] == "response_format.duration"
    assert "3 to 10" in error["message"]
    assert wire.client.post("/v1/interactions", json=body | {"strict": False}).status_code == 200


def test_words_alone_need_an_engine_that_can(tmp_path: Path) -> None:
    with wired(tmp_path) as wire:
        answer = wire.client.post("/v1/interactions", json={"model": MODEL, "input": "a cat"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("prefix", ["", "/interactions", "/gemini"])
def test_it_answers_on_the_bare_host_and_below_its_prefixes(wire: Wired, prefix: str) -> None:
    sent: list[dict[str, Any]] = [
        {},
        {"headers": {"x-goog-api-key": "k"}},
        {"params": {"key": "k"}},
    ]
    for version in ("v1", "v1beta"):
        for marks in sent:
            place = f"{prefix}/{version}/interactions"
            made = wire.client.post(place, json=LATER, **marks).json()
            told = wire.client.get(f"{place}/{made['id']}", **marks)
            assert told.json()["id"] == made["id"]


def events(answer: Any) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream: kind and data."""
    found = []
    for block in answer.text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if lines.get("data", "[DONE]") != "[DONE]":
            data = json.loads(lines["data"])
            assert (data["event_type"], data["event_id"]) == (lines["event"], lines["id"])
            found.append((lines["event"], data))
    assert answer.text.endswith("event: done\ndata: [DONE]\n\n")
    return found


KINDS = [
    "interaction.created", "interaction.status_update", "step.start", "step.delta", "step.stop",
    "interaction.completed",
]  # fmt: skip


def test_a_finished_one_streams_all_of_its_events(wire: Wired) -> None:
    id = done(wire)
    told = events(wire.client.get(f"/v1/interactions/{id}?stream=true"))
    assert [kind for kind, _ in told] == KINDS
    assert base64.b64decode(told[3][1]["delta"]["data"]) == FILM
    assert told[5][1]["interaction"]["status"] == "completed"
    assert "steps" not in told[5][1]["interaction"]


def test_a_stream_goes_on_after_the_last_event_that_was_seen(wire: Wired) -> None:
    told = events(wire.client.get(f"/v1/interactions/{done(wire)}?stream=true&last_event_id=3"))
    assert [kind for kind, _ in told] == KINDS[3:]


def test_a_stream_ends_with_the_film(wire: Wired) -> None:
    asking = Asking(wire, BODY | {"stream": True})
    wire.finish(job_made(wire))
    asking.join(10)
    assert asking.answer.headers["content-type"].startswith("text/event-stream")
    assert [kind for kind, _ in events(asking.answer)] == KINDS


def test_a_stream_tells_of_a_failure(wire: Wired) -> None:
    id = post(wire)["id"]
    wire.fail(video(id), Problem(code="engine_failed", message="it broke"))
    told = events(wire.client.get(f"/v1/interactions/{id}?stream=true"))
    assert [kind for kind, _ in told] == [*KINDS[:2], "interaction.status_update", "error"]
    assert told[2][1]["status"] == "failed"
    assert told[3][1]["error"] == {"code": "engine_failed", "message": "it broke"}


def test_a_bucket_that_no_folder_stands_for_is_refused(wire: Wired) -> None:
    for fields in (
        {"input": [{"type": "image", "uri": "gs://b/a.png"}, "go"]},
        {"response_format": {"delivery": "uri", "gcs_uri": "gs://b/out"}},
    ):
        answer = wire.client.post("/v1/interactions", json=LATER | fields)
        assert answer.status_code == 400
        assert "no folder stands for a bucket" in answer.json()["error"]["message"]


def test_a_folder_stands_for_a_bucket(tmp_path: Path) -> None:
    folder = tmp_path / "bucket"
    folder.mkdir()
    (folder / "a.png").write_bytes(picture(640, 360))
    settings = replaced(SKETCHING, folder)
    with wired(tmp_path / "data", settings) as wire:
        id = post(
            wire,
            input=[{"type": "image", "uri": "gs://mine/a.png"}, "go"],
            response_format={"gcs_uri": "gs://mine/out", "delivery": "uri"},
        )["id"]
        made = wire.job(video(id))
        assert made.shot is not None
        assert made.shot.anchors[0].media.type == "image/png"
        wire.finish(video(id))
        film = seen(wire, id)["steps"][0]["content"][0]
        name = f"out/{id.removeprefix('v1_')}/sample_0.mp4"
        assert film["uri"] == f"gs://mine/{name}"
        assert (folder / name).read_bytes() == FILM


def replaced(settings: Settings, folder: Path) -> Settings:
    """The settings, with a folder for gs://mine."""
    import msgspec

    return msgspec.structs.replace(settings, storage=Storage(gcs={"gs://mine": str(folder)}))


def test_notices_name_the_requests_own_fields() -> None:
    from google_jobs import job

    from mutoscope.dialects.interactions.interaction import interaction

    notice = Notice(code="outside_contract", message="seconds is 60; too long", field="seconds")
    told = interaction(replace(job("video_" + "1" * 48), warnings=(notice,)), lambda job, film: {})
    (shown,) = told.warnings or ()
    assert shown.field == "response_format.duration"
    assert shown.message == "response_format.duration is 60; too long"


def test_a_webhook_is_sent_the_services_event() -> None:
    from google_jobs import job

    from mutoscope.dialects.interactions.dialect import DIALECT

    made = job("video_" + "1" * 48, asked={"interaction": {"user_metadata": {"a": 1}}})
    assert DIALECT.news is not None
    told = json.loads(DIALECT.news(made, "video.completed", lambda path: path))
    assert told == {
        "type": "interaction.completed", "version": "v1", "timestamp": "1970-01-01T00:16:50Z",
        "data": {"id": "v1_" + "1" * 48, "status": "completed"}, "user_metadata": {"a": 1},
    }  # fmt: skip
