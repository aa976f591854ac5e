"""Shots through real pipelines of tiny weights: what is written for a model is what it films, and it comes
out as asked: in parts, with marks, in another shape, with sound."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engines.diffusion import wan_made
from engines.diffusion.shot_stage import (
    Played,
    Quiet,
    clip,
    decoded,
    media,
    order,
    picture,
)
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.load import contract
from mutoscope.engines.base import CastMember, Order
from mutoscope.engines.diffusion.brief import Made
from mutoscope.engines.diffusion.family import family
from mutoscope.engines.diffusion.shot.finishing import finished
from mutoscope.engines.diffusion.shot.writing import written
from mutoscope.shot import Kind, Region, Role, Size
from mutoscope.sound.mux import has_sound

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]

SIZE = Size(64, 64)
FIRST, LAST, FRAME, SOURCE = Role.FIRST_FRAME, Role.LAST_FRAME, Role.FRAME, Role.SOURCE
#: A tiny model → the model whose contract it films with.
MODELS = {name: of for name, (of, _) in wan_made.BUILT.items()} | {"ltx2": "ltx-2.3"}


@cache
def pipe(name: str) -> Any:
    if name != "ltx2":
        return wan_made.pipe(name)
    import tempfile

    from tiny.ltx2 import ltx2

    folder = ltx2(Path(tempfile.mkdtemp(prefix="shot-ltx2-")))
    return family("ltx2").load(folder, model(name), wan_made.CPU, {})


def model(name: str) -> Checkpoint:
    """A tiny model's contract, on small canvases, in short films of two steps."""
    found = contract(MODELS[name]).checkpoint
    assert found is not None
    tiers = {
        quality: msgspec.structs.replace(tier, steps=2, area=0, lora="", cache="")
        for quality, tier in found.tiers.items()
    }
    step = found.frames.a
    return msgspec.structs.replace(
        found, tiers=tiers, area=64 * 64, shapes=(), sigmas=(), longest=20.0,
        sides=msgspec.structs.replace(found.sides, low=32),
        frames=msgspec.structs.replace(found.frames, low=step + 1, high=2 * step + 1),
        lead_frames=min(found.lead_frames, step + 1),
    )  # fmt: skip


def filmed(given: Order, name: str) -> Played:
    checkpoint = model(name)
    project = written(given, checkpoint, name)
    made: list[Made] = []
    for place in range(project.parts):
        brief = project.brief(place, made[-1] if made else None)
        made.append(family(checkpoint.family).film(pipe(name), brief, checkpoint, Quiet()))
        assert made[-1].frames.shape == (brief.frames, brief.size.height, brief.size.width, 3)
    return Played(project, finished(given, project, made, {}, Quiet()), None)  # type: ignore[arg-type]


def asked(folder: Path, files: dict[Path, Any], **more: Any) -> Order:
    values: dict[str, Any] = {"size": SIZE, "seconds": 0.5, "fps": 24.0, "prompt": "a cat walks"}
    return order(folder, files, **(values | more))


@pytest.mark.parametrize("name", ["ti2v", "a14b", "vace", "ltx2"])
def test_a_film_in_parts_has_the_asked_size_and_length(name: str, tmp_path: Path) -> None:
    size = Size(66, 62)
    given = asked(tmp_path, {picture(tmp_path, 5, SIZE): FIRST}, size=size, seconds=1.0)
    made = filmed(given, name)
    assert made.project.parts > 1
    assert len(made.frames) == 24
    assert made.frames[0].shape == (62, 66, 3)


@pytest.mark.parametrize("name", ["a14b", "flf2v", "vace", "ltx2"])
def test_a_film_between_two_pictures_and_a_loop(name: str, tmp_path: Path) -> None:
    files = {picture(tmp_path, 5, SIZE): FIRST, picture(tmp_path, 900, SIZE): LAST}
    short = {"seconds": 0.5, "fps": 16.0 if name != "ltx2" else 24.0}
    made = filmed(asked(tmp_path, files, **short), name)
    assert len(made.frames) == round(0.5 * short["fps"])
    loop = filmed(asked(tmp_path, {picture(tmp_path, 5, SIZE): FIRST}, loop=True, **short), name)
    assert loop.said["loop"][0] == "done"


@pytest.mark.parametrize("name", ["ti2v", "a14b", "vace", "ltx2"])
def test_a_film_gone_on_with(name: str, tmp_path: Path) -> None:
    film = clip(tmp_path, range(24), fps=24, size=SIZE)
    made = filmed(asked(tmp_path, {film: SOURCE}, kind=Kind.EXTEND), name)
    assert made.footage.frames == 36
    assert made.numbers[:24] == list(range(24))


@pytest.mark.parametrize("name", ["ti2v", "t2v", "vace", "ltx2"])
def test_a_film_made_anew(name: str, tmp_path: Path) -> None:
    film = clip(tmp_path, range(20), fps=24, size=SIZE)
    made = filmed(asked(tmp_path, {film: SOURCE}, kind=Kind.EDIT, prompt="a watercolor"), name)
    assert made.footage.frames == 20


@pytest.mark.parametrize("name", ["vace", "ltx2"])
def test_pictures_anywhere(name: str, tmp_path: Path) -> None:
    files = {
        picture(tmp_path, 5, SIZE): FIRST,
        picture(tmp_path, 6, SIZE): (FRAME, {"frame": 7}),
        picture(tmp_path, 7, SIZE): LAST,
    }
    made = filmed(asked(tmp_path, files, seconds=1.0), name)
    assert len(made.frames) == 24
    assert made.said["picture at frame 7"][0] == "done"


def test_marks_and_another_shape_and_references(tmp_path: Path) -> None:
    page = np.zeros((64, 64), np.uint8)
    page[:, 48:] = 255
    Image.fromarray(page).save(tmp_path / "mask.png")
    mark = {"regions": (Region("wall", media(tmp_path / "mask.png")),), "masks": {0: tmp_path / "mask.png"}}  # fmt: skip
    film = clip(tmp_path, range(20), fps=24, size=SIZE)
    edit = filmed(asked(tmp_path, {film: SOURCE}, kind=Kind.EDIT, prompt="a wall", **mark), "vace")
    for one, other in zip(decoded(film), edit.frames, strict=True):
        assert np.abs(one[:, :40].astype(int) - other[:, :40].astype(int)).mean() < 2
    still = filmed(asked(tmp_path, {picture(tmp_path, 700, SIZE): FIRST}, **mark), "vace")
    assert {np.abs(one[:, :40].astype(int) - still.frames[0][:, :40].astype(int)).mean() < 2 for one in still.frames} == {True}  # fmt: skip
    wide = filmed(
        asked(tmp_path, {film: SOURCE}, kind=Kind.REFRAME, size=Size(96, 64), prompt="a wall"),
        "vace",
    )
    assert wide.frames[0].shape == (64, 96, 3)
    assert np.abs(wide.frames[9][:, 20:76].astype(int) - decoded(film)[9][:, 4:60]).mean() < 3
    fox = {"Fox": CastMember("Fox", pictures=(picture(tmp_path, 3, SIZE),))}
    assert filmed(asked(tmp_path, {}, prompt="@Fox runs", cast=fox), "vace").said["@Fox"][0] == (
        "approximated"
    )


def test_sound_that_a_model_makes(tmp_path: Path) -> None:
    files = {picture(tmp_path, 5, SIZE): FIRST}
    made = filmed(asked(tmp_path, files, sound=True, seconds=1.0), "ltx2")
    assert made.project.parts > 1
    assert has_sound(made.footage.path)
    assert made.said["sound"][1] == "the model makes it with the pictures"
