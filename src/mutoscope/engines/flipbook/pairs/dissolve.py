"""The dissolve: the last resort between two pictures that show different things.

As in film, light adds: the mix is done in linear light. Both pictures drift the same way all the
while (a gentle push-in unless the prompt asks for another move), so that neither ever stands dead,
and the mix itself takes the middle of the clip, not all of it.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.pairs.homography import Way
from mutoscope.engines.flipbook.pairs.interpolate import smooth
from mutoscope.engines.flipbook.scene import Rgb

#: How much larger things grow through the whole clip.
PUSH = 1.05
#: How far a sideways drift carries through the whole clip, of the frame's width or height.
DRIFT = 0.035
#: Share of the clip that the mix takes, and the longest it may take in seconds.
MIX_SHARE = 0.6
LONGEST_MIX = 2.0

_CODES = np.arange(256) / 255.0
#: sRGB code → linear light, IEC 61966-2-1
LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_STEPS = np.arange(4097) / 4096.0
#: square root of linear light, in 4096 steps → sRGB code: the root spreads the shadows' steps
ENCODED = (
    255 * np.where(_STEPS**2 <= 0.0031308, 12.92 * _STEPS**2, 1.055 * _STEPS ** (2 / 2.4) - 0.055)
    + 0.5
).astype(np.uint8)


@late_kernel()
def _mix(first: Any, last: Any, weight: Any, linear: Any, encoded: Any, out: Any) -> None:
    weight = np.float32(weight)
    for i in range(first.size):
        light = linear[first[i]]
        light += weight * (linear[last[i]] - light)
        out[i] = encoded[int(np.sqrt(light) * np.float32(4096))]


def mixed(first: Rgb, last: Rgb, weight: float) -> Rgb:
    """`first` and `last` (H×W×3 uint8 sRGB) mixed in linear light; weight 0 is `first`, 1 `last`."""
    out: npt.NDArray[np.uint8] = np.empty(first.size, np.uint8)
    _mix(
        np.ascontiguousarray(first).ravel(), np.ascontiguousarray(last).ravel(),
        weight, LINEAR, ENCODED, out,
    )  # fmt: skip
    return out.reshape(first.shape)


class DissolveInterpolator:
    """`way` is the drift that both share; `share` the part of 0..1 that the mix takes, in the middle."""

    def __init__(self, first: Rgb, last: Rgb, way: Way, share: float = MIX_SHARE):
        self._first, self._last = first, last
        self._way = way
        self._share = share

    def at(self, t: float) -> Rgb:
        weight = smooth((t - 0.5) / self._share + 0.5)
        first = self._drifted(self._first, t) if weight < 1 else None
        last = self._drifted(self._last, t - 1) if weight > 0 else None
        if first is None or last is None:
            shown = first if first is not None else last
            assert shown is not None
            return shown
        return mixed(first, last, weight)

    def _drifted(self, picture: Rgb, t: float) -> Rgb:
        # the strip that a drift uncovers is a few pixels of mirror image, and half faded
        height, width = picture.shape[:2]
        drifted: Rgb = np.asarray(
            cv2.warpPerspective(
                picture, self._way.at(t), (width, height),
                flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101,
            ),
            dtype=np.uint8,
        )  # fmt: skip
        return drifted
