"""Sway: leaves, grass and flowers in a light wind that all of them share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutoscope.engines.flipbook.nature.field import (
    STEP,
    Mode,
    Waves,
    cycles,
    grid_of,
    noise,
    source,
)
from mutoscope.engines.flipbook.nature.surface import Surface
from mutoscope.engines.flipbook.scene import Mask

#: Height of the vertical part of the motion, of the horizontal.
NOD = 0.28
#: The wind's gusts are this far apart, of the frame's height.
GUST = 1.1


@dataclass(frozen=True, slots=True)
class Growth:
    """How a plant takes the wind: displacement and grain in pixels of a frame 720 high."""

    amplitude: float
    grain: float
    waves: tuple[tuple[float, float], ...]  # hertz, share


GROWTHS: dict[Surface, Growth] = {
    "foliage": Growth(2.1, 60, ((0.33, 1.0), (0.5, 0.8), (0.75, 0.4), (1.1, 0.18))),
    "grass": Growth(2.4, 36, ((0.42, 1.0), (0.63, 0.8), (0.9, 0.4), (1.25, 0.2))),
    "flowers": Growth(2.2, 90, ((0.33, 1.0), (0.47, 0.8), (0.7, 0.3))),
}


def sway(
    region: Mask, frame_height: int, *, surface: Surface = "foliage", period: int, fps: float,
    seed: int = 0, speed: float = 1.0, strength: float = 1.0, wind: float = 1.0,
) -> Waves:  # fmt: skip
    """The field of plants in `region` (plate height×width, 255 inside).

    `wind` is 1 where it blows to the right, -1 to the left; the others as for `ripple`.
    """
    growth = GROWTHS[surface]
    random = source(seed, surface)
    x, y = grid_of(region)
    unit = frame_height / 720
    shape = (len(y), len(x))
    grain = growth.grain * unit / STEP
    # the gusts are the seed's alone, so that trees and grass bend together
    gusts = source(seed, "wind")
    slope = gusts.uniform(-0.25, 0.25)
    travel = (x[None, :] * wind + slope * y[:, None]) / (GUST * frame_height)
    firm = np.clip(0.8 + 0.25 * noise(random, shape, (2 * grain, 2 * grain)), 0.3, 1.3)
    modes = []
    for hertz, share in growth.waves:
        hertz *= speed
        count = cycles(hertz, period, fps)
        own = noise(random, shape, (grain, 1.4 * grain))
        phase = 2 * np.pi * travel * (hertz / growth.waves[0][0]) ** 0.5 + 0.75 * own
        phase += gusts.uniform(0, 2 * np.pi)
        steady = min(1.0, hertz * period / fps / count)
        nod = NOD * random.uniform(0.5, 1.0) * random.choice((-1.0, 1.0))
        weight = np.broadcast_to(share * steady * firm, shape)
        modes.append(Mode(phase.astype(np.float32), weight.astype(np.float32), (1.0, nod), count))
    amplitude = np.full(shape, growth.amplitude * unit * strength, np.float32)
    return Waves(region, modes, amplitude, feather=18 * unit, period=period)
