"""What film stock adds in its place in the picture: grain, and a reddish glow about what is bright.

Grain is strongest in the middle tones, as large as it would be on a 720-line scan, and another in every
frame: a tile of noise laid on at a place that the seed and the frame's number give. Halation is light
that went through the film and came back off its base: blurred highlights, red before all, added around
them and not on them.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel

Plane = npt.NDArray[np.uint8]

TILE = 1024  # pixels; a power of two
#: Grain in codes (one standard deviation) at mid grey, and its size in pixels of 720 lines.
GRAIN, GRAIN_SIZE = 2.3, 0.62
#: Highlights begin at this luma (0..1); the glow reaches these parts of the width.
BRIGHT = 0.80
REACH = (0.008, 0.025)
#: Codes that a full glow adds to Y, Cb, Cr.
GLOW = (11.0, -7.0, 14.0)
_SMALL = 4  # the glow is made on a copy of so many times fewer pixels each way


@kernel("void(uint8[:,::1], int8[:,::1], int32[::1], int64, int64, int64, int64)")
def _grain(luma: Any, tile: Any, strength: Any, wide: Any, tall: Any, left: Any, top: Any) -> None:
    for y in range(tall):
        row = (y + top) & 1023
        for x in range(wide):
            code = np.int32(luma[y, x])
            noise = np.int32(tile[row, (x + left) & 1023]) * strength[code]
            luma[y, x] = min(max(code + ((noise + 2048) >> 12), 16), 235)


@kernel("void(uint8[:,::1], int16[:,::1], int64, int64, int64, int64)")
def _lift(plane: Any, glow: Any, weight: Any, wide: Any, tall: Any, most: Any) -> None:
    for y in range(tall):
        for x in range(wide):
            code = np.int64(plane[y, x]) + ((np.int64(glow[y, x]) * weight + 8192) >> 14)
            plane[y, x] = min(max(code, 16), most)


class Celluloid:
    """The look for films of one size. The same `seed` gives the same grain. `red`: the glow has its
    colour, as colour stock gives it."""

    def __init__(
        self, strength: float, width: int, height: int, seed: int = 0, *, red: bool = True
    ):
        self._codes = GLOW if red else (GLOW[0], 0.0, 0.0)
        self.width, self.height = width, height
        self._strength = strength
        self._seed = seed
        chance = np.random.default_rng(seed)
        noise = chance.standard_normal((TILE, TILE)).astype(np.float32)
        size = GRAIN_SIZE * max(0.5, min(width, height) / 720)
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), size, borderType=cv2.BORDER_REFLECT))
        self._tile = np.clip(np.rint(noise / noise.std() * 32), -127, 127).astype(np.int8)
        light = np.clip((np.arange(256) - 16) / 219, 0, 1)
        most = 0.35 + 0.65 * np.sin(np.pi * np.clip(light, 0, 1) ** 0.8)
        self._most = np.ascontiguousarray(np.rint(strength * GRAIN * most * 128), np.int32)

    def lay(self, planes: tuple[Plane, Plane, Plane], number: int) -> None:
        """Glow and grain onto a frame's planes, in place."""
        luma, cb, cr = planes
        self._glow(luma, cb, cr)
        left, top = np.random.default_rng((self._seed, number)).integers(0, TILE, 2).tolist()
        _grain(luma, self._tile, self._most, self.width, self.height, left, top)

    def _glow(self, luma: Plane, cb: Plane, cr: Plane) -> None:
        wide, tall = self.width, self.height
        size = (max(8, wide // _SMALL), max(8, tall // _SMALL))
        small = cv2.resize(luma[:tall, :wide], size, interpolation=cv2.INTER_AREA)
        light = (small.astype(np.float32) - 16) / 219
        bright = np.clip((light - BRIGHT) / (1 - BRIGHT), 0, 1)
        if bright.max() < 0.02:
            return
        glow = np.zeros_like(bright)
        for reach in REACH:
            glow += cv2.GaussianBlur(bright, (0, 0), max(0.8, reach * size[0]))
        glow = np.clip(glow / len(REACH) * 1.6, 0, 1) * (1 - bright) * self._strength
        fixed = np.rint(glow * 1024).astype(np.int16)
        whole = cv2.resize(fixed, (wide, tall), interpolation=cv2.INTER_LINEAR)
        half = cv2.resize(fixed, (wide // 2, tall // 2), interpolation=cv2.INTER_LINEAR)
        most = (235, 240, 240)
        for plane, part, code, high in zip(
            (luma, cb, cr), (whole, half, half), self._codes, most, strict=True
        ):
            if not code:
                continue
            weight = round(code * 16)
            _lift(plane, part, weight, part.shape[1], part.shape[0], high)
