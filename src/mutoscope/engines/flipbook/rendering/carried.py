"""A cut-out that moves by itself: where it stands at each frame beside where it was photographed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: The columns of `SubjectMotion.places`.
DX, DY, ANGLE, WIDE, TALL = range(5)


@dataclass(frozen=True, slots=True)
class SubjectMotion:
    """About `origin` (x, y in pixels of the still's frame) the subject is made `WIDE` times as wide and
    `TALL` times as tall, then turned by `ANGLE` (radians, clockwise as seen), then shifted by `DX`,
    `DY` (pixels). `places` is frames×5."""

    origin: tuple[float, float]
    places: Array

    def undo(self, number: int, xs: Array, ys: Array) -> None:
        """Change places of the still's frame, in place, into the subject's own: where it was when it
        was photographed."""
        dx, dy, angle, wide, tall = self.places[number]
        x0, y0 = self.origin
        east, south = xs - (x0 + dx), ys - (y0 + dy)
        cos, sin = np.cos(angle), np.sin(angle)
        xs[:] = x0 + (cos * east + sin * south) / wide
        ys[:] = y0 + (cos * south - sin * east) / tall

    def gone(self, number: int, reach: float) -> float:
        """How far, in pixels, anything of a subject that reaches `reach` pixels from the origin is from
        where it was photographed, at most."""
        dx, dy, angle, wide, tall = self.places[number]
        turned = abs(angle) + max(abs(wide - 1), abs(tall - 1))
        return float(np.hypot(dx, dy) + reach * turned)
