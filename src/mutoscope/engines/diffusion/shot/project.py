"""A Project: how a shot is made with a model, and how what the model makes becomes what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction, Edit
from mutoscope.engines.base import Instruction
from mutoscope.engines.diffusion.brief import Brief, Frames, Made
from mutoscope.engines.diffusion.shot.sizes import Canvas
from mutoscope.engines.diffusion.shot.times import Timing
from mutoscope.shot import Size

if TYPE_CHECKING:
    import av

    from mutoscope.engines.flipbook.footage.source import Source

Share = npt.NDArray[np.float32]  # H×W, 0..1


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the finished film is not the model's: `made` (the frame's height and width) is 1 where the
    model's picture is shown and 0 where that of `frames` is, one for each finished frame."""

    made: Share
    frames: Callable[[], Iterator[av.VideoFrame]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """How what the model made is finished. `dissolves`: parts run on into each other, else a part begins
    with the frames before it and goes on. `before` is the film that is gone on with, whose last frames,
    on the canvas, are `lead`. `edits` grade the
    film's colours; `later`: what the house does to the whole film afterwards; `sound`: the
    model makes it; `mark` is what the weights' licence wants to be seen."""

    timing: Timing
    canvas: Canvas
    dissolves: bool = False
    before: Source | None = None
    lead: Frames | None = None
    remade: Source | None = None  # the film that is made anew, whose sound stays
    kept: Kept | None = None
    edits: tuple[Edit, ...] = ()
    later: Direction | None = None
    sound: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """`parts` films are made one after the other, each with `brief(place, the one before)`. `size`, `frames`
    and `fps` are the finished film's; `model_fps` the rate at which the model makes it. `instructions` say
    what becomes of each wish, as far as it is known before filming. Without `finish` there is nothing
    for the model to do (`parts` is 0): the house changes the film that is there by itself."""

    parts: int
    brief: Callable[[int, Made | None], Brief]
    size: Size
    frames: int
    fps: float
    model_fps: float
    instructions: tuple[Instruction, ...] = ()
    notes: tuple[str, ...] = ()
    finish: Finish | None = None
