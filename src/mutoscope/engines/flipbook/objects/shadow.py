"""The shadow that a cut-out leaves on the ground when it lifts off or goes elsewhere.

What was photographed of its shadow stays where it is, and with it the direction of the light. What
nobody photographed is the darkness right under it; where the subject rises that is seen, soft, weaker
and wider the higher it is.
"""

from __future__ import annotations

import math

import av
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.objects.limits import moved
from mutoscope.engines.flipbook.objects.stand import Stand
from mutoscope.engines.flipbook.rendering.positions import STEP
from mutoscope.engines.flipbook.rendering.seen import Seen
from mutoscope.finish.frame import planes_of

Array = npt.NDArray[np.float64]
Map = npt.NDArray[np.float32]

#: How dark it is under something that has just lifted off; less for what stands in little shade.
DARKEST, LIGHTEST = 0.5, 0.22
#: Before a foot that stands on the ground it is darker than farther off by this part at least.
SHADED = 0.03
#: Heights in half widths of the foot: where the shadow is whole, and where it is half as dark.
SOON, HALF = 0.06, 0.7
#: How soft its edge is, as a part of the foot, and how much softer and wider a height makes it.
SOFT, SOFTER, WIDER = 0.25, 0.8, 0.35


class ContactShadow:
    """The effect. `places` are the subject's, frames×5."""

    def __init__(self, stand: Stand, places: Array, dark: float):
        self._stand = stand
        foot = stand.foot
        x, y = moved((foot.x, stand.box.bottom), stand.middle, places)
        self._x = x
        self._high = np.maximum(0.0, stand.box.bottom - y) / foot.wide
        gone = np.maximum(self._high, np.abs(x - foot.x) / foot.wide)
        begun = np.clip(gone / SOON, 0, 1)
        self._dark = dark * begun * begun * (3 - 2 * begun) / (1 + self._high / HALF)

    def apply(self, frame: av.VideoFrame, seen: Seen) -> None:
        """Darken what of the ground is seen there."""
        dark = float(self._dark[seen.number])
        plate, own = seen.nodes
        subject = seen.scene.subject
        if dark < 1 / 256 or own is None or subject is None:
            return
        foot, high = self._stand.foot, float(self._high[seen.number])
        modes = np.ones(_cells(seen), np.uint8) if seen.modes is None else seen.modes
        spread = 1 + WIDER * high
        ellipse = (
            float(self._x[seen.number]), foot.y, foot.wide * spread, foot.deep * spread,
            SOFT + SOFTER * high, dark,
        )  # fmt: skip
        corner = float(subject.x), float(subject.y)
        _darken(*planes_of(frame), *plate, *own, modes, subject.alpha, corner, ellipse)


def darkness(scene_luma: Map, stand: Stand) -> float:
    """How dark to make it: by how much darker the ground is photographed just before the foot than
    farther off; 0 where it is not, for then there may be no ground. `scene_luma`: the still, 0..1."""
    foot = stand.foot
    y, x = np.mgrid[0 : scene_luma.shape[0], 0 : scene_luma.shape[1]].astype(np.float32)
    off = np.hypot((x - foot.x) / (1.1 * foot.wide), (y - foot.y) / (1.1 * foot.deep + 2))
    below = y > foot.y
    close, far = below & (off > 1.0) & (off < 1.15), below & (off > 1.5) & (off < 2.2)
    if close.sum() < 20 or far.sum() < 20:
        return LIGHTEST
    less = 1 - float(scene_luma[close].mean()) / max(1e-3, float(scene_luma[far].mean()))
    return min(DARKEST, LIGHTEST + less) if less > SHADED else 0.0


def _cells(seen: Seen) -> tuple[int, int]:
    return math.ceil(seen.scene.height / STEP), math.ceil(seen.scene.width / STEP)


@late_kernel()
def _darken(luma, cb, cr, px, py, us, vs, modes, alpha, corner, ellipse):  # type: ignore[no-untyped-def]
    """Take light away within `ellipse` (x, y, half its width and depth, softness, darkness) on the plate,
    where the subject does not cover it; once for each chroma sample and the four pixels there."""
    x0, y0, wide, deep, soft, dark = ellipse
    reach, half = 1 + soft / 2, STEP // 2
    tall, across = cb.shape[0], min(luma.shape[1] // 2, cb.shape[1])
    for j in range(modes.shape[0]):
        for i in range(modes.shape[1]):
            if modes[j, i] == 2:
                continue
            if (
                max(px[j, i], px[j + 1, i], px[j, i + 1], px[j + 1, i + 1]) < x0 - reach * wide
                or min(px[j, i], px[j + 1, i], px[j, i + 1], px[j + 1, i + 1]) > x0 + reach * wide
                or max(py[j, i], py[j + 1, i], py[j, i + 1], py[j + 1, i + 1]) < y0 - reach * deep
                or min(py[j, i], py[j + 1, i], py[j, i + 1], py[j + 1, i + 1]) > y0 + reach * deep
            ):
                continue
            for r in range(half):
                row = j * half + r
                if row >= tall:
                    break
                g = (r + 0.25) / half
                x, dx = _line(px, j, i, g)
                y, dy = _line(py, j, i, g)
                u, du = _line(us, j, i, g)
                v, dv = _line(vs, j, i, g)
                for c in range(half):
                    column = i * half + c
                    if column >= across:
                        break
                    f = (c + 0.25) / half
                    ex, ey = (x + f * dx - x0) / wide, (y + f * dy - y0) / deep
                    off = ex * ex + ey * ey
                    if off >= reach * reach:
                        continue
                    inside = min((reach - math.sqrt(off)) / soft, 1.0)
                    part = dark * inside * inside * (3 - 2 * inside)
                    if modes[j, i] == 1:
                        part *= 1 - _cover(alpha, u + f * du - corner[0], v + f * dv - corner[1])
                    share = int(256 * part + 0.5)
                    if share == 0:
                        continue
                    for b in range(2):
                        for a in range(2):
                            value = np.int32(luma[2 * row + b, 2 * column + a])
                            value -= ((value - 16) * share + 128) >> 8
                            luma[2 * row + b, 2 * column + a] = value
                    value = np.int32(cb[row, column])
                    cb[row, column] = value - (((value - 128) * share + 128) >> 8)
                    value = np.int32(cr[row, column])
                    cr[row, column] = value - (((value - 128) * share + 128) >> 8)


@late_kernel(inline=True)
def _line(nodes, j, i, g):  # type: ignore[no-untyped-def]
    """A cell's row `g` of the way down: the value at its left end, and how much it grows across."""
    left = nodes[j, i] + g * (nodes[j + 1, i] - nodes[j, i])
    right = nodes[j, i + 1] + g * (nodes[j + 1, i + 1] - nodes[j, i + 1])
    return left, right - left


@late_kernel(inline=True)
def _cover(alpha, x, y):  # type: ignore[no-untyped-def]
    """The subject's alpha at a place of its layer, 0..1; nothing beyond it."""
    left, top = math.floor(x), math.floor(y)
    if left < 0 or top < 0 or left >= alpha.shape[1] - 1 or top >= alpha.shape[0] - 1:
        return 0.0
    fx, fy = x - left, y - top
    upper = alpha[top, left] * (1 - fx) + alpha[top, left + 1] * fx
    lower = alpha[top + 1, left] * (1 - fx) + alpha[top + 1, left + 1] * fx
    return (upper * (1 - fy) + lower * fy) / 255
