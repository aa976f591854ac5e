"""Snow before a picture: flakes in depth that drift and swirl, near ones out of focus."""

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

#: Cells in which flakes are tested against the scene's depth, pixels.
CELL = 8
#: Flakes at strength 1, between these depths (near planes).
COUNT, NEAREST, FARTHEST = 2000, 0.22, 4.0
#: Metres a second by strength (a few flakes to a blizzard), and across in a wind.
SPEEDS = ((0.5, 1.0, 1.7), (0.75, 1.0, 1.9))
WINDY, BREATH = 0.7, 0.07
#: A flake's width in metres; how far it swings (metres) and how often (hertz), slow and quick.
WIDE = 0.011
SWING, HERTZ = (0.16, 0.045), (0.22, 0.75)
#: Part of a frame's time that the shutter is open.
SHUTTER = 0.5
OPACITY = 0.85
#: Pixels (of 720 lines) that a flake is out of focus for each unit of inverse depth beyond the near plane.
DEFOCUS = 2.6


class Snow:
    """Flakes on a film of `width`×`height`; `levels`: how many of them there are, 0..1, by frame."""

    def __init__(
        self, seed: tuple[int, ...], strength: float, levels: Levels, width: int, height: int,
        timing: Timing, *, wind: Wind, slow: float = 1.0,
    ):  # fmt: skip
        self.levels, self.width, self.height, self.fps = levels, width, height, timing.fps
        falls = float(np.interp(strength, *SPEEDS))
        speed = falls * slow
        across = WINDY * max(1.0, strength) * wind.strength if wind.told else BREATH
        self.slant = wind.way * across / falls
        self.fall = falling(
            seed, round(COUNT * strength), width, height, timing, nearest=NEAREST,
            farthest=FARTHEST, speed=speed, spread=0.35, brim=0.25, power=1.6,
        )  # fmt: skip
        lines, rho = height / 720, self.fall.rho
        chance = np.random.default_rng((*seed, 1))
        count = len(rho)
        size = WIDE * (0.45 + 0.9 * chance.random(count) ** 2)
        self._scale = focal_of(width) * rho / METRES  # pixels a metre
        true = size * self._scale
        blurred = DEFOCUS * lines * np.maximum(0, rho - 1)
        drawn = np.maximum(true, 1.0 * lines) + blurred
        self.half = drawn / 2
        self.soft = np.maximum(1.2 * lines, np.minimum(0.95 * drawn, 0.8 * true + 0.6 * blurred))
        # what is spread over more pixels covers each of them less
        self.opacity = OPACITY * np.clip((true / drawn) ** 1.4, 0.07, 1)
        hertz = slow * np.array(HERTZ)[:, None] * (0.6 + 0.8 * chance.random((2, count)))
        if timing.loop:
            hertz = np.maximum(1, np.rint(hertz * timing.seconds)) / timing.seconds
        self._turn = 2 * np.pi * hertz / timing.fps
        self._phase = chance.uniform(0, 2 * np.pi, (2, count))
        self._swing = np.array(SWING)[:, None] * self._scale

    def _swings(self, number: float) -> Array:
        return np.asarray((self._swing * np.sin(self._turn * number + self._phase)).sum(0))

    def drops(self, number: int, pose: Array) -> pixels.Drops:
        """n×8, see `pixels.flakes`."""
        level = float(self.levels[number % len(self.levels)])
        x, y = self.fall.at(number, self.slant, pose)
        here = np.clip((level * 1.1 - self.fall.chance[:, 3]) * 10, 0, 1) * (level > 0)
        before, after = self._swings(number - SHUTTER / 2), self._swings(number + SHUTTER / 2)
        down = self.fall.speed * SHUTTER / 2
        across = self.slant * down
        made = (x + before - across, y - down, x + after + across, y + down, self.half, self.soft)
        # a line is longer than a disc: the same light over more of the picture
        moved = np.hypot(after - before + 2 * across, 2 * down)
        thin = 1 / (1 + 0.5 * moved / (2 * self.half + self.soft))
        return np.stack([*made, self.opacity * here * thin, self.fall.rho], 1).astype(np.float32)

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        if self.levels[seen.number % len(self.levels)] <= 0:
            return
        planes = planes_of(frame)
        near, drops = hiding(seen, CELL), self.drops(seen.number, seen.pose)
        some = planes[0][4 : self.height : 16, 4 : self.width : 16]
        code = int(np.clip(0.5 * np.percentile(some, 95) + 0.5 * some.mean() + 85, 120, 232))
        light = np.array([code, 129, 127])
        pixels.flakes(*planes, self.width, self.height, drops, near, CELL, light)


def snow(asked: Asked) -> Made:
    """It snows."""
    return weathered(
        asked, "snowing", 0.4 + 0.4 * asked.strength, 0.16,
        lambda levels: Snow(
            asked.seed, asked.strength, levels, asked.width, asked.height, asked.timing,
            wind=asked.wind, slow=asked.pace,
        ),
        "flakes in depth drift before the picture, hidden by what is nearer; none stays lying",
        "flakes in depth drift before the pictures; none stays lying",
    )  # fmt: skip
