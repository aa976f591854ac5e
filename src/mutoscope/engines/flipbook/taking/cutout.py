"""The subject layer: matte at render size, its colours, its disparity, and the hole behind it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import CELL, Grid, Rgb, Subject
from mutoscope.engines.flipbook.taking import plate
from mutoscope.engines.flipbook.taking.foreground import foreground
from mutoscope.engines.flipbook.taking.grids import Placing, extended, joined, nodes
from mutoscope.engines.flipbook.taking.outline import Hole, hole, refined
from mutoscope.engines.flipbook.taking.standing import contact_rows
from mutoscope.images.plan import Plan
from mutoscope.shot import Fit

Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

_ROOM = 4  # pixels around the matte, for bilinear samples
_AT_THE_FOOT = (
    0.04  # of the frame's height: what ends this near to where it stands touches the ground
)


@dataclass(frozen=True, slots=True)
class Cutout:
    """Where a subject lies on its plate, before either has colours. `box`: rows and columns of the
    plate; `matte` 0..1 over the box; `alpha` the same as bytes; `hole` as `outline.hole` gives it."""

    box: tuple[slice, slice]
    matte: Map
    alpha: Mask
    hole: Hole

    @property
    def left(self) -> int:
        return int(self.box[1].start)

    @property
    def top(self) -> int:
        return int(self.box[0].start)

    def photographed(self, rgb: Rgb) -> Rgb:
        """The photograph's own colours there, the background mixed in along the outline."""
        return np.ascontiguousarray(rgb[self.box])

    def colours(self, rgb: Rgb) -> Rgb:
        """The subject's own colours, unmixed."""
        return foreground(self.photographed(rgb), self.matte)


def cut_out(
    rgb: Rgb, known: Mask, alpha: Map, plan: Plan, margin: tuple[int, int]
) -> Cutout | None:
    """Where the subject is cut out of the frame with its margin (`rgb`, `known` as `fitted` gives them,
    `rgb` continued). `alpha` lies over the whole picture. None where the frame shows nothing of it."""
    matte = refined(rgb, _placed(alpha, known, plan, margin), plan.target.width)
    box = _box(matte)
    if box is None:
        return None
    inner = np.ascontiguousarray(matte[box])
    whole = (inner * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return Cutout(box, inner, whole, hole(matte, plan.target.height))


def layer(
    cutout: Cutout,
    colour: Rgb,
    nearness: Map,
    plate_disparity: Grid,
    plan: Plan,
    margin: tuple[int, int],
    *,
    grounded: bool = True,
) -> Subject:
    """The Subject, standing on a plate of `plate_disparity` where it is `grounded`. `nearness` lies over
    the whole picture."""
    x, y = cutout.left - margin[0], cutout.top - margin[1]
    height, width = cutout.alpha.shape
    shape = nodes(height, width)
    values = Placing.of(plan, x, y).sample(nearness, shape, CELL, cv2.BORDER_REPLICATE)
    present = at_nodes(cutout.alpha, shape)
    disparity = extended(values, present, plan.target.width)
    if not grounded:
        return Subject(x, y, colour, cutout.alpha, np.ascontiguousarray(disparity))
    move = np.array(
        [[1, 0, cutout.left / CELL], [0, 1, cutout.top / CELL]], np.float64
    )  # the subject's nodes on the plate's grid
    under = cv2.warpAffine(
        plate_disparity,
        move,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    foot = _foot(present > 0.5, plan.target.height)
    disparity = joined(disparity, np.asarray(under, np.float32), foot, plan.target.width)
    return Subject(x, y, colour, cutout.alpha, np.ascontiguousarray(disparity))


def at_nodes(mask: Mask, shape: tuple[int, int]) -> Grid:
    """A layer's mask (0..255) at the nodes of its grid, 0..1."""
    matrix = np.array([[CELL, 0, 0], [0, CELL, 0]], np.float64)
    soft = cv2.blur(mask, (CELL - 1, CELL - 1), borderType=cv2.BORDER_REPLICATE)
    found = cv2.warpAffine(
        soft,
        matrix,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return found.astype(np.float32) * np.float32(1 / 255)


def _foot(inside: npt.NDArray[np.bool_], height: int) -> Grid:
    below = np.zeros_like(inside)
    below[:-1] = inside[1:]
    row = np.arange(inside.shape[0], dtype=np.float32)[:, None] + 1
    near = contact_rows(inside) - row <= max(1.0, _AT_THE_FOOT * height / CELL)
    return (inside & ~below & near).astype(np.float32)


def _placed(alpha: Map, known: Mask, plan: Plan, margin: tuple[int, int]) -> Map:
    """The matte in the frame and its margin; beyond the picture mirrored, as the colours there are."""
    placing = Placing.of(plan, -margin[0], -margin[1])
    height, width = known.shape
    matte = placing.sample(alpha, (height, width), 1, cv2.BORDER_REPLICATE)
    if plan.fit is Fit.PAD:
        left, top = margin[0] + round(plan.place.left), margin[1] + round(plan.place.top)
        right, bottom = left + round(plan.place.width), top + round(plan.place.height)
        pad = np.ones(known.shape, bool)
        pad[top:bottom, left:right] = False
        matte[pad] = 0
    if known.all():
        return matte
    top, bottom, left, right = plate.beyond(known)
    inner = matte[top : height - bottom, left : width - right]
    return np.asarray(
        cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REFLECT_101), np.float32
    )


def _box(matte: Map) -> tuple[slice, slice] | None:
    """The matte's bounds with a little room, on even pixels."""
    inside = matte > 0.5 / 255
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not rows.size or not (matte > 0.5).any():
        return None
    spans = []
    for found, length in ((rows, matte.shape[0]), (columns, matte.shape[1])):
        start = max(0, int(found[0]) - _ROOM) & ~1
        stop = min(length, (int(found[-1]) + 1 + _ROOM + 1) & ~1)
        spans.append(slice(start, stop))
    return spans[0], spans[1]
