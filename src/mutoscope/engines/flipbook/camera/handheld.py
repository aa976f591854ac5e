"""A camera held by a person: seeded, band-limited, the same every time for the same seed.

Breath and balance move it slowly (under 1 Hz), the muscles a little at 1-3 Hz; above that a hand on a
camera's weight moves hardly at all. Amplitudes fall beyond KNEE hertz with the 1.6th power.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LOWEST, HIGHEST = 0.12, 3.2  # hertz
KNEE = 0.45
FALL = 1.6
#: RMS at strength 1: shifts in near-plane units, turns in degrees (a view of 55° across).
SIZES = {"tx": 0.004, "ty": 0.003, "tz": 0.004, "yaw": 0.28, "pitch": 0.24, "roll": 0.16}
#: Seconds that a repeat is kept away beyond the clip's end.
SPARE = 7.0


def sway(times: Array, seconds: float, seed: int, *, loop: bool = False) -> Array:
    """Six columns (tx, ty, tz, yaw, pitch, roll) at `times` seconds; shifts in near-plane units,
    turns in radians. With `loop` it repeats after exactly `seconds`."""
    rng = np.random.default_rng([seed, 0x48414E44])
    period = seconds if loop else seconds + SPARE
    cycles = np.arange(max(1, int(np.ceil(LOWEST * period))), int(HIGHEST * period) + 1)
    if len(cycles) == 0:
        cycles = np.array([1])
    hertz = cycles / period
    # components lie 1/period apart: the amplitude of each is its share of the whole power
    power = (1 + (hertz / KNEE) ** 2) ** -FALL
    height = np.sqrt(2 * power / power.sum())
    turn = 2 * np.pi * np.outer(times, hertz)
    columns = []
    for name, size in SIZES.items():
        phase = rng.uniform(0, 2 * np.pi, len(cycles))
        unit = np.deg2rad(size) if name in ("yaw", "pitch", "roll") else size
        columns.append(unit * (np.cos(turn + phase) @ height))
    return np.stack(columns, axis=1)
