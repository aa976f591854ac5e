"""The cast of a shot as it is handed in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from fresh_records import put
from mutoscope.characters.admission import Cast, cast_of
from mutoscope.characters.store import Characters
from mutoscope.errors import BadInput
from mutoscope.jobs.job import Problem
from mutoscope.shot import Anchor, Kind, Media, Role, Shot
from mutoscope.storage.records import Records


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Characters]:
    with Records.open("", put(tmp_path)) as records:
        yield Characters(records)


def add(store: Characters, name: str, number: int, *, failed: bool = False) -> str:
    id = f"char_{number:04d}"

    async def make() -> None:
        await store.create(id, "default", name)
        if failed:
            await store.failed(id, Problem(code="no_character", message="nothing stands out"))

    asyncio.run(make())
    return id


def cast(store: Characters, prompt: str, *listed: str, project: str = "default") -> Cast:
    return asyncio.run(cast_of(store, project, Shot(prompt=prompt, cast=listed)))


def test_names_become_a_cast_and_its_work(store: Characters) -> None:
    nova = add(store, "Nova", 1)
    found = cast(store, "Nova waves")
    assert found.shot.cast == ("Nova",)
    assert found.shot.prompt == "@Nova waves"
    assert found.work == {"characters": {"Nova": nova}}
    assert found.notices == ()


def test_nobody_known_leaves_the_shot_as_it_is(store: Characters) -> None:
    shot = Shot(prompt="Nova waves")
    found = asyncio.run(cast_of(store, "default", shot))
    assert found.shot is shot
    assert found.work == {}


def test_an_unknown_mention_is_refused_with_those_that_are_near(store: Characters) -> None:
    for number, name in enumerate(("Mossy", "Roller Pan", "Zoé")):
        add(store, name, number)
    with pytest.raises(BadInput, match="@Mossi") as caught:
        cast(store, "@Mossi waves")
    said = caught.value
    assert (said.code, said.field, said.status) == ("unknown_character", "prompt", 400)
    assert "did you mean @Mossy?" in said.message
    with pytest.raises(BadInput, match=r"@rollr \(did you mean @Roller_Pan\?\) and @xyzzy are no"):
        cast(store, "@rollr meets @xyzzy")


def test_without_any_character_a_mention_is_refused_with_how_to_make_one(store: Characters) -> None:
    with pytest.raises(BadInput, match="@ghost is no character") as caught:
        cast(store, "@ghost waves")
    assert "POST /mutoscope/characters" in caught.value.hint
    assert "quotation marks" in caught.value.hint
    assert cast(store, 'a sign that reads "@ghost"').shot.cast == ()


def test_a_listed_name_that_is_misspelt_is_told(store: Characters) -> None:
    add(store, "Mossy", 1)
    with pytest.raises(BadInput, match="did you mean Mossy"):
        cast(store, "slow push in", "Mosy")


@pytest.mark.parametrize("listed", ["char_9999", "Ghost"])
def test_an_unknown_one_in_the_list_is_refused(store: Characters, listed: str) -> None:
    add(store, "Nova", 1)
    with pytest.raises(BadInput, match=f"'{listed}' not found") as caught:
        cast(store, "slow push in", listed)
    assert caught.value.field == "cast"


def test_another_projects_is_unknown(store: Characters) -> None:
    nova = add(store, "Nova", 1)
    with pytest.raises(BadInput):
        cast(store, "slow push in", nova, project="other")
    assert cast(store, "Nova waves", project="other").shot.cast == ()


def test_listed_by_name_and_by_id_is_one(store: Characters) -> None:
    nova = add(store, "Nova", 1)
    assert cast(store, "push in", nova, "nova", "@Nova").shot.cast == ("Nova",)


def test_the_newest_that_did_not_fail_has_the_name(store: Characters) -> None:
    add(store, "Nova", 1)
    second = add(store, "nova", 2)
    add(store, "Nova", 3, failed=True)
    assert cast(store, "@nova waves").work == {"characters": {"nova": second}}


def test_a_failed_one_is_refused_with_its_reason(store: Characters) -> None:
    add(store, "Nova", 1, failed=True)
    with pytest.raises(BadInput, match="nothing stands out") as caught:
        cast(store, "@Nova waves")
    assert caught.value.code == "character_failed"


def test_an_edit_has_no_cast(store: Characters) -> None:
    nova = add(store, "Nova", 1)
    source = Anchor(Media("a" * 64, "video/mp4", 5), Role.SOURCE)
    shot = Shot(prompt="make Nova warmer", kind=Kind.EDIT, anchors=(source,), cast=(nova,))
    found = asyncio.run(cast_of(store, "default", shot))
    assert found.shot.cast == ()
    assert found.shot.prompt == "make Nova warmer"
    assert found.work == {}
    assert found.notices[0].code == "ignored"
