"""What moves by itself in a frame: the fields of plate and subject gathered, and their kernels run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.nature.field import STEP as FIELD
from mutoscope.engines.flipbook.nature.field import Field, Running, Worn, grid_of
from mutoscope.engines.flipbook.rendering import marking, moving
from mutoscope.engines.flipbook.rendering.layers import Layer
from mutoscope.engines.flipbook.rendering.positions import STEP
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.finish.bt709 import planes
from mutoscope.finish.frame import Plane

Nodes = npt.NDArray[np.float64]
Displacement = npt.NDArray[np.float32]

#: Detail is what is smaller than this, of the frame's height.
DETAIL = 0.02
#: Where the subject is pushed by this many pixels nothing of the still is added to it.
GONE = 1.5


@dataclass(frozen=True, slots=True)
class Pushed:
    """The fields at one frame, in plate pixels; see `nature.field`."""

    plate: Displacement
    second: Displacement | None
    worn: Displacement | None


class Moving:
    """A scene's fields and their work space. `at` gathers them for a frame; then `mark` and `draw`."""

    def __init__(self, scene: Scene, fields: Sequence[Field], subject: Layer | None):
        self.fields = tuple(fields)
        self._runs = [field for field in self.fields if isinstance(field, Running)]
        worn = [field for field in self.fields if isinstance(field, Worn)]
        self._worn = worn if subject is not None else []
        self._scene, self._subject = scene, subject
        rows, cols = -(-scene.height // STEP), -(-scene.width // STEP)
        self._cells = np.zeros((rows, cols), np.uint8)
        self._lines = np.zeros((4, cols + 1), np.int64)
        self._texels = np.zeros((moving.LINES, cols * STEP), np.uint32)
        self._shares = np.zeros((6, cols * STEP), np.int32)
        nodes = (rows * marking.STEPS + 1, cols * marking.STEPS + 1)
        self._levels = np.zeros((7, nodes[1]), np.int32)
        self._push = np.zeros((2, *nodes), np.float32)
        self._second = np.zeros((moving.MEAN + 1, *(nodes if self._runs else (1, 1))), np.float32)
        self._own = np.zeros((2, *(nodes if self._worn else (1, 1))), np.float32)
        self._none = np.zeros((2, 1, 1), np.float32)
        self._mean: Displacement | None = None

    def at(self, number: int) -> Pushed:
        """What is pushed at frame `number`."""
        plate = self.fields[0].displacement(number)
        for other in self.fields[1:]:
            plate = plate + other.displacement(number)
        second = self._second_at(number, plate)
        worn = None
        for field in self._worn:
            more = field.worn(number)
            if more is not None and more.any():
                worn = more if worn is None else worn + more
        return Pushed(np.ascontiguousarray(plate, dtype=np.float32), second, worn)

    def _second_at(self, number: int, plate: Displacement) -> Displacement | None:
        """Where the second picture comes from: what ripples while it runs does so in both."""
        total = None
        for field in self._runs:
            second = field.second(number)
            if second is not None:
                total = second.copy() if total is None else total + second
        if total is None:
            return None
        total[..., :2] += plate
        return total

    def mark(
        self, pushed: Pushed, plate: tuple[Nodes, Nodes], own: tuple[Nodes, Nodes], modes: Plane
    ) -> None:
        """Find the cells that anything moves in; `modes` are corrected where the subject does."""
        scene, cells = self._scene, self._cells
        corner = float(-scene.margin_x), float(-scene.margin_y)
        cells[:] = 0
        marking.touched(*plate, pushed.plate, 0, 2, cells, *corner, marking.PUSHED)
        # what is sampled is written for every corner of the cells that read it; the rest is left
        if pushed.second is not None:
            if self._mean is None:
                self._mean = _mean(scene)
            second, share, light = pushed.second, moving.SHARE, moving.LIGHT
            marking.touched(*plate, second, share, share + 1, cells, *corner, marking.RUNS)
            marking.touched(*plate, second, light, light + 1, cells, *corner, marking.LIT)
            runs, both = marking.RUNS, marking.RUNS | marking.LIT
            marking.sampled(*plate, second, cells, both, *corner, self._second, 0)
            if self._gives_back(pushed):
                marking.sampled(*plate, self._mean, cells, runs, *corner, self._second, moving.MEAN)
        every = marking.PUSHED | marking.RUNS | marking.LIT
        marking.sampled(*plate, pushed.plate, cells, every, *corner, self._push, 0)
        if pushed.worn is not None and self._subject is not None:
            marking.touched(*own, pushed.worn, 0, 2, cells, *corner, marking.WORN)
            marking.sampled(*own, pushed.worn, cells, marking.WORN, *corner, self._own, 0)
            subject = self._subject
            reach = float(np.hypot(pushed.worn[..., 0], pushed.worn[..., 1]).max())
            marking.spread_modes(
                *own, subject.least, subject.most, modes, cells,
                float(subject.left), float(subject.top), subject.width, subject.height, reach,
            )  # fmt: skip

    def draw(
        self, pushed: Pushed, luma: tuple[object, ...], chroma: tuple[object, ...], plate: Layer
    ) -> None:
        """Draw the marked cells anew; `luma`, `chroma` are `fill`'s arguments less its work space."""
        second = self._none
        if pushed.second is not None:
            second = self._second if self._gives_back(pushed) else self._second[: moving.MEAN]
        worn = self._none if pushed.worn is None else self._own
        work = (self._lines, self._texels, self._shares, self._levels)
        fields = (self._cells, self._push, second, worn)
        moving.luma(*luma, *fields, float(plate.scale), *work)
        moving.chroma(*chroma, *fields, *work)

    @staticmethod
    def _gives_back(pushed: Pushed) -> bool:
        return pushed.second is not None and bool(pushed.second[..., moving.CONTRAST].any())

    def held(self, pushed: Pushed, own: tuple[Nodes, Nodes]) -> Plane | None:
        """How much the subject stands still at the corners of the frame's cells, 0..255; None: all."""
        if pushed.worn is None:
            return None
        scene = self._scene
        gone = np.hypot(pushed.worn[..., 0], pushed.worn[..., 1])
        # the most within a cell's reach
        gone = np.asarray(cv2.dilate(gone, np.ones((STEP // FIELD * 2 + 1,) * 2, np.uint8)))
        x = ((own[0] + scene.margin_x) / FIELD).astype(np.float32)
        y = ((own[1] + scene.margin_y) / FIELD).astype(np.float32)
        there = cv2.remap(gone, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(255 * np.clip(1 - np.asarray(there) / GONE, 0, 1), np.uint8)


def _mean(scene: Scene) -> Displacement:
    """The plate's luma without its detail at the fields' nodes, rows×cols×1."""
    light = np.asarray(planes(scene.plate)[0], np.float32)
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), DETAIL * scene.height), np.float32)
    x, y = grid_of(light)  # type: ignore[arg-type]
    return np.ascontiguousarray(soft[np.ix_(y, x)][..., None])
