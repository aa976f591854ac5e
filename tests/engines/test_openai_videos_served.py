"""Every kind of picture and film that SGLang-Diffusion and vLLM-Omni take, as each of them takes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from engines.orders_made import KEY, engine, media, order, picture
from mutoscope.engines.base import CastMember, Order, Status
from mutoscope.engines.openai_videos.engine import OpenAIVideos
from mutoscope.engines.openai_videos.quirks import quirks
from mutoscope.engines.openai_videos.request import Request, requested
from mutoscope.errors import NotAccepted
from mutoscope.finish.probe import probe
from mutoscope.shot import Anchor, Quality, Role
from vendor_process import VendorProcess

FILM = Path(__file__).parents[1] / "standin" / "tiny.mp4"
SERVED = ["sglang", "sglang-h3", "vllm-omni", "vllm-omni-h3"]
KINDS: dict[str, tuple[Role, ...]] = {
    "words": (),
    "first": (Role.FIRST_FRAME,),
    "last": (Role.LAST_FRAME,),
    "both": (Role.LAST_FRAME, Role.FIRST_FRAME),
    "references": (Role.REFERENCE, Role.REFERENCE),
    "first and reference": (Role.FIRST_FRAME, Role.REFERENCE),
}


@dataclass
class Served:
    """A stand-in, and the manner in which it answers."""

    manner: str
    process: VendorProcess


@pytest.fixture(scope="module", params=SERVED)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with VendorProcess(request.param, key=KEY, takes=0.0) as process:
        yield Served(request.param, process)


def kind_of(folder: Path, *roles: Role, film: bool = False, **fields: Any) -> Order:
    made = order(folder, *(roles or (Role.REFERENCE,)), **fields)
    if not roles:
        made = replace(made, shot=replace(made.shot, anchors=()), stills={})
    if film:
        anchors = (*made.shot.anchors, Anchor(media(9, "video/mp4"), Role.REFERENCE))
        made = replace(made, shot=replace(made.shot, anchors=anchors))
        made = replace(made, clips={len(anchors) - 1: FILM})
    return made


def sent(made: Order, name: str) -> Request:
    return requested(made, quirks(name, "gpu"), "gpu", "wan", {})


def lacks(made: Request) -> set[str]:
    return {one.words for one in made.said if one.outcome == "not_possible"}


#: What each server cannot take of each kind.
LACKS: dict[str, dict[str, set[str]]] = {
    "sglang": {"last": {"last frame"}, "both": {"last frame"}, "references": {"reference"},
               "first and reference": {"reference"}},
    "vllm-omni": {"last": {"last frame"}, "both": {"last frame"}, "references": {"reference"},
                  "first and reference": {"reference"}},
    "sglang-h3": {"first and reference": {"reference"}},
    "vllm-omni-h3": {"first and reference": {"reference"}},
}  # fmt: skip


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_sent_or_told(tmp_path: Path, name: str, kind: str) -> None:
    made = sent(kind_of(tmp_path, *KINDS[kind]), name)
    assert lacks(made) == LACKS[name].get(kind, set())
    gone = {"last": 1, "both": 1, "references": 2, "first and reference": 1}
    lost = gone[kind] if LACKS[name].get(kind) else 0
    assert len(made.uploads) == len(KINDS[kind]) - lost


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_taken_there(served: Served, tmp_path: Path, kind: str) -> None:
    made = kind_of(tmp_path, *KINDS[kind])
    uploads = sent(made, served.manner).uploads

    async def work() -> Path:
        relay = engine(served.process.base_url, served.manner)
        try:
            operation = await relay.start(made)
            while (await relay.status(operation)).state != "done":
                await asyncio.sleep(0.01)
            return (await relay.fetch(operation, tmp_path)).path
        finally:
            await relay.close()

    if served.manner == "sglang" and not uploads:  # a model that needs a picture is served there
        with pytest.raises(NotAccepted, match="input_reference file is required"):
            asyncio.run(work())
        return
    film = asyncio.run(work())
    assert probe(film).frames == 12
    files = served.process.seen()["jobs"][-1]["files"]
    assert len(files) == (0 if served.manner == "sglang-h3" else len(uploads))


@pytest.mark.slow
def test_a_film_to_go_by_is_taken_there(served: Served, tmp_path: Path) -> None:
    roles = (Role.FIRST_FRAME,) if served.manner == "sglang" else ()
    made = kind_of(tmp_path, *roles, film=True)

    async def work() -> None:
        relay = engine(served.process.base_url, served.manner)
        try:
            await relay.start(made)
        finally:
            await relay.close()

    asyncio.run(work())
    job = served.process.seen()["jobs"][-1]
    if served.manner == "sglang-h3":
        (condition,) = json.loads(job["fields"]["conditions"])
        assert condition["type"] == "video"
        assert condition["uri"].startswith("data:video/mp4;base64,")
    else:
        field = "video_reference" if served.manner == "sglang" else "input_references"
        assert job["files"][field]["type"] == "video/mp4"


def test_a_film_to_go_by_beside_a_first_frame_is_told(tmp_path: Path) -> None:
    for name in ("vllm-omni", "vllm-omni-h3", "sglang-h3"):
        made = sent(kind_of(tmp_path, Role.FIRST_FRAME, film=True), name)
        assert lacks(made) == {"reference video"}


def test_conditions_have_a_frame_each_and_the_first_comes_first(tmp_path: Path) -> None:
    made = sent(kind_of(tmp_path, *KINDS["both"], seconds=5.5, seed=3), "sglang-h3")
    assert [(one.path.name, one.within) for one in made.uploads] == [
        ("1.png", {"type": "image", "role": "keyframe", "frame_index": 0}),
        ("0.png", {"type": "image", "role": "keyframe", "frame_index": -1}),
    ]
    assert made.fields["task"] == "fl2va"
    assert made.fields["target"] == {
        "short_edge": 768, "aspect_ratio": "auto", "duration_seconds": 5.5}  # fmt: skip
    assert made.fields["seed"] == 3
    assert not made.fields.keys() & {"size", "seconds", "fps"}


def test_tasks_have_files_in_order(tmp_path: Path) -> None:
    made = sent(kind_of(tmp_path, *KINDS["both"], seconds=5.5), "vllm-omni-h3")
    assert [(one.field, one.path.name) for one in made.uploads] == [
        ("input_references", "1.png"), ("input_references", "0.png")]  # fmt: skip
    extra = {"task": "fl2va", "duration": 5.5, "frame_indices": [0, -1]}
    assert made.fields["extra_params"] == extra
    last = sent(kind_of(tmp_path, Role.LAST_FRAME), "vllm-omni-h3")
    assert [one.field for one in last.uploads] == ["input_reference"]
    assert last.fields["extra_params"]["frame_indices"] == [-1]


@pytest.mark.parametrize(
    ("frame", "task", "told"),
    [(0, "fl2va", set()), (95, "fl2va", set()), (48, "t2va", {"frame"})],
)
def test_a_picture_at_a_frame_is_a_first_or_a_last_one_or_told(
    tmp_path: Path, frame: int, task: str, told: set[str]
) -> None:
    anchors = (Anchor(media(0), Role.FRAME, frame=frame),)
    made = sent(kind_of(tmp_path, Role.FRAME, anchors=anchors), "sglang-h3")
    assert (made.fields["task"], lacks(made)) == (task, told)


def test_a_loop_comes_back_to_its_first_frame(tmp_path: Path) -> None:
    made = sent(kind_of(tmp_path, Role.FIRST_FRAME, loop=True), "vllm-omni-h3")
    assert [one.path.name for one in made.uploads] == ["0.png", "0.png"]
    assert made.fields["extra_params"]["frame_indices"] == [0, -1]
    assert lacks(sent(kind_of(tmp_path, loop=True), "vllm-omni-h3")) == {"loop"}


@pytest.mark.parametrize(
    ("size", "ratio"),
    [("1280x720", "16:9"), ("720x1280", "9:16"), ("1024x1024", "1:1"), ("1000x800", "4:3"),
     ("2520x1080", "21:9")],
)  # fmt: skip
def test_words_alone_name_the_nearest_shape(tmp_path: Path, size: str, ratio: str) -> None:
    from mutoscope.shot import Size

    asked = kind_of(tmp_path, size=Size(*map(int, size.split("x"))))
    assert sent(asked, "vllm-omni-h3").fields["aspect_ratio"] == ratio
    assert sent(asked, "sglang-h3").fields["target"]["aspect_ratio"] == ratio


def test_a_character_s_pictures_are_references_there(tmp_path: Path) -> None:
    nova = CastMember("Nova", "a robot", pictures=(picture(tmp_path, "nova.png"),))
    made = replace(kind_of(tmp_path, prompt="@Nova waves"), cast={"Nova": nova})
    there = sent(made, "sglang-h3")
    (one,) = there.uploads
    assert one.within == {"type": "image", "role": "reference"}
    assert there.fields["task"] == "ref2va"
    beside = replace(kind_of(tmp_path, Role.FIRST_FRAME, prompt="@Nova waves"), cast={"Nova": nova})
    assert len(sent(beside, "sglang-h3").uploads) == 1
    assert sent(beside, "sglang-h3").fields["prompt"] == "Nova (a robot) waves"


def test_what_is_said_in_fields_reaches_each_server(tmp_path: Path) -> None:
    asked = kind_of(
        tmp_path, Role.FIRST_FRAME, seed=7, negative_prompt="rain", sound=True, fps=16.0
    )
    common = {"fps": 16, "seed": 7, "negative_prompt": "rain"}
    assert sent(asked, "sglang").fields.items() >= common.items()
    assert lacks(sent(asked, "sglang")) == {"sound"}
    assert sent(asked, "vllm-omni").fields.items() >= (common | {"generate_sound": True}).items()
    assert not lacks(sent(asked, "vllm-omni"))
    for name in ("sglang-h3", "vllm-omni-h3"):
        assert sent(asked, name).fields["seed"] == 7
        assert lacks(sent(asked, name)) == {"negative prompt"}


@pytest.mark.parametrize(
    ("quality", "word"),
    [(Quality.DRAFT, "medium"), (Quality.STANDARD, "high"), (Quality.BEST, "lossless")],
)
def test_a_quality_has_the_servers_word(tmp_path: Path, quality: Quality, word: str) -> None:
    assert sent(kind_of(tmp_path, quality=quality), "sglang-h3").fields["quality"] == word


def test_a_quality_can_have_the_accounts_own_fields(tmp_path: Path) -> None:
    more: dict[str, dict[str, Any]] = {
        "always": {"flow_shift": 5.0}, "draft": {"num_inference_steps": 4}}  # fmt: skip
    row = quirks("vllm-omni", "gpu")
    draft = kind_of(tmp_path, Role.FIRST_FRAME, quality=Quality.DRAFT)
    made = requested(draft, row, "gpu", "wan", more)
    assert made.fields.items() >= {"flow_shift": 5.0, "num_inference_steps": 4}.items()
    assert not lacks(made)
    best = requested(
        replace(draft, shot=replace(draft.shot, quality=Quality.BEST)), row, "gpu", "wan", more
    )
    assert "num_inference_steps" not in best.fields
    assert lacks(best) == {"quality best"}


@pytest.mark.slow
def test_fields_of_the_settings_go_along(tmp_path: Path) -> None:
    async def work() -> None:
        relay = engine(process.base_url, "vllm-omni", fields={"always": {"num_inference_steps": 8}})
        try:
            await relay.start(order(tmp_path))
        finally:
            await relay.close()

    with VendorProcess("vllm-omni", key=KEY) as process:
        asyncio.run(work())
        assert process.seen()["jobs"][0]["fields"]["num_inference_steps"] == "8"


async def _until_it_moves(relay: OpenAIVideos, made: Order) -> tuple[list[Status], str]:
    operation = await relay.start(made)
    seen = [await relay.status(operation)]
    while seen[-1].progress < 0.2:
        await asyncio.sleep(0.02)
        seen.append(await relay.status(operation))
    await relay.cancel(operation)
    return seen, str(operation.detail["id"])


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVED)
def test_progress_is_told_and_a_cancellation_passed_on_where_it_helps(
    tmp_path: Path, name: str
) -> None:
    async def work() -> list[Status]:
        relay = engine(process.base_url, name)
        try:
            return (await _until_it_moves(relay, order(tmp_path)))[0]
        finally:
            await relay.close()

    with VendorProcess(name, key=KEY, takes=1.0) as process:
        seen = asyncio.run(work())
        (job,) = process.seen()["jobs"]
    progress = [one.progress for one in seen]
    assert progress == sorted(progress)
    assert len(set(progress)) > 2
    assert job["cancelled"] == name.startswith("vllm-omni")
    assert job["deleted"] == name.startswith("vllm-omni")  # elsewhere its record alone would go


@pytest.mark.slow
def test_a_picture_among_films_would_be_refused_there(tmp_path: Path) -> None:
    """Pictures never go to the field where most models of vLLM-Omni look for films."""

    async def work() -> None:
        relay = engine(process.base_url, "vllm-omni-h3")
        try:
            await relay.start(kind_of(tmp_path, Role.REFERENCE, Role.REFERENCE))
        finally:
            await relay.close()

    with VendorProcess("vllm-omni", key=KEY) as process, pytest.raises(NotAccepted):
        asyncio.run(work())
