"""What a camera path needs to know of a Scene: how much picture there is, and how it is deep."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mutoscope.engines.flipbook.camera.model import Array, Lens, inverse_depth, reach
from mutoscope.engines.flipbook.camera.relief import Relief, behind
from mutoscope.engines.flipbook.scene import CELL, Scene

Sides = tuple[float, float, float, float]  # left, top, right, bottom

#: Of the margin's made-up part, as much as this part of the margin may be shown, and only where
#: nothing else makes room: it is the picture mirrored, and further out the eye finds the mirror. A scene
#: whose border is painted says itself how much.
PAINTED = 1 / 3
#: Pixels at the plate's very edge that are never shown.
EDGE = 2
#: Pixels that are rounding: at rest a frame's own corners come back this exactly, and no better.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class View:
    """Sizes in pixels; disparities 0..1; `slope` is how steeply the plate's disparity changes from
    row to row (a pixel's difference, 9 of 10 are below)."""

    width: int
    height: int
    hfov: float = 55.0
    real: Sides = (0.0, 0.0, 0.0, 0.0)  # pixels beyond the frame that the photograph really has
    painted: Sides = (0.0, 0.0, 0.0, 0.0)  # made-up pixels beyond those that may be shown at need
    pivot: float = 0.5
    far: float = 0.0
    near: float = 1.0
    slope: float = 0.0
    backdrop: float | None = None  # of the plate behind a subject in front; None: one sheet

    @classmethod
    def of(cls, scene: Scene) -> View:
        """The view of a scene."""
        grids = [scene.plate_disparity]
        if scene.subject is not None and _meets_border(scene):
            grids.append(scene.subject.disparity)
        steps = np.abs(np.diff(scene.plate_disparity, axis=0)) / CELL
        margins = (scene.margin_x, scene.margin_y) * 2
        rooms = (_room(*side, scene.made_up) for side in zip(scene.real, margins, strict=True))
        real, painted = zip(*rooms, strict=True)
        return cls(
            width=scene.width, height=scene.height, hfov=scene.hfov,
            real=real, painted=painted, pivot=scene.pivot,
            far=float(min(grid.min() for grid in grids)),
            near=float(max(grid.max() for grid in grids)),
            slope=float(np.percentile(steps, 90)) if steps.size else 0.0,
            backdrop=behind(scene),
        )  # fmt: skip

    @property
    def lens(self) -> Lens:
        return Lens(self.width, self.height, self.hfov)

    def lowered(self, relief: Relief) -> View:
        """The view of the scene with that relief."""
        far, near = (float(relief(value)) for value in (self.far, self.near))
        return replace(self, far=far, near=near, slope=relief.share * self.slope)

    def excess(self, poses: Array, paint: float = 0.0) -> Array:
        """By how many pixels n poses see beyond the picture at worst: left, top, right, bottom;
        negative where there is room to spare. `paint` (0..1): of the made-up part that may be shown,
        how much counts as picture."""
        deep = (float(inverse_depth(self.far)), float(inverse_depth(self.near)))
        box = reach(poses, self.lens, deep)
        room = np.add(self.real, np.multiply(paint, self.painted))
        ends = (self.width - 1, self.height - 1)
        return np.concatenate([-box[:, :2].min(axis=0), box[:, 2:].max(axis=0) - ends]) - room

    def overrun(self, poses: Array, paint: float = 0.0) -> float:
        """The same for the worst side; 0 or less: nothing beyond is seen."""
        return float(self.excess(poses, paint).max()) - _ROUNDING


def _room(real: int, margin: int, made_up: float = PAINTED) -> tuple[float, float]:
    """(real, painted) pixels of one side's margin."""
    usable = max(0, margin - EDGE)
    shown = min(real, usable)
    return float(shown), min(made_up * margin, float(usable - shown))


def _meets_border(scene: Scene) -> bool:
    """The subject reaches a border of the frame, where its own parallax decides what is seen."""
    subject = scene.subject
    if subject is None:
        return False
    height, width = subject.alpha.shape
    return (
        subject.x <= 2
        or subject.y <= 2
        or subject.x + width >= scene.width - 2
        or subject.y + height >= scene.height - 2
    )
