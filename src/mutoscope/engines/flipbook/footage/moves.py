"""Camera moves over a film: the frame goes across pictures that have no depth.

The path is the one of stills (its speeds, its ease, its search for room), planned on a flat view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from mutoscope.direction.merge import fitted
from mutoscope.direction.model import Direction, Move, MoveName
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.path import plan_path
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.footage.window import Matrix, looks
from mutoscope.shot import Size

FLAT = 0.5  # disparity of all that a film shows
#: Moves that live on depth, and what stands in for an orbit.
_DEEP = ("dolly", "truck", "pedestal", "orbit")
_INSTEAD: dict[str, MoveName] = {"orbit_left": "truck_left", "orbit_right": "truck_right"}
NO_DEPTH = "footage has no depth to move in, so near and far move alike"


@dataclass(frozen=True, slots=True)
class Moved:
    """`windows` n×3×3, frame by frame, on a film of the frame's size; None where it is not moved."""

    windows: Matrix | None
    instructions: tuple[Instruction, ...] = ()


def moved(direction: Direction, size: Size, *, fps: float, frames: int, seed: int) -> Moved:
    """The moves that the direction asks for, laid on `frames` at `fps`."""
    if all(move.move == "static" for move in direction.camera):
        how = "the film's own camera goes on as it was filmed; nothing is added to it"
        said = (_rest(move, how) for move in direction.camera if move.words)
        return Moved(None, tuple(said))
    seconds = frames / fps
    camera = fitted(direction, seconds)
    flat = replace(
        direction, seconds=seconds, style="",
        camera=tuple(replace(move, move=_INSTEAD.get(move.move, move.move)) for move in camera),
    )  # fmt: skip
    hfov = direction.lens.hfov or 55.0
    view = View(size.width, size.height, hfov, pivot=FLAT, far=FLAT, near=FLAT)
    path = plan_path(flat, view, fps=fps, frames=frames, seed=seed)
    said = (
        _flattened(move, one) for move, one in zip(direction.camera, path.instructions, strict=True)
    )
    return Moved(np.asarray(looks(path.poses, view.lens, FLAT)), tuple(said))


def _rest(move: Move, how: str) -> Instruction:
    return Instruction(move.words, "approximated", how)


def _flattened(move: Move, one: Instruction) -> Instruction:
    if move.move.partition("_")[0] not in _DEEP or one.outcome == "not_possible":
        return one
    how = one.how if move.move not in _INSTEAD else "the frame goes across instead of around"
    return Instruction(one.words, "approximated", "; ".join(filter(None, (how, NO_DEPTH))))
