"""What an effect needs to know of a frame; a photograph's scene gives it, and so does a plain picture."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.rendering.seen import Map


class Sight(Protocol):
    """The part of `rendering.seen.Seen` that effects read."""

    number: int
    pose: npt.NDArray[np.float64]

    def places(self, cell: int) -> tuple[Map, Map]: ...
    def cover(self, cell: int) -> Map: ...
    def disparity(self, cell: int) -> Map: ...
    def layers(self, cell: int) -> tuple[Map, Map | None]: ...


class Flat:
    """The sight of frame `number` where nothing is known of its depth: everything lies at the far
    plane, so whatever falls, falls before it."""

    def __init__(self, width: int, height: int, number: int):
        self.width, self.height = width, height
        self.number = number
        self.pose = np.array(AT_REST)

    def places(self, cell: int) -> tuple[Map, Map]:
        x = ((np.arange(-(-self.width // cell)) + 0.5) * cell - 0.5).astype(np.float32)
        y = ((np.arange(-(-self.height // cell)) + 0.5) * cell - 0.5).astype(np.float32)
        across, down = np.meshgrid(x, y)
        return across, down

    def cover(self, cell: int) -> Map:
        return np.zeros((-(-self.height // cell), -(-self.width // cell)), np.float32)

    def disparity(self, cell: int) -> Map:
        return self.cover(cell)

    def layers(self, cell: int) -> tuple[Map, Map | None]:
        return self.cover(cell), None
