"""Rain before a picture: drops in depth, streaked by the shutter, hidden by what is nearer than they.

A drop shows the light of all that is around it, the sky above all: it is brighter than what is behind
it, but only a little of the exposure, the less the faster it passes and the farther away it is. What is
too far to be seen as drops is a thin veil, and the light is that of a clouded sky.
"""

from __future__ import annotations

import av
import numpy as np

from mutoscope.engines.flipbook.effects import pixels
from mutoscope.engines.flipbook.effects.asked import Asked, Made
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.particles import METRES, Array, falling, focal_of, hiding
from mutoscope.engines.flipbook.effects.sight import Sight
from mutoscope.engines.flipbook.effects.weather import weathered
from mutoscope.engines.flipbook.nature.wind import Wind
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.frame import planes_of

#: Cells in which drops are tested against the scene's depth, pixels.
CELL = 8
#: Drops at strength 1, between these depths (near planes).
COUNT, NEAREST, FARTHEST = 2200, 0.21, 4.0
#: Metres a second by strength (drizzle to downpour), and a drop's width in metres.
SPEEDS = ((0.5, 1.0, 1.7), (4.5, 7.0, 8.5))
WIDE = 0.0022
#: Part of a frame's time that the shutter is open.
SHUTTER = 0.5
#: Opacity of a drop as wide as a pixel or more.
OPACITY = 0.5
#: Pixels (of 720 lines) that a drop is out of focus for each unit of inverse depth beyond the near plane.
DEFOCUS = 1.5
SLANT, WINDY = 0.05, 0.24  # pixels across for one down


class Rain:
    """Drops on a film of `width`×`height`; `levels`: how many of them there are, 0..1, by frame."""

    def __init__(
        self, seed: tuple[int, ...], strength: float, levels: Levels, width: int, height: int,
        timing: Timing, *, wind: Wind, slow: float = 1.0,
    ):  # fmt: skip
        self.levels, self.width, self.height = levels, width, height
        self.slant = wind.way * (WINDY * wind.strength if wind.told else SLANT)
        metres = float(np.interp(strength, *SPEEDS)) * slow
        count = round(COUNT * strength)
        self.fall = falling(
            seed, count, width, height, timing, nearest=NEAREST, farthest=FARTHEST,
            speed=metres, spread=0.2, brim=metres * SHUTTER / timing.fps, power=2.0,
        )  # fmt: skip
        lines, rho = height / 720, self.fall.rho
        true = WIDE * (0.6 + 0.4 * strength) * focal_of(width) * rho / METRES
        blurred = DEFOCUS * lines * np.maximum(0, rho - 1)
        self.soft = np.maximum(1.1 * lines, 0.9 + 0.8 * blurred)
        drawn = np.maximum(true, 0.55 * lines) + blurred
        self.half = drawn / 2
        some = 0.55 + 0.9 * self.fall.chance[:, 0] ** 2
        self.opacity = OPACITY * np.clip(true / drawn, 0.3, 1) * some
        self.length = self.fall.speed * SHUTTER
        self._leans = 0.03 * (2 * self.fall.chance[:, 2] - 1)

    def drops(self, number: int, pose: Array) -> pixels.Drops:
        """n×8, see `pixels.streaks`."""
        level = float(self.levels[number % len(self.levels)])
        x, y = self.fall.at(number, self.slant, pose)
        here = np.clip((level * 1.1 - self.fall.chance[:, 3]) * 10, 0, 1) * (level > 0)
        lean = self.slant + self._leans
        up = self.length / 2
        made = (x - lean * up, y - up, x + lean * up, y + up, self.half, self.soft)
        return np.stack([*made, self.opacity * here, self.fall.rho], 1).astype(np.float32)

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        if self.levels[seen.number % len(self.levels)] <= 0:
            return
        luma = planes_of(frame)[0]
        near, drops = hiding(seen, CELL), self.drops(seen.number, seen.pose)
        code = shine(luma[: self.height, : self.width])
        pixels.streaks(luma, self.width, self.height, drops, near, CELL, code)


def shine(luma: pixels.Plane) -> int:
    """The code of the light that a drop shows: the brighter parts of all that is around it."""
    some = luma[4::16, 4::16]
    return int(np.clip(0.5 * np.percentile(some, 92) + 0.5 * some.mean() + 55, 90, 225))


def rain(asked: Asked) -> Made:
    """It rains."""
    return weathered(
        asked, "overcast", 0.35 + 0.45 * asked.strength, 0.17,
        lambda levels: Rain(
            asked.seed, asked.strength, levels, asked.width, asked.height, asked.timing,
            wind=asked.wind, slow=asked.pace,
        ),
        "drops in depth fall before the picture, hidden by what is nearer; nothing gets wet",
        "drops in depth fall before the pictures; nothing gets wet",
    )  # fmt: skip
