"""A character's job: fetched, prepared, failed with a reason, and never left half done."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from sqlalchemy import select

from clips_made import frame, orange, written
from fresh_records import put
from mutoscope import weights
from mutoscope.characters import frames, work
from mutoscope.characters.making import Place, Work
from mutoscope.characters.store import Characters, Frame, Origin
from mutoscope.errors import BadInput, EngineFailed
from mutoscope.finish.probe import probe
from mutoscope.jobs.job import NewJob
from mutoscope.jobs.retention import LEAVING
from mutoscope.jobs.stages import character
from mutoscope.server.house import House
from mutoscope.shot import Media
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records
from mutoscope.storage.tables import media_uses
from mutoscope.storage.uses import Uses
from workshop import ended, until, working, workshop


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open("", put(tmp_path)) as opened:
        yield opened


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)
    return written(tmp_path / "clip.mp4", [frame(120 + n) for n in range(12)])


def job(**work: Any) -> NewJob:
    return NewJob(
        id=new_id("char_"), object="character", project="default", dialect="openai",
        kind="character", model="character", engine="house",
        stage="fetch" if "url" in work else "frames",
        work={"name": "Nova", "description": "", **work},
    )  # fmt: skip


def stored(house: House, clip: Path) -> dict[str, Any]:
    return {"source": msgspec.to_builtins(house.media.put(clip))}


A_FRAME = Frame(
    media=Media("a" * 64, "image/jpeg", 10),
    matte=Media("b" * 64, "image/png", 20),
    at=0.0,
    box=(0.0, 0.0, 1.0, 1.0),
)


class Fetcher:
    """Gives one medium for any address, or an error."""

    def __init__(self, house: list[House], found: Path | BadInput) -> None:
        self.house, self.found = house, found
        self.kinds: set[tuple[str, ...]] = set()

    async def get(self, url: str, *, kinds: tuple[str, ...] = ("image",)) -> Media:
        self.kinds.add(kinds)
        if isinstance(self.found, BadInput):
            raise self.found
        return await asyncio.to_thread(self.house[0].media.put, self.found)


def test_an_address_is_fetched_first(records: Records, tmp_path: Path, clip: Path) -> None:
    houses: list[House] = []
    house = workshop(records, tmp_path, fetch=Fetcher(houses, clip))
    houses.append(house)

    async def scenario() -> None:
        async with working(house):
            new = job(url="https://example.com/clip.mp4")
            await house.ledger.create(new)
            done = await ended(house, new.id)
        assert done.status == "completed", done.error
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert one.status == "ready"
        assert one.source is not None
        assert house.media.has(one.source)
        assert houses[0].fetch.kinds == {("video",)}  # type: ignore[attr-defined]

    asyncio.run(scenario())


def test_an_address_that_gives_nothing_fails_the_character(
    records: Records, tmp_path: Path
) -> None:
    refused = BadInput("the address leads nowhere", code="address_refused")
    house = workshop(records, tmp_path, fetch=Fetcher([], refused))

    async def scenario() -> None:
        async with working(house):
            new = job(url="https://example.com/clip.mp4")
            await house.ledger.create(new)
            done = await ended(house, new.id)
        assert done.error is not None
        assert done.error.code == "address_refused"
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert one.error == done.error
        assert done.expires is None  # the row stays as long as the character does

    asyncio.run(scenario())


def test_a_server_that_died_before_the_row_was_written_loses_nothing(
    records: Records, tmp_path: Path, clip: Path
) -> None:
    house = workshop(records, tmp_path)

    async def scenario() -> None:
        new = job(**stored(house, clip))
        await house.ledger.create(new)  # and no row of characters
        async with working(house):
            await ended(house, new.id)
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert (one.name, one.status) == ("Nova", "ready")

    asyncio.run(scenario())


def test_a_process_that_dies_gets_a_second_try(
    records: Records, tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workshop(records, tmp_path)
    tries = 0

    def dying(*arguments: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise EngineFailed("the process ended")
        return work.of_film(*arguments)

    monkeypatch.setattr(character, "of_film", dying)

    async def scenario() -> None:
        async with working(house):
            new = job(**stored(house, clip))
            await house.ledger.create(new)
            done = await ended(house, new.id)
        assert done.status == "completed"
        assert tries == 2

    asyncio.run(scenario())


def test_what_nobody_foresaw_fails_the_character_in_the_end(
    records: Records, tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workshop(records, tmp_path)
    monkeypatch.setattr(character, "TRIES", 1)

    def broken(*arguments: Any) -> Any:
        raise ZeroDivisionError("in the middle of it")

    monkeypatch.setattr(character, "of_film", broken)

    async def scenario() -> None:
        async with working(house):
            new = job(**stored(house, clip))
            await house.ledger.create(new)
            await ended(house, new.id)
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert one.error is not None
        assert one.error.code == "server_error"
        assert "ZeroDivision" not in one.error.message

    asyncio.run(scenario())


def test_killed_after_all_but_the_jobs_end_it_stays_ready(
    records: Records, tmp_path: Path, clip: Path
) -> None:
    house = workshop(records, tmp_path)
    source = house.media.put(clip)

    async def scenario() -> None:
        new = job(source=msgspec.to_builtins(source), part=(0.0, 0.5))
        await Characters(records).create(new.id, "default", "Nova", frames=[A_FRAME])
        await house.ledger.create(new)
        house.media.remove(source)  # of a film only its part is kept
        async with working(house):
            done = await ended(house, new.id)
        assert done.status == "completed", done.error
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert (one.status, one.frames) == ("ready", (A_FRAME,))

    asyncio.run(scenario())


def test_deleted_while_it_is_prepared_leaves_no_file(
    records: Records, tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = workshop(records, tmp_path)
    store = Characters(records)
    new = job(**stored(house, clip))
    before = set((tmp_path / "media").rglob("*"))
    real = Characters.ready

    async def late(self: Characters, id: str, source: Media, kept: Any, origin: Any) -> bool:
        await store.delete(id, "default")  # right before the frames are written down
        return await real(self, id, source, kept, origin)

    monkeypatch.setattr(Characters, "ready", late)

    async def scenario() -> None:
        await house.ledger.create(new)
        async with working(house):

            async def over() -> bool:
                found = await house.ledger.get(new.id)
                return found is None or found.due is None

            await until(over)
        assert await store.get(new.id, "default") is None

    asyncio.run(scenario())
    files = {path for path in (tmp_path / "media").rglob("*") if path.is_file()}
    assert files <= before


def picture(folder: Path, name: str, x: float, wide: float = 0.5) -> Path:
    path = folder / name
    Image.fromarray(frame(x, wide=wide)).save(path)
    return path


def test_pictures_here_and_at_addresses_give_the_frames(
    records: Records, tmp_path: Path, clip: Path
) -> None:
    del clip  # its fixture finds the subject
    houses: list[House] = []
    fetch = Fetcher(houses, picture(tmp_path, "b.png", 150, 0.8))
    house = workshop(records, tmp_path, fetch=fetch)
    houses.append(house)
    here = house.media.put(picture(tmp_path, "a.png", 120))
    nothing = house.media.put(picture(tmp_path, "c.png", -900))
    wanted = Work(
        name="Nova",
        pictures=(Place(media=here), Place(url="https://example.com/b.png"), Place(media=nothing)),
        origin=Origin(kind="pictures", pictures=(here, nothing)),
    )

    async def scenario() -> None:
        new = job(url="", **msgspec.to_builtins(wanted))
        await house.ledger.create(new)
        async with working(house):
            done = await ended(house, new.id)
        assert done.status == "completed", done.error
        assert fetch.kinds == {("image",)}
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert (one.status, one.source) == ("ready", None)
        assert sorted(kept.at for kept in one.frames) == [0, 1]
        assert one.origin is not None
        assert (len(one.origin.pictures), one.origin.pictures[0]) == (3, here)
        assert [left.picture for left in one.origin.left_out] == [2]
        assert all(house.media.has(media) for media in one.media())

    asyncio.run(scenario())


def test_of_a_part_only_the_part_is_kept(records: Records, tmp_path: Path, clip: Path) -> None:
    house = workshop(records, tmp_path)
    whole = house.media.put(clip)
    origin = Origin(kind="upload", part=(0.25, 0.75))
    wanted = Work(name="Nova", source=whole, part=(0.25, 0.75), origin=origin)

    async def scenario() -> None:
        new = dataclasses.replace(job(**msgspec.to_builtins(wanted)), uses=(whole,))
        await house.ledger.create(new)
        async with working(house):
            done = await ended(house, new.id)
        assert done.status == "completed", done.error
        one = await Characters(records).get(new.id, "default")
        assert one is not None
        assert one.source is not None
        assert one.source != whole
        assert probe(house.media.path(one.source)).seconds == pytest.approx(0.5, abs=0.05)
        part = one.source.sha256
        needed = await records.read(lambda c: Uses().needed(c, [whole.sha256, part]))
        owners = await records.read(
            lambda c: c.execute(
                select(media_uses.c.owner).where(media_uses.c.sha256 == whole.sha256)
            ).scalars().all()
        )  # fmt: skip
        assert part in needed
        assert owners == [LEAVING]  # what else was in the film goes

    asyncio.run(scenario())
