"""Haze and fog: I = J·t + A·(1 - t), t = exp(-β·depth), as Koschmieder has it for the air itself.

A is the light of the sky of this very picture, so a sky stays what it is. The fog drifts: β differs from
place to place by a sum of slow waves that travel with the wind and have whole cycles in a loop.
"""

from __future__ import annotations

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.effects import course, pixels
from mutoscope.engines.flipbook.effects.asked import Asked, Made
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.sight import Sight
from mutoscope.engines.flipbook.rendering.seen import Map
from mutoscope.finish.bt709 import planes
from mutoscope.finish.frame import planes_of

#: The part that fog of strength 1 takes at the far plane, and everywhere where no depth is known.
FAR_PART, FLAT_PART = 0.86, 0.35
#: The part of its thickness that fog has at the top of the picture: it lies on the ground.
ABOVE = 0.45
#: Of the air to the far plane, what lies before the near one; how soon it grows with distance.
NEARBY, DEEPER = 0.05, 1.35
#: Cells on which drifting fog is made, pixels of 720 lines; its waves: how many, how long (of the
#: frame's width), and how fast they travel (of the width, a second).
COARSE, WAVES, LONG, TRAVEL = 16, 14, (0.22, 0.9), 0.035
#: How much the fog's thickness differs from place to place, and how it evolves (hertz).
UNEVEN, EVOLVES = 0.38, 0.10
#: Cells in which the subject's outline is followed, pixels.
FINE = 4


class Drift:
    """Noise of mean 0 and deviation about 1 over the frame, drifting; closed in a loop."""

    def __init__(self, asked: Asked):
        timing = asked.timing
        chance = np.random.default_rng((*asked.seed, 0x464F47))
        self.cell = COARSE
        rows, cols = -(-asked.height // COARSE), -(-asked.width // COARSE)
        y, x = np.mgrid[0:rows, 0:cols] * (COARSE / asked.width)
        low, high = LONG
        long = low * (high / low) ** chance.random(WAVES)
        # fog lies in banks: its waves are longer across than they are high
        angle = chance.normal(0, 0.9, WAVES) + np.pi / 2 * (chance.random(WAVES) < 0.45)
        kx, ky = 2 * np.pi / long * np.cos(angle), 2 * np.pi * 1.6 / long * np.sin(angle)
        blows = asked.wind.way * TRAVEL
        hertz = kx * blows / (2 * np.pi) + chance.normal(0, EVOLVES, WAVES)
        if timing.loop:
            hertz = np.rint(hertz * timing.seconds) / timing.seconds
        self._turn = 2 * np.pi * hertz / timing.fps
        size = long**0.7
        self._size = size * np.sqrt(2 / np.sum(size**2))
        phase = chance.uniform(0, 2 * np.pi, WAVES)
        angles = kx[:, None, None] * x + ky[:, None, None] * y + phase[:, None, None]
        waves = np.concatenate([np.cos(angles), np.sin(angles)]).astype(np.float32)
        self._waves = waves.reshape(2 * WAVES, -1)
        self._shape = rows, cols

    def at(self, number: int) -> Map:
        """The noise at frame `number`, rows×cols."""
        turn = self._turn * number
        parts = np.concatenate([self._size * np.cos(turn), self._size * np.sin(turn)])
        made = parts.astype(np.float32) @ self._waves
        return np.asarray(made.reshape(self._shape), np.float32)


class Haze:
    """Fog of `strength` (1: FAR_PART gone at the far plane), as much of it as `levels` say. `still`: a
    thin veil, even, that does not drift. `lifts`: it is taken away instead."""

    def __init__(
        self, asked: Asked, strength: float, levels: Levels, *, still: bool = False,
        lifts: bool = False,
    ):  # fmt: skip
        self.width, self.height = asked.width, asked.height
        self.levels, self.lifts, self.still = levels, lifts, still
        self.flat = asked.scene is None
        part = FLAT_PART if self.flat else FAR_PART
        self.beta = -np.log(1 - min(0.97, 1 - (1 - part) ** strength))
        self._drift = None if still or lifts else Drift(asked)
        self._light = None if asked.scene is None else air(asked)

    def through(self, number: int, seen: Sight) -> npt.NDArray[np.uint16]:
        """What comes through, in 256ths, for each chroma sample."""
        beta = float(self.levels[number % len(self.levels)]) * self.beta
        even: Map | None = None
        if self._drift is not None:
            even = np.maximum(np.float32(0.1), 1 + np.float32(UNEVEN) * self._drift.at(number))
        # a thin veil need not follow the outline
        far, near = (seen.disparity(COARSE), None) if self.still else seen.layers(COARSE)
        if self.flat:
            made = self._codes(np.full_like(far, beta), even)
        else:
            down = np.clip(1.5 * seen.places(COARSE)[1] / self.height, 0, 1)
            lies = beta * (np.float32(ABOVE) + np.float32(1 - ABOVE) * down)
            made = self._codes(lies * depth(far), even)
            if near is not None:
                # the fog before the subject ends where its outline does
                cover = seen.cover(FINE)
                made, before = (
                    _resized(codes, cover.shape[::-1])
                    for codes in (made, self._codes(lies * depth(near), even))
                )
                made = made + cover * (before - made)
        whole = np.rint(made).astype(np.uint16)
        size = self.width // 2, self.height // 2
        return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR), np.uint16)

    def _codes(self, thick: Map, even: Map | None) -> Map:
        if even is not None:
            thick = thick * even
        if self.lifts:
            thick = -0.6 * thick
        return np.asarray(np.exp(-thick) * 256, np.float32)

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        if self.levels[seen.number % len(self.levels)] <= 0:
            return
        planes = planes_of(frame)
        light = self._light
        if light is None:
            light = np.array([int(np.percentile(planes[0][::16, ::16], 90)), 128, 128])
        pixels.veil(*planes, self.width, self.height, self.through(seen.number, seen), light)


