"""A model with open weights behind the real server: filmed, seen while it is made, stopped, killed."""

from __future__ import annotations

import base64
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from gpu_server import QUICK, TI2V, Caller, Models, alive, serving
from mutoscope.finish.probe import probe
from serving import Serving

pytest_plugins = ("gpu_fixtures",)
pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.xdist_group("gpu")]

#: One that takes some seconds: more steps, more frames.
LONG: dict[str, Any] = {"seconds": 1, "quality": "standard"}


@pytest.fixture
def call(gpu_server: Serving) -> Caller:
    return Caller(gpu_server)


def photo(still: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(still.read_bytes()).decode()


def at_work(job: dict[str, Any]) -> bool:
    return bool(job["stage"] == "generate" and job["progress"] > 0.1)


def test_a_photograph_and_words_become_a_film(call: Caller, still: Path, tmp_path: Path) -> None:
    id = call.create(prompt="slow push in on the cup", image_data=photo(still))
    job = call.completed(id)
    assert (job["engine"], job["model"]) == (TI2V, "sora-2")
    place = tmp_path / "film.mp4"
    place.write_bytes(call.film(id))
    made = probe(place)
    assert (made.width, made.height, made.frames) == (256, 256, 12)
    report = job["report"]
    assert [one["words"] for kind in ("done", "approximated") for one in report[kind]]


def test_words_alone_become_a_film_and_the_same_words_the_same(call: Caller) -> None:
    ids = [call.create(prompt="a cat on a roof", seed=7) for _ in range(2)]
    for id in ids:
        call.completed(id)
    first, again = map(call.film, ids)
    assert first == again


def test_it_is_seen_while_it_is_made_and_stopped_within_a_step(call: Caller) -> None:
    id = call.create(prompt="a long one", **LONG)
    call.until(id, at_work)
    [device] = call.devices()
    call.until(id, lambda job: _preview(call, id)[1] == 200)
    kind, _, content = _preview(call, id)
    assert kind.startswith("image/")
    assert len(content) < 100_000
    assert call.ask("DELETE", f"/v1/videos/{id}").status_code == 200
    assert _preview(call, id)[1] == 404
    call.completed(call.create(prompt="the next"))
    assert call.ask("GET", f"/v1/videos/{id}").status_code == 404
    assert call.devices() == [device]  # it was asked to stop, and did: it still has the model


def _preview(call: Caller, id: str) -> tuple[str, int, bytes]:
    answer = call.ask("GET", f"/v1/videos/{id}/content?variant=thumbnail")
    return answer.headers.get("content-type", ""), answer.status_code, answer.content


def test_a_killed_device_fails_its_film_and_the_next_is_made(call: Caller) -> None:
    id = call.create(prompt="a long one", **LONG)
    call.until(id, at_work)
    [device] = call.devices()
    os.kill(device, signal.SIGKILL)
    job = call.until(id, lambda job: job["status"] == "failed")
    assert job["error"]["code"] == "worker_died"
    assert "process" in job["error"]["message"]
    assert "Traceback" not in job["error"]["message"]
    anew = call.completed(call.create(prompt="the next"))["took"]
    assert call.devices() != [device]
    took = call.completed(call.create(prompt="the one after"))["took"]
    assert took["load"] < anew["load"] / 4  # the model stays


def test_a_killed_server_films_again_and_its_device_goes_with_it(
    ti2v: Models, tmp_path: Path
) -> None:
    running = serving(ti2v, tmp_path)
    try:
        call = Caller(running)
        id = call.create(prompt="a long one", **LONG)
        call.until(id, at_work)
        [device] = call.devices()
        running.kill()
        end = time.monotonic() + 10
        while alive(device) and time.monotonic() < end:
            time.sleep(0.05)
        assert not alive(device)
        running = serving(ti2v, tmp_path)
        call = Caller(running)
        assert call.job(id)["status"] != "completed"
        job = call.completed(id)
        assert job["attempt"] >= 1
        assert not list((tmp_path / "work" / "previews").iterdir())
    finally:
        running.stop()


def test_models_that_are_not_here_are_refused_and_in_no_list(call: Caller) -> None:
    answer = call.ask(
        "POST", "/v1/videos", json=QUICK | {"prompt": "a", "model": "wan2.1-vace-14b"}
    )
    assert answer.status_code == 503
    assert "mutoscope models pull wan2.1-vace-14b" in answer.json()["error"]["message"]
    listed = {one["id"] for one in call.ask("GET", "/v1/models").json()["data"]}
    assert TI2V in listed
    assert "wan2.1-vace-14b" not in listed
