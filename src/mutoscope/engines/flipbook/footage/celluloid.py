"""What film stock adds in its place in the picture: grain, a glow about what is bright, dark corners.

Grain is strongest in the middle tones, as large as it would be on a 720-line scan, and another in every
frame: a tile of noise laid on at a place that the seed and the frame's number give. Halation is light
that went through the film and came back off its base: blurred highlights, red before all, added around
them and not on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.footage.grade import Grade
from mutoscope.engines.flipbook.footage.looks import look_named

Plane = npt.NDArray[np.uint8]
Shades = npt.NDArray[np.int32]

TILE = 1024  # pixels; a power of two
#: Grain of plain film stock in codes (one standard deviation) at mid grey; pixels of 720 lines.
GRAIN, GRAIN_SIZE = 2.3, 0.62
#: Highlights begin at this luma (0..1); the glow reaches these parts of the width.
BRIGHT = 0.80
REACH = (0.008, 0.025)
#: Codes that a full glow adds to Y, Cb, Cr.
GLOW = (11.0, -7.0, 14.0)
#: From so many codes on grain is most of what an encoder writes.
MUCH = 1.5
_SMALL = 4  # the glow is made on a copy of so many times fewer pixels each way


@dataclass(frozen=True, slots=True)
class Stock:
    """What is laid on: `grain` in codes and its size in pixels of 720 lines, `halation` 1 as plain film has
    it (`red`: in its colour), `vignette` how much darker corners are, `soft` a blur in pixels of 720
    lines, `flicker` how much one frame's light differs from the next."""

    grain: float = 0.0
    grain_size: float = GRAIN_SIZE
    halation: float = 0.0
    red: bool = True
    vignette: float = 0.0
    soft: float = 0.0
    flicker: float = 0.0

    def __bool__(self) -> bool:
        return any((self.grain, self.halation, self.vignette, self.soft, self.flicker))


def stock_of(grade: Grade) -> Stock:
    """What a grade lays on: its look's, and plain film's where it asks for that."""
    film = Stock(GRAIN * grade.film, GRAIN_SIZE, grade.film, not grade.tone)
    if not grade.look:
        return film
    look, much = look_named(grade.look), grade.strength
    return Stock(
        grain=max(film.grain, much * look.grain),
        grain_size=look.grain_size if look.grain else GRAIN_SIZE,
        halation=max(film.halation, much * look.halation),
        red=look.red and not grade.tone,
        vignette=min(0.8, much * look.vignette),
        soft=much * look.soft,
        flicker=much * look.flicker,
    )


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


@kernel("void(uint8[:,::1], int32[:,::1], int64, int64, int64, int64)")
def _shade(plane: Any, shade: Any, wide: Any, tall: Any, middle: Any, gain: Any) -> None:
    """Codes about `middle` times `shade` (of 4096) times `gain` (of 4096)."""
    zero, times, half = np.int32(middle), np.int32(gain), np.int32(1 << 17)
    for y in range(tall):
        row, light = plane[y], shade[y]
        for x in range(wide):
            code = ((np.int32(row[x]) - zero) * light[x]) >> np.int32(6)
            row[x] = min(
                max(zero + ((code * times + half) >> np.int32(18)), np.int32(1)), np.int32(254)
            )


def grain_of(grade: Grade) -> float:
    """Codes of grain that an encoder has to write, 0 where it is little beside the picture."""
    grain = stock_of(grade).grain
    return grain if grain >= MUCH else 0.0


class Celluloid:
    """A stock made ready for films of one size. The same `seed` gives the same grain."""

    def __init__(self, stock: Stock, width: int, height: int, seed: int = 0):
        self.stock = stock
        self._codes = GLOW if stock.red else (GLOW[0], 0.0, 0.0)
        self.width, self.height = width, height
        self._strength = stock.halation
        self._seed = seed
        self._lines = max(0.5, min(width, height) / 720)
        chance = np.random.default_rng(seed)
        noise = chance.standard_normal((TILE, TILE)).astype(np.float32)
        size = stock.grain_size * self._lines
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), size, borderType=cv2.BORDER_REFLECT))
        self._tile = np.clip(np.rint(noise / noise.std() * 32), -127, 127).astype(np.int8)
        light = np.clip((np.arange(256) - 16) / 219, 0, 1)
        most = 0.35 + 0.65 * np.sin(np.pi * np.clip(light, 0, 1) ** 0.8)
        self._most = np.ascontiguousarray(np.rint(stock.grain * most * 128), np.int32)
        self._corners = _corners(stock.vignette, width, height)

    def lay(self, planes: tuple[Plane, Plane, Plane], number: int) -> None:
        """All of it onto a frame's planes, in place."""
        luma, cb, cr = planes
        chance = np.random.default_rng((self._seed, number))
        left, top = chance.integers(0, TILE, 2).tolist()
        if self.stock.soft:
            view = luma[: self.height, : self.width]
            view[:] = cv2.GaussianBlur(view, (0, 0), self.stock.soft * self._lines)
        if self._strength:
            self._glow(luma, cb, cr)
        gain = 1 + self.stock.flicker * float(np.clip(chance.standard_normal(), -2.5, 2.5))
        if self.stock.vignette or self.stock.flicker:
            self._darken(planes, round(4096 * gain))
        if self.stock.grain:
            _grain(luma, self._tile, self._most, self.width, self.height, left, top)

    def _darken(self, planes: tuple[Plane, Plane, Plane], gain: int) -> None:
        luma, cb, cr = planes
        wide, tall = self.width // 2, self.height // 2
        _shade(luma, self._corners[0], self.width, self.height, 16, gain)
        if self.stock.vignette:
            for plane in (cb, cr):
                _shade(plane, self._corners[1], wide, tall, 128, 4096)

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


def _corners(vignette: float, width: int, height: int) -> tuple[Shades, Shades]:
    """How much light is left at every pixel and chroma sample, of 4096: all of it in the middle, falling
    with the 3.2th power of the way to the corners."""
    made = []
    for wide, tall in ((width, height), (width // 2, height // 2)):
        y, x = np.ogrid[-1 : 1 : tall * 1j, -1 : 1 : wide * 1j]
        left = 1 - vignette * ((x * x + y * y) / 2) ** 1.6
        made.append(np.ascontiguousarray(np.rint(4096 * left), np.int32))
    return made[0], made[1]
