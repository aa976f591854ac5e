"""What a camera path needs to know of a Scene: how much picture there is, and how it is deep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutoscope.engines.flipbook.camera.model import Array, Lens, inverse_depth, reach
from mutoscope.engines.flipbook.scene import CELL, Scene

#: Of the plate's margin, the part a path may show: its outermost pixels are the least certain.
TRUSTED = 2 / 3


@dataclass(frozen=True, slots=True)
class View:
    """Sizes in pixels; disparities 0..1; `slope` is how steeply the plate's disparity changes from
    row to row (a pixel's difference, 9 of 10 are below)."""

    width: int
    height: int
    hfov: float = 55.0
    room_x: float = 0.0  # pixels beyond the frame that may be shown, left and right
    room_y: float = 0.0
    pivot: float = 0.5
    far: float = 0.0
    near: float = 1.0
    slope: float = 0.0

    @classmethod
    def of(cls, scene: Scene) -> View:
        """The view of a scene."""
        grids = [scene.plate_disparity]
        if scene.subject is not None and _meets_border(scene):
            grids.append(scene.subject.disparity)
        steps = np.abs(np.diff(scene.plate_disparity, axis=0)) / CELL
        return cls(
            width=scene.width, height=scene.height, hfov=scene.hfov,
            room_x=TRUSTED * scene.margin_x, room_y=TRUSTED * scene.margin_y, pivot=scene.pivot,
            far=float(min(grid.min() for grid in grids)),
            near=float(max(grid.max() for grid in grids)),
            slope=float(np.percentile(steps, 90)) if steps.size else 0.0,
        )  # fmt: skip

    @property
    def lens(self) -> Lens:
        return Lens(self.width, self.height, self.hfov)

    def overrun(self, poses: Array) -> float:
        """By how many pixels n poses see beyond the picture at worst; 0 or less: never."""
        deep = (float(inverse_depth(self.far)), float(inverse_depth(self.near)))
        box = reach(poses, self.lens, deep)
        low = np.array([-self.room_x, -self.room_y])
        high = np.array([self.width - 1 + self.room_x, self.height - 1 + self.room_y])
        return float(max((low - box[:, :2]).max(), (box[:, 2:] - high).max()))


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
