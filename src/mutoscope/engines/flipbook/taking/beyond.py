"""What lies beyond the photograph's border, painted by the network, where a camera will show it.

Over a margin of a tenth of the frame the network goes on with floors, walls, trees and clouds better than
a mirror does, which the eye finds out by its symmetry. At times it brings in something of its own (red
sand beside a pitch). What it paints may have the colours of the photograph close by; where it has not,
the mirrored picture stays.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking import plate
from mutoscope.images.sessions import session

Rgb = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]

_SMALL = 8  # what is compared is this much smaller
_STRETCHES = 10  # of a side; the colours close by are those of three of them
_INWARD = 1.5  # times the margin's depth: as far into the picture
#: So far from the nearest of those colours (CIELAB) paint is still kept whole, so far not at all.
_KEPT, _FOREIGN = 12.0, 24.0


def painted(rgb: Rgb, known: Mask) -> Rgb:
    """`rgb` (mirrored where `known` is 0, as `plate.continued` gives it) with its border painted by the
    network where that goes on with the picture; the same where its weights are not here."""
    network = session("inpaint")
    if network is None or known.all():
        return rgb
    made = plate.by_network(network, rgb, np.asarray(255 - known, np.uint8))
    share = _trusted(made, known)[..., None]
    out = rgb + (made.astype(np.float32) - rgb) * share + np.float32(0.5)
    return np.where(known[..., None] > 0, rgb, out.astype(np.uint8))


def _trusted(made: Rgb, known: Mask) -> Map:
    """How much of the paint to show, h×w, 0..1."""
    size = (max(1, known.shape[1] // _SMALL), max(1, known.shape[0] // _SMALL))
    light = cv2.resize(made, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(
        255
    )
    lab = np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2LAB), np.float32)
    away = np.zeros(lab.shape[:2], np.float32)
    top, bottom, left, right = (-(-side // _SMALL) for side in plate.beyond(known))
    # each side as a strip whose first rows are the ones beyond, the picture's next to them
    if top:
        _compared(lab, away, top)
    if bottom:
        _compared(lab[::-1], away[::-1], bottom)
    if left:
        _compared(lab.swapaxes(0, 1), away.swapaxes(0, 1), left)
    if right:
        _compared(lab[:, ::-1].swapaxes(0, 1), away[:, ::-1].swapaxes(0, 1), right)
    foreign = np.clip((away - _KEPT) / (_FOREIGN - _KEPT), 0, 1).astype(np.float32)
    foreign = cv2.GaussianBlur(cv2.dilate(foreign, np.ones((5, 5), np.uint8)), (0, 0), 1.0)
    wide = cv2.resize(foreign, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - wide, np.float32)


def _compared(lab: npt.NDArray[Any], away: npt.NDArray[Any], deep: int) -> None:
    """Write into the first `deep` rows of `away` how far each colour there is from the nearest one that
    the picture has next to it."""
    ends = np.linspace(0, lab.shape[1], _STRETCHES + 1).astype(int)
    inward = slice(deep, deep + max(2, round(_INWARD * deep)))
    for k in range(_STRETCHES):
        out = slice(0, deep), slice(ends[k], ends[k + 1])
        around = slice(ends[max(0, k - 1)], ends[min(_STRETCHES, k + 2)])
        have = lab[inward, around].reshape(-1, 3)
        made = lab[out].reshape(-1, 3)
        apart = np.linalg.norm(made[:, None] - have[None], axis=2).min(axis=1)
        away[out] = np.maximum(away[out], apart.reshape(away[out].shape))
