"""Pictures between two pictures: the seam for interpolators, and the one by flow.

An `Interpolator` is made once for a pair and then gives the picture at any time, from several
threads at once. The one by the network (`by_network.py`) is the one by flow with another motion.
"""

from __future__ import annotations

import math
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.pairs.between import compose, settle, splat
from mutoscope.engines.flipbook.pairs.flow import Flow
from mutoscope.engines.flipbook.pairs.homography import Matrix, Way, apply, movement
from mutoscope.engines.flipbook.pairs.light import Curve
from mutoscope.engines.flipbook.scene import Rgb

#: Grid of the splatted motion, in canvas pixels a node.
NODE = 2
#: Border over which one picture gives way to the other, of the frame's width.
FEATHER = 0.05
#: How much faster than the way itself the blend goes.
BLEND = 1.35
#: How far the camera may lean in between the pictures to keep what neither shows out of the frame.
DEEPEST_LEAN = 1.1
#: Share of the frame that may stay uncovered by both (it shows mirrored pixels for a moment).
BARE = 0.01
TIMES_LOOKED_AT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class Interpolator(Protocol):
    """`at(t)` is the picture (H×W×3 uint8 RGB) at time t, 0 < t < 1, between a first and a last."""

    def at(self, t: float) -> Rgb: ...


def smooth(t: float) -> float:
    """3t² - 2t³: from 0 to 1 with no speed at either end."""
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def _four(picture: Rgb) -> npt.NDArray[np.float32]:
    """H×W×4 float32: four channels fit a vector register."""
    return np.dstack([picture, np.zeros(picture.shape[:2], np.uint8)]).astype(np.float32)


def _table(curve: Curve) -> npt.NDArray[np.float32]:
    return np.vstack([curve, curve[-1:]])


def _reduced(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    size = (values.shape[1] // NODE, values.shape[0] // NODE)
    return np.ascontiguousarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


class FlowInterpolator:
    """Both pictures follow the global way and the flow to time t, and are blended as far as each is
    trusted, visible and inside its border; light goes evenly from one to the other."""

    def __init__(self, first: Rgb, last: Rgb, way: Way, flow: Flow):
        self._pictures = (_four(first), _four(last))
        self._height, self._width = first.shape[:2]
        self._way = way
        self._light = flow.light
        self._vectors = (_reduced(flow.onward) / NODE, _reduced(flow.back) / NODE)
        self._trust = (_reduced(flow.trust_first), _reduced(flow.trust_last))
        self._inside = (
            (_reduced(flow.inside_first) > 0.99).astype(np.float32),
            (_reduced(flow.inside_last) > 0.99).astype(np.float32),
        )
        offset = (NODE - 1) / 2
        nodes = np.array([[NODE, 0, offset], [0, NODE, offset], [0, 0, 1.0]])
        self._grid: Matrix = flow.canvas @ nodes  # node → frame pixel half way
        self._zoom = movement(way.at(1), self._width, self._height).zoom
        self._lean = self._needed_lean()

    def _moved(self, t: float) -> npt.NDArray[np.float32]:
        """The grid's motion at time t, as `compose` takes it."""
        shape = (*self._trust[0].shape, 5)
        grid = np.empty((*self._trust[0].shape, 6), np.float32)
        for which, part in ((0, t), (1, 1 - t)):
            sharp = np.zeros(shape, np.float32)
            splat(
                self._vectors[which],
                self._trust[which],
                self._inside[which],
                part,
                sharp,
            )
            coarse = cv2.blur(sharp, (15, 15), borderType=cv2.BORDER_REPLICATE)
            settle(sharp, coarse, grid, 3 * which)
        grid[..., 3:5] *= -1  # the last picture's motion points back
        return grid

    def at(self, t: float) -> Rgb:
        grid = self._moved(t)
        inverse = np.linalg.inv(self._grid)
        to_grid = inverse @ self._way.at(0.5 - t) @ np.linalg.inv(self._leaning(t))
        out = np.empty((self._height, self._width, 3), np.uint8)
        # the blend takes the middle of the way; near an end one picture alone is sharper, and enough
        weight = min(1 - 1e-3, max(1e-3, smooth((t - 0.5) * BLEND + 0.5)))
        # a picture that is enlarged more at this moment is less sharp: it counts less
        sharpness = [min(1.0, z) ** 2 for z in (self._zoom**-t, self._zoom ** (1 - t))]
        share = np.array([(1 - weight) * sharpness[0], weight * sharpness[1]])
        # at either end a border coincides with the frame's own and needs no feather
        wide = FEATHER * self._width
        feather = np.maximum(1e-3, wide * np.minimum(1.0, 4 * np.array([t, 1 - t])))
        curves = [_table(curve) for curve in self._light.at(t)]
        compose(
            self._soft(0, self._zoom**t), self._soft(1, self._zoom ** (t - 1)), grid,
            to_grid, self._way.at(-0.5) @ self._grid, self._way.at(0.5) @ self._grid, t,
            share.astype(np.float32), feather.astype(np.float32), not self._light.same, curves[0], curves[1], out,
        )  # fmt: skip
        return out

    def _soft(self, which: int, zoom: float) -> npt.NDArray[np.float32]:
        """The picture, softened where it is shown so small that it would alias."""
        picture = self._pictures[which]
        if zoom > 0.8:
            return picture
        sigma = 0.4 * math.sqrt(1 / (zoom * zoom) - 1 / 0.64)
        if sigma < 0.15:
            return picture
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)

    def _leaning(self, t: float) -> Matrix:
        """The camera's lean at time t: a zoom about the centre, nothing at either end."""
        zoom = 1 + (self._lean - 1) * math.sin(math.pi * t)
        x, y = (self._width - 1) / 2, (self._height - 1) / 2
        return np.array([[zoom, 0, x * (1 - zoom)], [0, zoom, y * (1 - zoom)], [0, 0, 1]])

    def _needed_lean(self) -> float:
        """The least lean that leaves next to none of the frame uncovered by both pictures."""
        x, y = np.meshgrid(
            np.linspace(0, self._width - 1, 33), np.linspace(0, self._height - 1, 19)
        )
        points = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
        size = np.array([self._width - 1.0, self._height - 1.0])
        for lean in np.linspace(1, DEEPEST_LEAN, 16).tolist():
            self._lean = lean
            open_points = 0
            for t in TIMES_LOOKED_AT:
                straight = apply(np.asarray(np.linalg.inv(self._leaning(t))), points)
                inside = np.zeros(len(points), bool)
                for way in (self._way.at(-t), self._way.at(1 - t)):
                    at = apply(way, straight)
                    inside |= ((at >= -1) & (at <= size + 1)).all(axis=1)
                open_points += int((~inside).sum())
            if open_points <= BARE * len(TIMES_LOOKED_AT) * len(points):
                return self._lean
        return DEEPEST_LEAN
