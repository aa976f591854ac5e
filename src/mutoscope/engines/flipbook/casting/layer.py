"""The layer in front: the picture's own subject and the figures, each over what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.casting.figure import Alpha, Colour, spread
from mutoscope.engines.flipbook.scene import CELL, Grid, Scene, Subject
from mutoscope.engines.flipbook.taking.cutout import at_nodes
from mutoscope.engines.flipbook.taking.grids import extended, nodes

Box = tuple[slice, slice]  # rows and columns of the plate
_ROOM = 4  # pixels around the layer, for bilinear samples
_SOLID = 0.3  # alpha from which a figure's depth counts, not that of what is behind it


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure where it stands on the plate, its depth, and whether the picture's own subject is before
    it."""

    name: str
    at: Box
    colour: Colour
    alpha: Alpha
    disparity: float
    behind: bool


@dataclass(frozen=True, slots=True)
class Own:
    """The picture's own subject over the plate's box `at`."""

    at: Box
    colour: Colour
    alpha: Alpha
    disparity: Alpha


def overlap(shape: tuple[int, ...], scene: Scene, x: int, y: int) -> tuple[Box, Box]:
    """The plate's box that a layer with its top left at the frame's (x, y) covers, and the layer's own."""
    height, width = scene.plate.shape[:2]
    top, left = y + scene.margin_y, x + scene.margin_x
    r0, r1 = max(0, top), min(height, top + shape[0])
    c0, c1 = max(0, left), min(width, left + shape[1])
    r1, c1 = max(r0, r1), max(c0, c1)
    return (slice(r0, r1), slice(c0, c1)), (slice(r0 - top, r1 - top), slice(c0 - left, c1 - left))


def own_subject(scene: Scene) -> Own | None:
    """The picture's own subject, with a disparity for each pixel."""
    subject = scene.subject
    if subject is None:
        return None
    shape = subject.alpha.shape
    at, part = overlap(shape, scene, subject.x, subject.y)
    matrix = np.array([[1 / CELL, 0, 0], [0, 1 / CELL, 0]], np.float64)
    fine = cv2.warpAffine(
        subject.disparity,
        matrix,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Own(
        at,
        subject.colour[part].astype(np.float32),
        subject.alpha[part].astype(np.float32) * np.float32(1 / 255),
        np.asarray(fine, np.float32)[part],
    )


def on(at: Box, values: Alpha, box: Box) -> Alpha:
    """`values`, which lie at `at`, over `box`; zero elsewhere."""
    out = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), np.float32)
    meet = [slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(at, box, strict=True)]
    if all(one.stop > one.start for one in meet):
        into = [
            slice(one.start - b.start, one.stop - b.start) for one, b in zip(meet, box, strict=True)
        ]
        come = [
            slice(one.start - a.start, one.stop - a.start) for one, a in zip(meet, at, strict=True)
        ]
        out[into[0], into[1]] = values[come[0], come[1]]
    return out


def joined(scene: Scene, standing: Sequence[Standing]) -> Scene:
    """The scene with `standing` (the farthest first) in its layer and in its still, turning about them."""
    own = own_subject(scene)
    still = scene.still.astype(np.float32)
    for one in standing:
        seen = one.alpha
        if one.behind and own is not None:
            seen = seen * (1 - on(own.at, own.alpha, one.at))
        _over(still, scene, one, seen)
    drawn = np.clip(still + np.float32(0.5), 0, 255).astype(np.uint8)
    parts = [
        *[(one.at, one.colour, one.alpha, _flat(one)) for one in standing if one.behind],
        *([(own.at, own.colour, own.alpha, own.disparity)] if own is not None else []),
        *[(one.at, one.colour, one.alpha, _flat(one)) for one in standing if not one.behind],
    ]
    return replace(
        scene,
        still=np.ascontiguousarray(drawn),
        subject=_layer(scene, parts),
        pivot=float(np.mean([one.disparity for one in standing])),
    )


def _flat(one: Standing) -> Alpha:
    return np.full_like(one.alpha, one.disparity)


def _over(still: Colour, scene: Scene, one: Standing, seen: Alpha) -> None:
    """Draw a figure into the still (in place)."""
    top, left = one.at[0].start - scene.margin_y, one.at[1].start - scene.margin_x
    r0, r1 = max(0, top), min(scene.height, top + seen.shape[0])
    c0, c1 = max(0, left), min(scene.width, left + seen.shape[1])
    if r1 <= r0 or c1 <= c0:
        return
    part = slice(r0 - top, r1 - top), slice(c0 - left, c1 - left)
    share = seen[part][..., None]
    still[r0:r1, c0:c1] = still[r0:r1, c0:c1] * (1 - share) + one.colour[part] * share


def _layer(scene: Scene, parts: Sequence[tuple[Box, Colour, Alpha, Alpha]]) -> Subject:
    """One layer of several, the farthest first."""
    height, width = scene.plate.shape[:2]
    box = (
        _span([at[0] for at, *_ in parts], height),
        _span([at[1] for at, *_ in parts], width),
    )
    shape = box[0].stop - box[0].start, box[1].stop - box[1].start
    alpha, depth, sure = np.zeros((3, *shape), np.float32)
    lit = np.zeros((*shape, 3), np.float32)  # premultiplied
    for at, colour, cover, disparity in parts:
        here = tuple(
            slice(a.start - b.start, a.stop - b.start) for a, b in zip(at, box, strict=True)
        )
        clear = 1 - cover
        lit[here] = lit[here] * clear[..., None] + colour * cover[..., None]
        alpha[here] = alpha[here] * clear + cover
        solid = cover > _SOLID
        depth[here] = np.where(solid, disparity, depth[here])
        sure[here] = np.maximum(sure[here], solid)
    colour = spread(lit, alpha)
    return Subject(
        x=box[1].start - scene.margin_x,
        y=box[0].start - scene.margin_y,
        colour=np.ascontiguousarray((colour + np.float32(0.5)).astype(np.uint8)),
        alpha=np.ascontiguousarray((alpha * np.float32(255) + np.float32(0.5)).astype(np.uint8)),
        disparity=_grid(depth, sure),
    )


def _span(found: Sequence[slice], length: int) -> slice:
    """All of them with a little room, on even pixels."""
    start = max(0, min(one.start for one in found) - _ROOM) & ~1
    stop = min(length, (max(one.stop for one in found) + _ROOM + 1) & ~1)
    return slice(start, stop)


def _grid(depth: Alpha, sure: npt.NDArray[np.float32]) -> Grid:
    """Depth at the layer's nodes, carried on between and around the figures, smooth."""
    shape = nodes(*depth.shape)
    size = (CELL - 1, CELL - 1)
    weighted = cv2.blur(depth * sure, size, borderType=cv2.BORDER_REPLICATE)
    weight = cv2.blur(sure, size, borderType=cv2.BORDER_REPLICATE)
    rows = np.minimum(np.arange(shape[0]) * CELL, depth.shape[0] - 1)
    columns = np.minimum(np.arange(shape[1]) * CELL, depth.shape[1] - 1)
    here = np.ix_(rows, columns)
    values = weighted[here] / np.maximum(weight[here], np.float32(1e-6))
    present = at_nodes((sure * np.float32(255)).astype(np.uint8), shape)
    return np.ascontiguousarray(extended(np.asarray(values, np.float32), present))
