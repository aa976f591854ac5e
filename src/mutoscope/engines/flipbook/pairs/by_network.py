"""Pictures between two pictures by the interpolation network, after all that needs none is done.

The camera's way is taken out and the light is matched before the network sees anything, so what it is
asked for is small; what it answers is put on the same grid that flow is put on, and the pictures are
read whole, at one go with the camera's way.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.pairs.evidence import Pair
from mutoscope.engines.flipbook.pairs.flow import laid_half_way
from mutoscope.engines.flipbook.pairs.interpolate import NODE, FlowInterpolator
from mutoscope.engines.flipbook.pairs.learned import Learned, Motion, copy_size, refined
from mutoscope.engines.flipbook.scene import Rgb


class NetworkInterpolator(FlowInterpolator):
    """The pair's alignment, light and borders as they are; the motion and the shares by the network,
    made finer by the pair's flow. `fine`: the network sees the whole canvas, not a smaller copy.
    Raises WeightsCorrupt where its weights cannot be read."""

    def __init__(self, pair: Pair, fine: bool = False):
        super().__init__(pair.first, pair.last, pair.way, pair.flow)
        flow = pair.flow
        rows, columns = flow.trust_first.shape
        self._copy = copy_size(columns, rows, fine)
        self._scale = np.array([self._copy[0] / columns, self._copy[1] / rows], np.float32)
        first, last = (
            self._reduced(one) for one in laid_half_way(pair.first, pair.last, pair.way, flow)
        )
        self._learned = Learned(first, last)
        self._luma = tuple(
            cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (first, last)
        )

    def _reduced(self, picture: Rgb) -> Rgb:
        small = cv2.resize(picture, self._copy, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)

    def _moved(self, t: float) -> npt.NDArray[np.float32]:
        grid = super()._moved(t)
        nodes = np.float32(NODE) * self._scale  # of the copy's pixels, a node has so many
        ways = (-t * nodes, (1 - t) * nodes)
        to_first, to_last = (
            np.asarray(cv2.resize(grid[..., at : at + 2] * way, self._copy), np.float32)
            for at, way in ((0, ways[0]), (3, ways[1]))
        )
        sure = cv2.resize(np.minimum(grid[..., 2], grid[..., 5]), self._copy)
        level = np.full(sure.shape, 0.5, np.float32)
        by_flow = Motion(to_first, to_last, level)
        one, other = self._luma
        motion = refined(
            self._learned.at(t), by_flow, np.asarray(sure, np.float32), one, other, steady=True
        )
        size = (grid.shape[1], grid.shape[0])
        grid[..., 0:2] = cv2.resize(motion.to_first / ways[0], size)
        grid[..., 3:5] = cv2.resize(motion.to_last / ways[1], size)
        share = cv2.resize(motion.share, size)
        grid[..., 2], grid[..., 5] = share, 1 - share
        return grid
