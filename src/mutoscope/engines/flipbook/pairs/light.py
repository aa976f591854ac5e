"""Light matching: the tone curves that carry one picture's exposure and colour to another's.

For each channel, a curve over the 256 codes, read off matched quantiles of the two pictures where
they show the same things. Between the pictures the first goes part of the way along its curve and
the last comes part of the way back along the inverse, so that both agree at every moment and the
exposure changes evenly.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import Rgb

Curve = npt.NDArray[np.float32]  # 256×3: the code that each code becomes, 0..255
Where = npt.NDArray[np.bool_]

QUANTILES = np.concatenate([[0.004, 0.02], np.linspace(0.05, 0.95, 19), [0.98, 0.996]])
STEEPEST = 5.0  # a curve steeper than this would show the coding noise of the shadows
SLIGHT = 2.0  # codes: a smaller difference is the quantiles' own noise
LEAST_PIXELS = 400

_IDENTITY = np.repeat(np.arange(256, dtype=np.float32)[:, None], 3, axis=1)


@dataclass(frozen=True, slots=True)
class Light:
    """`onward` carries the first picture's codes to the last's, `back` the other way."""

    onward: Curve
    back: Curve

    @property
    def same(self) -> bool:
        """No curve is needed."""
        return bool(np.array_equal(self.onward, _IDENTITY))

    @property
    def change(self) -> float:
        """The mean change over the codes, in codes; negative where the last picture is darker."""
        return float((self.onward - _IDENTITY).mean())

    def at(self, t: float) -> tuple[Curve, Curve]:
        """The curves of the first and of the last picture at time t, 0..1."""
        return (
            ((1 - t) * _IDENTITY + t * self.onward).astype(np.float32),
            (t * _IDENTITY + (1 - t) * self.back).astype(np.float32),
        )


SAME_LIGHT = Light(_IDENTITY, _IDENTITY)


def _curve(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The curve through matched quantiles: monotone, with slopes in [1/STEEPEST, STEEPEST]."""
    knots, first = np.unique(source, return_index=True)
    values = np.maximum.accumulate(target[first])
    codes = np.arange(256.0)
    inner = np.interp(codes, knots, values)
    # below the darkest quantile straight to black; above the brightest as a gain, the last knot's
    low, high = knots[0], knots[-1]
    inner = np.where(codes < low, values[0] * codes / max(low, 1.0), inner)
    gain = min(STEEPEST, values[-1] / max(high, 1.0))
    inner = np.where(codes > high, values[-1] + (codes - high) * gain, inner)
    smooth = cv2.GaussianBlur(
        inner.reshape(1, -1), (0, 0), 3, borderType=cv2.BORDER_REPLICATE
    ).ravel()
    slopes = np.clip(np.diff(smooth), 1 / STEEPEST, STEEPEST)
    built = np.concatenate([[0.0], np.cumsum(slopes)])
    weight = np.exp(-0.5 * ((codes - np.median(source)) / 70) ** 2)
    shift = float(((smooth - built) * weight).sum() / weight.sum())
    return np.clip(built + shift, 0, 255)


def match_light(first: Rgb, last: Rgb, where: Where) -> Light:
    """The light between two aligned pictures (H×W×3 uint8 RGB), read where `where` (H×W) is true.

    Quantiles of slightly blurred pixels, so that a pixel's misalignment does not matter.
    """
    if int(where.sum()) < LEAST_PIXELS:
        return SAME_LIGHT
    pixels = [
        cv2.GaussianBlur(picture, (0, 0), 1.5)[where].astype(np.float64)
        for picture in (first, last)
    ]
    marks = [np.quantile(values, QUANTILES, axis=0) for values in pixels]
    if float(np.abs(marks[0] - marks[1]).mean()) < SLIGHT:
        return SAME_LIGHT
    onward = np.stack([_curve(marks[0][:, c], marks[1][:, c]) for c in range(3)], axis=1)
    back = np.stack([_curve(marks[1][:, c], marks[0][:, c]) for c in range(3)], axis=1)
    return Light(onward.astype(np.float32), back.astype(np.float32))


def lit(picture: Rgb, curve: Curve) -> Rgb:
    """`picture` through `curve`, rounded."""
    table = np.clip(np.rint(curve), 0, 255).astype(np.uint8)
    graded: Rgb = np.asarray(cv2.LUT(picture, table.reshape(1, 256, 3)), dtype=np.uint8)
    return graded
