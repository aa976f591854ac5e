"""One request is one job, however often it arrives."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_jobs import new_job, pass_time

from databases import Place
from mutoscope.jobs.job import NewJob
from mutoscope.jobs.ledger import Ledger
from mutoscope.storage.records import Records


@pytest.mark.parametrize(
    ("fields", "within"),
    [
        ({"idempotency_key": "k", "fingerprint": "a" * 64}, None),
        ({"idempotency_key": None, "fingerprint": "a" * 64}, 90.0),
    ],
    ids=["by its key", "by its fingerprint"],
)
def test_the_same_request_at_once_through_two_servers_is_one_job(
    place: Place, fields: dict[str, str], within: float | None
) -> None:
    async def flood(records: Records) -> list[tuple[str, bool]]:
        ledger = Ledger(records)
        made = await asyncio.gather(
            *(ledger.create(new_job(**fields), repeat_within=within) for _ in range(25))
        )
        return [(created.job.id, created.fresh) for created in made]

    with place.open() as one, place.open(exclusive=False) as two, ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda records: asyncio.run(flood(records)), (one, two)))
    made = both[0] + both[1]
    assert len({name for name, _ in made}) == 1
    assert sum(fresh for _, fresh in made) == 1


def test_a_key_with_another_request_does_not_match(records: Records) -> None:
    ledger = Ledger(records)
    first = asyncio.run(ledger.create(new_job(idempotency_key="k", fingerprint="a" * 64)))
    second = asyncio.run(ledger.create(new_job(idempotency_key="k", fingerprint="b" * 64)))
    assert (second.job.id, second.fresh, second.matches) == (first.job.id, False, False)


def made(records: Records, new: NewJob, within: float | None = 90.0) -> str:
    return asyncio.run(Ledger(records).create(new, repeat_within=within)).job.id


def test_what_is_not_the_same_request(records: Records) -> None:
    same = {"fingerprint": "a" * 64}
    first = made(records, new_job(**same))
    assert made(records, new_job(**same)) == first
    others = [
        made(records, new_job(**same), within=None),
        made(records, new_job(**same, project="other")),
        made(records, new_job(fingerprint="b" * 64)),
        made(records, new_job(**same, idempotency_key="k")),
        made(records, new_job(**same, idempotency_key="k", project="other")),
        made(records, new_job()),
        made(records, new_job()),
    ]
    assert len({first, *others}) == 8
    pass_time(records, 91)
    assert made(records, new_job(**same)) not in {first, *others}
