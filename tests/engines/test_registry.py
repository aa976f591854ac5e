"""Engines by name, the way of a shot to one of them, and whether it may have it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mutoscope.catalog.load import contract
from mutoscope.compute.threads import Threads
from mutoscope.config import EngineAccount, Routes, Settings
from mutoscope.direction.model import Direction
from mutoscope.engines.admission import admitted
from mutoscope.engines.base import Footage, Operation, Order, Status
from mutoscope.engines.door import Door
from mutoscope.engines.registry import Engines
from mutoscope.errors import BadShot, ContractRefused, Missing
from mutoscope.shot import Anchor, Kind, Media, Role, Shot, Size
from workshop import Paper, Sketch

PICTURE = Anchor(media=Media("0" * 64, "image/jpeg", 1000))
SOURCE = Anchor(media=Media("1" * 64, "video/mp4", 1000), role=Role.SOURCE)


def engines(tmp_path: Path, routes: Routes | None = None, **accounts: EngineAccount) -> Engines:
    settings = Settings(routes=routes or Routes(), engines=accounts)
    return Engines(settings, Threads(), {"sketch": Sketch(), "paper": Paper(tmp_path / "vendor")})


def shot(model: str, *anchors: Anchor, **more: Any) -> Shot:
    return Shot(model=model, anchors=anchors, **more)


@pytest.mark.parametrize(
    ("model", "goes_to"),
    [
        ("flipbook", "flipbook"),
        ("sketch", "sketch"),
        ("sora-2", "flipbook"),  # a vendor's name: the default
        ("sora-2-pro", "paper"),  # named in routes.models
        ("wan2.2", "paper"),  # in an account's own names
    ],
)
def test_a_model_goes_to_its_engine(tmp_path: Path, model: str, goes_to: str) -> None:
    routes = Routes(models={"sora-2-pro": "paper"})
    account = EngineAccount(kind="paper", models={"wan2.2": "Wan-AI/Wan2.2"})
    at = engines(tmp_path, routes, paper=account)
    assert at.route(shot(model, PICTURE)) == goes_to


def test_an_unknown_model_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadShot, match="did you mean sora-2"):
        engines(tmp_path).route(shot("sora-22", PICTURE))


def test_a_route_to_nowhere_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"routes\.default is 'nobody'"):
        engines(tmp_path, Routes(default="nobody")).route(shot("sora-2", PICTURE))


def test_words_alone_go_to_the_configured_engine(tmp_path: Path) -> None:
    assert engines(tmp_path, Routes(text_only="paper")).route(shot("sora-2")) == "paper"


def test_words_alone_are_refused_naming_who_could(tmp_path: Path) -> None:
    with pytest.raises(ContractRefused, match=r"paper.* could film words alone") as refused:
        engines(tmp_path).route(shot("sora-2"))
    assert refused.value.field == "input_reference"
    with pytest.raises(ContractRefused, match=r"ask .*paper.* for it"):
        engines(tmp_path, Routes(text_only="paper")).route(shot("flipbook"))


def test_a_cast_stands_in_for_the_picture_where_the_engine_can(tmp_path: Path) -> None:
    at = engines(tmp_path, Routes(text_only="paper"))
    alone = shot("sora-2", cast=("Nova",))
    assert at.route(alone) == "flipbook"
    assert not [one for one in admitted(alone, "flipbook", at) if "picture" in one.message]


def relay(quirks: str) -> EngineAccount:
    return EngineAccount(kind="openai_videos", base_url="http://127.0.0.1:1/v1", quirks=quirks)


class Mute(Paper):
    characters: tuple[str, ...] = ()


def test_a_cast_goes_only_where_characters_work(tmp_path: Path) -> None:
    settings = Settings(engines={"sora": relay("sora"), "plain": relay("relay")})
    at = Engines(settings, Threads(), {"mute": Mute(tmp_path / "mute")})
    with pytest.raises(ContractRefused) as refused:
        admitted(shot("mute", PICTURE, cast=("Nova",)), "mute", at)
    assert refused.value.message == "mute takes no characters: ask flipbook or sora for it"
    assert refused.value.field == "cast"
    assert [at.casts(name) for name in ("sora", "plain", "flipbook", "mute")] == [
        True,
        True,
        True,
        False,
    ]
    assert [at.casts(name, described=False) for name in ("sora", "plain")] == [True, False]


def test_more_characters_than_a_contract_takes(tmp_path: Path) -> None:
    at, three = engines(tmp_path), ("A", "B", "C")
    with pytest.raises(ContractRefused, match="flipbook takes at most 2 in one prompt"):
        admitted(shot("flipbook", PICTURE, cast=three), "flipbook", at)
    (said,) = [
        one
        for one in admitted(shot("sora-2", PICTURE, cast=three), "paper", at)
        if one.field == "cast"
    ]
    assert "at most 2 in one prompt" in said.message


def test_a_clip_is_no_text_only_shot(tmp_path: Path) -> None:
    assert engines(tmp_path).route(shot("sora-2", SOURCE, kind=Kind.EDIT)) == "flipbook"


def test_the_engines_own_contract_holds_whatever_the_vendors_says(tmp_path: Path) -> None:
    at = engines(tmp_path)
    too_long = shot("sora-2", PICTURE, seconds=90)
    with pytest.raises(ContractRefused, match="flipbook takes"):
        admitted(too_long, "flipbook", at, "lenient")
    said = admitted(too_long, "paper", at, "lenient")
    assert [(one.code, one.field) for one in said][:1] == [("outside_contract", "seconds")]


def test_strict_refuses_in_the_vendors_words(tmp_path: Path) -> None:
    at = engines(tmp_path)
    with pytest.raises(ContractRefused, match="Supported values are: '4', '8', and '12'"):
        admitted(shot("sora-2", PICTURE, seconds=5), "paper", at, "strict")
    assert admitted(shot("sora-2", PICTURE, seconds=8), "paper", at, "strict") == ()


def test_a_picture_still_at_its_address_is_no_unknown_type(tmp_path: Path) -> None:
    unknown = Anchor(media=Media("0" * 64, "image/unknown", 0))
    asked = shot("sora-2", unknown, size=Size(1280, 720))
    assert admitted(asked, "paper", engines(tmp_path), "strict") == ()


def test_an_engine_may_say_itself_what_it_takes(tmp_path: Path) -> None:
    class Narrow(Paper):
        contract = contract("flipbook")

    at = Engines(Settings(), Threads(), {"narrow": Narrow(tmp_path / "vendor")})
    with pytest.raises(ContractRefused):
        admitted(shot("sora-2", PICTURE, seconds=90), "narrow", at, "lenient")


def test_an_account_that_is_no_longer_configured_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="engine gone is not here; there are"):
        engines(tmp_path).get("gone")


def test_an_account_is_made_by_its_kind() -> None:
    account = EngineAccount(kind="openai_videos", base_url="http://127.0.0.1:1/v1")
    at = Engines(Settings(engines={"relay": account}), Threads())
    assert "relay" in at.names()
    assert "openai_videos" not in at.names()
    door = at.get("relay")
    assert (door.name, door.local, door.timeout) == ("relay", False, 120.0)
    assert at.get("relay") is door
    asyncio.run(at.close())


@pytest.mark.parametrize("kind", ["here", "elsewhere"])
def test_a_door_is_the_same_to_every_engine(tmp_path: Path, kind: str) -> None:
    engine = Sketch() if kind == "here" else Paper(tmp_path / "vendor", looks=0)
    door = Door(kind, engine)
    order = Order(
        shot=Shot(size=Size(64, 64), seconds=0.5, fps=12),
        direction=Direction(seconds=0.5),
        folder=tmp_path,
        key="job/1",
    )

    async def scenario() -> Footage:
        operation = await door.start(order)
        while (await door.status(operation)).state != "done":
            await asyncio.sleep(0.01)
        return await door.fetch(operation, tmp_path)

    footage = asyncio.run(scenario())
    assert footage.path.exists()
    assert door.local is (kind == "here")
    assert door.check().ready


def test_many_questions_have_an_answer_each(tmp_path: Path) -> None:
    class Shaky(Paper):
        async def status(self, operation: Operation) -> Status:
            if operation.detail["name"] == "b":
                raise OSError("a broken line")
            return Status("running", 0.5)

    door = Door("shaky", Shaky(tmp_path / "vendor"))
    asked = [Operation("shaky", {"name": name}) for name in "abc"]
    a, b, c = asyncio.run(door.statuses(asked))
    assert isinstance(b, OSError)
    assert a == c == Status("running", 0.5)


def test_a_broken_list_answers_for_all(tmp_path: Path) -> None:
    class Listing(Paper):
        async def statuses(self, operations: Any) -> Any:
            raise OSError("no list today")

    door = Door("listing", Listing(tmp_path / "vendor"))
    answers = asyncio.run(door.statuses([Operation("listing", {"name": "a"})] * 2))
    assert all(isinstance(one, OSError) for one in answers)
