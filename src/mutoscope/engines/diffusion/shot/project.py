"""A Project: how a shot is made with a model, and how what the model makes becomes what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mutoscope.engines.base import Instruction
from mutoscope.engines.diffusion.brief import Brief, Made
from mutoscope.shot import Size


@dataclass(frozen=True, slots=True)
class Project:
    """`parts` films are made one after the other, each with `brief(place, the one before)`. `size`, `frames`
    and `fps` are the finished film's; `model_size`, `model_fps` what the model makes. `instructions` say
    what becomes of each wish, as far as it is known before filming."""

    parts: int
    brief: Callable[[int, Made | None], Brief]
    size: Size
    frames: int
    fps: float
    model_size: Size
    model_fps: float
    instructions: tuple[Instruction, ...] = ()
    notes: tuple[str, ...] = ()
