"""The official Python package as Azure's customers use it, unmodified: address and key are changed."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncAzureOpenAI, AzureOpenAI, OpenAI

from mutoscope.finish.probe import probe
from official import QUICK
from serving import Serving

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")

DATED = "2025-04-01-preview"
#: Every way in which programs for Azure make their client.
CLIENTS: dict[str, Callable[[str], OpenAI]] = {
    "endpoint": lambda url: AzureOpenAI(azure_endpoint=url, api_key="k", api_version=DATED),
    "deployment": lambda url: AzureOpenAI(
        azure_endpoint=url, azure_deployment="sora-2", api_key="k", api_version=DATED
    ),
    "base url": lambda url: AzureOpenAI(
        base_url=f"{url}/openai/v1/", api_key="k", api_version="preview"
    ),
    "token": lambda url: AzureOpenAI(
        azure_endpoint=url, azure_ad_token_provider=lambda: "token", api_version=DATED
    ),
    "plain": lambda url: OpenAI(base_url=f"{url}/openai/v1/", api_key="k"),
    "prefix": lambda url: AzureOpenAI(
        azure_endpoint=f"{url}/azure", api_key="k", api_version=DATED
    ),
}


@pytest.fixture(scope="module", params=list(CLIENTS))
def each(request: pytest.FixtureRequest, server: Serving) -> Iterator[OpenAI]:
    with CLIENTS[request.param](server.url) as made:
        yield made


@pytest.fixture(scope="module")
def client(server: Serving) -> Iterator[OpenAI]:
    with CLIENTS["endpoint"](server.url) as made:
        yield made


@pytest.fixture(scope="module")
def finished(client: OpenAI, photo: Path) -> openai.types.Video:
    return client.videos.create_and_poll(
        prompt="Slow push in", input_reference=photo, extra_body=QUICK, poll_interval_ms=100
    )


def test_every_way_to_make_the_client(each: OpenAI, photo: Path, server: Serving) -> None:
    video = each.videos.create_and_poll(
        prompt="Slow push in", input_reference=photo, extra_body=QUICK, poll_interval_ms=100
    )
    assert video.status == "completed", video
    assert each.videos.retrieve(video.id).id == video.id
    assert video.id in [one.id for one in each.videos.list(limit=100)]
    assert each.videos.download_content(video.id).read()[4:8] == b"ftyp"
    thumbnail = each.videos.download_content(video.id, variant="thumbnail").read()
    assert thumbnail[8:12] == b"WEBP"
    assert video.model_extra is not None
    link = video.model_extra["video_url"]
    assert link.startswith(f"{server.url}/")
    shown = httpx.get(link, headers={"range": "bytes=4-7"})
    assert (shown.status_code, shown.content) == (206, b"ftyp")
    assert shown.headers["content-disposition"].startswith("inline")
    with pytest.raises(openai.NotFoundError):
        each.videos.retrieve("video_none")
    assert each.videos.delete(video.id).deleted


def test_a_program_written_for_azure_runs(client: OpenAI, photo: Path, tmp_path: Path) -> None:
    video = client.videos.create_and_poll(
        model="sora-2", prompt="Slow push in on the cup", input_reference=photo,
        seconds="4", size="1280x720",
    )  # fmt: skip
    assert (video.status, video.model) == ("completed", "sora-2")
    place = tmp_path / "video.mp4"
    client.videos.download_content(video.id).write_to_file(place)
    made = probe(place)
    assert (made.width, made.height, made.frames) == (1280, 720, 96)


def test_a_deployments_own_name_stands_for_its_model(client: OpenAI, photo: Path) -> None:
    raw = client.videos.with_raw_response.create(
        model="marketing-video", prompt="pan left", input_reference=photo, seconds="4"
    )
    video = raw.parse()
    assert video.model == "marketing-video"
    told = json.loads(raw.headers["x-mutoscope-warnings"])
    assert [told[0]["code"], told[0]["field"]] == ["deployment", "model"]
    assert client.videos.delete(video.id).deleted


def test_remix_edit_extend_and_characters(client: OpenAI, finished: openai.types.Video) -> None:
    remix = client.videos.remix(finished.id, prompt="pan right instead")
    named = client.videos.create(prompt="tilt up", extra_body={"Remix_video_id": finished.id})
    assert remix.remixed_from_video_id == named.remixed_from_video_id == finished.id
    by_id = {"video": {"id": finished.id}}
    omit: Any = openai.omit  # as its users do, for the package takes no id there
    edit = client.videos.edit(prompt="black and white", video=omit, extra_body=by_id)
    longer = client.videos.extend(prompt="keep going", seconds="4", video=omit, extra_body=by_id)
    for video in (remix, named, edit, longer):
        assert client.videos.poll(video.id, poll_interval_ms=100).status == "completed"
    clip = client.videos.download_content(finished.id).read()
    made = client.videos.create_character(name="Azure Mug", video=("a.mp4", clip, "video/mp4"))
    assert made.id is not None
    assert client.videos.get_character(made.id).name == "Azure Mug"


def test_files_and_models(client: OpenAI, photo: Path) -> None:
    file = client.files.create(file=photo, purpose="vision")
    video = client.videos.create_and_poll(
        prompt="push in", extra_body={**QUICK, "input_reference": {"file_id": file.id}},
        poll_interval_ms=100,
    )  # fmt: skip
    assert video.status == "completed"
    assert client.files.retrieve(file.id).bytes == photo.stat().st_size
    assert client.files.delete(file.id).deleted
    names = {model.id: model.owned_by for model in client.models.list()}
    assert names["sora-2"] == names["sora"] == "azure"
    assert client.models.retrieve("sora-2").id == "sora-2"


def test_a_batch(client: OpenAI, photo: Path) -> None:
    picture = client.files.create(file=photo, purpose="vision")
    body = {**QUICK, "prompt": "pan left", "input_reference": {"file_id": picture.id}}
    line = {"custom_id": "one", "method": "POST", "url": "/v1/videos", "body": body}
    listed = client.files.create(file=("a.jsonl", json.dumps(line).encode()), purpose="batch")
    batch = client.batches.create(
        input_file_id=listed.id, endpoint="/v1/videos", completion_window="24h"
    )
    end = time.monotonic() + 60
    while batch.status in ("validating", "in_progress", "finalizing"):
        assert time.monotonic() < end, batch
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    assert batch.status == "completed", batch
    assert batch.output_file_id is not None
    (row,) = client.files.content(batch.output_file_id).text.splitlines()
    video = client.videos.retrieve(json.loads(row)["response"]["body"]["id"])
    assert video.status == "completed"


def test_pictures_at_several_frames(client: OpenAI, photo: Path) -> None:
    url = f"data:image/jpeg;base64,{base64.b64encode(photo.read_bytes()).decode()}"
    items = [
        {"frame_index": 0, "type": "image", "image_url": url,
         "crop_bounds": {"left_fraction": 0, "top_fraction": 0, "right_fraction": 1,
                         "bottom_fraction": 1}},
        {"frame_index": -1, "type": "image", "image_url": url,
         "crop_bounds": {"left_fraction": 0.2, "top_fraction": 0.2, "right_fraction": 0.8,
                         "bottom_fraction": 0.8}},
    ]  # fmt: skip
    video = client.videos.create_and_poll(
        prompt="dissolve", extra_body={**QUICK, "inpaint_items": items}, poll_interval_ms=100
    )
    assert video.status == "completed", video.error


@pytest.mark.parametrize(
    ("given", "kind", "code", "param"),
    [
        ({"seconds": "x"}, openai.BadRequestError, "invalid_value", "seconds"),
        ({"extra_query": {"api-version": "soon"}}, openai.BadRequestError, "BadRequest", "api-version"),
        ({"extra_body": {"strict": True, "seconds": "5"}}, openai.BadRequestError, "invalid_value", "seconds"),
        ({"model": "mine", "extra_body": {"strict": True}}, openai.NotFoundError, "DeploymentNotFound", "model"),
        ({"extra_body": {"inpaint_items": [{"file_name": "gone"}]}}, openai.BadRequestError,
         "invalid_value", "inpaint_items[0].file_name"),
    ],
)  # fmt: skip
def test_errors_are_the_clients_own(
    client: OpenAI,
    photo: Path,
    given: dict[str, Any],
    kind: type[openai.APIStatusError],
    code: str,
    param: str,
) -> None:
    with pytest.raises(kind) as caught:
        client.videos.create(prompt="a", input_reference=photo, **given)
    assert (caught.value.code, caught.value.param) == (code, param)
    assert isinstance(caught.value.body, dict)
    assert isinstance(caught.value.body["message"], str)
    assert caught.value.request_id


def test_async(server: Serving, photo: Path) -> None:
    async def whole() -> None:
        async with AsyncAzureOpenAI(
            azure_endpoint=server.url, api_key="k", api_version="preview"
        ) as client:
            video = await client.videos.create_and_poll(
                prompt="push in", input_reference=photo, extra_body=QUICK, poll_interval_ms=100
            )
            assert video.status == "completed"
            again = await client.videos.remix(video.id, prompt="pan left")
            assert (await client.videos.poll(again.id, poll_interval_ms=100)).status == "completed"
            content = await client.videos.download_content(again.id)
            assert (await content.aread())[4:8] == b"ftyp"
            assert video.id in [one.id async for one in client.videos.list(limit=50)]
            assert (await client.videos.delete(video.id)).deleted

    asyncio.run(whole())
