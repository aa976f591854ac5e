"""Which layer moves where a region lies on the subject in front: the plate, the cut-out, or both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mutoscope.engines.flipbook.nature.field import Nodes, clearance, grid_of
from mutoscope.engines.flipbook.nature.surface import Wears
from mutoscope.engines.flipbook.scene import Mask, Scene

#: Alpha from which on the subject is seen, and from which on a place is its own.
SEEN, OWN = 16, 128
#: A region has a part on the subject from this share of it on.
PART = 0.03
#: How far beyond the subject's outline its motion reaches: its soft edge, in pixels of a frame 720 high.
BEYOND = 26


@dataclass(frozen=True, slots=True)
class Worn:
    """`plate`: the mask in which the plate moves. `clear`: where the cut-out does (see `Waves`), None
    where it does not. `hidden`: nearly all of the region lies on the subject, and it stands still."""

    plate: Mask
    clear: Nodes | None = None
    hidden: bool = False


def worn_in(region: Mask, cover: Mask | None, wears: Wears, frame_height: int) -> Worn:
    """How a region (plate height×width, 255 inside) is shared with the subject, whose alpha on the plate
    is `cover`."""
    if cover is None:
        return Worn(region)
    inside = region >= 128
    mine = inside & (cover >= OWN)
    part = float(mine.sum()) / max(1.0, float(inside.sum()))
    if part < PART and wears != "own":
        part = 0.0
    if wears == "as plate":
        return Worn(region, clearance(region) if part else None)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    seen = cv2.dilate((cover >= SEEN).astype(np.uint8), disc) > 0
    plate = np.where(inside & ~seen, 255, 0).astype(np.uint8)
    if wears == "not" or part < PART:
        return Worn(plate, hidden=part > 1 - PART)
    free = np.where(inside | (cover < SEEN), 255, 0).astype(np.uint8)
    away = np.asarray(cv2.distanceTransform((~mine).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    x, y = grid_of(region)
    near = np.maximum(0, BEYOND * frame_height / 720 - away[np.ix_(y, x)])
    clear: Nodes = np.minimum(clearance(free), near).astype(np.float32)
    # well inside the part it is as far from the brim as it likes
    return Worn(plate, clear)


#: A region's part of the subject is given back to the plate over this many pixels of a frame 720 high.
SEAM = 4.0


def given_back(scene: Scene, region: Mask) -> Scene:
    """`scene` with what of its subject lies in `region` (on the plate, 255 inside) back in the plate:
    flames, smoke and water run there, which a cut-out cannot. The still is the same."""
    subject = scene.subject
    if subject is None:
        return scene
    soft = cv2.GaussianBlur(region, (0, 0), SEAM * scene.height / 720).astype(np.float32) / 255
    share = np.where(region >= 128, np.clip(2 * soft - 0.6, 0, 1), 0).astype(np.float32)
    left, top = subject.x + scene.margin_x, subject.y + scene.margin_y
    tall, wide = subject.alpha.shape
    y0, x0 = max(0, -top), max(0, -left)
    y1, x1 = min(tall, share.shape[0] - top), min(wide, share.shape[1] - left)
    if y1 <= y0 or x1 <= x0:
        return scene
    part = share[y0 + top : y1 + top, x0 + left : x1 + left]
    if not (part * (subject.alpha[y0:y1, x0:x1] >= SEEN)).any():
        return scene
    alpha = subject.alpha.copy()
    alpha[y0:y1, x0:x1] = np.round(alpha[y0:y1, x0:x1] * (1 - part))
    plate = scene.plate.copy()
    frame = np.s_[
        scene.margin_y : scene.margin_y + scene.height,
        scene.margin_x : scene.margin_x + scene.width,
    ]
    weight = share[frame][..., None]
    plate[frame] = np.round(plate[frame] + weight * (scene.still.astype(np.float32) - plate[frame]))
    return replace(scene, plate=plate, subject=replace(subject, alpha=alpha))
