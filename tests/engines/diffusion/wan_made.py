"""Tiny Wan checkpoints, each built and loaded once a test process."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from engines.diffusion import briefs_made
from engines.diffusion.briefs_made import Looker
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.load import contract
from mutoscope.engines.diffusion.brief import Brief, Frames, Keyframe, Made, Rgb
from mutoscope.engines.diffusion.family import Family, family
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.shot import Size
from tiny import vace, wan

#: The name of a tiny one → the model whose contract it films with, and what builds it.
BUILT = {
    "ti2v": ("wan2.2-ti2v-5b", wan.ti2v),
    "t2v": ("wan2.1-t2v-1.3b", wan.t2v),
    "a14b": ("wan2.2-i2v-a14b", wan.a14b),
    "i2v": ("wan2.1-flf2v-14b", wan.i2v),
    "flf2v": ("wan2.1-flf2v-14b", wan.flf2v),
    "vace": ("wan2.1-vace-1.3b", vace.vace),
}
CPU = Place("cpu", "float32")
#: Small enough that a film takes a twentieth of a second.
SMALL = Size(32, 32)


def brief(**changes: Any) -> Brief:
    """Words alone, small, in two steps."""
    return briefs_made.brief(**{"size": SMALL, "steps": 2} | changes)


def picture(seed: int, size: Size = SMALL) -> Rgb:
    return briefs_made.picture(seed, size)


def film(seed: int, count: int, size: Size = SMALL) -> Frames:
    return briefs_made.film(seed, count, size)


def first(seed: int = 1, strength: float = 1.0, size: Size = SMALL) -> Keyframe:
    return briefs_made.first(seed, strength, size)


@cache
def folder(name: str) -> Path:
    """The checkpoint's folder."""
    return BUILT[name][1](Path(tempfile.mkdtemp(prefix=f"wan-{name}-")))


def checkpoint(name: str, **changes: Any) -> Checkpoint:
    found = contract(BUILT[name][0]).checkpoint
    assert found is not None
    return msgspec.structs.replace(found, **changes)


def adapter(name: str) -> Family:
    return family(checkpoint(name).family)


def loaded(name: str, place: Place = CPU) -> Any:
    """A pipeline of one's own."""
    return adapter(name).load(folder(name), checkpoint(name), place, {})


@cache
def pipe(name: str) -> Any:
    """A pipeline that all tests share: a film leaves nothing behind in it."""
    return loaded(name)


def made(name: str, brief: Brief, watch: Any = None, **more: Any) -> Made:
    return adapter(name).film(
        more.pop("pipe", None) or pipe(name), brief, more.pop("checkpoint", checkpoint(name)),
        watch or Looker(), **more,
    )  # fmt: skip


def frames(name: str, brief: Brief, watch: Any = None, **more: Any) -> Frames:
    return made(name, brief, watch, **more).frames
