"""A character is registered at an account once, before the order that needs it, and found again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fresh_records import put
from mutoscope.characters.registered import Registrations
from mutoscope.characters.store import Characters, Frame
from mutoscope.config import EngineAccount, Jobs, Settings
from mutoscope.engines.openai_videos.engine import OpenAIVideos
from mutoscope.jobs import worker
from mutoscope.jobs.job import Job
from mutoscope.jobs.stages import introduce
from mutoscope.server.house import House
from mutoscope.shot import Media
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records
from vendor_process import VendorProcess
from workshop import ended, new_job, working, workshop

pytestmark = pytest.mark.slow

TINY = Path(__file__).parents[1] / "standin" / "tiny.mp4"
COFFEE = Path(__file__).parents[2] / "examples" / "coffee.jpg"


@dataclass
class Desk:
    """A house with one account, at a vendor."""

    house: House
    vendor: VendorProcess

    async def character(
        self, name: str = "Nova", description: str = "", *, clip: bool = True
    ) -> str:
        store, id = Characters(self.house.records), new_id("char_")
        source = self.house.media.put(TINY) if clip else None
        picture = self.house.media.put(COFFEE)
        frame = Frame(media=picture, matte=picture, at=0.0, box=(0.1, 0.1, 0.9, 0.9))
        await store.create(id, "default", name, description, source)
        assert await store.ready(id, source, [frame])
        return id

    async def shot(self, id: str, name: str = "Nova", **more: Any) -> str:
        values: dict[str, Any] = {
            "stage": "cast", "work": {"characters": {name: id}}, "shot": {"cast": (name,)},
        }  # fmt: skip
        made = new_job("relay", f"@{name} turns", **(values | more))
        await self.house.ledger.create(made)
        return made.id

    async def completed(self, job: str) -> Job:
        made = await ended(self.house, job)
        assert made.status == "completed", made.error
        return made

    def orders(self) -> list[list[str]]:
        return [job["characters"] for job in self.vendor.seen()["jobs"]]

    def told(self, job: Job) -> list[str]:
        assert job.result is not None
        report = job.result.report
        return [
            one["how"]
            for outcome in ("done", "approximated", "not_possible")
            for one in report.get(outcome, [])
            if one["words"] == "@Nova"
        ]


@pytest.fixture(params=["sora"])
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    quirks = request.param
    with VendorProcess(quirks, takes=0.02) as vendor, Records.open("", put(tmp_path)) as records:
        account = EngineAccount(
            kind="openai_videos", base_url=vendor.base_url, quirks=quirks, timeout=2.0,
            models={"relay": "sora-2"},
        )  # fmt: skip
        settings = Settings(engines={"relay": account}, jobs=Jobs(poll_first=0.02, poll_last=0.05))
        engines = {"relay": OpenAIVideos("relay", account)}
        yield Desk(workshop(records, tmp_path, engines, settings=settings), vendor)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introduce, "LATER", 0.05)
    monkeypatch.setattr(introduce, "LOOK_AGAIN", 0.05)
    monkeypatch.setattr(worker, "SCAN", 0.05)


def run(desk: Desk, scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with working(desk.house):
            await scenario()
        await desk.house.engines.close()

    asyncio.run(whole())


def test_two_shots_at_once_register_a_character_once(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character()
        jobs = [await desk.shot(nova) for _ in range(4)]
        made = [await desk.completed(job) for job in jobs]
        (there,) = desk.vendor.seen()["characters"]
        assert there["name"] == "Nova"
        assert desk.orders() == [[there["id"]]] * 4
        assert all(f"sent as its id there, {there['id']}" in desk.told(one)[0] for one in made)
        stored = await Characters(desk.house.records).get(nova, "default")
        assert stored is not None
        assert stored.registered == {"relay": there["id"]}

    run(desk, scenario)


def test_one_that_the_account_forgot_is_registered_anew_once(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character()
        await desk.completed(await desk.shot(nova))
        desk.vendor.control(forget=True)
        await desk.completed(await desk.shot(nova))
        (there,) = desk.vendor.seen()["characters"]
        assert desk.orders()[-1] == [there["id"]]
        assert desk.vendor.seen()["requests"]["register"] == 2

    run(desk, scenario)


def test_an_order_that_is_refused_for_itself_registers_nothing_anew(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character()
        desk.vendor.control(create=["400"])
        made = await ended(desk.house, await desk.shot(nova))
        assert made.error is not None
        assert "refused with 400" in made.error.message
        assert desk.vendor.seen()["requests"]["register"] == 1

    run(desk, scenario)


def test_where_it_is_refused_it_goes_as_words_and_says_why(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character(description="a white parrot")
        desk.vendor.control(character=["422"])
        made = await desk.completed(await desk.shot(nova))
        (how,) = desk.told(made)
        assert how.startswith("its description was written into the prompt: relay refused the char")
        assert desk.vendor.seen()["prompts"] == {"Nova (a white parrot) turns": 1}
        await desk.completed(await desk.shot(nova))  # the next shot asks again
        assert len(desk.vendor.seen()["characters"]) == 1

    run(desk, scenario)


def test_a_lost_answer_makes_one_duplicate_at_most(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character(description="a white parrot")
        desk.vendor.control(character=["drop-after*9"])
        made = await desk.completed(await desk.shot(nova))
        assert "did not answer" in desk.told(made)[0]
        assert desk.vendor.seen()["requests"]["register"] == 2

    run(desk, scenario)


@pytest.mark.parametrize("desk", ["mutoscope"], indirect=True)
def test_a_lost_answer_makes_none_where_a_key_is_known(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character()
        desk.vendor.control(character=["drop-after"])
        await desk.completed(await desk.shot(nova))
        (there,) = desk.vendor.seen()["characters"]
        assert desk.vendor.seen()["prompts"] == {f"@{there['id']} turns": 1}

    run(desk, scenario)


def test_one_without_a_clip_is_not_registered(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character(description="a white parrot", clip=False)
        made = await desk.completed(await desk.shot(nova))
        assert "without a clip" in desk.told(made)[0]
        assert desk.vendor.seen()["requests"].get("register") is None

    run(desk, scenario)


def test_a_claim_left_by_a_dead_server_is_taken_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introduce, "MARGIN", -1.8)  # of the account's two seconds

    async def scenario() -> None:
        nova = await desk.character()
        assert (await Registrations(desk.house.records).claim(nova, "relay", 60.0)).mine
        await desk.completed(await desk.shot(nova))
        assert len(desk.vendor.seen()["characters"]) == 1

    run(desk, scenario)


@pytest.mark.parametrize("desk", ["relay"], indirect=True)
def test_words_alone_and_no_description_is_refused_with_who_could(desk: Desk) -> None:
    async def scenario() -> None:
        nova = await desk.character()
        made = await ended(desk.house, await desk.shot(nova))
        assert made.error is not None
        assert made.error.message == (
            "relay takes characters as words alone, and Nova has no description: "
            "give it one, or ask flipbook for it"
        )
        assert made.error.param == "cast"

    run(desk, scenario)


def test_the_strength_of_its_own_clip_is_its_own(desk: Desk) -> None:
    from mutoscope.shot import Anchor, Role

    async def scenario() -> None:
        nova = await desk.character()
        clip: Media = desk.house.media.put(TINY)
        anchors = (Anchor(clip, Role.REFERENCE, strength=0.3),)
        made = await desk.completed(await desk.shot(nova, anchors=anchors))
        assert made.work["cast"]["Nova"]["strength"] == 0.3

    run(desk, scenario)
