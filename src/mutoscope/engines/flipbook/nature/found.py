"""Regions found in the photograph by themselves, where a prompt asks for motion and marks nothing.

Only what is found reliably is: see `FINDERS`. A wrong region is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import cv2
import numpy as np

from mutoscope.engines.flipbook.nature.region import to_plate
from mutoscope.engines.flipbook.nature.sky import find_sky
from mutoscope.engines.flipbook.nature.surface import surfaces
from mutoscope.engines.flipbook.scene import Mask, Rgb
from mutoscope.images.decode import Photo
from mutoscope.images.plan import Plan

#: Long side in pixels of the picture in which regions are looked for.
SIDE = 480
#: surface → what finds it in a picture (H×W×3): its mask (H×W, 0 or 255), or None.
FINDERS: dict[str, Callable[[Rgb], Mask | None]] = {"clouds": find_sky}


def found_regions(
    asked: Iterable[str], marked: Mapping[str, Mask], photo: Photo, plan: Plan,
    margin_x: int, margin_y: int, *, cover: Mask | None = None,
) -> dict[str, Mask]:  # fmt: skip
    """The regions on the plate of the surfaces `asked` for that are not `marked` and can be found."""
    found: dict[str, Mask] = {}
    for surface in asked:
        others = surfaces().marks.get(surface, (surface,))
        if surface not in FINDERS or any(name in marked for name in others):
            continue
        mask = FINDERS[surface](photo.thumbnail(SIDE))
        if mask is None:
            continue
        laid = to_plate(mask, plan, margin_x, margin_y)
        if cover is not None:
            laid[cv2.dilate((cover >= 8).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0] = 0
        if laid.any():
            found[surface] = laid
    return found
