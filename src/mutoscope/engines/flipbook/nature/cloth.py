"""Cloth and hair: waves that travel from where they hang or are held to their free ends."""

from __future__ import annotations

from dataclasses import dataclass

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
from mutoscope.engines.flipbook.nature.wind import Wind
from mutoscope.engines.flipbook.scene import Mask


@dataclass(frozen=True, slots=True)
class Weave:
    """How a thing hangs and waves; lengths in pixels of a frame 720 high."""

    amplitude: float  # at the free end
    length: float  # of a wave, of the region's extent away from where it is held
    broken: float  # how unlike the waves are side by side: their phase, in turns
    across: float  # displacement across the waves' way, along it 1
    light: float  # a fold's light, of itself, a pixel of displacement
    waves: tuple[tuple[float, float], ...]  # hertz, share
    grain: float


#: what hangs, and how
WEAVES = {
    "flag": Weave(8.0, 0.55, 0.10, 2.2, 0.022, ((0.9, 1.0), (1.4, 0.55), (2.1, 0.25)), 120),
    "cloth": Weave(5.0, 0.9, 0.16, 1.6, 0.012, ((0.4, 1.0), (0.63, 0.6), (1.0, 0.25)), 110),
    "hair": Weave(3.6, 1.2, 0.22, 2.5, 0.0, ((0.36, 1.0), (0.55, 0.6), (0.85, 0.25)), 46),
}
#: words for cloth that is held at its side, by which the wind comes; the rest hangs
HELD_ASIDE = frozenset(
    [
        "flag",
        "flags",
        "banner",
        "banners",
        "pennant",
        "sail",
        "sails",
        "flagge",
        "flaggen",
        "fahne",
        "fahnen",
        "segel",
        "flaget",
        "flagene",
        "flagget",
        "sejl",
        "sejlet",
        "sejlene",
    ]
)
HELD_ASIDE_SIGNS = ("旗", "帆")


def weave_of(words: str, surface: str) -> str:
    """Which of WEAVES the words for a surface mean."""
    if surface == "hair":
        return "hair"
    lowered = words.lower()
    if any(word.strip(".,;:!?'\"()") in HELD_ASIDE for word in lowered.split()):
        return "flag"
    return "flag" if any(sign in lowered for sign in HELD_ASIDE_SIGNS) else "cloth"


def cloth(
    region: Mask, frame_height: int, *, weave: str = "cloth", wind: Wind, period: int, fps: float,
    seed: int = 0, speed: float = 1.0, strength: float = 1.0, worn: Nodes | None = None,
    whole: Mask | None = None,
) -> Waves:  # fmt: skip
    """The field of cloth or hair in `region` (plate height×width, 255 inside).

    A flag is held where the wind comes from, the rest at the region's top. `period` in frames;
    `worn`: see `Waves`; `whole`: the region with the subject's part, where it is held and free.
    """
    kind = WEAVES[weave]
    random = source(seed, weave)
    x, y = grid_of(region)
    unit = frame_height / 720
    shape = (len(y), len(x))
    rows, cols = np.nonzero((region if whole is None else whole) >= 128)
    box = (cols.min(), cols.max(), rows.min(), rows.max()) if len(cols) else (0, 1, 0, 1)
    if weave == "flag":
        along = (x - box[0]) if wind.way > 0 else (box[1] - x)
        out = np.broadcast_to(along[None, :] / max(1, box[1] - box[0]), shape)
        beside = np.broadcast_to(((y - box[2]) / max(1, box[3] - box[2]))[:, None], shape)
        forward, sideways = (wind.way, 0.0), (0.0, 1.0)
    else:
        out = np.broadcast_to(((y - box[2]) / max(1, box[3] - box[2]))[:, None], shape)
        beside = np.broadcast_to((wind.way * (x - box[0]) / max(1, box[1] - box[0]))[None], shape)
        forward, sideways = (0.0, 1.0), (wind.way, 0.0)
    free = np.clip(out, 0, 1) ** 1.3
    grain = kind.grain * unit / STEP
    modes = []
    for index, (hertz, share) in enumerate(kind.waves):
        hertz *= speed
        count = cycles(hertz, period, fps)
        own = kind.broken * noise(random, shape, (grain, grain))
        turns = out / kind.length * (1 + 0.5 * index) + 0.35 * beside + own
        phase = 2 * np.pi * turns + wind.gusts().uniform(0, 2 * np.pi)
        steady = min(1.0, hertz * period / fps / count)
        weight = np.broadcast_to(share * steady, shape)
        way = (
            forward[0] + kind.across * sideways[0],
            forward[1] * 0.5 + kind.across * sideways[1],
        )
        size = float(np.hypot(*way))
        modes.append(
            Mode(
                phase.astype(np.float32), weight.astype(np.float32),
                (way[0] / size, way[1] / size), count, kind.light,
            )
        )  # fmt: skip
    amplitude = (kind.amplitude * unit * strength * wind.strength * free).astype(np.float32)
    return Waves(region, modes, amplitude, feather=10 * unit, period=period, worn=worn)
