"""Whether a picture stands on a plain ground, as products do, and which colour that is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.decode import Rgb

#: Of the shorter side: how wide a ring along the border is looked at.
RING = 0.03
#: How far (CIE Lab, ΔE 1976) a pixel may be from the ring's middle colour, and how many must be so near.
NEAR, SHARE = 5.0, 0.97


def border_colour(rgb: Rgb) -> str | None:
    """The plain colour "#rrggbb" along all four sides of a picture (H×W×3 uint8), or None.

    A picture that is that colour everywhere has no border, and gives None.
    """
    height, width = rgb.shape[:2]
    ring = max(1, round(RING * min(height, width)))
    inside = np.zeros((height, width), np.bool_)
    inside[ring : height - ring, ring : width - ring] = True
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    middle = np.median(lab[~inside], axis=0)
    near = np.linalg.norm(lab - middle, axis=2) <= NEAR
    sides = (near[:ring], near[-ring:], near[:, :ring], near[:, -ring:])
    if any(float(side.mean()) < SHARE for side in sides) or bool(near[inside].all()):
        return None
    colour: npt.NDArray[np.uint8] = np.median(rgb[~inside], axis=0).astype(np.uint8)
    return "#{:02x}{:02x}{:02x}".format(*colour.tolist())
