"""A worker that is killed while it prepares a character, or while a shot waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from clips_made import written
from mutoscope.characters.store import Character, Characters
from mutoscope.engines.base import Recovery
from mutoscope.jobs.job import NewJob
from mutoscope.storage.ids import new_id
from workers import Running, Scene, wait
from workshop import new_job

Scenes = Callable[[Recovery], Scene]

pytestmark = [pytest.mark.slow, pytest.mark.weights]
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two moments of a cup."""
    with Image.open(EXAMPLES / "coffee.jpg") as opened:
        picture = np.asarray(opened.convert("RGB").resize((320, 214)))
    frames = [np.ascontiguousarray(picture[k : 200 + k, k : 300 + k]) for k in (0, 10)]
    return written(tmp_path / "cup.mp4", frames, rate=2)


def preparing(at: Scene, clip: Path) -> str:
    source = at.house.media.put(clip)
    new = NewJob(
        id=new_id("char_"), object="character", project="default", dialect="openai",
        kind="character", model="character", engine="house", stage="frames", uses=(source,),
        work={"name": "Cup", "description": "", "source": msgspec.to_builtins(source)},
    )  # fmt: skip
    asyncio.run(at.ledger.create(new))
    return new.id


def gone(worker: Running) -> None:
    """Wait until a killed worker has ended with all its threads, so that its lock is free."""
    wait(lambda: not Path(f"/proc/{worker.pid}").exists(), 60.0)


def ready(at: Scene, id: str) -> Character:
    at.until([id], lambda job: job.due is None, 60.0)
    found = asyncio.run(Characters(at.records).get(id, "default"))
    assert found is not None
    assert found.status == "ready", found.error
    assert found.frames
    for frame in found.frames:
        assert at.house.media.verify(frame.media)
        assert at.house.media.verify(frame.matte)
    return found


@pytest.mark.parametrize("point", ["claimed", "character.kept"])
def test_a_character_is_prepared_in_the_end(scene: Scenes, clip: Path, point: str) -> None:
    at = scene("idempotent")
    id = preparing(at, clip)
    worker = at.worker(point)
    gone(worker)
    at.worker()
    ready(at, id)


def test_a_shot_that_waits_gets_its_film(scene: Scenes, clip: Path) -> None:
    at = scene("idempotent")
    id = preparing(at, clip)
    asyncio.run(Characters(at.records).create(id, "default", "Cup"))  # as the request does
    shot = new_job("sketch", stage="cast", work={"characters": {"Cup": id}})
    asyncio.run(at.ledger.create(shot))
    worker = at.worker("cast.found")
    gone(worker)
    at.worker()
    (job,) = at.completed([shot.id], 60.0)
    kept = ready(at, id).frames
    assert [one["sha256"] for one in job.work["cast"]["Cup"]["cutouts"]] == [
        frame.matte.sha256 for frame in kept[:3]
    ]
