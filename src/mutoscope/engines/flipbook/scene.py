"""The Scene: a photograph taken apart so that a camera can move in it.

`prepare` (rooms matte, plate, disparity, outline) makes one; `render` reads it; nothing else may
know how it was made. All pixels are RGB uint8; x and y count from the frame's top left corner.

Disparity is 0 (far plane) to 1 (near plane) at the nodes of a grid of `CELL` pixels: node (j, i) of
a layer lies at that layer's pixel (i·CELL, j·CELL); a layer of h×w pixels has
(ceil(h / CELL) + 1) × (ceil(w / CELL) + 1) nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CELL = 8
Rgb = npt.NDArray[np.uint8]  # H×W×3
Mask = npt.NDArray[np.uint8]  # H×W, 0..255
Grid = npt.NDArray[np.float32]  # rows×cols


@dataclass(frozen=True, slots=True)
class Subject:
    """The cut-out layer in front. `x`, `y`: its top left corner in the frame (even, may be negative)."""

    x: int
    y: int
    colour: Rgb  # straight, not premultiplied; estimated where alpha is partial
    alpha: Mask
    disparity: Grid


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame of `width`×`height`, its plate with a margin on each side, and at most one subject."""

    width: int
    height: int
    margin_x: int  # pixels the plate reaches beyond the frame, left and right; a multiple of 16
    margin_y: int
    plate: Rgb  # (height + 2·margin_y) × (width + 2·margin_x) × 3
    plate_disparity: Grid
    still: Rgb  # height×width×3: the prepared still itself, what frame 0 must be
    subject: Subject | None = None
    hfov: float = 55.0  # degrees, of the frame's width
    pivot: float = 0.5  # disparity that an orbit turns about
    #: pixels beyond the frame that are the photograph's own: left, top, right, bottom; the rest of
    #: the margin is made up
    real: tuple[int, int, int, int] = (0, 0, 0, 0)
    made_up: float = 1 / 3  # of the margin, how much of what is made up may be shown at need
    notes: tuple[str, ...] = ()  # what was done and left out, for the report
