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
from mutoscope.characters.consent import Consent
from mutoscope.characters.making import Place, Work
from mutoscope.characters.store import Character, Characters, Origin
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


def of_pictures(at: Scene, folder: Path) -> str:
    """A cup, near and far, and a wall."""
    pictures = []
    with Image.open(EXAMPLES / "coffee.jpg") as opened:
        for number, box in enumerate(((0, 0, 600, 400), (60, 20, 560, 390), (0, 0, 80, 60))):
            opened.convert("RGB").crop(box).resize((320, 214)).save(folder / f"{number}.png")
            pictures.append(at.house.media.put(folder / f"{number}.png"))
    work = Work(
        name="Cup",
        pictures=tuple(Place(media=one) for one in pictures),
        origin=Origin(kind="pictures", pictures=tuple(pictures)),
        consent=Consent(person="Nobody", given_by="Nobody", at="2026-11-01", uses=("any",)),
    )
    new = NewJob(
        id=new_id("char_"), object="character", project="default", dialect="native",
        kind="character", model="character", engine="house", stage="frames", uses=tuple(pictures),
        work=msgspec.to_builtins(work),
    )  # fmt: skip
    asyncio.run(at.ledger.create(new))
    return new.id


@pytest.mark.parametrize("point", ["claimed", "character.kept"])
def test_a_character_of_pictures_is_prepared_in_the_end(
    scene: Scenes, tmp_path: Path, point: str
) -> None:
    at = scene("idempotent")
    id = of_pictures(at, tmp_path)
    gone(at.worker(point))
    at.worker()
    one = ready(at, id)
    assert one.source is None
    assert one.consent is not None
    assert one.origin is not None
    assert len(one.origin.pictures) == 3
    assert {left.picture for left in one.origin.left_out} >= {2}
    assert all(at.house.media.verify(media) for media in one.media())


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
