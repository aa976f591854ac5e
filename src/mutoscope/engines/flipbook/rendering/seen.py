"""What an effect knows of a frame that has just been drawn, and what an effect is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.rendering.layers import Layer
from mutoscope.engines.flipbook.rendering.positions import STEP, Nodes
from mutoscope.engines.flipbook.scene import CELL, Grid, Mask, Scene

Map = npt.NDArray[np.float32]  # rows×cols, one value a cell of the frame
Modes = npt.NDArray[np.uint8]  # rows×cols of cells of STEP pixels


class Seen:
    """One frame's geometry, on nodes `STEP` pixels apart. Good only while its frame is being made: the
    renderer uses the nodes again. Maps are made when they are asked for, once a frame."""

    def __init__(
        self, scene: Scene, number: int, pose: npt.NDArray[np.float64],
        plate: tuple[Nodes, Nodes], subject: tuple[Nodes, Nodes] | None,
        modes: Modes | None = None, smaller: dict[int, Mask] | None = None,
    ):  # fmt: skip
        """`plate`, `subject`: which place of the still's frame each node shows. `modes`: a cell's, see
        `positions.classify`. `smaller`: kept between frames, the subject's alpha by cell."""
        self.scene = scene
        self.modes = modes
        self._smaller = {} if smaller is None else smaller
        self.number = number
        self.pose = pose
        self._plate = plate
        self._subject = subject
        self._made: dict[tuple[str, int], Map] = {}

    def places(self, cell: int) -> tuple[Map, Map]:
        """Which place of the plate (x, y in pixels of the still's frame; its margins lie outside 0 and
        width) is seen at the middle of each cell of `cell`×`cell` pixels of the frame."""
        return self._at("px", self._plate[0], cell), self._at("py", self._plate[1], cell)

    def cover(self, cell: int) -> Map:
        """How much of the subject is in front there, 0..1."""
        key = ("cover", cell)
        if key not in self._made:
            self._made[key] = self._cover(cell)
        return self._made[key]

    def disparity(self, cell: int) -> Map:
        """How near that is which is seen there: 0 the far plane, 1 the near one."""
        key = ("disparity", cell)
        if key in self._made:
            return self._made[key]
        far, near = self.layers(cell)
        if near is not None:
            far = far + self.cover(cell) * (near - far)
        self._made[key] = far
        return far

    def layers(self, cell: int) -> tuple[Map, Map | None]:
        """How near the plate is there, and how near the subject is or would be."""
        scene = self.scene
        x, y = self.places(cell)
        far = _read(scene.plate_disparity, x + scene.margin_x, y + scene.margin_y)
        if self._subject is None or scene.subject is None:
            return far, None
        u, v = self.own(cell)
        return far, _read(scene.subject.disparity, u - scene.subject.x, v - scene.subject.y)

    @property
    def nodes(self) -> tuple[tuple[Nodes, Nodes], tuple[Nodes, Nodes] | None]:
        """The plate's nodes and the subject's, as they are."""
        return self._plate, self._subject

    def own(self, cell: int) -> tuple[Map, Map]:
        """As `places`, of the subject, which may have moved by itself. Only where there is one."""
        assert self._subject is not None
        return self._at("sx", self._subject[0], cell), self._at("sy", self._subject[1], cell)

    def _cover(self, cell: int) -> Map:
        scene = self.scene
        if self._subject is None or scene.subject is None:
            rows, cols = -(-scene.height // cell), -(-scene.width // cell)
            return np.zeros((rows, cols), np.float32)
        u, v = self.own(cell)
        alpha = scene.subject.alpha
        if cell > 2:
            if cell not in self._smaller:
                small = (-(-alpha.shape[1] // cell), -(-alpha.shape[0] // cell))
                made = cv2.resize(alpha, small, interpolation=cv2.INTER_AREA)
                self._smaller[cell] = np.asarray(made, np.uint8)
            alpha = self._smaller[cell]
        wide = alpha.shape[1] / scene.subject.alpha.shape[1]
        tall = alpha.shape[0] / scene.subject.alpha.shape[0]
        seen = cv2.remap(
            alpha,
            (u - scene.subject.x + 0.5) * wide - 0.5,
            (v - scene.subject.y + 0.5) * tall - 0.5,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        return np.asarray(seen, np.float32) / np.float32(255)

    def _at(self, name: str, nodes: Nodes, cell: int) -> Map:
        key = (name, cell)
        if key not in self._made:
            self._made[key] = between(nodes, cell, self.scene.width, self.scene.height)
        return self._made[key]


class Effect(Protocol):
    """A change of the finished picture: rain, haze, light, focus. `apply` changes the planes of a
    yuv420p frame (BT.709, limited range) in place. It depends on `seen` and on what the effect was made
    with alone, so that frames can be made in any order; at frame 0 of a film that begins with the still
    exactly it changes nothing; in a loop it closes."""

    def apply(self, frame: av.VideoFrame, seen: Seen) -> None: ...


@runtime_checkable
class Baring(Protocol):
    """An effect that draws the subject itself: the renderer leaves it out of the frames of which `bare`
    is true, and all cells of `Seen.modes` show the plate."""

    def bare(self, number: int) -> bool: ...


@runtime_checkable
class Replating(Protocol):
    """An effect that has another plate for some frames: where `replated` gives a layer (its luma enlarged
    by `scale`), the renderer draws that one."""

    def replated(self, number: int, scale: int) -> Layer | None: ...


def between(nodes: Nodes, cell: int, width: int, height: int) -> Map:
    """Nodes (one every STEP pixels of the frame) → a value at the middle of each cell."""
    rows, cols = -(-height // cell), -(-width // cell)
    step, first = cell / STEP, (cell - 1) / 2 / STEP
    way = np.array([[step, 0, first], [0, step, first]])
    made = cv2.warpAffine(
        nodes.astype(np.float32), way, (cols, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(made, np.float32)


def _read(grid: Grid, x: Map, y: Map) -> Map:
    """A layer's disparity at its own pixels."""
    per = np.float32(1 / CELL)
    seen = cv2.remap(grid, x * per, y * per, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)
