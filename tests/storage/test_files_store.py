"""The files of every project, on either database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from mutoscope.shot import Media
from mutoscope.storage.files import Files
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records

ONE, TWO = Media("1" * 64, "image/png", 10), Media("2" * 64, "video/mp4", 20)


def held(records: Records, story: Callable[[Files], Awaitable[None]]) -> None:
    async def run() -> None:
        await story(Files(records))

    asyncio.run(run())


def test_a_file_is_its_projects_own(records: Records) -> None:
    async def story(files: Files) -> None:
        made = await files.create("hers", "a.png", "vision", ONE)
        assert await files.get(made.id, "hers") == made
        assert await files.get(made.id, None) == made
        assert await files.get(made.id, "his") is None
        assert await files.delete(made.id, "his") is None
        assert await files.delete(made.id, "hers") == [ONE]
        assert await files.get(made.id, "hers") is None

    held(records, story)


def test_content_is_given_up_with_its_last_file(records: Records) -> None:
    async def story(files: Files) -> None:
        one = await files.create("a", "a.png", "vision", ONE)
        two = await files.create("b", "b.png", "vision", ONE)
        assert await files.delete(one.id, "a") == []
        assert await files.delete(two.id, "b") == [ONE]

    held(records, story)


def test_pages_in_both_orders_by_purpose_and_past_the_deleted(records: Records) -> None:
    async def story(files: Files) -> None:
        made = [
            await files.create("a", f"{n}", "vision" if n % 2 else "batch", ONE) for n in range(5)
        ]
        ids = [one.id for one in made]
        page = await files.page("a", after=None, limit=2, order="asc")
        assert page is not None
        assert ([one.id for one in page.files], page.has_more) == (ids[:2], True)
        await files.delete(ids[1], "a")
        page = await files.page("a", after=ids[1], limit=9, order="asc")
        assert page is not None
        assert ([one.id for one in page.files], page.has_more) == (ids[2:], False)
        page = await files.page("a", after=None, limit=9, order="desc", purpose="batch")
        assert page is not None
        assert [one.id for one in page.files] == [ids[4], ids[2], ids[0]]
        assert await files.page("a", after="nowhere", limit=9, order="asc") is None

    held(records, story)


def test_a_file_past_its_time_is_not_there_and_is_swept(records: Records) -> None:
    async def story(files: Files) -> None:
        stays = await files.create("a", "a", "vision", ONE, 3600.0)
        past = await files.create("a", "b", "vision", TWO, -1.0)
        assert await files.get(past.id, "a") is None
        assert await files.get(stays.id, "a") == stays
        page = await files.page("a", after=None, limit=9, order="asc")
        assert page is not None
        assert [one.id for one in page.files] == [stays.id]
        assert await files.expired() == [past.id]
        assert await files.delete(past.id, None) == [TWO]

    held(records, story)


def test_a_file_can_come_with_other_rows_under_an_id_chosen_before(records: Records) -> None:
    async def story(files: Files) -> None:
        name = new_id("file-")
        made = await records.write(
            lambda c: files.add(c, name, "a", "out.jsonl", "batch_output", TWO, 60.0)
        )
        assert (made.id, made.expires) == (name, made.created + 60.0)
        assert await files.get(name, "a") == made

    held(records, story)
