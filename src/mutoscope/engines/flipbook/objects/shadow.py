"""The shadow that a cut-out leaves on the ground when it lifts off or goes elsewhere.

What was photographed of its shadow stays where it is, and with it the direction of the light. What
nobody photographed is the darkness right under it; where the subject rises that is seen, soft, weaker
and wider the higher it is.
"""

from __future__ import annotations

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.objects.limits import moved
from mutoscope.engines.flipbook.objects.stand import Stand
from mutoscope.engines.flipbook.rendering.seen import Seen
from mutoscope.finish.frame import planes_of

Array = npt.NDArray[np.float64]
Map = npt.NDArray[np.float32]

#: Pixels of a cell in which the shadow is worked out, and in which it is applied.
COARSE, FINE = 8, 2
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
        if dark < 1 / 256:
            return
        coarse = self._shade(seen, dark)
        rows, cols = np.flatnonzero(coarse.any(axis=1)), np.flatnonzero(coarse.any(axis=0))
        if not len(rows):
            return
        wide, tall = frame.width // FINE, frame.height // FINE
        per = COARSE // FINE
        top, bottom = max(0, rows[0] - 1) * per, min(tall, (rows[-1] + 2) * per)
        left, right = max(0, cols[0] - 1) * per, min(wide, (cols[-1] + 2) * per)
        part = np.s_[top // per : -(-bottom // per), left // per : -(-right // per)]
        grown = coarse[part].shape[1] * per, coarse[part].shape[0] * per
        shade = cv2.resize(coarse[part], grown, interpolation=cv2.INTER_LINEAR)
        shade = shade[: bottom - top, : right - left]
        shade = shade * (1 - seen.cover(FINE)[top:bottom, left:right])
        _darken(frame, np.rint(256 * shade).astype(np.int32), top, left)

    def _shade(self, seen: Seen, dark: float) -> Map:
        """How much of the light is taken, in cells of the frame."""
        foot, high = self._stand.foot, float(self._high[seen.number])
        x, y = seen.places(COARSE)
        wide = foot.wide * (1 + WIDER * high)
        deep = foot.deep * (1 + WIDER * high)
        off = np.hypot((x - self._x[seen.number]) / wide, (y - foot.y) / deep)
        soft = SOFT + SOFTER * high
        inside = np.clip((1 + soft / 2 - off) / soft, 0, 1)
        return np.asarray(dark * inside * inside * (3 - 2 * inside), np.float32)


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


def _darken(frame: av.VideoFrame, shade: npt.NDArray[np.int32], top: int, left: int) -> None:
    """Take `shade` / 256 of the light away; one value a chroma sample."""
    luma, cb, cr = planes_of(frame)
    rows, cols = shade.shape
    twice = np.repeat(np.repeat(shade, FINE, axis=0), FINE, axis=1)
    for plane, part, zero, at in (
        (luma, twice, 16, FINE),
        (cb, shade, 128, 1),
        (cr, shade, 128, 1),
    ):
        here = plane[top * at : (top + rows) * at, left * at : (left + cols) * at]
        value = here.astype(np.int32)
        here[:] = value - (((value - zero) * part + 128) >> 8)
