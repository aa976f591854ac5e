"""A picture's own transparency, where it makes the picture a cut-out.

An alpha channel alone does not: most pictures that have one are opaque, have rounded corners, or are a
photograph with an empty margin or in a circle.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pyvips

from mutoscope.images import orient
from mutoscope.images.decode import Photo

Alpha = npt.NDArray[np.float32]  # H×W, 0..1

#: Of the picture: what is taken away at least, and what is left at least.
_LEAST_GONE, _LEAST_LEFT = 0.04, 0.002
#: What fills its convex hull and its bounds this far is a frame's shape: a rectangle, a badge, a disc.
_HULL, _BOUNDS = 0.985, 0.75
_LOOKED_AT = 512  # pixels, of the copy that is judged


def own_cutout(photo: Photo, width: int, height: int) -> Alpha | None:
    """The transparency of an upright picture at width×height, None where it is no cut-out. Raises
    BadImage where the data is damaged."""
    image = photo.load()
    if not image.hasalpha():
        return None
    try:
        band = image[image.bands - 1]
        if band.format != "uchar":
            band = (band / 257 if band.format == "ushort" else band).cast("uchar")
        turned = orient.is_transposed(photo.orientation)
        wide, high = (height, width) if turned else (width, height)
        small = band.copy(interpretation="b-w").thumbnail_image(
            wide, height=high, size="force", no_rotate=True
        )
        stored = np.asarray(small.numpy(), np.uint8).reshape(high, wide, 1)
        levels = orient.turn(stored, photo.orientation)[..., 0]
    except pyvips.Error as error:
        raise photo.damaged(error) from None
    return levels.astype(np.float32) / np.float32(255) if _is_cutout(levels) else None


def _is_cutout(levels: npt.NDArray[np.uint8]) -> bool:
    scale = min(1.0, _LOOKED_AT / max(levels.shape))
    size = tuple(max(1, round(side * scale)) for side in levels.shape[::-1])
    small = cv2.resize(levels, size, interpolation=cv2.INTER_AREA)
    inside = (small > 127).astype(np.uint8)
    left = float(inside.mean())
    if left < _LEAST_LEFT or float((small < 13).mean()) < _LEAST_GONE:
        return False
    points = cv2.findNonZero(inside)
    _, _, wide, high = cv2.boundingRect(points)
    hull = np.zeros_like(inside)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    area = float(inside.sum())
    return area < _HULL * float(hull.sum()) or area < _BOUNDS * wide * high
