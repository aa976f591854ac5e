"""Flow: a surface that truly runs, without a beginning or an end: water, clouds, smoke.

The picture is carried along a field of velocities, and so that it never runs away from itself it is
carried twice, half a cycle apart: one picture fades in at its beginning while the other is at its
farthest and fades out (Vlachos, Water Flow in Portal 2, 2010). In the middle of its way each is where it
was photographed; frame 0 is such a place, so it is the still itself.

Where a picture is carried to is found along the current's own lines, so it bends with a river's
course and never leaves its region. Where both pictures show, their detail is weaker by the root of their
shares' squares (Heitz and Neyret, High-Performance By-Example Noise, 2018), and is raised by that.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.nature.field import STEP, Nodes, clearance
from mutoscope.engines.flipbook.scene import Mask

Velocity = npt.NDArray[np.float32]  # rows×cols×2: dx, dy in plate pixels a second

#: Places along a line of the current that are kept, from half a cycle before to half a cycle after.
KEPT = 13
#: By how much of a cycle parts of the surface are out of step, so that it never pulses as one.
SPREAD = 0.5
#: How much a part may hurry or lag, of the current's speed, while it gets out of step.
HURRY = 0.35


@late_kernel()
def _carried(nodes: Any, path: Any, late: Any, turn: float, spread: float, lift: Any, first: Any, second: Any) -> None:  # fmt: skip
    last = path.shape[0] - 1
    for k in range(len(nodes)):
        node = nodes[k]
        phase = turn + late[k] * spread
        one = phase + 0.5
        one -= np.floor(one)
        two = phase - np.floor(phase)
        at = one * last
        n = min(int(at), last - 1)
        part = np.float32(at - n)
        x = path[n, k, 0] + (path[n + 1, k, 0] - path[n, k, 0]) * part
        y = path[n, k, 1] + (path[n + 1, k, 1] - path[n, k, 1]) * part
        first[node, 0] = x
        first[node, 1] = y
        at = two * last
        n = min(int(at), last - 1)
        part = np.float32(at - n)
        second[node, 0] = path[n, k, 0] + (path[n + 1, k, 0] - path[n, k, 0]) * part - x
        second[node, 1] = path[n, k, 1] + (path[n + 1, k, 1] - path[n, k, 1]) * part - y
        share = np.float32(1 - abs(2 * two - 1))
        second[node, 2] = share
        lost = np.sqrt(share * share + (1 - share) * (1 - share))
        second[node, 3] = lift[k] * (1 / lost - 1)


class Flow:
    """The running field of a region (plate height×width, 255 inside).

    `velocity` is in plate pixels a second, `cycle` in seconds; with `loop` frames it is fitted to whole
    cycles of them. `late` (nodes, 0..1) is how far each place is out of step; `contrast`, 0..1, how
    much of the detail that two unlike pictures lose is given back: water 1, clouds 0. With `once` a
    single picture is carried for half a cycle and does not come back. `empty`: the region has no place
    wide enough to move in.
    """

    def __init__(
        self, region: Mask, velocity: Velocity, *, cycle: float, fps: float, late: Nodes,
        feather: float, contrast: float = 0.0, loop: int | None = None, once: bool = False,
    ):  # fmt: skip
        clear = clearance(region)
        self._shape = clear.shape
        whole = max(1, round(loop / fps / cycle)) if loop else 0
        self._cycle = loop / whole if loop else cycle * fps  # frames
        self._loop, self._once = loop, once
        # a loop of few cycles has little time to get out of step and back
        self._spread = SPREAD if not loop else min(SPREAD, HURRY * whole / math.pi)
        rise = np.clip(clear / max(1.0, feather), 0, 1)
        self.empty = not (rise > 0).any()
        # the nodes around have the same shares and stand still: between them nothing jumps
        ring = cv2.dilate((rise > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
        flat = np.flatnonzero(ring)
        self._nodes = flat.astype(np.int64)
        self._late = np.ascontiguousarray(late.ravel()[flat], np.float32)
        self._lift = np.ascontiguousarray(contrast * rise.ravel()[flat], np.float32)
        carried = velocity * (rise * rise * (3 - 2 * rise))[..., None] / fps
        self._path = _lines(carried.astype(np.float32), self._cycle)[:, flat]
        self._kept: tuple[int, npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = None

    def _out_of_step(self, frame: int) -> float:
        if self._once:
            return 0.0
        if self._loop:
            return self._spread * math.sin(math.pi * frame / self._loop) ** 2
        ramp = min(1.0, frame / (self._cycle / HURRY))
        return self._spread * ramp * ramp * (3 - 2 * ramp)

    def _at(self, frame: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Both pictures' places at a frame; the last answer is kept, as both are asked for in turn."""
        if self._kept is None or self._kept[0] != frame:
            size = self._shape[0] * self._shape[1]
            first, second = np.zeros((size, 2), np.float32), np.zeros((size, 5), np.float32)
            if not self._still(frame):
                turn, spread = frame / self._cycle, self._out_of_step(frame)
                _carried(
                    self._nodes, self._path, self._late, turn, spread, self._lift, first, second
                )  # fmt: skip
            self._kept = frame, first.reshape(*self._shape, 2), second.reshape(*self._shape, 5)
        return self._kept[1:]

    def displacement(self, frame: int) -> npt.NDArray[np.float32]:
        """See `Field`."""
        return self._at(frame)[0]

    def second(self, frame: int) -> npt.NDArray[np.float32] | None:
        """See `Running`."""
        return None if self._once else self._at(frame)[1]

    def _still(self, frame: int) -> bool:
        return frame == 0 or (self._loop is not None and frame % self._loop == 0)


def _lines(step: Velocity, cycle: float) -> npt.NDArray[np.float32]:
    """Where each node's picture comes from at KEPT times of a cycle of `cycle` frames, in plate pixels
    beside the node: KEPT × nodes × 2. `step` is in plate pixels a frame."""
    rows, cols = step.shape[:2]
    x, y = np.meshgrid(np.arange(cols, dtype=np.float32), np.arange(rows, dtype=np.float32))
    kept = np.zeros((KEPT, rows * cols, 2), np.float32)
    middle = KEPT // 2
    between = cycle / (KEPT - 1)
    for way in (-1, 1):  # back along the line for what has run, on along it for what will
        u, v = x.copy(), y.copy()
        for n in range(1, middle + 1):
            here = cv2.remap(step, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            u = np.clip(u - way * between / STEP * here[..., 0], 0, cols - 1)
            v = np.clip(v - way * between / STEP * here[..., 1], 0, rows - 1)
            kept[middle + way * n, :, 0] = STEP * (u - x).ravel()
            kept[middle + way * n, :, 1] = STEP * (v - y).ravel()
    return kept
