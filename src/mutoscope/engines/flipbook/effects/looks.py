"""Light that changes over a film: looks from `light.toml`, and the way from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import av
import numpy as np

from mutoscope.engines.flipbook.effects import course, pixels
from mutoscope.engines.flipbook.effects.asked import Asked, Made, data, refused
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.shading import Array, Tables, luminance, tables
from mutoscope.engines.flipbook.effects.sight import Sight
from mutoscope.finish.frame import planes_of

Three = tuple[float, float, float]
MIDDLE = 0.18  # mid grey, in linear light


@dataclass(frozen=True, slots=True)
class Look:
    """See `light.toml`."""

    stops: float = 0.0
    high: Three = (1.0, 1.0, 1.0)
    low: Three = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    contrast: float = 1.0
    roll: float = 0.0
    knee: float = 0.6
    black: float = 0.0

    def towards(self, other: Look, share: float) -> Look:
        """The look `share` of the way to another."""
        mixed: dict[str, Any] = {
            one.name: _mix(getattr(self, one.name), getattr(other, one.name), share)
            for one in fields(self)
        }
        return Look(**mixed)

    def __call__(self, light: Array) -> Array:
        """Linear RGB n×3 as the look has it."""
        made = light * 2.0**self.stops
        bright = np.maximum(luminance(made), 1e-5)[:, None]
        if self.contrast != 1:
            made = made * (bright / MIDDLE) ** (self.contrast - 1)
        grey = luminance(made)[:, None]
        made = grey + (made - grey) * self.saturation
        rise = np.clip((bright ** (1 / 2.2) - 0.1) / 0.5, 0, 1)
        rise = rise * rise * (3 - 2 * rise)
        made = made * (np.array(self.low) * (1 - rise) + np.array(self.high) * rise)
        if self.roll:
            over = np.maximum(made - self.knee, 0) / (1 - self.knee)
            rolled = np.minimum(made, self.knee) + (1 - self.knee) * (1 - np.exp(-over))
            made = made + self.roll * (rolled - made)
        # the last of a fade to black goes as an eye sees it, not as light does
        return np.asarray(made * (1 - self.black) ** 2.2)


def _mix(one: Any, other: Any, share: float) -> Any:
    if isinstance(one, (tuple, list)):
        return tuple(a + (b - a) * share for a, b in zip(one, other, strict=True))
    return one + (other - one) * share


@cache
def looks() -> dict[str, Look]:
    """The looks by name."""
    made: dict[str, Look] = {}
    for name, held in data("light.toml")["look"].items():
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in held.items()
        }
        made[name] = Look(**values)
    return made


class Graded:
    """The picture goes through `stages` as `levels` (0..1 by frame) say."""

    def __init__(self, stages: tuple[Look, ...], levels: Levels, width: int, height: int):
        self.stages, self.levels = stages, levels
        self.width, self.height = width, height
        self._line = np.zeros(width // 2, np.int16)
        self._made: tuple[float, Tables | None] = (-1.0, None)

    def look(self, number: int) -> Look:
        """The look of a frame."""
        at = float(self.levels[number % len(self.levels)]) * (len(self.stages) - 1)
        first = min(int(at), len(self.stages) - 2)
        return self.stages[first].towards(self.stages[first + 1], at - first)

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        level = float(self.levels[seen.number % len(self.levels)])
        if self._made[0] != level:
            look = self.look(seen.number)
            self._made = level, None if look == Look() else tables(look)
        made = self._made[1]
        if made is not None:
            pixels.shade(*planes_of(frame), self.width, self.height, *made, self._line)


def _less_dark(look: Look, asked: Asked) -> Look:
    """A picture that is dark already is not made as much darker."""
    if asked.scene is None or look.stops >= 0:
        return look
    light = float(asked.scene.still[::8, ::8].mean()) / 255
    return replace(look, stops=look.stops * min(1.0, max(0.35, light / 0.38)))


def change(asked: Asked) -> Made:
    """A change of `light.toml` by its kind."""
    told = data("light.toml")["change"][asked.motion.kind]
    names, how = told["looks"], told["how"]
    timing = asked.timing
    if timing.loop and "black" in names:
        return refused(f"the film cannot be black at one end, {asked.because}")
    if timing.exact and "exact" in told:
        if not told["exact"]:
            return refused(told["refused"])
        names, how = told["exact"], told["how_exact"]
    stages = [looks()[name] for name in names]
    strength = min(1.25, 0.4 + 0.6 * asked.strength)
    if "black" not in names:
        stages = [_less_dark(Look().towards(look, strength), asked) for look in stages]
    levels = course.growing(timing)
    if not timing.loop:
        begin, end = told.get("from", 0.0), told.get("until", 1.0)
        share = np.arange(timing.frames) / max(1, timing.frames - 1)
        if (begin, end) != (0.0, 1.0):
            levels = course.eased((share - begin) / (end - begin))
    else:
        how += f"; there and back, {asked.because}"
    outcome = told["outcome"]
    if asked.motion.target and outcome == "done" and "black" not in names:
        how += f"; in the whole picture, not of {asked.motion.target} alone"
        outcome = "approximated"
    return Made((Graded(tuple(stages), levels, asked.width, asked.height),), outcome, how)
