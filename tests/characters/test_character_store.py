"""Characters by project, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fresh_records import put
from mutoscope.characters.store import Character, Characters, Frame, checked_name
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Problem
from mutoscope.shot import Media
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records

CLIP = Media("c" * 64, "video/mp4", 1000)


def frame(number: int) -> Frame:
    return Frame(
        media=Media(f"{number:064x}", "image/jpeg", 10),
        matte=Media(f"{number + 100:064x}", "image/png", 20),
        at=0.5,
        box=(0.1, 0.2, 0.3, 0.9),
        cut=("bottom",),
        sharpness=0.9,
    )


async def made(store: Characters, name: str = "Nova", project: str = "default") -> Character:
    return await store.create(new_id("char_"), project, name, "blue coat", CLIP)


def test_from_preparing_to_ready(records: Records) -> None:
    store = Characters(records)

    async def scenario() -> None:
        one = await made(store)
        assert (one.status, one.source, one.frames) == ("preparing", CLIP, ())
        assert one.id.startswith("char_")
        assert await store.ready(one.id, CLIP, [frame(1), frame(2)])
        found = await store.get(one.id, "default")
        assert found is not None
        assert found.status == "ready"
        assert found.frames == (frame(1), frame(2))
        assert (found.name, found.description, found.created) == ("Nova", "blue coat", one.created)

    asyncio.run(scenario())


def test_creating_again_under_one_id_changes_nothing(records: Records) -> None:
    store = Characters(records)

    async def scenario() -> None:
        one = await made(store)
        await store.ready(one.id, CLIP, [frame(1)])
        again = await store.create(one.id, "default", "Other")
        assert (again.name, again.status) == ("Nova", "ready")

    asyncio.run(scenario())


def test_failed_says_why(records: Records) -> None:
    store = Characters(records)

    async def scenario() -> None:
        one = await made(store)
        said = Problem(code="no_character", message="nothing stands out", hint="film one thing")
        assert await store.failed(one.id, said)
        found = await store.get(one.id, "default")
        assert found is not None
        assert (found.status, found.error) == ("failed", said)

    asyncio.run(scenario())


def test_another_project_sees_and_deletes_nothing(records: Records) -> None:
    store = Characters(records)

    async def scenario() -> None:
        one = await made(store)
        assert await store.get(one.id, "other") is None
        assert await store.delete(one.id, "other") is None
        assert await store.named("other") == []
        page = await store.page("other", after=None, limit=10, order="desc")
        assert page is not None
        assert list(page.characters) == []
        assert await store.page("other", after=one.id, limit=10, order="desc") is None
        assert await store.get(one.id, "default") is not None

    asyncio.run(scenario())


def test_deleting_gives_the_media_that_nobody_needs(records: Records) -> None:
    store = Characters(records)

    async def scenario() -> None:
        one, other = await made(store), await made(store)
        await store.ready(one.id, CLIP, [frame(1)])
        await store.ready(other.id, CLIP, [frame(2)])
        gone = await store.delete(one.id, "default")
        assert gone is not None
        assert set(gone) == {frame(1).media, frame(1).matte}  # the clip is the other's too
        assert await store.delete(one.id, "default") is None
        assert not await store.ready(one.id, CLIP, [frame(1)])
        assert not await store.failed(one.id, Problem(code="x", message="x"))

    asyncio.run(scenario())


def test_pages(records: Records) -> None:
    store = Characters(records)

    async def scenario() -> None:
        all_of_them = [(await made(store, f"N{n}")).id for n in range(5)]
        first = await store.page("default", after=None, limit=2, order="asc")
        assert first is not None
        assert [one.id for one in first.characters] == all_of_them[:2]
        assert first.has_more
        rest = await store.page("default", after=all_of_them[1], limit=9, order="asc")
        assert rest is not None
        assert [one.id for one in rest.characters] == all_of_them[2:]
        assert not rest.has_more
        down = await store.page("default", after=all_of_them[2], limit=1, order="desc")
        assert down is not None
        assert [one.id for one in down.characters] == [all_of_them[1]]
        assert [one.id for one in await store.named("default")] == all_of_them[::-1]

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b", "!!!", 7, None, "a\u202eb"])
def test_names_that_will_not_do(name: object) -> None:
    with pytest.raises(BadInput) as caught:
        checked_name(name)
    assert caught.value.field == "name"


def test_names_that_do() -> None:
    assert checked_name("  Roller \t Pan ") == "Roller Pan"
    assert checked_name("小明") == "小明"
    assert checked_name("x" * 80) == "x" * 80
    assert checked_name("@nova") == "@nova"


def test_a_folder_of_its_own(tmp_path: Path) -> None:
    with Records.open("", put(tmp_path)) as opened:
        assert asyncio.run(Characters(opened).named("default")) == []
