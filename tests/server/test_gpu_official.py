"""A model with open weights on this machine, through the unmodified official client."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from gpu_server import LIMIT, QUICK, TI2V
from mutoscope.finish.probe import probe
from serving import Serving

pytest_plugins = ("gpu_fixtures",)
pytestmark = [
    pytest.mark.torch,
    pytest.mark.slow,
    pytest.mark.xdist_group("gpu"),
    pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning"),
]
LONG: dict[str, Any] = {**QUICK, "seconds": 1, "quality": "standard"}


@pytest.fixture(scope="module")
def client(gpu_server: Serving) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{gpu_server.url}/v1", api_key="sk-anything") as made:
        yield made


def followed(client: OpenAI, id: str, until: str) -> tuple[openai.types.Video, list[int], bytes]:
    """The video when it has that status, its progress on the way, and the first preview that there was."""
    seen: list[int] = []
    preview = b""
    end = time.monotonic() + LIMIT
    while (video := client.videos.retrieve(id)).status != until:
        assert video.status in ("queued", "in_progress"), video
        assert time.monotonic() < end, video
        seen.append(video.progress)
        with contextlib.suppress(openai.NotFoundError):
            preview = preview or client.videos.download_content(id, variant="thumbnail").read()
        time.sleep(0.05)
    return video, seen, preview


def test_a_program_written_for_sora_films_on_this_machine(
    client: OpenAI, still: Path, tmp_path: Path
) -> None:
    assert TI2V in {one.id for one in client.models.list()}
    video = client.videos.create(
        model="sora-2", prompt="slow push in on the cup", input_reference=still, extra_body=LONG
    )
    done, seen, preview = followed(client, video.id, "completed")
    assert seen == sorted(seen)
    assert len(set(seen)) >= 3, seen
    assert preview[8:12] == b"WEBP" or preview[:2] == b"\xff\xd8"
    final = client.videos.download_content(video.id, variant="thumbnail").read()
    assert final != preview
    assert (done.model, done.progress, done.error) == ("sora-2", 100, None)
    place = tmp_path / "film.mp4"
    client.videos.download_content(video.id).write_to_file(place)
    made = probe(place)
    assert (made.width, made.height, made.frames) == (256, 256, 24)


def test_a_film_is_taken_back_while_it_is_made(client: OpenAI) -> None:
    video = client.videos.create(prompt="a cat on a roof", extra_body=LONG)
    followed(client, video.id, "in_progress")
    assert client.videos.delete(video.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)
    after = client.videos.create(prompt="the next", extra_body=QUICK)
    followed(client, after.id, "completed")


def test_an_engine_that_is_not_here_is_told_at_once(client: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as refused:
        client.videos.create(prompt="a", model="wan2.1-vace-14b")
    assert refused.value.code == "engine_not_ready"
    assert "mutoscope models pull wan2.1-vace-14b" in str(refused.value)
