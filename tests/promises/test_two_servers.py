"""One server films with another: a character that was made here goes there, once, and is in the film."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from clips_made import written
from mutoscope.finish.probe import probe
from serving import Serving

pytestmark = [pytest.mark.slow, pytest.mark.weights]
COFFEE = Path(__file__).parents[2] / "examples" / "coffee.jpg"
WORDS = {"model": "there", "size": "320x180", "seconds": 1}


class Pair:
    """The server that is asked, and the one that films."""

    def __init__(self, folder: Path, there: Serving) -> None:
        self.there, self.data, self.settings = there, folder / "data", folder / "mutoscope.toml"
        self.settings.write_text(
            "[jobs]\npoll_first = 0.2\npoll_last = 0.5\n"
            f'[engines.there]\nkind = "openai_videos"\nbase_url = "{there.url}/v1"\n'
            'quirks = "mutoscope"\nmodels = { there = "flipbook" }\n'
        )
        self.here = self._started()

    def _started(self) -> Serving:
        return Serving(self.data, "--config", str(self.settings))

    def restart(self) -> None:
        """The one that is asked loses its power, and comes back."""
        self.here.kill()
        self.here = self._started()

    def known(self) -> list[Any]:
        """The characters there."""
        found = httpx.get(f"{self.there.url}/v1/videos/characters").json()["data"]
        return [one for one in found if one["name"] == "Red Cup"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with Serving(tmp_path_factory.mktemp("there")) as there:
        made = Pair(tmp_path_factory.mktemp("here"), there)
        yield made
        made.here.stop()


@pytest.fixture(scope="module")
def cup(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A character, made from a clip at the server that is asked."""
    with Image.open(COFFEE) as opened:
        picture = np.asarray(opened.convert("RGB").resize((480, 320)))
    frames = [np.ascontiguousarray(picture[k : 300 + k, k : 450 + k]) for k in (0, 6, 12)]
    clip = written(tmp_path_factory.mktemp("clip") / "cup.mp4", frames, rate=2)
    answer = httpx.post(
        f"{pair.here.url}/v1/videos/characters",
        data={"name": "Red Cup", "description": "a red cup of coffee"},
        files={"video": ("cup.mp4", clip.read_bytes(), "video/mp4")},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def filmed(server: Serving, folder: Path, **fields: Any) -> tuple[Any, Path]:
    """The video when it has ended, and its file."""
    made = httpx.post(f"{server.url}/v1/videos", json=WORDS | fields, timeout=30)
    assert made.status_code == 200, made.text
    end = time.monotonic() + 90
    while True:
        video = httpx.get(f"{server.url}/v1/videos/{made.json()['id']}").json()
        if video["status"] in ("completed", "failed"):
            break
        assert time.monotonic() < end, video
        time.sleep(0.2)
    assert video["status"] == "completed", video["error"]
    content = httpx.get(f"{server.url}/v1/videos/{video['id']}/content", timeout=30)
    (folder / "film.mp4").write_bytes(content.content)
    return video, folder / "film.mp4"


def told(video: Any) -> str:
    (how,) = [
        one["how"]
        for outcome in ("done", "approximated", "not_possible")
        for one in video["report"][outcome]
        if one["words"] == "@Red_Cup"
    ]
    return str(how)


def test_a_character_goes_over_and_is_in_the_film(pair: Pair, cup: Any, tmp_path: Path) -> None:
    video, film = filmed(pair.here, tmp_path, prompt="@red_cup on the left. Slow pan right")
    (known,) = pair.known()
    assert known["id"] != cup["id"]
    how = told(video)
    assert f"sent as its id there, {known['id']}" in how
    assert "there: the character is a cut-out from its reference frame" in how
    (ground,) = [one for one in video["report"]["approximated"] if one["words"] == "background"]
    assert ground["how"].startswith("there is no picture: the ground is ")
    seen = probe(film)
    assert (seen.width, seen.height, seen.frames) == (320, 180, 24)
    asked = httpx.get(f"{pair.there.url}/v1/videos").json()["data"][0]
    assert asked["prompt"] == f"@{known['id']} on the left. Slow pan right"


def test_it_goes_over_once_though_its_server_is_killed(
    pair: Pair, cup: Any, tmp_path: Path
) -> None:
    filmed(pair.here, tmp_path, prompt="Red Cup, slow push in")
    pair.restart()
    filmed(pair.here, tmp_path, prompt="Red Cup, slow pull out")
    assert len(pair.known()) == 1


def test_it_is_made_anew_where_it_was_deleted_there(pair: Pair, cup: Any, tmp_path: Path) -> None:
    filmed(pair.here, tmp_path, prompt="Red Cup, slow push in")
    (before,) = pair.known()
    httpx.delete(f"{pair.there.url}/v1/videos/characters/{before['id']}")
    video, _ = filmed(pair.here, tmp_path, prompt="Red Cup, slow truck left")
    (after,) = pair.known()
    assert after["id"] != before["id"]
    assert after["id"] in told(video)
