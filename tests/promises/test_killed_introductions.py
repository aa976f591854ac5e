"""`kill -9` around a character's registration at an account: the shot is filmed, and it is there once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mutoscope.characters.store import Characters, Frame
from mutoscope.engines.base import Recovery
from mutoscope.storage.ids import new_id
from workers import Scene, wait
from workshop import new_job

Scenes = Callable[[Recovery], Scene]

pytestmark = pytest.mark.slow
TINY = Path(__file__).parents[1] / "standin" / "tiny.mp4"
COFFEE = Path(__file__).parents[2] / "examples" / "coffee.jpg"
POINTS = ("introduce.sending", "introduce.registered", "introduce.kept", "submit.accepted")


def shots(at: Scene, count: int) -> list[str]:
    """Shots with one character, which has a clip."""
    store, id = Characters(at.records), new_id("char_")
    source, picture = at.house.media.put(TINY), at.house.media.put(COFFEE)
    frame = Frame(media=picture, matte=picture, at=0.0, box=(0.1, 0.1, 0.9, 0.9))
    work = {"characters": {"Nova": id}}
    new = [
        new_job("paper", "@Nova turns", stage="cast", work=work, shot={"cast": ("Nova",)})
        for _ in range(count)
    ]

    async def write() -> None:
        await store.create(id, "default", "Nova", "", source)
        assert await store.ready(id, source, [frame])
        for one in new:
            await at.ledger.create(one)

    asyncio.run(write())
    return [one.id for one in new]


@pytest.mark.parametrize("point", POINTS)
def test_registered_once_where_a_repeated_key_is_known(scene: Scenes, point: str) -> None:
    at = scene("idempotent")
    jobs = shots(at, 3)
    first = at.worker(point)
    wait(lambda: not first.alive)
    at.worker()
    at.completed(jobs)
    assert len(at.paper.introduced()) == 1
    assert [at.paid(job) for job in jobs] == [1, 1, 1]


@pytest.mark.parametrize(
    ("point", "most"),
    [("introduce.sending", 1), ("introduce.registered", 2), ("introduce.kept", 1)],
)
def test_one_duplicate_at_most_where_nothing_is_known(scene: Scenes, point: str, most: int) -> None:
    at = scene("none")
    jobs = shots(at, 2)
    first = at.worker(point)
    wait(lambda: not first.alive)
    at.worker()
    at.completed(jobs)
    assert len(at.paper.introduced()) <= most
    assert [at.paid(job) for job in jobs] == [1, 1]
