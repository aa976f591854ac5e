"""Sway: leaves, grass and flowers in a wind that all of them share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.nature.field import (
    STEP,
    Mode,
    Nodes,
    Waves,
    cycles,
    grid_of,
    noise,
    source,
)
from mutoscope.engines.flipbook.nature.surface import surfaces
from mutoscope.engines.flipbook.nature.wind import Wind
from mutoscope.engines.flipbook.scene import Mask

#: Height of the vertical part of the motion, of the horizontal.
NOD = 0.28
#: The wind's gusts are this far apart, of the frame's height.
GUST = 1.1
#: Over a meadow they are seen as bands: this far apart in front, and at the region's top.
BAND, FAR_BAND = 0.55, 0.16
#: A blade that bends shows its bright side: light, of itself, for a displacement of a pixel of 720.
SHEEN = 0.022
#: A meadow's far end moves by this share of its near one.
FAR = 0.35
CALM = Wind()


def sway(
    region: Mask, frame_height: int, *, surface: str = "foliage", period: int, fps: float,
    seed: int = 0, speed: float = 1.0, strength: float = 1.0, wind: Wind = CALM,
    worn: Nodes | None = None,
) -> Waves:  # fmt: skip
    """The field of plants in `region` (plate height×width, 255 inside).

    `period` in frames; `speed` multiplies the frequency, `strength` the displacement; `worn`: see
    `Waves`.
    """
    growth = surfaces().by_name[surface]
    random = source(seed, surface)
    x, y = grid_of(region)
    unit = frame_height / 720
    shape = (len(y), len(x))
    grain = growth.grain * unit / STEP
    # the gusts are the wind's alone, so that trees and grass bend together
    gusts = wind.gusts()
    slope = gusts.uniform(-0.25, 0.25)
    meadow = growth.moves == "meadow"
    near = _near(region, y)[:, None] if meadow else np.ones((len(y), 1))
    apart = (FAR_BAND + (BAND - FAR_BAND) * near if meadow else GUST) * frame_height
    middle = wind.way * (x[None, :] - x.mean())
    travel = middle / apart + slope * y[:, None] / (GUST * frame_height)
    firm = np.clip(0.8 + 0.25 * noise(random, shape, (2 * grain, 2 * grain)), 0.3, 1.3)
    modes = []
    for hertz, share in growth.waves:
        hertz *= speed
        count = cycles(hertz, period, fps)
        own = noise(random, shape, (grain, 1.4 * grain))
        # a wave runs with the wind: its phase grows against it
        phase = 2 * np.pi * travel * (hertz / speed / growth.waves[0][0]) ** 0.5 + 0.75 * own
        phase += gusts.uniform(0, 2 * np.pi)
        steady = min(1.0, hertz * period / fps / count)
        nod = NOD * random.uniform(0.5, 1.0) * random.choice((-1.0, 1.0))
        weight = np.broadcast_to(share * steady * firm, shape)
        light = SHEEN / unit if meadow else 0.0
        modes.append(
            Mode(phase.astype(np.float32), weight.astype(np.float32), (1.0, nod), count, light)
        )
    height = growth.amplitude * unit * strength * wind.strength * (FAR + (1 - FAR) * near)
    amplitude = np.broadcast_to(height, shape).astype(np.float32)
    return Waves(region, modes, amplitude, feather=18 * unit, period=period, worn=worn)


def _near(region: Mask, y: npt.NDArray[np.int64]) -> Nodes:
    """0 at the region's top row, 1 at its bottom one, row by row of nodes."""
    rows = np.flatnonzero((region >= 128).any(axis=1))
    if not len(rows):
        return np.zeros(len(y), np.float32)
    near: Nodes = np.clip((y - rows[0]) / max(1, rows[-1] - rows[0]), 0, 1).astype(np.float32)
    return near