def _resized(codes: Map, size: tuple[int, ...]) -> Map:
    """Coarse cells as cells of FINE pixels; both begin at the frame's corner."""
    scale = COARSE / FINE
    way = np.array([[1 / scale, 0, 0.5 / scale - 0.5], [0, 1 / scale, 0.5 / scale - 0.5]])
    made = cv2.warpAffine(
        codes, way, (size[0], size[1]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(made, np.float32)


def depth(disparity: Map) -> Map:
    """The part of the air to the far plane that lies before something: a photograph's disparity tells
    the order of things rather than metres, so it is not its reciprocal but a power."""
    far = 1 - np.clip(disparity, 0, 1)
    return np.asarray(NEARBY + (1 - NEARBY) * far**DEEPER, np.float32)


def air(asked: Asked) -> npt.NDArray[np.int64]:
    """The light of the air (Y, Cb, Cr codes): that of what is farthest and bright, with little colour."""
    assert asked.scene is not None
    scene = asked.scene
    small = cv2.resize(scene.plate, (160, 90), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(scene.plate_disparity, (160, 90), interpolation=cv2.INTER_LINEAR)
    far = depth(np.asarray(coarse, np.float32))
    luma, cb, cr = planes(np.ascontiguousarray(small))
    there = far >= np.quantile(far, 0.75)
    bright = there & (luma >= np.quantile(luma[there], 0.6))
    code = max(float(np.median(luma[bright])), 0.55 * float(luma.mean()) + 82)
    half = bright[::2, ::2]
    half = half if half.any() else np.ones_like(half)
    tint = [128 + 0.55 * (float(np.median(plane[half])) - 128) for plane in (cb, cr)]
    return np.rint([min(code, 226), *tint]).astype(np.int64)


def haze(asked: Asked) -> Made:
    """Fog comes, or lies there."""
    levels = course.growing(asked.timing)
    how = "fog thickens with distance and drifts, in the colour of the picture's own sky"
    if asked.scene is None:
        how = "fog thickens over the whole pictures, near and far alike, and drifts"
    if asked.timing.loop:
        how += f"; it comes and goes, {asked.because}"
    return Made((Haze(asked, asked.strength, levels),), "approximated", how)


def haze_lifts(asked: Asked) -> Made:
    """Fog goes."""
    timing = asked.timing
    if timing.exact:
        levels = course.growing(timing)
        how = "the picture begins as it is, and the haze that lies in its distance is taken away"
        return Made((Haze(asked, asked.strength, levels, lifts=True),), "approximated", how)
    levels = course.going(timing)
    how = "the film begins in fog, which lifts until the picture is as it was photographed"
    return Made((Haze(asked, asked.strength, levels),), "approximated", how)
