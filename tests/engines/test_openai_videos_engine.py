"""From order to film with each kind of server, and what servers do wrong on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from engines.orders_made import KEY, engine, order
from mutoscope.config import EngineAccount
from mutoscope.engines import base
from mutoscope.engines.base import Operation, Status
from mutoscope.engines.openai_videos import download
from mutoscope.engines.openai_videos import engine as room
from mutoscope.engines.openai_videos.asking import Asking, NoAnswer
from mutoscope.engines.openai_videos.engine import OpenAIVideos
from mutoscope.engines.openai_videos.links import Links
from mutoscope.engines.openai_videos.quirks import quirks
from mutoscope.errors import CannotWrite, EngineFailed
from mutoscope.finish.probe import probe
from mutoscope.shot import Role
from vendor_process import VendorProcess

pytestmark = pytest.mark.slow

MANNERS = ["sora", "relay", "relay-json", "marked", "sglang", "vllm-omni", "fastvideo", "mutoscope"]


@pytest.fixture(scope="module")
def vendor() -> Iterator[VendorProcess]:
    with VendorProcess("relay", key=KEY, takes=0.0) as process:
        yield process


def with_engine(
    base_url: str,
    work: Callable[[OpenAIVideos], Awaitable[Any]],
    quirks: str = "relay",
    **settings: Any,
) -> Any:
    async def main() -> Any:
        relay = engine(base_url, quirks, **settings)
        try:
            return await work(relay)
        finally:
            await relay.close()

    return asyncio.run(main())


async def ended(relay: OpenAIVideos, operation: Operation) -> list[Status]:
    seen = [await relay.status(operation)]
    while seen[-1].state in ("queued", "running"):
        await asyncio.sleep(0.01)
        seen.append(await relay.status(operation))
    return seen


@pytest.mark.parametrize("manner", MANNERS)
def test_from_order_to_film(tmp_path: Path, manner: str) -> None:
    async def work(relay: OpenAIVideos) -> tuple[list[Status], base.Footage]:
        operation = await relay.start(order(tmp_path))
        kept = msgspec.convert(json.loads(msgspec.json.encode(operation)), Operation)
        seen = await ended(relay, kept)  # as it comes back from the ledger
        return seen, await relay.fetch(kept, tmp_path)

    with VendorProcess(manner, key=KEY, takes=0.15) as process:
        seen, footage = with_engine(process.base_url, work, manner)
        (job,) = process.seen()["jobs"]
    progress = [one.progress for one in seen]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert (max(progress[:-1]) > 0) == (manner != "fastvideo")
    assert probe(footage.path).frames == 12
    assert [one.words for one in footage.instructions] == ["slow push in"]
    told = "done" if manner == "mutoscope" else "approximated"  # it says itself what it did
    assert footage.instructions[0].outcome == told
    assert not list(tmp_path.glob("*.part"))
    assert job["files"]["input_reference"]["size"] == "128x72"
    assert job["fields"]["model"] == "sora-2"


@pytest.mark.parametrize("manner", MANNERS)
def test_a_failure_there_is_told_with_its_reason(tmp_path: Path, manner: str) -> None:
    async def work(relay: OpenAIVideos) -> Status:
        return (await ended(relay, await relay.start(order(tmp_path))))[-1]

    with VendorProcess(manner, key=KEY, takes=0.05) as process:
        process.control(outcome="failed")
        status = with_engine(process.base_url, work, manner)
    assert (status.state, status.error, status.code) == (
        "failed", "the sampler diverged", "generation_failed")  # fmt: skip


@pytest.mark.parametrize("manner", ["vllm-omni", "mutoscope"])
def test_cancelling_stops_the_work_where_a_server_can(tmp_path: Path, manner: str) -> None:
    async def work(relay: OpenAIVideos) -> None:
        operation = await relay.start(order(tmp_path))
        await relay.cancel(operation)
        await relay.cancel(operation)  # it is gone: nothing happens

    with VendorProcess(manner, key=KEY, takes=60) as process:
        with_engine(process.base_url, work, manner)
        assert process.seen()["jobs"][0]["cancelled"]


@pytest.mark.parametrize("manner", ["sora", "sglang", "fastvideo", "relay"])
def test_nothing_is_deleted_where_that_would_only_lose_it(tmp_path: Path, manner: str) -> None:
    async def work(relay: OpenAIVideos) -> None:
        await relay.cancel(await relay.start(order(tmp_path)))

    with VendorProcess(manner, key=KEY, takes=60) as process:
        with_engine(process.base_url, work, manner)
        assert "delete" not in process.seen()["requests"]


def test_a_lost_order_is_found_in_the_list(tmp_path: Path) -> None:
    from dataclasses import replace

    async def work(relay: OpenAIVideos) -> tuple[Any, Any]:
        made = order(tmp_path)
        for number in range(8):
            await relay.start(replace(made, key=f"video_{number}/1"))
        process.control(fill=120)  # newer ones, more than a page
        lost = replace(order(tmp_path), key="video_7/1")
        return await relay.find(lost), await relay.find(replace(lost, key="video_7/2"))

    with VendorProcess("marked", key=KEY) as process:
        found, nothing = with_engine(process.base_url, work, "marked")
        jobs = {job["key"]: job["id"] for job in process.seen()["jobs"]}
    assert found.detail["id"] == jobs["video_7/1"]
    assert nothing is None


@pytest.mark.parametrize(
    ("trouble", "retry_after"),
    [
        ("500", 7.0),
        ("429", 7.0),
        ("401", 7.0),
        ("drop", None),
        ("broken-json", None),
        ("404", None),
    ],
)
def test_a_question_without_an_answer_says_nothing_about_the_film(
    vendor: VendorProcess, tmp_path: Path, trouble: str, retry_after: float | None
) -> None:
    async def work(relay: OpenAIVideos) -> Status:
        operation = await relay.start(order(tmp_path))
        vendor.control(poll=[trouble])
        with pytest.raises(NoAnswer) as caught:
            await relay.status(operation)
        assert caught.value.retry_after == retry_after
        assert KEY not in caught.value.message
        return await relay.status(operation)

    assert with_engine(vendor.base_url, work).state == "done"


def test_an_unknown_word_is_still_running(vendor: VendorProcess, tmp_path: Path) -> None:
    async def work(relay: OpenAIVideos) -> tuple[str, dict[str, int]]:
        operation = await relay.start(order(tmp_path))
        vendor.control(poll=["word:simmering"])
        return (await relay.status(operation)).state, dict(relay.unknown)

    assert with_engine(vendor.base_url, work) == ("running", {"simmering": 1})


def test_a_job_that_is_gone_for_a_while_is_lost(
    vendor: VendorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LOST_OVER", 0.0)

    async def work(relay: OpenAIVideos) -> Status:
        operation = await relay.start(order(tmp_path))
        vendor.control(poll=["404*5"])
        for _ in range(2):
            with pytest.raises(NoAnswer):
                await relay.status(operation)
        return await relay.status(operation)

    status = with_engine(vendor.base_url, work)
    vendor.control(poll=[])
    assert (status.state, status.code) == ("failed", "lost")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("500", "does not hand out the film: refused with 500"),
        ("404", "does not hand out the film: refused with 404"),
        ("drop", "broke off on its way from relay"),
        ("short", "broke off on its way from relay"),
        ("long", "is cut short"),
        ("json", "relay sent something else in place of a film"),
        ("text", "relay sent something else in place of a film"),
        ("empty", "relay sent nothing in place of a film"),
        ("hang", "broke off on its way from relay"),
    ],
)
def test_a_film_that_does_not_come_whole_leaves_nothing_and_can_be_fetched_again(
    vendor: VendorProcess, tmp_path: Path, trouble: str, said: str
) -> None:
    folder = tmp_path / "film"
    folder.mkdir()

    async def work(relay: OpenAIVideos) -> Path:
        operation = await relay.start(order(tmp_path))
        vendor.control(content=[trouble])
        with pytest.raises(EngineFailed, match=said):
            await relay.fetch(operation, folder)
        assert not list(folder.iterdir())
        return (await relay.fetch(operation, folder)).path

    timeout = 0.5 if trouble == "hang" else 5.0
    assert probe(with_engine(vendor.base_url, work, timeout=timeout)).frames == 12


@pytest.mark.parametrize("manner", ["slow", "redirect"])
def test_a_film_that_comes_slowly_or_from_elsewhere(
    vendor: VendorProcess, tmp_path: Path, manner: str
) -> None:
    async def work(relay: OpenAIVideos) -> Path:
        operation = await relay.start(order(tmp_path))
        vendor.control(content=[manner])
        return (await relay.fetch(operation, tmp_path)).path

    assert probe(with_engine(vendor.base_url, work, timeout=0.5)).frames == 12


class Elsewhere:
    """A relay without a content route of its own, and the host that its links lead to, as one server on
    two ports. `way`: the link stands in the object, or is redirected to."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.asked: list[str] = []  # the heads of requests, by the port's order
        self.addresses: list[str] = []
        self.film = (Path(__file__).parents[1] / "standin" / "tiny.mp4").read_bytes()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        there = f"{self.addresses[1]}/file.mp4"
        path, more, body, status = head.split(" ")[1], "", b"{}", 404
        if path == "/file.mp4":
            body, status = self.film, 200
        elif path.endswith("/content") and self.way == "redirect":
            status, more = 302, f"location: {there}\r\n"
        elif path.endswith("/content") and self.way == "round":
            status, more = 302, f"location: {self.addresses[0]}{path}\r\n"
        elif path == "/v1/videos/v1":
            body, status = json.dumps({"id": "v1", "status": "done", "url": there}).encode(), 200
        head = (
            f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{more}connection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    def fetched(self, folder: Path) -> Path:
        async def main() -> Path:
            servers = [await asyncio.start_server(self.serve, "127.0.0.1", 0) for _ in range(2)]
            ports = [server.sockets[0].getsockname()[1] for server in servers]
            self.addresses = [f"http://127.0.0.1:{port}" for port in ports]
            relay = engine(self.addresses[0])
            try:
                return (await relay.fetch(Operation("relay", {"id": "v1"}), folder)).path
            finally:
                await relay.close()
                for server in servers:
                    server.close()
                    await server.wait_closed()

        return asyncio.run(main())


@pytest.mark.parametrize("way", ["link", "redirect"])
def test_a_film_on_another_host_is_fetched_without_our_key(tmp_path: Path, way: str) -> None:
    there = Elsewhere(way)
    assert probe(there.fetched(tmp_path)).frames == 12
    assert KEY in there.asked[0]
    assert there.asked[-1].startswith("GET /file.mp4")
    assert KEY not in there.asked[-1]


@pytest.mark.parametrize("way", ["link", "redirect"])
def test_a_server_out_there_cannot_have_us_look_into_our_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    async def out_there(links: Links) -> bool:
        return False

    monkeypatch.setattr(Links, "_is_near", out_there)
    there = Elsewhere(way)
    with pytest.raises(EngineFailed, match="names an address for the film that is not reached"):
        there.fetched(tmp_path)
    assert not any("file.mp4" in head.split("\r\n")[0] for head in there.asked)
    assert not list(tmp_path.iterdir())


def test_a_server_that_sends_us_round_and_round(tmp_path: Path) -> None:
    there = Elsewhere("round")
    with pytest.raises(EngineFailed, match="names another address for the film, and yet another"):
        there.fetched(tmp_path)
    assert len(there.asked) == 6


@pytest.mark.parametrize(
    ("base_url", "near"), [("http://127.0.0.1:1/v1", True), ("http://1.1.1.1/v1", False),
                           ("http://10.1.2.3:8000/v1", True), ("http://169.254.169.254", False)]
)  # fmt: skip
def test_which_servers_stand_in_our_network(base_url: str, near: bool) -> None:
    async def main() -> bool:
        links = Links(base_url, 1.0, httpx.create_ssl_context())
        try:
            return await links._is_near()
        finally:
            await links.close()

    assert asyncio.run(main()) == near


def test_a_film_beyond_the_bound_is_not_kept(
    vendor: VendorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MOST", 1000)

    async def work(relay: OpenAIVideos) -> None:
        operation = await relay.start(order(tmp_path))
        with pytest.raises(EngineFailed, match="more than 1,000 bytes"):
            await relay.fetch(operation, tmp_path)

    with_engine(vendor.base_url, work)
    assert not (tmp_path / "footage.mp4").exists()


def test_a_folder_that_cannot_be_written(vendor: VendorProcess, tmp_path: Path) -> None:
    async def work(relay: OpenAIVideos) -> None:
        operation = await relay.start(order(tmp_path))
        with pytest.raises(CannotWrite, match="the film cannot be written"):
            await relay.fetch(operation, tmp_path / "nowhere")

    with_engine(vendor.base_url, work)


@pytest.mark.parametrize(
    ("asked", "models", "there"),
    [
        ("sora-2", {"sora-2": "wan-i2v"}, "wan-i2v"),
        ("sora-2", {}, "sora-2"),
        ("relay", {"sora-2": "wan-i2v"}, "wan-i2v"),
        ("relay", {"a": "b", "c": "d"}, None),
    ],
)
def test_model_names(
    vendor: VendorProcess, tmp_path: Path, asked: str, models: dict[str, str], there: str | None
) -> None:
    async def work(relay: OpenAIVideos) -> None:
        await relay.start(order(tmp_path, Role.REFERENCE, model=asked))

    with_engine(vendor.base_url, work, models=models)
    assert vendor.seen()["jobs"][-1]["fields"].get("model") == there


def test_an_address_without_a_path_means_v1() -> None:
    def url(base: str, *steps: str) -> str:
        return Asking("relay", EngineAccount(kind="", base_url=base), quirks("", "relay")).url(
            *steps
        )

    assert url("http://host:8000", "a/b", "content") == "http://host:8000/v1/videos/a%2Fb/content"
    assert url("https://host/openai/v1/") == "https://host/openai/v1/videos"


def test_it_is_an_engine_elsewhere(vendor: VendorProcess) -> None:
    relay: base.AsyncEngine = engine(vendor.base_url)
    assert isinstance(relay, base.Finding)
    assert relay.check().ready


def test_many_are_asked_about_by_the_list(tmp_path: Path) -> None:
    async def work(relay: OpenAIVideos) -> list[str]:
        names = [f"video_{at:05d}" for at in range(230)]
        operations = [Operation("relay", {"id": name}) for name in names]
        gone = Operation("relay", {"id": "video_gone"})
        told = await relay.statuses([*operations[::-1], gone])
        again = await relay.statuses(operations)
        assert all(isinstance(one, Status) and one.state == "queued" for one in again)
        return [one.state if isinstance(one, Status) else type(one).__name__ for one in told]

    with VendorProcess("sora", key=KEY) as process:
        process.control(takes=3600, fill=230)
        told = with_engine(process.base_url, work, "sora")
        asked = process.seen()["requests"]
    assert told == ["queued"] * 230 + ["NoAnswer"]
    assert asked["list"] == 3  # of a hundred each; what was read answers the second time, too
    assert "poll" not in asked


def test_one_after_another_are_many_too(tmp_path: Path) -> None:
    async def work(relay: OpenAIVideos) -> None:
        for at in range(60):
            await relay.statuses([Operation("relay", {"id": f"video_{at:05d}"})])

    with VendorProcess("sora", key=KEY) as process:
        process.control(takes=3600, fill=60)
        with_engine(process.base_url, work, "sora")
        asked = process.seen()["requests"]
    assert asked["poll"] <= 20  # until it was seen that they are many
    assert asked["list"] <= 2


def test_few_are_asked_about_one_by_one(vendor: VendorProcess, tmp_path: Path) -> None:
    async def work(relay: OpenAIVideos) -> list[str]:
        operations = [await relay.start(order(tmp_path)) for _ in range(3)]
        vendor.control(poll=["500"])
        told = await relay.statuses(operations)
        return sorted(one.state if isinstance(one, Status) else "?" for one in told)

    assert with_engine(vendor.base_url, work) == ["?", "done", "done"]


@pytest.mark.slow
def test_ten_thousand_that_wait_cost_next_to_nothing(tmp_path: Path) -> None:
    """In rounds of 200, as the worker asks: a hundred questions each, and no memory that stays."""
    import tracemalloc

    async def work(relay: OpenAIVideos) -> tuple[int, int]:
        operations = [Operation("relay", {"id": f"video_{at:05d}"}) for at in range(10_000)]
        await relay.statuses(operations[:200])
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for at in range(0, len(operations), 200):
            told = await relay.statuses(operations[at : at + 200])
            assert all(isinstance(one, Status) for one in told)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return before, after

    with VendorProcess("sora", key=KEY, takes=3600) as process:
        process.control(fill=10_000)
        before, after = with_engine(process.base_url, work, "sora")
        assert process.seen()["requests"]["list"] < 400
    assert after - before < 2000 * 10_000
