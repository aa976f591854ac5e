"""What is known of an order that was sent: taken, certainly not taken, or neither; never guessed, and
never sent twice by itself. The stand-in vendor counts."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.orders_made import KEY, engine, order
from mutoscope.errors import Missing, NotAccepted, Unconfirmed
from vendor_process import VendorProcess


@pytest.fixture(scope="module")
def vendor() -> Iterator[VendorProcess]:
    with VendorProcess("sora", key=KEY) as process:
        yield process


def start(base_url: str, folder: Path, **settings: object) -> object:
    async def main() -> object:
        relay = engine(base_url, "sora", **settings)
        try:
            return await relay.start(order(folder))
        finally:
            await relay.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("fault", "final", "retry_after"),
    [
        ("400", True, None), ("401", True, None), ("403", True, None), ("422", True, None),
        ("429", False, 2.0), ("redirect", True, None),
    ],
)  # fmt: skip
def test_a_clear_no_is_certain(
    vendor: VendorProcess, tmp_path: Path, fault: str, final: bool, retry_after: float | None
) -> None:
    before = vendor.seen()
    vendor.control(create=[fault])
    with pytest.raises(NotAccepted) as caught:
        start(vendor.base_url, tmp_path)
    assert (caught.value.final, caught.value.retry_after) == (final, retry_after)
    after = vendor.seen()
    assert after["creations"] == before["creations"]
    assert after["requests"]["create"] == before["requests"].get("create", 0) + 1


@pytest.mark.parametrize("fault", ["500", "502", "503", "408", "409", "drop-before"])
def test_what_may_or_may_not_have_been_taken_is_unconfirmed(
    vendor: VendorProcess, tmp_path: Path, fault: str
) -> None:
    before = vendor.seen()["requests"].get("create", 0)
    vendor.control(create=[fault])
    with pytest.raises(Unconfirmed):
        start(vendor.base_url, tmp_path)
    assert vendor.seen()["requests"]["create"] == before + 1  # and it was not sent again


@pytest.mark.parametrize("fault", ["taken-500", "drop-after", "broken-json", "no-id", "hang-after"])
def test_what_was_taken_unseen_is_unconfirmed_and_taken_once(
    vendor: VendorProcess, tmp_path: Path, fault: str
) -> None:
    before = vendor.seen()["creations"]
    vendor.control(create=[fault])
    with pytest.raises(Unconfirmed):
        start(vendor.base_url, tmp_path, timeout=1.0)
    assert vendor.seen()["creations"] == before + 1


def test_a_door_that_nobody_opens_is_certain(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotAccepted, match="relay cannot be reached") as caught:
        start(f"http://127.0.0.1:{port}/v1", tmp_path)
    assert not caught.value.final  # it may come back


def test_a_name_that_does_not_exist_is_certain(tmp_path: Path) -> None:
    with pytest.raises(NotAccepted, match="cannot be reached"):
        start("http://no-such-host.invalid/v1", tmp_path)


def test_a_server_that_never_lets_in_is_certain(tmp_path: Path) -> None:
    """Time ran out before a byte was sent: its queue of connections is full."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            with pytest.raises(NotAccepted, match="cannot be reached"):
                start(f"http://127.0.0.1:{port}/v1", tmp_path, timeout=1.0)
        finally:
            for one in waiting:
                one.close()


def test_a_server_that_speaks_something_else_is_unconfirmed(tmp_path: Path) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            writer.write(b"SSH-2.0-server\r\n")
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            relay = engine(f"http://127.0.0.1:{port}/v1")
            with pytest.raises(Unconfirmed):
                await relay.start(order(tmp_path))
            await relay.close()

    asyncio.run(main())


def test_a_refused_key_is_told_without_the_key(
    vendor: VendorProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "sk-wrong-987654321"
    with pytest.raises(NotAccepted) as caught:
        start(vendor.base_url, tmp_path, api_key=wrong)
    assert "Incorrect API key provided: ***" in caught.value.message
    assert caught.value.code == "invalid_api_key"
    start(vendor.base_url, tmp_path)
    assert "987654321" not in caplog.text
    assert KEY not in caplog.text


def test_the_picture_arrives_as_it_was_prepared(vendor: VendorProcess, tmp_path: Path) -> None:
    start(vendor.base_url, tmp_path)
    last = vendor.seen()["jobs"][-1]
    picture = last["files"]["input_reference"]
    assert picture["length"] == (tmp_path / "0.png").stat().st_size
    assert (picture["type"], picture["size"]) == ("image/png", "128x72")
    assert last["key"] == "video_1/1"


def test_a_repeated_order_is_the_same_one_where_keys_are_known(tmp_path: Path) -> None:
    async def main(base_url: str) -> list[str]:
        peer = engine(base_url, "mutoscope")
        try:
            with pytest.raises(Unconfirmed):
                await peer.start(order(tmp_path))
            return [(await peer.start(order(tmp_path))).detail["id"] for _ in range(2)]
        finally:
            await peer.close()

    with VendorProcess("mutoscope", key=KEY, fault=["create=drop-after"]) as process:
        first, second = asyncio.run(main(process.base_url))
        assert first == second
        assert process.seen()["creations"] == 1


def test_settings_that_are_not_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Missing, match=r"engines\.relay\.base_url is ''"):
        start("", tmp_path)
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    relay = engine("http://127.0.0.1:1/v1", api_key="", api_key_env="NO_SUCH_KEY")
    ready = relay.check()
    assert not ready.ready
    assert "NO_SUCH_KEY, which is not set" in ready.reasons[0]
    monkeypatch.setenv("NO_SUCH_KEY", "k")
    assert relay.check().ready


def test_many_orders_at_once_are_each_sent_once(vendor: VendorProcess, tmp_path: Path) -> None:
    async def main() -> int:
        relay = engine(vendor.base_url, "sora", timeout=30.0)
        made = order(tmp_path)
        try:
            started = await asyncio.gather(*(relay.start(made) for _ in range(100)))
        finally:
            await relay.close()
        return len({one.detail["id"] for one in started})

    before = vendor.seen()["creations"]
    assert asyncio.run(main()) == 100
    assert vendor.seen()["creations"] == before + 100


def test_a_rate_limit_says_when_to_come_again(tmp_path: Path) -> None:
    with VendorProcess("sora", per_minute=2) as process:
        for _ in range(2):
            start(process.base_url, tmp_path)
        with pytest.raises(NotAccepted, match="Too many running tasks") as caught:
            start(process.base_url, tmp_path)
        assert process.seen()["creations"] == 2
    assert not caught.value.final
    assert caught.value.retry_after == pytest.approx(60, abs=10)
