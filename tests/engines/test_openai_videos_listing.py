"""Lists that servers give, and what is made of those that are no lists."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engines.orders_made import engine
from mutoscope.engines.base import Status
from mutoscope.engines.openai_videos import listing
from mutoscope.engines.openai_videos.asking import NoAnswer
from mutoscope.engines.openai_videos.listing import Listing


def told(video: Any) -> Status | None:
    return Status(video["status"]) if "status" in video else None


def pages(*of: Any) -> tuple[Listing, list[str]]:
    """A listing over these pages, and what was asked for."""
    asked: list[str] = []

    async def read(after: str) -> Any:
        asked.append(after)
        found = of[len(asked) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    return Listing(read, told), asked


def page(*names: str, more: bool = False) -> dict[str, Any]:
    return {"data": [{"id": name, "status": "running"} for name in names], "has_more": more}


def test_it_reads_no_further_than_it_must() -> None:
    made, asked = pages(page("c", "b", more=True), page("a"))

    async def work() -> None:
        assert set(await made.find(["c"])) == {"c"}
        assert asked == [""]
        assert set(await made.find(["c", "a"])) == {"c", "a"}
        assert asked == ["", "b"]
        assert set(await made.find(["nobody"])) == set()  # it was read to its end

    asyncio.run(work())


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"data": None},
        {"videos": []},
        {"data": [1, None, {"id": 7}]},
        {"data": [{"id": "a"}]},
    ],
)
def test_what_is_no_list_tells_of_nobody(answer: Any) -> None:
    made, _ = pages(answer)
    assert asyncio.run(made.find(["a"])) == {}


def test_a_server_that_sends_the_same_page_again_ends_it() -> None:
    made, asked = pages(page("b", more=True), page("b", more=True))
    assert asyncio.run(made.find(["a"])) == {}
    assert asked == ["", "b"]


def test_what_was_read_is_old_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FRESH", -1.0)
    made, asked = pages(page("a"), page("a"))

    async def work() -> None:
        await made.find(["a"])
        await made.find(["a"])

    asyncio.run(work())
    assert asked == ["", ""]


def test_an_answer_that_does_not_come_is_raised_and_asked_for_again() -> None:
    made, asked = pages(NoAnswer("busy"), page("a"))

    async def work() -> None:
        with pytest.raises(NoAnswer):
            await made.find(["a"])
        assert set(await made.find(["a"])) == {"a"}

    asyncio.run(work())
    assert asked == ["", ""]


def test_a_list_without_states_is_not_believed() -> None:
    relay = engine("http://host/v1", "sora")
    assert relay._in_list({"id": "a"}) is None
    assert relay._in_list({"id": "a", "status": "queued"}) == Status("queued", stage="queued")
