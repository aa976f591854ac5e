"""What Dream Machine's keyframes come to as films: where one begins and another ends, frame by frame."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.dialects.shared.film_frames import picture
from mutoscope.images.decode import open_photo
from official import EXAMPLES
from serving import Serving
from workshop import film

Frames = list[npt.NDArray[np.float64]]
BASE = "/dream-machine/v1/generations"
QUICK = {"model": "flipbook", "resolution": "180p", "aspect_ratio": "16:9", "duration": "1s"}
SAME = 4.0  # mean difference in codes of a frame that was coded twice


@pytest.mark.parametrize("last", [False, True])
def test_the_first_or_last_frame_of_a_film_is_a_picture(tmp_path: Path, last: bool) -> None:
    shown = tmp_path / "frame.png"
    shown.write_bytes(picture(film(tmp_path / "film.mp4", frames=6), last))
    grey = 40 + 20 * (5 if last else 0)
    assert abs(float(open_photo(shown).thumbnail(64).mean()) - grey) < 3


class Studio:
    """A server that films, asked as Dream Machine is."""

    def __init__(self, server: Serving) -> None:
        self.client = httpx.Client(base_url=server.url, timeout=60)

    def made(self, path: str = "", **fields: Any) -> dict[str, Any]:
        answer = self.client.post(BASE + path, json=fields)
        assert answer.status_code == 201, answer.text
        seen: dict[str, Any] = answer.json()
        end = time.monotonic() + 120
        while seen["state"] not in ("completed", "failed"):
            assert time.monotonic() < end
            time.sleep(0.2)
            seen = self.client.get(f"{BASE}/{seen['id']}").json()
        assert seen["state"] == "completed", seen
        return seen

    def frames(self, generation: dict[str, Any], place: Path) -> Frames:
        path = place / f"{generation['id']}.mp4"
        path.write_bytes(self.client.get(generation["assets"]["video"]).content)
        with av.open(str(path)) as container:
            return [
                one.to_ndarray(format="gray").astype(float) for one in container.decode(video=0)
            ]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with Serving(tmp_path / "data") as server:
        made = Studio(server)
        with made.client:
            yield made


def off(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return float(np.abs(one - other).mean())


@pytest.mark.slow
def test_films_meet_where_keyframes_say(studio: Studio, tmp_path: Path) -> None:
    def image(name: str) -> dict[str, str]:
        with (EXAMPLES / name).open("rb") as file:
            sent = studio.client.post(
                "/v1/files", data={"purpose": "vision"}, files={"file": (name, file)}
            )
        path = f"/v1/files/{sent.json()['id']}/content"
        return {"type": "image", "url": str(studio.client.base_url.join(path))}

    def generation(of: dict[str, Any]) -> dict[str, str]:
        return {"type": "generation", "id": of["id"]}

    cup = studio.made(prompt="zoom in", keyframes={"frame0": image("coffee.jpg")}, **QUICK)
    cat = studio.made(prompt="pan left", keyframes={"frame0": image("chelsea.jpg")}, **QUICK)
    one, other = (studio.frames(film, tmp_path) for film in (cup, cat))
    between = studio.made(keyframes={"frame0": generation(cup), "frame1": generation(cat)}, **QUICK)
    ends = studio.frames(between, tmp_path)
    assert off(ends[0], one[-1]) < SAME < off(ends[0], one[0])
    assert off(ends[-1], other[0]) < SAME < off(ends[-1], other[-1])
    before = studio.made(prompt="zoom out", keyframes={"frame1": generation(cup)}, **QUICK)
    led = studio.frames(before, tmp_path)
    assert off(led[-1], one[0]) < SAME < off(led[0], one[0])
    longer = studio.made(prompt="zoom out", keyframes={"frame0": generation(cup)}, **QUICK)
    whole = studio.frames(longer, tmp_path)
    assert len(whole) == 48
    assert max(off(*pair) for pair in zip(whole, one, strict=False)) < SAME
    assert off(whole[24], one[-1]) < SAME
    larger = studio.made(f"/{cup['id']}/upscale", resolution="360p")
    tall = studio.frames(larger, tmp_path)
    assert (len(tall), tall[0].shape) == (24, (360, 640))
    assert off(tall[-1][::2, ::2], one[-1]) < 3 * SAME
