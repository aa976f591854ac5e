from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from small_house import small_house
from sqlalchemy import select

from mutoscope.cli.keys import create, ends, list_, revoke
from mutoscope.errors import BadInput
from mutoscope.server import keys as module
from mutoscope.server.house import House
from mutoscope.server.keys import Keys
from mutoscope.storage.tables import keys as table


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with small_house(tmp_path) as house:
        yield house


def test_a_key_is_found_by_itself_alone(house: House) -> None:
    secret, key = house.keys.create(project="films", name="ci", scopes=("videos:read",))
    assert secret.startswith("muto_")
    assert len(secret) > 30

    async def find() -> None:
        found = await house.keys.find(secret)
        assert found is not None
        assert (found.id, found.project, found.scopes) == (key.id, "films", ("videos:read",))
        for other in (secret[:-1], secret + "x", secret.upper(), "", "muto_", "\udcff"):
            assert await house.keys.find(other) is None

    asyncio.run(find())


def test_the_key_itself_is_kept_nowhere(house: House, tmp_path: Path) -> None:
    secret, _ = house.keys.create()
    rows = house.records.read_now(lambda c: c.execute(select(table)).all())
    assert secret not in repr(rows)
    house.records.close()
    assert not any(secret.encode() in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_a_key_counts_until_it_is_revoked_or_expires(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH", 0.0)
    one, key = house.keys.create()
    two, _ = house.keys.create(expires=time.time() - 1)
    three, _ = house.keys.create(expires=time.time() + 60)

    async def known() -> list[bool]:
        return [await house.keys.find(secret) is not None for secret in (one, two, three)]

    assert asyncio.run(known()) == [True, False, True]
    Keys(house.records).revoke(key.id)  # as the command line does, beside the server
    assert asyncio.run(known()) == [False, False, True]
    assert [k.state(time.time()) for k in house.keys.list()] == ["revoked", "expired", "active"]


def test_a_revoked_key_is_refused_within_two_seconds(house: House) -> None:
    secret, key = house.keys.create()

    async def until_refused() -> float:
        assert await house.keys.find(secret) is not None
        await asyncio.to_thread(Keys(house.records).revoke, key.id)
        begun = time.monotonic()
        while await house.keys.find(secret) is not None:
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    assert asyncio.run(until_refused()) < 2.0


def test_once_a_key_was_made_one_is_needed_for_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH", 0.0)
    assert not asyncio.run(house.keys.any())
    _, key = house.keys.create()
    assert asyncio.run(house.keys.any())
    house.keys.revoke(key.id)
    assert asyncio.run(Keys(house.records).any())


def test_the_use_of_a_key_is_noted(house: House) -> None:
    secret, key = house.keys.create()
    assert key.used is None
    asyncio.run(house.keys.find(secret))
    (noted,) = house.keys.list()
    assert noted.used is not None
    assert abs(noted.used - time.time()) < 60


def test_unknown_keys_do_not_fill_the_memory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 10)

    async def guess() -> None:
        for number in range(50):
            assert await house.keys.find(f"muto_{number}") is None

    asyncio.run(guess())
    assert len(house.keys._found) <= 10


def test_revoking_names_one_key(house: House) -> None:
    house.keys.create(name="same")
    house.keys.create(name="same")
    with pytest.raises(BadInput, match="names 2 keys"):
        house.keys.revoke("same")
    with pytest.raises(BadInput, match="there is no key 'nothing'"):
        house.keys.revoke("nothing")
    with pytest.raises(BadInput, match="there is no scope 'vidoes'"):
        house.keys.create(scopes=("vidoes",))


def test_the_command_makes_lists_and_revokes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_house(tmp_path):  # a server runs on the folder meanwhile
        create(name="ci", project="films", scope=("videos",), expires="30d", data=tmp_path)
        secret = capsys.readouterr().out.splitlines()[0]
        list_(data=tmp_path, as_json=True)
        (row,) = msgspec.json.decode(capsys.readouterr().out)
        assert row["state"] == "active"
        assert row["shown"] == secret[: len(row["shown"])]
        assert "hash" not in row
        assert secret not in str(row)
        revoke("ci", data=tmp_path)
        assert "is revoked" in capsys.readouterr().out
        list_(data=tmp_path)
        assert "revoked" in capsys.readouterr().out
    with pytest.raises(BadInput, match="--project"):
        create(project="a/b", data=tmp_path)
    with pytest.raises(BadInput, match="at least 1"):
        create(requests_per_minute=0, data=tmp_path)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 30 * 86400), ("12h", 43200), ("1970-01-02", 86400)]
)
def test_spans_and_days(text: str, seconds: float) -> None:
    assert ends(text, 0.0) == seconds


@pytest.mark.parametrize("text", ["soon", "30", "d", "1960-01-01", "2027-13-01"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--expires"):
        ends(text, time.time())
