"""A photograph's pixels where the plan wants them: the frame, and the margin around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutoscope.images.decode import Photo, Rgb
from mutoscope.images.plan import BLUR, Box, Plan
from mutoscope.images.sample import sampled
from mutoscope.shot import Fit

Mask = npt.NDArray[np.uint8]  # H×W


def fitted(photo: Photo, plan: Plan, margin_x: int = 0, margin_y: int = 0) -> tuple[Rgb, Mask]:
    """The frame of `plan` with `margin_x`, `margin_y` pixels of what lies around it.

    Returns `rgb`, uint8 (H + 2·margin_y, W + 2·margin_x, 3), and `known`, uint8 of the same height and
    width: 255 where the photograph or the pad has pixels, 0 beyond its border (there `rgb` repeats the
    nearest pixel). In the margin of a cut-off side are the photograph's real pixels; the pad goes on
    into the margin, so that it moves with the picture. The inner H×W is the prepared still, and
    bit-identical whatever the margins are. Raises BadImage where the file's data is damaged.
    """
    if plan.fit is Fit.PAD and plan.fill:
        return _padded(photo, plan, margin_x, margin_y)
    whole = Box(0, 0, plan.source.width, plan.source.height)
    bounds = plan.bounds or whole
    width, height = plan.target.width, plan.target.height
    rgb = sampled(photo, plan.crop, bounds, width, height, margin_x, margin_y)
    scale_x, scale_y = plan.scale
    across = _within(plan.crop.left, scale_x, width, margin_x, bounds.left, bounds.right)
    down = _within(plan.crop.top, scale_y, height, margin_y, bounds.top, bounds.bottom)
    return rgb, np.where(down[:, None] & across[None, :], 255, 0).astype(np.uint8)


def _within(
    start: float, scale: float, count: int, margin: int, low: float, high: float
) -> npt.NDArray[np.bool_]:
    """Which pixels of the frame and its margin have their centre inside low..high of the source."""
    centre = start + (np.arange(-margin, count + margin) + 0.5) / scale
    inside = (centre >= low) & (centre <= high)
    inside[margin : margin + count] = True  # the frame itself lies inside, whatever rounding says
    return inside


def _padded(photo: Photo, plan: Plan, margin_x: int, margin_y: int) -> tuple[Rgb, Mask]:
    place = plan.place
    left, top = int(place.left), int(place.top)
    width, height = int(place.width), int(place.height)
    bounds = plan.bounds or Box(0, 0, plan.source.width, plan.source.height)
    picture = sampled(photo, plan.crop, bounds, width, height)
    if plan.fill == BLUR:
        from mutoscope.images.backdrop import backdrop

        rgb = backdrop(picture, left, top, plan.target, margin_x, margin_y)
    else:
        row = np.empty((plan.target.width + 2 * margin_x, 3), np.uint8)
        row[:] = bytearray.fromhex(plan.fill[1:])
        rgb = np.tile(row, (plan.target.height + 2 * margin_y, 1, 1))
    top, left = top + margin_y, left + margin_x
    rgb[top : top + height, left : left + width] = picture
    return rgb, np.full(rgb.shape[:2], 255, np.uint8)
