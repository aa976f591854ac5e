"""ComfyUI behind the server, asked for by the official client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI

from comfy_process import ComfyProcess
from engines.comfy_graphs import kept, node, nodes
from mutoscope.finish.probe import probe
from serving import Serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("comfyui"),
    pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning"),
]
COFFEE = Path(__file__).parents[2] / "examples" / "coffee.jpg"
TINY = Path(__file__).parents[1] / "standin" / "tiny.mp4"


@pytest.fixture(scope="module")
def comfy() -> Iterator[ComfyProcess]:
    with ComfyProcess("new", takes=0.2) as process:
        yield process


@pytest.fixture(scope="module")
def server(comfy: ComfyProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    place = tmp_path_factory.mktemp("comfyui")
    folder = kept(place / "graphs").parent
    words = nodes()
    words["1"]["inputs"]["image"] = "{{first_frame?}}"
    kept(folder, words, "words")
    edit = nodes(video=["21", 0])
    edit["1"]["inputs"]["image"] = "{{first_frame?}}"
    edit["21"] = node("LoadVideo", file="{{source}}")
    kept(folder, edit, "edit")
    data = place / "data"
    data.mkdir()
    (data / "mutoscope.toml").write_text(
        "[jobs]\npoll_first = 0.1\npoll_last = 0.3\n"
        f'[engines.comfy]\nkind = "comfyui"\nbase_url = "{comfy.base_url}"\nfolder = "{folder}"\n'
        'models = { wan = "wan.json", words = "words.json", "wan-edit" = "edit.json" }\n'
    )
    with Serving(data) as running:
        yield running


@pytest.fixture
def client(server: Serving) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)


QUICK = {"size": "320x180", "seconds": "1"}


def test_a_film_with_progress_a_preview_and_what_became_of_each_wish(
    comfy: ComfyProcess, server: Serving, client: OpenAI, tmp_path: Path
) -> None:
    comfy.control(takes=4.0)
    video = client.videos.create(
        model="wan", prompt="steam rises", input_reference=COFFEE,
        extra_body=QUICK | {"negative_prompt": "people", "seed": 11, "sound": True},
    )  # fmt: skip
    progress, previews = set(), set()
    end = time.monotonic() + 30
    while video.status not in ("completed", "failed") and time.monotonic() < end:
        video = client.videos.retrieve(video.id)
        progress.add(video.progress)
        if video.status == "in_progress":
            url = f"{server.url}/v1/videos/{video.id}/content?variant=thumbnail"
            shown = httpx.get(url)
            if shown.status_code == 200 and shown.content.startswith(b"\xff\xd8\xff"):
                previews.add(shown.content)
        time.sleep(0.1)
    comfy.control(takes=0.2)
    assert video.status == "completed", video.error
    assert len([one for one in progress if 2 < one < 100]) >= 1
    assert previews
    film = tmp_path / "film.mp4"
    film.write_bytes(client.videos.download_content(video.id).read())
    seen = probe(film)
    assert (seen.width, seen.height, seen.frames) == (320, 180, 24)
    report = (video.model_extra or {})["report"]
    assert [one["words"] for one in report["not_possible"]] == ["sound"]
    assert report["engine"] == ["filmed by comfy"]
    graph = comfy.seen()["taken"][-1]["graph"]
    assert graph["6"]["inputs"]["seed"] == 11
    assert graph["3"]["inputs"]["text"] == "people"


def test_what_a_workflow_has_no_place_for_is_refused_at_once(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="the shot has no picture"):
        client.videos.create(model="wan", prompt="a cat", extra_body=QUICK)
    with pytest.raises(openai.BadRequestError, match=r"wan takes 0\.2 to 5 s; the nearest is 5"):
        client.videos.create(
            model="wan", prompt="a cat", input_reference=COFFEE,
            extra_body=QUICK | {"seconds": "12"},
        )  # fmt: skip


def test_words_alone_where_the_workflow_can(client: OpenAI, comfy: ComfyProcess) -> None:
    video = client.videos.create_and_poll(
        model="words", prompt="a cat", extra_body=QUICK, poll_interval_ms=100
    )
    assert video.status == "completed", video.error
    graph = comfy.seen()["taken"][-1]["graph"]
    assert "1" not in graph
    assert "start_image" not in graph["5"]["inputs"]


def test_an_edit_of_a_film(client: OpenAI, comfy: ComfyProcess, server: Serving) -> None:
    made = httpx.post(
        f"{server.url}/v1/videos/edits",
        data={"model": "wan-edit", "prompt": "in the rain"},
        files={"video": ("film.mp4", TINY.read_bytes(), "video/mp4")},
    )
    assert made.status_code == 200, made.text
    video = client.videos.poll(made.json()["id"], poll_interval_ms=100)
    assert video.status == "completed", video.error
    graph = comfy.seen()["taken"][-1]["graph"]
    assert graph["21"]["inputs"]["file"].endswith(".mp4")
    assert graph["2"]["inputs"]["text"].startswith("in the rain")


def test_a_deleted_film_is_cancelled_there(client: OpenAI, comfy: ComfyProcess) -> None:
    comfy.control(takes=30)
    video = client.videos.create(
        model="wan", prompt="for nothing", input_reference=COFFEE, extra_body=QUICK
    )
    end = time.monotonic() + 20
    while not (running := comfy.seen()["running"]) and time.monotonic() < end:
        time.sleep(0.05)
    assert running
    assert client.videos.delete(video.id).deleted
    while running not in comfy.seen()["cancelled"]:
        assert time.monotonic() < end, json.dumps(comfy.seen()["asked"])
        time.sleep(0.05)
    comfy.control(takes=0.2)
