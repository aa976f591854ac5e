"""How evenly the camera goes: the third derivative of its way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutoscope.quality.camera import Camera

#: Frames a second that jerk is counted at, whatever the film's own.
RATE = 24.0


@dataclass(frozen=True, slots=True)
class Jerk:
    """`typical` and `worst`: per mille of the frame per frame³ at 24 frames a second, of the corner of
    the frame that moves most; `frames`: each one's, n - 3 of them, the first being frame 2's."""

    typical: float
    worst: float
    frames: npt.NDArray[np.float64]


def jerk(way: Camera, fps: float) -> Jerk | None:
    """None for fewer than four frames."""
    if len(way.pan) < 4:
        return None
    parts = np.stack(
        [way.pan, way.tilt, np.log(np.maximum(way.zoom, 1e-6)) / 2, np.radians(way.roll) / 2], -1
    )
    third = np.abs(np.diff(parts, 3, axis=0)).max(-1) * 1000 * (fps / RATE) ** 3
    return Jerk(float(np.median(third)), float(third.max()), third)
