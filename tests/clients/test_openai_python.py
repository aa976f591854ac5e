"""The newest official Python package, unmodified: only the address and the key are changed."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from mutoscope.finish.probe import probe
from official import QUICK
from serving import Serving

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=base_url, api_key="sk-anything") as made:
        yield made


@pytest.fixture(scope="module")
def finished(client: OpenAI, photo: Path) -> openai.types.Video:
    return client.videos.create_and_poll(
        prompt="Slow push in", input_reference=photo, extra_body=QUICK, poll_interval_ms=100
    )


def film(content: bytes, folder: Path) -> Path:
    place = folder / "film.mp4"
    place.write_bytes(content)
    return place


def test_a_program_written_for_sora_runs(client: OpenAI, photo: Path, tmp_path: Path) -> None:
    video = client.videos.create_and_poll(
        model="sora-2", prompt="Slow push in on the cup", input_reference=photo
    )
    assert video.status == "completed", video
    assert video.id.startswith("video_")
    assert (video.object, video.model, video.progress) == ("video", "sora-2", 100)
    assert (video.seconds, video.size) == ("4", "720x1280")
    assert video.completed_at is not None
    assert video.expires_at is not None
    assert video.expires_at > video.completed_at >= video.created_at
    assert video.error is None
    assert video.prompt == "Slow push in on the cup"
    content = client.videos.download_content(video.id)
    place = tmp_path / "video.mp4"
    content.write_to_file(place)
    made = probe(place)
    assert (made.width, made.height, made.frames) == (720, 1280, 96)
    assert client.videos.download_content(video.id, variant="thumbnail").read()[8:12] == b"WEBP"
    assert client.videos.download_content(video.id, variant="spritesheet").read()[:2] == b"\xff\xd8"


def test_every_form_of_the_picture(client: OpenAI, photo: Path) -> None:
    data = photo.read_bytes()
    url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    file = client.files.create(file=photo, purpose="vision")
    with photo.open("rb") as opened:
        first = client.videos.create(prompt="a", input_reference=opened, extra_body=QUICK)
    made = [
        first,
        client.videos.create(prompt="b", input_reference=data, extra_body=QUICK),
        client.videos.create(
            prompt="c", input_reference=("ref.jpeg", data, "image/jpeg"), extra_body=QUICK
        ),
        client.videos.create(
            prompt="d", extra_body={**QUICK, "input_reference": {"image_url": url}}
        ),
        client.videos.create(
            prompt="e", extra_body={**QUICK, "input_reference": {"file_id": file.id}}
        ),
        client.videos.create(
            prompt="f",
            extra_body={**QUICK, "input_reference": {"image_url": url}},
            extra_headers={"Content-Type": "application/json"},
        ),
        client.videos.create(prompt="g", extra_body={**QUICK, "input_reference": file.id}),
        client.videos.create(prompt="h", extra_body={**QUICK, "image_url": url}),
    ]
    for video in made:
        assert client.videos.poll(video.id, poll_interval_ms=100).status == "completed"


def test_progress_moves_and_the_wait_is_told(client: OpenAI, photo: Path) -> None:
    video = client.videos.create(prompt="truck left", input_reference=photo, seconds="12")
    assert video.status in ("queued", "in_progress")
    seen = []
    while True:
        raw = client.videos.with_raw_response.retrieve(video.id)
        now = raw.parse()
        seen.append(now.progress)
        if now.status not in ("queued", "in_progress"):
            break
        assert 50 <= int(raw.headers["openai-poll-after-ms"]) <= 60_000
        time.sleep(0.1)
    assert now.status == "completed"
    assert seen == sorted(seen)
    assert len(set(seen)) >= 4, seen


def test_list_pages_and_delete(client: OpenAI, photo: Path) -> None:
    ids = [
        client.videos.create(prompt=f"pan {i}", input_reference=photo, extra_body=QUICK).id
        for i in range(5)
    ]
    for one in ids:
        client.videos.poll(one, poll_interval_ms=100)
    newest = [video.id for _, video in zip(range(5), client.videos.list(limit=2), strict=False)]
    assert newest == ids[::-1]
    page = client.videos.list(limit=2, order="asc")
    assert len(page.data) == 2
    assert page.has_next_page()
    everything = [video.id for video in client.videos.list(limit=3, order="asc")]
    assert everything[-5:] == ids
    gone = client.videos.delete(ids[0])
    assert (gone.id, gone.deleted, gone.object) == (ids[0], True, "video.deleted")
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(ids[0])
    with pytest.raises(openai.NotFoundError):
        client.videos.delete(ids[0])
    assert ids[0] not in [video.id for video in client.videos.list(limit=100)]


def test_remix_edit_and_extend(
    client: OpenAI, finished: openai.types.Video, tmp_path: Path
) -> None:
    remix = client.videos.remix(finished.id, prompt="pan right instead")
    assert remix.remixed_from_video_id == finished.id
    left_out: Any = openai.omit  # a video by its id travels in extra_body
    edit = client.videos.edit(
        prompt="black and white", video=left_out, extra_body={"video": {"id": finished.id}}
    )
    longer = client.videos.extend(
        prompt="keep going",
        seconds="4",
        video=left_out,
        extra_body={"video": {"id": finished.id}},
    )
    for video in (remix, edit, longer):
        done = client.videos.poll(video.id, poll_interval_ms=100)
        assert done.status == "completed", done
        assert str(done.size) == "320x180"
    assert client.videos.retrieve(longer.id).seconds == "5"
    made = probe(film(client.videos.download_content(longer.id).read(), tmp_path))
    assert made.seconds == pytest.approx(5.0, abs=0.05)
    source = client.videos.download_content(finished.id).read()
    uploaded = client.videos.edit(prompt="warmer", video=("mine.mp4", source, "video/mp4"))
    assert client.videos.poll(uploaded.id, poll_interval_ms=100).status == "completed"


def test_a_character_is_made_and_used(
    client: OpenAI, photo: Path, tmp_path: Path, finished: openai.types.Video
) -> None:
    clip = client.videos.download_content(finished.id).read()
    made = client.videos.create_character(name="Cup", video=("cup.mp4", clip, "video/mp4"))
    assert made.id is not None
    assert made.id.startswith("char_")
    assert made.name == "Cup"
    again = client.videos.get_character(made.id)
    assert (again.id, again.name, again.created_at) == (made.id, "Cup", made.created_at)
    with pytest.raises(openai.NotFoundError):
        client.videos.get_character("char_00000000000000000000000000000000")
    with pytest.raises(openai.BadRequestError) as told:
        client.videos.create_character(name="", video=("cup.mp4", clip, "video/mp4"))
    assert told.value.param == "name"


def test_errors_are_the_classes_that_programs_catch(client: OpenAI, photo: Path) -> None:
    with pytest.raises(openai.BadRequestError) as told:
        client.videos.create(prompt="a", extra_body={"input_reference": "a picture"})
    assert told.value.code == "invalid_type"
    assert told.value.param == "input_reference"
    assert "expected a file, but got a string instead" in told.value.message
    assert told.value.request_id
    with pytest.raises(openai.BadRequestError) as told:
        client.videos.create(
            prompt="a", input_reference=photo, size="1280x720", extra_body={"strict": True}
        )
    assert "Inpaint image must match the requested width and height" in told.value.message
    with pytest.raises(openai.BadRequestError) as told:
        client.videos.create(prompt="a", input_reference=photo, extra_body={"seconds": "-4"})
    assert told.value.param == "seconds"
    for field in ("image_url", "webhook_url"):
        with pytest.raises(openai.BadRequestError) as told:
            client.videos.create(prompt="a", extra_body={field: "http://169.254.169.254/x"})
        assert (told.value.param, told.value.code) == (field, "address_refused")
    with pytest.raises(openai.BadRequestError) as told:
        client.videos.create(prompt="a cat on a sofa")
    assert "flipbook" in told.value.message
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve("video_00000000000000000000000000000000")
    with pytest.raises(openai.NotFoundError):
        client.videos.remix("video_00000000000000000000000000000000", prompt="a")


def test_a_job_that_fails_later_is_a_failed_job(client: OpenAI, server: Serving) -> None:
    video = client.videos.create_and_poll(
        prompt="a",
        extra_body={**QUICK, "image_url": "http://localhost:2048/x.png"},
        poll_interval_ms=100,
    )
    assert video.status == "failed"
    assert video.error is not None
    assert video.error.code == "address_refused"
    assert video.error.param == "image_url"
    assert "localhost" in video.error.message
    with pytest.raises(openai.APIStatusError) as told:
        client.with_options(max_retries=0).videos.download_content(video.id)
    assert 400 <= told.value.status_code < 500


def test_extras_and_the_truth(client: OpenAI, photo: Path) -> None:
    video = client.videos.create_and_poll(
        prompt="dolly in while the cat stretches",
        input_reference=photo,
        extra_body={**QUICK, "seed": 7, "loop": True, "tags": ["x"], "duration": 1},
        poll_interval_ms=100,
    )
    assert video.status == "completed"
    extra = video.model_extra or {}
    assert any(one["field"] == "tags" for one in extra["warnings"])
    assert any("stretches" in one["words"] for one in extra["report"]["not_possible"])
    answer = httpx.get(extra["video_url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"].startswith("inline")
    part = httpx.get(extra["video_url"], headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")


def test_a_retry_is_the_first_job(client: OpenAI, photo: Path) -> None:
    def once(key: str) -> str:
        return client.videos.create(
            prompt="idempotent",
            input_reference=photo,
            extra_body=QUICK,
            extra_headers={"Idempotency-Key": key},
        ).id

    assert once("one") == once("one") != once("two")
    silent = [
        client.videos.create(
            prompt="silent",
            input_reference=photo,
            extra_body=QUICK,
            extra_headers={"x-stainless-retry-count": str(count)},
        ).id
        for count in (0, 1, 2)
    ]
    assert len(set(silent)) == 1


def test_files(client: OpenAI, photo: Path) -> None:
    made = client.files.create(file=photo, purpose="user_data")
    assert made.id.startswith("file-")
    assert (made.bytes, made.filename) == (photo.stat().st_size, photo.name)
    assert client.files.retrieve(made.id).purpose == "user_data"
    assert client.files.content(made.id).read() == photo.read_bytes()
    assert made.id in [one.id for one in client.files.list(purpose="user_data")]
    assert client.files.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)


def test_a_batch_of_shots(client: OpenAI, photo: Path) -> None:
    picture = client.files.create(file=photo, purpose="vision")
    lines = [
        {
            "custom_id": f"shot-{i}",
            "method": "POST",
            "url": "/v1/videos",
            "body": {**QUICK, "prompt": prompt, "input_reference": {"file_id": picture.id}},
        }
        for i, prompt in enumerate(["pan left", "pan right", "zoom in"])
    ]
    lines.append({**lines[0], "custom_id": "bad", "body": {"prompt": ""}})
    text = "\n".join(map(json.dumps, lines)).encode()
    listed = client.files.create(file=("shots.jsonl", text), purpose="batch")
    batch = client.batches.create(
        input_file_id=listed.id, endpoint="/v1/videos", completion_window="24h"
    )
    assert batch.id.startswith("batch_")
    end = time.monotonic() + 60
    while batch.status in ("validating", "in_progress", "finalizing"):
        assert time.monotonic() < end, batch
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    assert batch.status == "completed", batch
    assert batch.request_counts is not None
    assert (batch.request_counts.completed, batch.request_counts.failed) == (3, 1)
    assert batch.output_file_id is not None
    assert batch.error_file_id is not None
    out = [
        json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()
    ]
    assert {one["custom_id"] for one in out} == {"shot-0", "shot-1", "shot-2"}
    for one in out:
        video = client.videos.retrieve(one["response"]["body"]["id"])
        assert video.status == "completed"
    wrong = client.files.content(batch.error_file_id).text.splitlines()
    assert json.loads(wrong[0])["custom_id"] == "bad"
    assert batch.id in [one.id for one in client.batches.list()]


def test_models(client: OpenAI) -> None:
    names = {model.id for model in client.models.list()}
    assert {"sora-2", "sora-2-pro", "flipbook"} <= names
    assert client.models.retrieve("sora-2").object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("sora-9")


def test_content_is_streamed_in_ranges(client: OpenAI, finished: openai.types.Video) -> None:
    whole = client.videos.download_content(finished.id).read()
    with client.videos.with_streaming_response.download_content(finished.id) as answer:
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["etag"]
        assert b"".join(answer.iter_bytes(1000)) == whole
    part = client.videos.with_raw_response.download_content(
        finished.id, extra_headers={"Range": "bytes=-100"}
    )
    assert part.status_code == 206
    assert part.content == whole[-100:]


def test_many_at_once_with_the_asynchronous_client(base_url: str, photo: Path) -> None:
    async def all_of_them() -> list[str]:
        async with AsyncOpenAI(base_url=base_url, api_key="sk-anything") as client:
            videos = await asyncio.gather(
                *(
                    client.videos.create_and_poll(
                        prompt=f"zoom in {i}",
                        input_reference=io.BytesIO(photo.read_bytes()),
                        extra_body=QUICK,
                        poll_interval_ms=100,
                    )
                    for i in range(4)
                )
            )
            for video in videos:
                content = await client.videos.download_content(video.id)
                assert content.content[4:8] == b"ftyp"
            return [video.status for video in videos]

    assert asyncio.run(all_of_them()) == ["completed"] * 4
