"""Where a picture's pixels go in the frame: pure geometry, computed once, before any pixel is read."""

from __future__ import annotations

from dataclasses import dataclass

from mutoscope.shot import Fit, Size


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, right and bottom exclusive; fractions of a pixel are allowed."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Plan:
    """The part `crop` of the upright source lands on `place` of the target; the rest is `fill`."""

    source: Size
    target: Size
    fit: Fit  # the one that was used: never AUTO
    crop: Box  # in source pixels
    place: Box  # in target pixels; the whole target but for PAD
    fill: str = ""  # "" (no rest), "blur", or a colour "#rrggbb"
    notes: tuple[str, ...] = ()  # what was done, and why, for the report

    @property
    def scale(self) -> tuple[float, float]:
        """Target pixels for one source pixel, across and down."""
        return self.place.width / self.crop.width, self.place.height / self.crop.height
