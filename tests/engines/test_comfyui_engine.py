"""From order to film with ComfyUI, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest

from comfy_process import ComfyProcess
from engines.comfy_graphs import account, ended, kept, node, nodes, with_comfy
from engines.orders_made import KEY, order
from mutoscope.engines.base import Footage, Operation, Order, Status
from mutoscope.engines.comfyui import watching
from mutoscope.engines.comfyui.engine import ComfyUI
from mutoscope.engines.openai_videos.asking import NoAnswer
from mutoscope.errors import EngineFailed, Missing, NotAccepted, Unconfirmed
from mutoscope.finish.probe import probe
from mutoscope.shot import Kind, Role

pytestmark = pytest.mark.slow

MANNERS = ["new", "middle", "old"]


@pytest.fixture(scope="module")
def comfy() -> Iterator[ComfyProcess]:
    with ComfyProcess("new", takes=0.05) as process:
        yield process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return kept(tmp_path / "graphs").parent


def shot(folder: Path, *roles: Role, **fields: Any) -> Order:
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    values: dict[str, Any] = {"model": "wan", "seconds": 0.5, "fps": 24.0} | fields
    return order(work, *roles, **values)


@pytest.mark.parametrize("manner", MANNERS)
def test_from_order_to_film(folder: Path, manner: str) -> None:
    async def work(engine: ComfyUI) -> tuple[list[Status], Footage, bytes]:
        operation = await engine.start(shot(folder))
        again = msgspec.convert(json.loads(msgspec.json.encode(operation)), Operation)
        seen, preview = [await engine.status(again)], b""
        while seen[-1].state in ("queued", "running"):
            await asyncio.sleep(0.02)
            seen.append(await engine.status(again))
            if seen[-1].preview is not None:
                preview = seen[-1].preview.read_bytes()
        return seen, await engine.fetch(again, folder.parent), preview

    with ComfyProcess(manner, takes=0.8) as process:
        seen, footage, preview = with_comfy(process.base_url, folder, work)
        saw = process.seen()
    running = [one for one in seen if one.state == "running"]
    progress = [one.progress for one in running]
    assert progress == sorted(progress)
    assert len(set(progress)) >= 4
    assert max(progress) > 0.5
    assert "KSampler (node 6)" in {one.stage for one in running}
    assert preview.startswith(b"\xff\xd8\xff")
    film = probe(footage.path)
    assert (film.width, film.height, film.frames, film.fps) == (128, 72, 12, 24)
    assert footage.frames == 12
    told = {one.words: (one.outcome, one.how) for one in footage.instructions}
    assert told["first frame"] == ("done", "sent as the first frame")
    assert told["slow push in"][0] == "approximated"
    (taken,) = saw["taken"]
    inputs = {name: one["inputs"] for name, one in taken["graph"].items()}
    assert (inputs["5"]["width"], inputs["5"]["height"], inputs["5"]["length"]) == (128, 64, 9)
    assert inputs["6"]["steps"] == 6
    assert inputs["6"]["seed"] == 7
    assert inputs["2"]["text"] == "slow push in, 128x64 at 16"
    assert inputs["3"]["text"] == "blurry, static"
    assert inputs["9"]["filename_prefix"] == "video/video_1-1"
    assert "4" not in inputs
    assert "11" not in inputs  # what only handed the missing picture on
    assert "end_image" not in inputs["5"]
    assert saw["inputs"][inputs["1"]["image"]] == "128x72"
    assert saw["runs"] == {"video_1/1": 1}
    assert not list(folder.parent.glob("made*"))


def test_the_first_and_the_last_frame_reach_it(comfy: ComfyProcess, folder: Path) -> None:
    async def work(engine: ComfyUI) -> None:
        made = shot(folder, Role.FIRST_FRAME, Role.LAST_FRAME)
        await ended(engine, await engine.start(replace(made, key="both/1")))

    with_comfy(comfy.base_url, folder, work)
    graph = comfy.seen()["taken"][-1]["graph"]
    assert graph["5"]["inputs"]["end_image"] == ["11", 0]
    assert graph["4"]["inputs"]["image"].startswith("mutoscope/")


def test_a_node_that_cannot_do_without_the_missing_picture_goes_with_it(
    comfy: ComfyProcess, tmp_path: Path
) -> None:
    made = nodes(clip_vision_end_image=["12", 0])
    made["13"] = node("UNETLoader", unet_name="x")
    made["12"] = node("CLIPVisionEncode", clip_vision=["13", 0], image=["4", 0])
    folder = kept(tmp_path / "graphs", made).parent

    async def work(engine: ComfyUI) -> Status:
        return (await ended(engine, await engine.start(shot(folder))))[-1]

    assert with_comfy(comfy.base_url, folder, work).state == "done"
    graph = comfy.seen()["taken"][-1]["graph"]
    assert "12" not in graph
    assert "clip_vision_end_image" not in graph["5"]["inputs"]


@pytest.mark.parametrize(
    ("save", "file"),
    [("SaveVideo", "silent-webm"), ("SaveImage", ""), ("SaveAnimatedWEBP", ""), ("VHS_VideoCombine", "")],
)  # fmt: skip
def test_whatever_it_writes_becomes_the_film_that_was_asked_for(
    tmp_path: Path, save: str, file: str
) -> None:
    made = nodes(save)
    made["20"] = node("PreviewImage", images=["7", 0])
    folder = kept(tmp_path / "graphs", made).parent

    async def work(engine: ComfyUI) -> Footage:
        operation = await engine.start(shot(folder))
        assert (await ended(engine, operation))[-1].state == "done"
        return await engine.fetch(operation, folder.parent)

    options = {"file": file} if file else {}
    with ComfyProcess("new", takes=0.0, **options) as process:
        footage = with_comfy(process.base_url, folder, work)
    film = probe(footage.path)
    assert (film.type, film.width, film.height, film.frames, film.fps) == (
        "video/mp4", 128, 72, 12, 24)  # fmt: skip
    told = {one.words: one.how for one in footage.instructions}
    assert told["128x72"] == "filmed at 128x64, scaled to it and cut to its shape"
    assert told["24 frames a second"] == "filmed at 16, frames were repeated"
    assert told["12 frames"] == "2 frames were cut off its end"


def test_a_film_as_asked_is_handed_on_without_the_owners_workflow(
    comfy: ComfyProcess, tmp_path: Path
) -> None:
    folder = kept(tmp_path / "graphs", table="multiple = 8\n[quality.standard]\nsteps = 4\n").parent

    async def work(engine: ComfyUI) -> Footage:
        operation = await engine.start(replace(shot(folder), key="asis/1"))
        await ended(engine, operation)
        return await engine.fetch(operation, folder.parent)

    footage = with_comfy(comfy.base_url, folder, work)
    assert [one.words for one in footage.instructions] == ["slow push in", "first frame"]
    assert b"secret" not in footage.path.read_bytes()
    with av.open(str(footage.path)) as container:
        assert "prompt" not in container.metadata
    assert probe(footage.path).frames == 12


def test_a_refused_workflow_names_the_node_and_what_it_lacks(
    comfy: ComfyProcess, tmp_path: Path
) -> None:
    made = nodes()
    del made["6"]["inputs"]["steps"]
    folder = kept(tmp_path / "graphs", made).parent

    async def work(engine: ComfyUI) -> NotAccepted:
        with pytest.raises(NotAccepted) as caught:
            await engine.start(shot(folder))
        return caught.value

    refused = with_comfy(comfy.base_url, folder, work)
    assert refused.final
    assert refused.message == (
        "comfy refused the shot: KSampler (node 6): Required input is missing (steps)"
    )


def test_a_part_that_is_not_run_is_told(comfy: ComfyProcess, folder: Path) -> None:
    async def work(engine: ComfyUI) -> list[dict[str, str]]:
        operation = await engine.start(replace(shot(folder), key="partial/1"))
        return list(operation.detail["said"])

    error = {"message": "Value not in list", "details": "upscaler: 'x4'"}
    comfy.control(partial={"31": {"class_type": "Upscale", "errors": [error]}})
    said = with_comfy(comfy.base_url, folder, work)
    comfy.control(partial={})
    assert said[-1] == {
        "words": "part of the workflow", "outcome": "not_possible",
        "how": "comfy left it out: Upscale (node 31): Value not in list (upscaler: 'x4')",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "said", "code"),
    [
        ("error", "KSampler (node 6): Allocation on device 0 would exceed allowed memory.",
         "torch.OutOfMemoryError"),
        ("nothing", "the workflow ended, and no node of it made a film (no file)", "no_film"),
    ],
)  # fmt: skip
def test_a_failure_there_is_told_with_its_reason(
    comfy: ComfyProcess, folder: Path, outcome: str, said: str, code: str
) -> None:
    async def work(engine: ComfyUI) -> Status:
        return (await ended(engine, await engine.start(replace(shot(folder), key=f"{outcome}/1"))))[
            -1
        ]

    comfy.control(outcome=outcome)
    status = with_comfy(comfy.base_url, folder, work)
    comfy.control(outcome="done")
    assert (status.state, status.error, status.code) == ("failed", said, code)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("ours", ["running", "queued"])
def test_cancelling_stops_ours_and_nothing_else(folder: Path, manner: str, ours: str) -> None:
    async def work(engine: ComfyUI) -> tuple[str, str]:
        first = await engine.start(replace(shot(folder), key="first/1"))
        while (await engine.status(first)).state == "queued":
            await asyncio.sleep(0.02)
        second = await engine.start(replace(shot(folder), key="second/1"))
        chosen, other = (first, second) if ours == "running" else (second, first)
        await engine.cancel(chosen)
        await engine.cancel(chosen)  # it is gone: nothing happens
        return chosen.detail["id"], other.detail["id"]

    with ComfyProcess(manner, takes=30) as process:
        chosen, other = with_comfy(process.base_url, folder, work)
        seen = process.seen()
    assert seen["cancelled"] == [chosen]
    assert other in (seen["running"], *seen["waiting"])


def test_an_old_server_is_asked_once_to_stop_what_is_at_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the second time it might stop the next one."""
    asked: list[str] = []

    async def work(engine: ComfyUI) -> None:
        made = await engine.start(replace(shot(folder), key="first/1"))
        while (await engine.status(made)).state == "queued":
            await asyncio.sleep(0.02)
        at_work = await engine._queue.read(fresh=True)
        tell = engine._asking.tell

        async def stale(*, fresh: bool = False) -> Any:
            return at_work  # it is slow to stop, and still there

        async def counted(*path: str, **given: Any) -> Any:
            asked.append(path[-1])
            return await tell(*path, **given)

        monkeypatch.setattr(engine._queue, "read", stale)
        monkeypatch.setattr(engine._asking, "tell", counted)
        await engine.cancel(made)
        await engine.cancel(made)

    with ComfyProcess("old", takes=30) as process:
        with_comfy(process.base_url, folder, work)
    assert asked.count("cancel") == 2
    assert asked.count("interrupt") == 1


