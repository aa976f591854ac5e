"""Ripple: the surface of water, small and far at the top of its region, larger and near below."""

from __future__ import annotations

import numpy as np

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
from mutoscope.engines.flipbook.scene import Mask

# Pixels of a frame 720 high. Above these the surface looks like cloth, not like water.
FAR, NEAR = 0.6, 2.8  # displacement
SHORT, LONG = 15.0, 92.0  # wavelength
#: Part of the frame's height below the region's top at which the water is near: the region's own
#: height within these bounds, so that a narrow strip of lake is seen to move, too.
SHALLOW, DEEP = 0.2, 0.5
HERTZ = 0.7
#: wavelength's divisor, share: short waves are lower. Deep water: their frequency grows by the root.
WAVES = ((0.7, 1.0), (0.85, 0.95), (1.0, 0.85), (1.2, 0.6), (1.45, 0.45), (1.8, 0.3))
#: A wave's slope shows more or less of the sky: light, of itself, for a displacement of a pixel of 720.
GLINT = 0.026
SHORTEST = 3.0 * STEP  # pixels: a shorter wave cannot be drawn with nodes `STEP` apart


def ripple(
    region: Mask, frame_height: int, *, period: int, fps: float,
    seed: int = 0, speed: float = 1.0, strength: float = 1.0, worn: Nodes | None = None,
) -> Waves:  # fmt: skip
    """The field of water in `region` (plate height×width, 255 inside).

    `period` in frames; `speed` multiplies the frequency, `strength` the displacement; `worn`: see
    `Waves`.
    """
    random = source(seed, "ripple")
    x, y = grid_of(region)
    unit = frame_height / 720
    rows = np.flatnonzero((region >= 128).any(axis=1))
    top, bottom = (float(rows[0]), float(rows[-1])) if len(rows) else (0.0, 0.0)
    depth = min(DEEP, max(SHALLOW, (bottom - top) / frame_height)) * frame_height
    near = np.clip((y - top) / depth, 0, 1)
    length = unit * (SHORT + (LONG - SHORT) * near)  # the main wave's, row by row
    # whole waves from the top down to each row
    down = np.cumsum(STEP / length) - STEP / length[0]
    shape = (len(y), len(x))
    across = (x - x.mean()) / (unit * (SHORT + LONG) / 2)
    modes = []
    for index, (divisor, share) in enumerate(WAVES):
        slant = random.uniform(0.1, 0.3) * random.choice((-1.0, 1.0))
        # crests are broken: each has its own noise, wider than high
        broken = 0.5 * noise(random, shape, (22 * unit / divisor + 2, 7 * unit / divisor + 2))
        waves = divisor * down[:, None] + slant * across[None, :] + broken
        hertz = HERTZ * speed * np.sqrt(divisor)
        count = cycles(hertz, period, fps)
        towards = -1 if index % 3 == 2 else 1  # some run back: the surface works, it does not slide
        drawn = np.clip(length / divisor / SHORTEST - 0.6, 0, 1)[:, None]
        steady = min(1.0, hertz * period / fps / count)  # a short loop must not tremble
        weight = np.broadcast_to(share * steady * drawn, shape)
        phase = 2 * np.pi * towards * waves + random.uniform(0, 2 * np.pi)
        sideways = random.uniform(0.15, 0.35) * random.choice((-1.0, 1.0))
        modes.append(
            Mode(
                phase.astype(np.float32),
                weight.astype(np.float32),
                (sideways, 1.0),
                count,
                GLINT / unit,
            )
        )
    height = unit * strength * (FAR + (NEAR - FAR) * near)
    amplitude = np.broadcast_to(height[:, None], shape).astype(np.float32)
    return Waves(region, modes, amplitude, feather=14 * unit, period=period, worn=worn)
