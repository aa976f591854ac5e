"""An account's id for a character: claimed by one, remembered, forgotten; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from mutoscope.characters.registered import Claim, Registrations
from mutoscope.characters.store import Characters, Edit
from mutoscope.storage.ids import new_id
from mutoscope.storage.records import Records


def run(records: Records, scenario: Callable[[Registrations, str], Awaitable[None]]) -> None:
    async def whole() -> None:
        id = new_id("char_")
        await Characters(records).create(id, "default", "Nova")
        await scenario(Registrations(records), id)

    asyncio.run(whole())


def test_of_many_one_registers_and_the_others_wait(records: Records) -> None:
    async def scenario(found: Registrations, id: str) -> None:
        claims = await asyncio.gather(*(found.claim(id, "relay", 60.0) for _ in range(8)))
        assert sum(one.mine for one in claims) == 1
        assert not any(one.known or one.again for one in claims)
        assert (await found.claim(id, "other", 60.0)).mine
        await found.keep(id, "relay", "char_there")
        assert await found.claim(id, "relay", 60.0) == Claim(known="char_there")
        assert not (await found.claim(id, "other", 60.0)).mine

    run(records, scenario)


def test_a_claim_that_nobody_ended_is_taken_over_and_looked_into(records: Records) -> None:
    async def scenario(found: Registrations, id: str) -> None:
        assert (await found.claim(id, "relay", 60.0)).mine
        assert await found.claim(id, "relay", 0.0) == Claim(mine=True, again=True)

    run(records, scenario)


def test_what_is_given_back_is_free_and_known_to_be_in_doubt(records: Records) -> None:
    async def scenario(found: Registrations, id: str) -> None:
        await found.claim(id, "relay", 60.0)
        await found.release(id, "relay", lost=False)
        assert await found.claim(id, "relay", 60.0) == Claim(mine=True)
        await found.release(id, "relay", lost=True)
        assert await found.claim(id, "relay", 60.0) == Claim(mine=True, again=True)

    run(records, scenario)


def test_only_what_was_meant_is_forgotten(records: Records) -> None:
    async def scenario(found: Registrations, id: str) -> None:
        await found.keep(id, "relay", "new")
        await found.forget(id, "relay", "old")
        assert (await found.claim(id, "relay", 60.0)).known == "new"
        await found.forget(id, "relay", "new")
        assert (await found.claim(id, "relay", 60.0)).mine

    run(records, scenario)


def test_of_a_deleted_one_there_is_nothing_to_remember(records: Records) -> None:
    async def scenario(found: Registrations, id: str) -> None:
        await Characters(records).delete(id, "default")
        assert await found.claim(id, "relay", 60.0) == Claim(gone=True)
        await found.keep(id, "relay", "there")
        assert await found.claim(id, "relay", 60.0) == Claim(gone=True)

    run(records, scenario)


def test_under_another_name_it_is_registered_anew(records: Records) -> None:
    async def scenario(found: Registrations, id: str) -> None:
        store = Characters(records)
        await found.keep(id, "relay", "there")
        await store.edit(id, "default", Edit(name="Nova", description="in blue"))
        assert (await found.claim(id, "relay", 60.0)).known == "there"
        await store.edit(id, "default", Edit(name="Stella"))
        assert await found.claim(id, "relay", 60.0) == Claim(mine=True)

    run(records, scenario)
