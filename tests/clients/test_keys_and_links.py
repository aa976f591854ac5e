"""A server with keys, as one that others reach: what the official client meets there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI

from official import QUICK
from serving import Serving

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


def key_for(data: Path, *options: str) -> str:
    """`mutoscope keys create`, beside the running server; what it shows once."""
    made = subprocess.run(
        [sys.executable, "-m", "mutoscope", "keys", "create", "--data", str(data), *options],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return next(word for word in made.stdout.split() if word.startswith("muto_"))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    data = tmp_path_factory.mktemp("guarded")
    key_for(data)
    with Serving(data) as running:
        yield running


def client(server: Serving, key: str) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)


def test_keys_open_their_own_project_and_no_other(guarded: Serving, photo: Path) -> None:
    one = client(guarded, key_for(guarded.data, "--project", "one"))
    other = client(guarded, key_for(guarded.data, "--project", "other"))
    video = one.videos.create_and_poll(
        prompt="pan left", input_reference=photo, extra_body=QUICK, poll_interval_ms=100
    )
    assert video.status == "completed"
    with pytest.raises(openai.NotFoundError):
        other.videos.retrieve(video.id)
    with pytest.raises(openai.NotFoundError):
        other.videos.download_content(video.id)
    assert not list(other.videos.list())
    with pytest.raises(openai.AuthenticationError):
        client(guarded, "muto_not_a_key").videos.retrieve(video.id)

    link = (video.model_extra or {})["video_url"]
    played = httpx.get(link)
    assert (played.status_code, played.content[4:8]) == (200, b"ftyp")
    at = link.index("signature=") + len("signature=")
    forged = link[:at] + ("1" if link[at] == "0" else "0") + link[at + 1 :]
    assert httpx.get(forged).status_code == 401
    longer = link.replace("expires=1", "expires=2")
    assert httpx.get(longer).status_code == 401
    assert httpx.get(link.replace("/content", "")).status_code == 401


def test_limits_of_a_key_are_a_rate_limit_error(guarded: Serving) -> None:
    slow = client(guarded, key_for(guarded.data, "--requests-per-minute", "3"))
    for _ in range(3):
        slow.models.list()
    with pytest.raises(openai.RateLimitError) as told:
        slow.models.list()
    assert int(told.value.response.headers["retry-after"]) > 0


def test_no_key_is_in_the_log(guarded: Serving) -> None:
    key = key_for(guarded.data)
    client(guarded, key).models.list()
    httpx.get(f"{guarded.url}/v1/models", params={"key": key})
    assert key not in "".join(guarded.log)
