"""A picture of a character, read as a frame of a clip is; of one that is a cut-out already, its own
transparency is the matte."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.characters.clip import KEPT_SIDE, LOOKED_AT, Rgb, Seen, shrunk
from mutoscope.characters.cutting import Alpha
from mutoscope.characters.sharpness import exposure, sharpness
from mutoscope.images.decode import open_photo
from mutoscope.images.faces import find_faces
from mutoscope.images.transparency import own_cutout

_WHITE = 255
_ROOM = 0.06  # of the longer side, around a figure that was trimmed
#: A figure that ends in a straight line along this much of its width, and whose face is this much of its
#: height, is a portrait that ends there; feet and a box end in one, too, and have no such face.
_STRAIGHT, _FACE = 0.5, 0.15


def seen(path: Path, place: int) -> Seen:
    """The picture, upright sRGB, KEPT_SIDE pixels at most; `at` is its place from 0. Raises BadImage."""
    name = f"pictures[{place}]"
    photo = open_photo(path, name=name)
    rgb = photo.thumbnail(KEPT_SIDE)
    alpha = own_cutout(photo, rgb.shape[1], rgb.shape[0])
    cutout = None
    if alpha is not None:
        lit = open_photo(path, background=(0, 0, 0), name=name).thumbnail(KEPT_SIDE)
        rgb, cutout = _with_room(rgb, _straight(lit, alpha), alpha)
    small = shrunk(rgb, LOOKED_AT)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    return Seen(rgb, float(place), sharpness(grey) * exposure(grey), cutout)


def _straight(lit: Rgb, alpha: Alpha) -> npt.NDArray[np.uint8]:
    """RGBA of the picture over black; black where nothing is, so that it packs well."""
    levels = (alpha * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    colour = lit / np.maximum(alpha, np.float32(1 / 255))[..., None]
    rgba = np.dstack([np.clip(colour + np.float32(0.5), 0, 255).astype(np.uint8), levels])
    rgba[levels == 0] = 0
    return rgba


def _with_room(
    rgb: Rgb, cutout: npt.NDArray[np.uint8], alpha: Alpha
) -> tuple[Rgb, npt.NDArray[np.uint8]]:
    """The same with room where a figure was trimmed to an edge, as that does not cut it off."""
    inside = alpha > 0.5
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    height, width = inside.shape
    room = max(2, round(_ROOM * max(height, width)))
    top, left = max(0, room - int(rows[0])), max(0, room - int(columns[0]))
    right = max(0, room - (width - 1 - int(columns[-1])))
    bottom = max(0, room - (height - 1 - int(rows[-1])))
    if rows[-1] == height - 1 and _ends_there(rgb, inside):
        bottom = 0
    sides = ((top, bottom), (left, right), (0, 0))
    return np.pad(rgb, sides, constant_values=_WHITE), np.pad(cutout, sides)


def _ends_there(rgb: Rgb, inside: npt.NDArray[np.bool_]) -> bool:
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if inside[-2:].any(0).sum() < _STRAIGHT * (columns[-1] - columns[0] + 1):
        return False
    tall = (rows[-1] - rows[0] + 1) / inside.shape[0]
    return any(face.box.height >= _FACE * tall for face in find_faces(rgb) or ())