def test_it_is_known_where_in_the_queue_an_order_stands(folder: Path) -> None:
    async def work(engine: ComfyUI) -> list[str]:
        made = [await engine.start(replace(shot(folder), key=f"{at}/1")) for at in range(4)]
        while (await engine.status(made[0])).state == "queued":
            await asyncio.sleep(0.02)
        told = await engine.statuses(made)
        assert all(isinstance(one, Status) for one in told)
        return [one.stage for one in told if isinstance(one, Status)]

    with ComfyProcess("new", takes=30) as process:
        asked = with_comfy(process.base_url, folder, work)
    assert asked[1:] == ["next in the queue", "place 2 in the queue", "place 3 in the queue"]


def test_a_film_is_made_without_a_websocket(folder: Path) -> None:
    async def work(engine: ComfyUI) -> tuple[list[Status], Footage]:
        operation = await engine.start(shot(folder))
        return await ended(engine, operation), await engine.fetch(operation, folder.parent)

    with ComfyProcess("new", takes=0.2) as process:
        process.control(socket=False)
        seen, footage = with_comfy(process.base_url, folder, work)
        assert process.seen()["sockets"] == {}
    assert {one.state for one in seen} <= {"queued", "running", "done"}
    assert footage.frames == 12


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("trouble", ["drop-after", "taken-500"])
def test_an_order_whose_answer_was_lost_is_found_wherever_it_is(
    folder: Path, manner: str, trouble: str
) -> None:
    async def work(engine: ComfyUI) -> list[Any]:
        made = [replace(shot(folder), key=f"video_{at}/1") for at in range(3)]
        process.control(create=[trouble] * 2)
        for one in made[:2]:
            with pytest.raises(Unconfirmed):
                await engine.start(one)
        process.control(hold=False)
        found = [await engine.find(one) for one in made]
        assert found[0] is not None
        await ended(engine, found[0])
        return [*found, await engine.find(made[0])]

    with ComfyProcess(manner, takes=0.1) as process:
        process.control(hold=True)  # one at work, one waiting
        *found, later = with_comfy(process.base_url, folder, work)
        ids = [one["id"] for one in process.seen()["taken"]]
    assert [one and one.detail["id"] for one in found] == [*ids, None]
    assert later.detail["id"] == ids[0]  # from the history, too


