"""A picture blurred by discs of several sizes, at half its size, and what is mixed of them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.rendering.positions import STEP
from mutoscope.engines.flipbook.scene import Mask, Rgb
from mutoscope.finish.bt709 import KB, KG, KR

#: Y, Cb, Cr codes and a share (0..255), h×w×4.
Four = npt.NDArray[np.uint8]
Shares = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]
Real = npt.NDArray[np.float32]

#: Radii of the discs, in pixels of the whole size; those above what a film needs are left out.
RADII = (2.0, 3.5, 5.5, 8.5, 12.5, 18.0, 26.0, 38.0, 54.0)
#: Discs up to this radius are points: nothing is blurred. Between it and the first of RADII the picture
#: is mixed with it.
LEAST = 0.7
#: What is seen at half its size is as a disc of this radius is.
SHARP = 1.0
GAMMA = 2.2
#: What a photograph clips was brighter than it shows: so many times, from this part of white on.
CLIPPED, FROM = 3.0, 0.82


@dataclass(frozen=True, slots=True)
class Blurred:
    """`levels` n×h×w×4, one for each of `radii`: Y, Cb, Cr, alpha; colours multiplied by alpha (chroma
    about 128). `brim`: transparent pixels of the whole size around it."""

    levels: Four
    radii: tuple[float, ...]
    brim: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a level."""
        return self.levels.shape[2], self.levels.shape[1]

    def mixed(self, codes: Mask, shares: Shares) -> Four:
        """The levels mixed by `shares` of each pixel's code; the fourth plane is the share that the
        mix has of the picture."""
        out = np.empty(self.levels.shape[1:], np.uint8)
        _mixed(self.levels, codes, *shares, out)
        return out

    def at(self, radius: float) -> Four:
        """The whole picture blurred by a disc of `radius`, with its alpha."""
        level, part, _ = (int(one[0]) for one in weights(np.array([radius]), self.radii))
        if not part:
            return np.ascontiguousarray(self.levels[level])
        mix = cv2.addWeighted(
            self.levels[level], 1 - part / 256, self.levels[level + 1], part / 256, 0
        )
        return np.asarray(mix, np.uint8)


@kernel("void(uint8[:,:,:,::1], uint8[:,::1], int64[::1], int64[::1], int64[::1], uint8[:,:,::1])")
def _mixed(levels, codes, level, part, share, out):  # type: ignore[no-untyped-def]
    for j in range(out.shape[0]):
        for i in range(out.shape[1]):
            code = codes[j, i]
            at, to = level[code], np.int32(part[code])
            low, high = levels[at, j, i], levels[min(at + 1, levels.shape[0] - 1), j, i]
            for c in range(3):
                out[j, i, c] = (low[c] * (256 - to) + high[c] * to + 128) >> 8
            out[j, i, 3] = share[code]


def weights(radius: npt.NDArray[np.float64], radii: tuple[float, ...]) -> Shares:
    """For each of `radius` (pixels): the level below, how much of the next (0..256), and how much of
    the mix shows (0..255)."""
    place = np.interp(radius, radii, np.arange(len(radii)))
    level = np.minimum(np.floor(place), max(0, len(radii) - 2)).astype(np.int64)
    part = np.rint((place - level) * 256).astype(np.int64)
    share = np.clip((radius - LEAST) / (radii[0] - LEAST), 0, 1)
    return level, part, np.rint(share * 255).astype(np.int64)


def blurred(rgb: Rgb, alpha: Mask | None, largest: float) -> Blurred:
    """RGB H×W×3 (both even) blurred by discs up to `largest` pixels. With `alpha` a brim is added, and a
    level as sharp as half the size has it."""
    count = max(2, 1 + sum(radius < largest for radius in RADII))
    radii = RADII[:count] if alpha is None else (SHARP, *RADII[:count])
    brim = 0
    share: Mask = np.full(rgb.shape[:2], 255, np.uint8)
    if alpha is not None:
        # a cell at the end of the picture sees nothing but the brim
        brim = 2 * int(np.ceil((radii[-1] + STEP + 4) / 2))
        ends = ((brim, brim + alpha.shape[0] % 2), (brim, brim + alpha.shape[1] % 2))
        share = np.asarray(np.pad(alpha, ends), np.uint8)
        rgb = np.pad(rgb, (ends[0], ends[1], (0, 0)), mode="edge")
    half = share.shape[1] // 2, share.shape[0] // 2
    small = cv2.resize(np.dstack([rgb, share]), half, interpolation=cv2.INTER_AREA)
    light = _linear(np.asarray(small, np.uint8))
    levels = np.empty((len(radii), half[1], half[0], 4), np.uint8)
    for at, radius in enumerate(radii):
        if radius > SHARP:
            soft = cv2.filter2D(light, -1, disc(radius / 2), borderType=cv2.BORDER_REFLECT)
            levels[at] = _codes(np.asarray(soft, np.float32))
        else:
            levels[at] = _codes(light)
    return Blurred(levels, radii, brim)


def disc(radius: float) -> Real:
    """A disc of some radius in pixels, its edge smooth, its sum 1."""
    reach = int(np.ceil(radius + 0.5))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    made = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(made / made.sum(), np.float32)


def _linear(small: Four) -> Real:
    """RGB and alpha, uint8 → linear light times alpha, and alpha."""
    table = (np.arange(256) / 255) ** GAMMA
    over = np.clip((np.arange(256) / 255 - FROM) / (1 - FROM), 0, 1)
    table = (table * (1 + (CLIPPED - 1) * over * over)).astype(np.float32)
    light = np.empty(small.shape, np.float32)
    light[..., 3] = small[..., 3] / np.float32(255)
    light[..., :3] = table[small[..., :3]] * light[..., 3:]
    return light


def _codes(light: Real) -> Four:
    """Linear light times alpha, and alpha → Y, Cb, Cr, alpha; see `Blurred`."""
    light = np.maximum(
        light, 0
    )  # large discs are made in the frequency domain, which leaves a little
    share = np.maximum(light[..., 3:], 1e-4)
    # where the discs of what was clipped overlap less than wholly they stay below white, softly
    colour = light[..., :3] / share
    colour = np.where(colour > 0.7, 0.7 + 0.3 * np.tanh((colour - 0.7) / 0.5), colour)
    red, green, blue = np.moveaxis(colour ** np.float32(1 / GAMMA), -1, 0)
    luma = KR * red + KG * green + KB * blue
    part = light[..., 3]
    planes = (
        (16 + 219 * luma) * part,
        128 + 224 * (blue - luma) / (2 * (1 - KB)) * part,
        128 + 224 * (red - luma) / (2 * (1 - KR)) * part,
        255 * part,
    )
    return np.asarray(np.clip(np.rint(np.stack(planes, -1)), 0, 255), np.uint8)
