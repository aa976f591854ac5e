"""What the picture itself says of a marked region: whether it can be smoke, where it is aflame."""

from __future__ import annotations

import cv2
import numpy as np

from mutoscope.engines.flipbook.nature.field import Nodes, grid_of
from mutoscope.engines.flipbook.nature.sky import roughness, working
from mutoscope.engines.flipbook.scene import Mask, Rgb

#: Smoke has no more fine detail than this (CIELAB lightness, in a picture 320 across).
SMOKE_ROUGH = 0.9
#: Luma (0..255) from which on a place may be flame, and is one; softened over pixels of a frame 720 high.
DIM, BRIGHT, SOFT = 105.0, 205.0, 10.0


def may_be_smoke(plate: Rgb, region: Mask) -> bool:
    """Whether what lies in `region` of the plate is as smooth as smoke, steam and fog are."""
    small = working(plate)
    size = (small.shape[1], small.shape[0])
    inside = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA)) >= 200
    if not inside.any():
        return True
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    return float(np.median(roughness(lab[..., 0])[inside])) <= SMOKE_ROUGH


def aflame(plate: Rgb, frame_height: int) -> Nodes:
    """How surely each node of a field is flame or its glow, 0..1: bright, and not blue."""
    light = plate.max(axis=2).astype(np.float32)
    warm = np.clip((plate[..., 0].astype(np.float32) - plate[..., 2] + 30) / 50, 0, 1)
    glow = np.clip((light - DIM) / (BRIGHT - DIM), 0, 1) * warm
    soft = np.asarray(cv2.GaussianBlur(glow, (0, 0), SOFT * frame_height / 720), np.float32)
    x, y = grid_of(soft)  # type: ignore[arg-type]
    return np.ascontiguousarray(soft[np.ix_(y, x)])