def test_an_order_is_found_though_its_workflow_was_broken_since(folder: Path) -> None:
    async def work(engine: ComfyUI) -> Footage:
        process.control(create=["drop-after"])
        with pytest.raises(Unconfirmed):
            await engine.start(shot(folder))
        (folder / "wan.json").write_text("{")
        found = await engine.find(shot(folder))
        assert found is not None
        await ended(engine, found)
        return await engine.fetch(found, folder.parent)

    with ComfyProcess("new", takes=0.05) as process:
        assert with_comfy(process.base_url, folder, work).frames == 12


@pytest.mark.parametrize(
    ("fault", "error"),
    [({"upload": ["413"]}, "does not take a file"), ({"upload": ["drop"]}, "cannot be reached"),
     ({"create": ["drop-before"]}, "")],
)  # fmt: skip
def test_what_was_certainly_not_taken_is_told_so(
    comfy: ComfyProcess, folder: Path, fault: dict[str, list[str]], error: str
) -> None:
    async def work(engine: ComfyUI) -> EngineFailed:
        with pytest.raises(EngineFailed) as caught:
            await engine.start(replace(shot(folder), key="not-taken/1"))
        return caught.value

    before = len(comfy.seen()["taken"])
    comfy.control(**fault)
    caught = with_comfy(comfy.base_url, folder, work)
    assert len(comfy.seen()["taken"]) == before
    assert isinstance(caught, NotAccepted) == bool(
        error
    )  # a POST that broke off may have been read
    assert error in caught.message


