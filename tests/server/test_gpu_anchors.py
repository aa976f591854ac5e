"""Every engine with open weights, and every kind of anchor that its contract names, through the whole server."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gpu_server import QUICK, TI2V, TINY, Caller, Models
from mutoscope.catalog.load import contract, contracts
from mutoscope.catalog.model import Contract
from mutoscope.shot import Kind, Role
from serving import Serving

pytest_plugins = ("gpu_fixtures",)
pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.xdist_group("gpu")]

RATE = 24
#: Models that film with another's checkpoint.
SHARED = {"wan-v2v": TI2V}


def picture(still: Path, turn: int) -> str:
    """The photograph, turned by quarters: every picture another."""
    out = io.BytesIO()
    Image.open(still).crop((0, 0, 256, 256)).rotate(90 * turn).save(out, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.fixture(scope="module")
def pictures(still: Path) -> list[str]:
    return [picture(still, turn) for turn in range(3)]


@pytest.fixture(scope="module")
def source(gpu_server: Serving) -> str:
    """A film that others are made of."""
    call = Caller(gpu_server)
    id = call.create(prompt="a cat")
    call.completed(id)
    return id


def asked(
    known: Contract, pictures: list[str], source: str, seconds: float
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What can be asked of a model by its contract, as little as covers every anchor: a name, the path, the
    body."""
    first, last, middle = pictures
    roles = known.roles
    if Kind.CREATE in known.kinds:
        if Role.FRAME in roles:  # three at once, in the words of the dialect that can say so
            frames = [
                {"data": one.partition(",")[2], "media_type": "image/jpeg"}
                for one in (first, middle, last)
            ]
            at = [0, 5, round(seconds * RATE) - 1]
            yield (
                "keyframes",
                "/v1/generations",
                {"video": {"keyframes": frames, "keyframe_indexes": at}},
            )
        elif Role.FIRST_FRAME in roles:
            both = {"last_frame": last} if Role.LAST_FRAME in roles else {}
            yield "first, last", "/v1/videos", {"first_frame": first, **both}
        else:
            yield "words", "/v1/videos", {}
        if roles.get(Role.REFERENCE, 0) > 1:
            yield "references", "/v1/videos", {"input_reference": [first, middle]}
    slow = known.checkpoint is not None and known.checkpoint.family == "wan_vace"
    if Kind.EXTEND in known.kinds and not slow:  # from its own frames a film goes on in test_vace
        yield "extend", "/v1/videos/extensions", {"video": {"id": source}}
    if Kind.EDIT in known.kinds:
        yield "edit", "/v1/videos/edits", {"video": {"id": source}}


@pytest.mark.parametrize("model", [*TINY, *SHARED])
def test_every_anchor_of_every_engine(
    model: str, gpu_server: Serving, models: Models, pictures: list[str], source: str
) -> None:
    models.use(SHARED.get(model, model))
    call, known = Caller(gpu_server), contract(model, "diffusion")
    assert known.checkpoint is not None
    rate = known.checkpoint.fps
    least = float(getattr(known.seconds, "low", 0.0))
    seconds = max(QUICK["seconds"], least)
    ids: dict[str, str] = {}
    for name, path, given in asked(known, pictures, source, seconds):
        body = {"prompt": "a cat, warm light", "model": model, "quality": "draft"} | given
        if name != "edit":
            body["seconds"] = seconds
        if path in ("/v1/videos", "/v1/generations"):
            body = QUICK | {"fps": rate} | body
        answer = call.ask("POST", path, json=body)
        assert answer.status_code in (200, 201), (name, answer.text)
        ids[name] = answer.json()["id"]
    assert ids
    for name, id in ids.items():
        job = call.completed(id)
        assert job["engine"] == model
        result = job["result"]
        length = {"extend": QUICK["seconds"] + seconds, "edit": QUICK["seconds"]}.get(name, seconds)
        made = (result["size"], result["frames"], result["fps"])
        fps = RATE if name in ("extend", "edit") else rate  # those are the source's
        assert made == ("256x256", round(length * fps), fps), name
        if name == "keyframes":
            filmed = {one["role"] for one in job["shot"]["anchors"]}
            assert filmed == {Role.FIRST_FRAME, Role.FRAME, Role.LAST_FRAME}
        lost = [one["words"] for one in job["report"]["not_possible"]]
        assert not [one for one in lost if "picture" in one or "frame" in one], (name, lost)


def test_every_kind_of_engine_is_in_the_table() -> None:
    """A model that is not filmed here has the pipeline and the conditions of one that is."""

    def kind(one: Contract) -> tuple[str, frozenset[str], frozenset[Role]]:
        assert one.checkpoint is not None
        return one.checkpoint.family, frozenset(one.checkpoint.conditions), frozenset(one.roles)

    filmed = {kind(contract(name, "diffusion")) for name in (*TINY, *SHARED)}
    assert {kind(one) for one in contracts("diffusion")} <= filmed
