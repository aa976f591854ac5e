"""Light that wavers: flicker, and a glow that comes and goes. Both are about what is bright.

Flashing pictures can cause seizures. WCAG 2.2 (2.3.1) counts as a flash a pair of opposing changes of
relative luminance by a tenth or more, the darker below 0.8, and allows three a second: a flicker is made
less deep until no picture, however bright, flashes more often.
"""

from __future__ import annotations

import av
import cv2
import numpy as np

from mutoscope.engines.flipbook.effects import course, pixels
from mutoscope.engines.flipbook.effects.asked import Asked, Made
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.shading import GAMMA
from mutoscope.engines.flipbook.effects.sight import Sight
from mutoscope.engines.flipbook.rendering.seen import Map
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.frame import planes_of

CELL = 16
#: A flicker's frequencies (hertz), how they fall, and how deep it is (part of the light, linear).
LOWEST, HIGHEST, FALLS, DEEP = 0.4, 5.0, 0.6, 0.45
#: How often a glow comes and goes (hertz), and how far towards white.
PULSE, TOWARDS = 0.4, 0.30
#: What is bright: the luma code's share of white from which on it counts, and how far it shines (of the
#: width).
BRIGHT, SHINES = 0.62, (0.006, 0.05)
#: The part of a flicker that all of the picture has.
ALL = 0.4
#: WCAG's flash, and how many a second are allowed.
CHANGE, DARK, ALLOWED = 0.10, 0.80, 3


class Wavering:
    """The picture mixed with `light` (Y, Cb, Cr codes): at frame n by `depth[n]` (0..1) where `about` is
    1. `about`: a map over the plate in cells of CELL pixels, margins included."""

    def __init__(
        self, asked: Asked, about: Map, margins: tuple[int, int], depth: Levels,
        light: tuple[int, int, int],
    ):  # fmt: skip
        self.width, self.height = asked.width, asked.height
        self.depth, self._about, self._margins = depth, about, margins
        self._light = np.array(light)

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        depth = float(self.depth[seen.number % len(self.depth)])
        if depth <= 0:
            return
        x, y = (
            np.asarray((one + (margin + 0.5)) / CELL - 0.5, np.float32)
            for one, margin in zip(seen.places(CELL), self._margins, strict=True)
        )
        about = cv2.remap(self._about, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        size = self.width // 2, self.height // 2
        codes = np.rint(256 - 256 * depth * about).astype(np.uint16)
        through = np.asarray(cv2.resize(codes, size, interpolation=cv2.INTER_LINEAR), np.uint16)
        pixels.veil(*planes_of(frame), self.width, self.height, through, self._light)


def wavering(timing: Timing, seed: tuple[int, ...]) -> Levels:
    """Noise of LOWEST to HIGHEST hertz, from 0 to 1, by frame; closed in a loop."""
    chance = np.random.default_rng((*seed, 0x464C49))
    period = timing.seconds if timing.loop else timing.seconds + 5
    cycles = np.arange(max(1, int(np.ceil(LOWEST * period))), max(2, int(HIGHEST * period) + 1))
    hertz = cycles / period
    times = np.arange(timing.frames) / timing.fps
    phase = chance.uniform(0, 2 * np.pi, len(cycles))
    noise = np.cos(2 * np.pi * np.outer(times, hertz) + phase) @ hertz**-FALLS
    spread = np.sqrt(np.sum(hertz ** (-2 * FALLS)) / 2)
    return np.asarray(np.clip(0.5 + 0.28 * noise / spread, 0, 1))


def flashes(light: Levels, fps: float) -> float:
    """Flashes in the worst second of a film whose relative luminance (0..1) is `light` by frame."""
    turns: list[int] = []
    extreme, way = float(light[0]), 0
    for number, value in enumerate(light):
        gone = float(value) - extreme
        if gone * way > 0 or (way == 0 and abs(gone) < CHANGE):
            extreme = float(value) if way else extreme
            continue
        if abs(gone) >= CHANGE and min(float(value), extreme) < DARK:
            turns.append(number)
            extreme, way = float(value), 1 if gone > 0 else -1
    worst = max((sum(at <= one < at + fps for one in turns) for at in turns), default=0)
    return worst / 2


def harmless(depth: float, waver: Levels, fps: float) -> float:
    """The depth, made less until no picture of any brightness flashes more than ALLOWED."""
    while depth > 0.01 and any(
        flashes(bright * (1 - depth * waver), fps) > ALLOWED for bright in np.linspace(0.25, 1, 7)
    ):
        depth *= 0.85
    return depth


def shining(asked: Asked) -> tuple[Map, tuple[int, int]]:
    """What shines in a picture and its light around it, 0..1 over the plate in cells, and the plate's
    margins; everywhere alike where nothing stands out or no scene is known."""
    if asked.scene is None:
        whole = np.ones((-(-asked.height // CELL), -(-asked.width // CELL)), np.float32)
        return whole, (0, 0)
    scene = asked.scene
    plate = scene.plate.copy()
    x, y = scene.margin_x, scene.margin_y
    plate[y : y + scene.height, x : x + scene.width] = scene.still
    cells = -(-plate.shape[1] // CELL), -(-plate.shape[0] // CELL)
    light = np.asarray(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY), np.float32) / 255
    # warm light counts for more: lamps and flames are what flickers
    warm = (plate[..., 0].astype(np.float32) - plate[..., 2]) / 255
    least = max(BRIGHT, float(np.quantile(light, 0.9)))
    shine = np.clip((light + 0.25 * np.clip(warm, 0, 0.6) - least) / (1.02 - least), 0, 1)
    small = np.asarray(cv2.resize(shine, cells, interpolation=cv2.INTER_AREA), np.float32)
    about = np.zeros_like(small)
    for reach in SHINES:
        soft = np.asarray(cv2.GaussianBlur(small, (0, 0), max(0.6, reach * cells[0])), np.float32)
        about = about + soft / max(1e-3, float(soft.max()))
    about = np.clip(about / len(SHINES), 0, 1)
    if float(small.mean()) > 0.25 or float(small.max()) < 0.1:
        about[:] = 1
    return np.asarray(about, np.float32), (x, y)


def flicker(asked: Asked) -> Made:
    """Light flickers."""
    timing = asked.timing
    waver = wavering(timing, asked.seed)
    depth = harmless(min(0.6, DEEP * asked.strength), waver, timing.fps)
    about, margins = shining(asked)
    seen = 1 - (1 - depth * waver) ** (1 / GAMMA)
    made = Wavering(
        asked, ALL + (1 - ALL) * about, margins, seen * course.present(timing), (16, 128, 128)
    )
    how = "the light wavers, most about what is bright, and never flashes more than three times a second"
    if asked.motion.target:
        how += f"; it is found by its brightness, not as {asked.motion.target}"
    return Made((made,), "approximated", how)


def shimmer(asked: Asked) -> Made:
    """A glow comes and goes."""
    timing = asked.timing
    cycles = max(1, round(PULSE * timing.seconds))
    turn = 2 * np.pi * cycles * np.arange(timing.frames) / timing.frames
    # from nothing, so that it may begin at the picture itself
    pulse = (1 - np.cos(turn)) / 2 * min(0.5, TOWARDS * asked.strength)
    about, margins = shining(asked)
    if float(about.min()) == 1:
        about = about * np.float32(0.4)
    made = Wavering(asked, about, margins, pulse, (226, 122, 134))
    how = "what is bright glows more and less, with a little of its light around it"
    return Made((made,), "approximated", how)