def test_an_order_that_nobody_hears_is_not_taken(folder: Path) -> None:
    async def work(engine: ComfyUI) -> None:
        with pytest.raises(NotAccepted, match="cannot be reached") as caught:
            await engine.start(shot(folder))
        assert not caught.value.final

    with_comfy("http://127.0.0.1:9", folder, work)


def test_a_start_ends_within_the_accounts_timeout(folder: Path) -> None:
    async def work(engine: ComfyUI) -> float:
        begun = asyncio.get_running_loop().time()
        process.control(create=["hang-after"])
        with pytest.raises(Unconfirmed):
            await engine.start(shot(folder))
        return asyncio.get_running_loop().time() - begun

    with ComfyProcess("new") as process:
        assert with_comfy(process.base_url, folder, work, timeout=0.8) < 2.0


def test_what_a_restart_lost_is_told_after_a_while(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_LOST_OVER", 0.0)

    async def work(engine: ComfyUI) -> Status:
        operation = await engine.start(shot(folder))
        process.control(restart=True)
        await asyncio.sleep(0.6)  # past what was seen of the queue
        for _ in range(2):
            with pytest.raises(NoAnswer):
                await engine.status(operation)
        return await engine.status(operation)

    with ComfyProcess("new", takes=30) as process:
        status = with_comfy(process.base_url, folder, work)
    assert (status.state, status.code) == ("failed", "lost")


def test_a_key_goes_to_the_proxy_before_it(folder: Path) -> None:
    async def work(engine: ComfyUI) -> tuple[list[Status], Footage]:
        operation = await engine.start(shot(folder))
        return await ended(engine, operation), await engine.fetch(operation, folder.parent)

    with ComfyProcess("new", takes=0.3, key=KEY) as process:
        seen, footage = with_comfy(process.base_url, folder, work, api_key=KEY)
    assert seen[-1].state == "done"
    assert footage.frames == 12


def test_a_source_film_is_edited_at_its_own_length(comfy: ComfyProcess, tmp_path: Path) -> None:
    made = nodes(video=["21", 0])
    made["21"] = node("LoadVideo", file="{{source}}")
    made["1"]["inputs"]["image"] = "{{first_frame?}}"
    folder = kept(tmp_path / "graphs", made).parent

    async def work(engine: ComfyUI) -> Footage:
        edit = shot(folder, Role.SOURCE, kind=Kind.EDIT)
        film = Path(__file__).parents[1] / "standin" / "tiny.mp4"
        operation = await engine.start(replace(edit, clips={0: film}, key="edit/1"))
        await ended(engine, operation)
        return await engine.fetch(operation, folder.parent)

    footage = with_comfy(comfy.base_url, folder, work)
    assert (footage.fps, footage.frames, str(footage.size)) == (16, 9, "128x72")
    graph = comfy.seen()["taken"][-1]["graph"]
    assert graph["21"]["inputs"]["file"].endswith(".mp4")


def test_the_check_tells_what_is_wrong_in_a_sentence_each(
    comfy: ComfyProcess, tmp_path: Path
) -> None:
    folder = kept(tmp_path / "graphs").parent
    good = ComfyUI("comfy", account(comfy.base_url, folder))
    assert good.check().ready
    assert not good.check().limits
    made = nodes()
    made["30"] = node("SeedVR2Upscale", image=["7", 0])
    lacks = kept(tmp_path / "other", made).parent
    (reason,) = ComfyUI("comfy", account(comfy.base_url, lacks)).check().reasons
    assert reason.startswith("wan.json needs SeedVR2Upscale, which the ComfyUI at http://")
    (reason,) = ComfyUI("comfy", account("http://127.0.0.1:9", folder)).check().reasons
    assert reason.startswith("ComfyUI does not answer at http://127.0.0.1:9 (")
    (reason,) = ComfyUI("comfy", account("127.0.0.1", folder)).check().reasons
    assert "must be an address such as http://127.0.0.1:8188" in reason


def test_a_film_is_made_without_the_library_for_websockets(
    comfy: ComfyProcess, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "websockets.asyncio.client", None)

    async def work(engine: ComfyUI) -> Footage:
        operation = await engine.start(replace(shot(folder), key="unheard/1"))
        await ended(engine, operation)
        return await engine.fetch(operation, folder.parent)

    assert with_comfy(comfy.base_url, folder, work).frames == 12
    ready = ComfyUI("comfy", account(comfy.base_url, folder)).check()
    assert ready.ready
    assert ready.limits[0].startswith("the library websockets is not here")


def test_an_order_for_a_broken_workflow_is_not_sent(comfy: ComfyProcess, folder: Path) -> None:
    (folder / "wan.json").write_text("{")

    async def work(engine: ComfyUI) -> None:
        with pytest.raises(Missing, match="is not JSON; export the workflow again"):
            await engine.start(shot(folder))

    with_comfy(comfy.base_url, folder, work)
