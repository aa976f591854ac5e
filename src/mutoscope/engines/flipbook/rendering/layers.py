"""A Scene's layers as the kernels read them: film planes, enlarged, packed, made once a scene.

Luma is enlarged twice with a six-tap half-sample filter before it is interpolated bilinearly: plain
bilinear interpolation softens a picture by how far between two pixels it happens to land, which
breathes as a camera drifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.rendering.positions import TILE
from mutoscope.engines.flipbook.scene import Rgb, Scene, Subject
from mutoscope.finish.bt709 import planes

Plane = npt.NDArray[np.uint8]
Packed = npt.NDArray[np.uint16]
Pairs = npt.NDArray[np.uint32]

#: Half-sample interpolation, as windowed sinc of six taps.
_HALF = np.array([3, -25, 150, 150, -25, 3], np.float32) / 256
#: Frames of more pixels than this keep luma at its own size: memory before sharpness.
LARGEST_ENLARGED = 9_000_000
#: Transparent pixels around the subject, even: its outermost samples fade to nothing, and the last
#: ones are nothing with all that the six-tap filter mixes into them.
BRIM = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """Packed planes. `scale`: luma samples a pixel. `left`, `top`: its corner in the frame."""

    left: int
    top: int
    width: int
    height: int
    scale: int
    luma: Packed
    chroma: Pairs
    alpha: Packed  # as luma; 1×1 for a plate
    alpha_chroma: Packed
    least: Plane  # alpha over tiles of TILE pixels
    most: Plane


@kernel("void(uint8[:,::1], uint16[:,::1])")
def _pack(plane: Any, out: Any) -> None:
    rows, cols = plane.shape
    for y in range(rows):
        row, under, to = plane[y], plane[min(y + 1, rows - 1)], out[y]
        for x in range(cols):
            to[x] = np.uint16(row[x]) | np.uint16(np.uint16(under[x]) << np.uint16(8))
        to[cols] = to[cols - 1]


def pack(plane: Plane) -> Packed:
    """Each sample with that below it, and one column more; the last ones repeat."""
    out = np.empty((plane.shape[0], plane.shape[1] + 1), np.uint16)
    _pack(np.ascontiguousarray(plane), out)
    return out


def enlarged(plane: Plane, scale: int) -> Plane:
    """Twice as large where `scale` is 2: sample 2i is sample i itself, 2i + 1 lies half way on."""
    if scale == 1:
        return plane
    tall = np.repeat(plane, 2, axis=0)
    border = cv2.BORDER_REPLICATE
    tall[1::2] = cv2.filter2D(plane, -1, _HALF[:, None], anchor=(0, 2), borderType=border)
    wide = np.repeat(tall, 2, axis=1)
    wide[:, 1::2] = cv2.filter2D(tall, -1, _HALF[None, :], anchor=(2, 0), borderType=border)
    return wide


def _pairs(cb: Plane, cr: Plane) -> Pairs:
    both: Pairs = pack(cb).astype(np.uint32) | (pack(cr).astype(np.uint32) << np.uint32(16))
    return both


def plate_layer(rgb: Rgb, margin_x: int, margin_y: int, scale: int) -> Layer:
    """The background: opaque, reaching beyond the frame by its margins."""
    return laid_out(planes(rgb), margin_x, margin_y, scale)


def laid_out(film: tuple[Plane, Plane, Plane], margin_x: int, margin_y: int, scale: int) -> Layer:
    """A background from its film planes."""
    y, cb, cr = film
    none = np.zeros((1, 1), np.uint8)
    return Layer(
        left=-margin_x, top=-margin_y, width=y.shape[1], height=y.shape[0], scale=scale,
        luma=pack(enlarged(y, scale)), chroma=_pairs(cb, cr),
        alpha=pack(none), alpha_chroma=pack(none), least=none, most=none,
    )  # fmt: skip


def _times(plane: Plane, alpha: Plane) -> Plane:
    """Premultiplied, rounded."""
    return np.asarray((plane.astype(np.uint16) * alpha + 127) // 255, dtype=np.uint8)


def _tiled(alpha: Plane) -> tuple[Plane, Plane]:
    rows, cols = -(-alpha.shape[0] // TILE), -(-alpha.shape[1] // TILE)
    padded = np.pad(
        alpha, ((0, rows * TILE - alpha.shape[0]), (0, cols * TILE - alpha.shape[1])), mode="edge"
    )
    tiles = padded.reshape(rows, TILE, cols, TILE)
    return np.ascontiguousarray(tiles.min((1, 3))), np.ascontiguousarray(tiles.max((1, 3)))


def subject_layer(subject: Subject, scale: int) -> Layer:
    """The cut-out in front, premultiplied, with a transparent brim."""
    height, width = subject.alpha.shape
    brim = ((BRIM, BRIM + height % 2), (BRIM, BRIM + width % 2))  # both sides even
    alpha = np.pad(subject.alpha, brim)
    y, cb, cr = planes(np.pad(subject.colour, (*brim, (0, 0)), mode="edge"))
    small = _sited(alpha)
    least, most = _tiled(alpha)
    return Layer(
        left=subject.x - BRIM, top=subject.y - BRIM, width=alpha.shape[1], height=alpha.shape[0],
        scale=scale,
        luma=pack(enlarged(_times(y, alpha), scale)),
        chroma=_pairs(_times(cb, small), _times(cr, small)),
        alpha=pack(enlarged(alpha, scale)), alpha_chroma=pack(small), least=least, most=most,
    )  # fmt: skip


def _sited(plane: Plane) -> Plane:
    """A plane on the chroma grid, as bt709 brings colours there: 1-2-1 columns by 1-1 rows."""
    wide = plane.astype(np.uint16)
    rows = wide[0::2] + wide[1::2]
    left = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
    small: Plane = ((left + 2 * rows[:, 0::2] + rows[:, 1::2] + 4) >> 3).astype(np.uint8)
    return small


def layers_of(scene: Scene) -> tuple[Layer, Layer | None]:
    """The plate and the subject of a scene."""
    scale = 2 if scene.width * scene.height <= LARGEST_ENLARGED else 1
    plate = plate_layer(scene.plate, scene.margin_x, scene.margin_y, scale)
    if scene.subject is None or not scene.subject.alpha.any():
        return plate, None
    return plate, subject_layer(scene.subject, scale)
