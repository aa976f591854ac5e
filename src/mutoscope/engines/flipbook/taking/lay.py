"""Layers laid out: where plate and subject lie about the frame, and how near each is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import CELL, Grid, Rgb, Scene
from mutoscope.engines.flipbook.taking.grids import Placing, nodes, smoothed
from mutoscope.images.plan import Plan

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.taking.cutout import Cutout

Map = npt.NDArray[np.float32]

#: Of the frame's width and height: 64 and 32 pixels at 1280x720, 128 and 64 where what lies beyond the
#: picture's border can be painted.
_MARGIN = (0.05, 0.045)
_WIDE_MARGIN = (0.1, 0.09)
_HFOV = 55.0  # degrees, where the camera wrote none: about a 35 mm lens
_HFOV_RANGE = (15.0, 110.0)
_MOST_GAIN = 2.0  # how far the frame's own range of nearness may be stretched to 0..1


@dataclass(frozen=True, slots=True)
class Near:
    """Nearness over the whole picture: of what lies behind the subject, and of the subject."""

    background: Map
    subject: Map
    learned: bool
    grounded: bool = True  # the subject stands on what is around it


def margins(plan: Plan, *, wide: bool = False) -> tuple[int, int]:
    """How far the plate reaches beyond the frame, in pixels: multiples of 16."""
    share = _WIDE_MARGIN if wide else _MARGIN
    across = max(16, round(plan.target.width * share[0] / 16) * 16)
    down = max(16, round(plan.target.height * share[1] / 16) * 16)
    return across, down


def laid(
    plan: Plan, margin: tuple[int, int], frame: tuple[Rgb, Rgb], near: Near,
    cutout: Cutout | None, focal_35mm: float | None,
) -> Scene:  # fmt: skip
    """The scene with all its disparities, and the photograph's own colours in both layers. `frame`:
    with its margin, and the still alone."""
    rgb, still = frame
    placing = Placing.of(plan, -margin[0], -margin[1])
    shape = nodes(*rgb.shape[:2])
    missing = None
    if cutout is not None:
        from mutoscope.engines.flipbook.taking.cutout import at_nodes

        missing = at_nodes(cutout.hole.missing, shape)
    behind = placing.sample(near.background, shape, CELL, cv2.BORDER_REPLICATE)
    plate = smoothed(behind, missing, plan.target.width)
    subject = None
    if cutout is not None:
        from mutoscope.engines.flipbook.taking.cutout import layer

        subject = layer(
            cutout, cutout.photographed(rgb), near.subject, plate, plan, margin,
            grounded=near.grounded,
        )  # fmt: skip
    low, gain = _stretch(plate, subject.disparity if subject else None)
    plate = _stretched(plate, low, gain)
    pivot = float(np.median(plate))
    if subject is not None:
        subject = replace(subject, disparity=_stretched(subject.disparity, low, gain))
        inside = at_nodes(subject.alpha, subject.disparity.shape) > 0.5
        if inside.any():
            pivot = float(np.median(subject.disparity[inside]))
    return Scene(
        width=plan.target.width,
        height=plan.target.height,
        margin_x=margin[0],
        margin_y=margin[1],
        plate=rgb,
        plate_disparity=plate,
        still=still,
        subject=subject,
        hfov=hfov(focal_35mm, plan),
        pivot=pivot,
    )


def _stretch(plate: Grid, subject: Grid | None) -> tuple[float, float]:
    """What the frame's nearness is reduced by and multiplied with, to use the range 0..1."""
    values = plate.ravel() if subject is None else np.concatenate([plate.ravel(), subject.ravel()])
    low, high = (float(v) for v in np.percentile(values, (0.5, 99.5)))
    gain = min(_MOST_GAIN, 1 / max(high - low, 1e-6))
    return low - (1 - (high - low) * gain) / 2 / gain, gain


def _stretched(values: Grid, low: float, gain: float) -> Grid:
    reduced = (values - np.float32(low)) * np.float32(gain)
    return np.asarray(np.clip(reduced, 0, 1), np.float32)


def hfov(focal_35mm: float | None, plan: Plan) -> float:
    """Horizontal field of view of the frame in degrees, by the lens that the camera wrote.

    An equivalent focal length speaks of the diagonal, 43.27 mm; what the plan cuts narrows the view."""
    if not focal_35mm:
        return _HFOV
    source = plan.source
    half = 43.27 / 2 * source.width / math.hypot(source.width, source.height) / focal_35mm
    shown = plan.target.width / (plan.scale[0] * source.width)
    return min(_HFOV_RANGE[1], max(_HFOV_RANGE[0], 2 * math.degrees(math.atan(half * shown))))
