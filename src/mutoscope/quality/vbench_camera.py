"""What the camera did, by VBench's own rule.

A grid of 10×10 points is followed from the first frame to the last; the ways of the four in the middle
of the edges, each against 0.5 % of the frame's short side, are looked up in a table: Vchitect/VBench,
vbench2_beta_i2v/camera_motion.py. VBench follows them with CoTracker; here it is Lucas-Kanade there and
back (`following`). The rule is lenient: several classes may be true at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import grey
from mutoscope.quality.following import followed
from mutoscope.quality.reel import Frames

GRID, MIDDLE, FACTOR = 10, 5, 0.005
CLASSES = ("pan_left", "pan_right", "tilt_up", "tilt_down", "zoom_in", "zoom_out", "static")
_BOTH = {
    ("left", "left"): "pan_right",
    ("right", "right"): "pan_left",
    ("down", "down"): "tilt_up",
    ("up", "up"): "tilt_down",
    ("static", "static"): "static",
}
_TOP_BOTTOM = _BOTH | {("up", "down"): "zoom_in", ("down", "up"): "zoom_out"}
_LEFT_RIGHT = _BOTH | {("left", "right"): "zoom_in", ("right", "left"): "zoom_out"}


@dataclass(frozen=True, slots=True)
class VBenchCamera:
    """`classes`: those of CLASSES that the rule finds, in that order; none where it finds no name for
    the motion. `ways`: top, bottom, left, right edge's x and y in pixels of the frames given."""

    classes: tuple[str, ...]
    ways: npt.NDArray[np.float64]


def vbench_camera(frames: Frames) -> VBenchCamera:
    """The classes of a film's camera motion."""
    height, width = frames.shape[1:3]
    ways, _ = followed([grey(frame) for frame in frames], edge_points(width, height))
    # CoTracker's points are cut to whole pixels before they are compared
    gone = np.trunc(ways[-1].astype(np.float64)) - np.trunc(ways[0].astype(np.float64))
    return VBenchCamera(classified(gone, min(width, height)), gone)


def edge_points(width: int, height: int) -> npt.NDArray[np.float32]:
    """The four of CoTracker's 10×10 grid that VBench looks at: top, bottom, left, right."""
    margin = width / 64
    x = np.linspace(margin, width - margin, GRID)
    y = np.linspace(margin, height - margin, GRID)
    places = [(x[MIDDLE], y[0]), (x[MIDDLE], y[-1]), (x[0], y[MIDDLE]), (x[-1], y[MIDDLE])]
    most = [width - 1, height - 1]
    return np.asarray(np.minimum(places, most), np.float32)


def classified(ways: npt.NDArray[np.float64], short_side: int) -> tuple[str, ...]:
    """VBench's table for the ways (4×2, pixels) of the top, bottom, left and right point."""
    top, bottom, left, right = (_sides(way, short_side * FACTOR) for way in ways)
    found = {_TOP_BOTTOM[pair] for pair in product(top, bottom) if pair in _TOP_BOTTOM}
    found |= {_LEFT_RIGHT[pair] for pair in product(left, right) if pair in _LEFT_RIGHT}
    if len(found) > 1:
        found.discard("static")
    return tuple(name for name in CLASSES if name in found)


def _sides(way: npt.NDArray[np.float64], least: float) -> list[str]:
    x, y = way
    across = "right" if x > least else "left" if x < -least else ""
    down = "down" if y > least else "up" if y < -least else ""
    return [side for side in (across, down) if side] or ["static"]
