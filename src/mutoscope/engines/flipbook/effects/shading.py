"""A change of light, written in linear RGB, as tables that a film's own planes go through.

About the grey of each luma code the change is taken as linear in Cb and Cr: what it makes of the grey,
and how that differs a little to each side. So a warm light lifts what is red and lowers what is blue,
with no way through RGB for the pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.effects.pixels import (
    ADD_B,
    ADD_R,
    BB,
    BR,
    POWERS,
    RB,
    RR,
    YB,
    YR,
)

Array = npt.NDArray[np.float64]
#: Linear light n×3 (0..1, may be beyond) → the same.
Light = Callable[[Array], Array]
Tables = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]

GAMMA = 2.2
#: Codes to each side of grey at which the change is tried.
_ASIDE = 14.0
#: BT.709: R'G'B' from Y, Cb, Cr (each within ±0.5) and back.
_TO_RGB = np.array([[1, 0, 1.5748], [1, -0.187324, -0.468124], [1, 1.8556, 0]])
_TO_YCC = np.linalg.inv(_TO_RGB)
WEIGHTS = _TO_YCC[0]


def luminance(light: Array) -> Array:
    """Relative luminance of linear RGB n×3."""
    return np.asarray(light @ WEIGHTS)


def _changed(codes: Array, light: Light) -> Array:
    """Y, Cb, Cr codes n×3 → the same, changed."""
    scaled = (codes - (16, 128, 128)) / (219, 224, 224)
    rgb = scaled @ _TO_RGB.T
    linear = np.sign(rgb) * np.abs(rgb) ** GAMMA
    after = light(linear)
    back = np.sign(after) * np.abs(after) ** (1 / GAMMA)
    return np.asarray((np.clip(back, -0.2, 1.2) @ _TO_YCC.T) * (219, 224, 224) + (16, 128, 128))


#: The luma codes at which the chroma's share is fitted, and least squares for them.
_CODES = np.arange(16.0, 236.0)
#: Black must stay black and white lie true: a tint there looks like a fault.
_COUNTS = np.where((_CODES <= 20) | (_CODES >= 232), 6.0, 1.0)
_FIT = np.linalg.pinv(_COUNTS[:, None] * np.vander(_CODES / 256, POWERS, increasing=True)) * _COUNTS


def tables(light: Light) -> Tables:
    """The curve (256) and the polynomials (8×POWERS) that `pixels.shade` reads."""
    tried = np.zeros((5, 256, 3))
    tried[..., 0] = np.clip(np.arange(256.0), 16, 235)
    tried[..., 1:] = 128
    for at, (channel, sign) in enumerate(((1, 1), (1, -1), (2, 1), (2, -1)), start=1):
        tried[at, :, channel] += sign * _ASIDE
    grey, more_b, less_b, more_r, less_r = _changed(tried.reshape(-1, 3), light).reshape(5, 256, 3)
    by_b, by_r = (more_b - less_b) / (2 * _ASIDE), (more_r - less_r) / (2 * _ASIDE)
    table = np.zeros((8, 256))
    table[YB], table[BB], table[RB] = by_b.T
    table[YR], table[BR], table[RR] = by_r.T
    table[ADD_B], table[ADD_R] = grey[:, 1] - 128, grey[:, 2] - 128
    curve = np.clip(np.rint(grey[:, 0]), 16, 235).astype(np.uint8)
    return curve, np.ascontiguousarray(table[:, 16:236] @ _FIT.T, np.float32)
