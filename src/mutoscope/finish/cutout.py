"""A subject's own colours from a film, the same film without the subject, and the matte.

film = plate·(1 - m) + subject·m, so subject = plate + (film - plate) / m. Where the matte is too thin to tell
(below `THIN`) the colours of what is solid beside it go on, and a little beyond the outline: a codec that
mixes neighbours then finds nothing foreign there. Further out all is black.
"""

from __future__ import annotations

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.finish.frame import blank, planes_of

Plane = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]

#: Of the matte, 0..1: below the first colours are not told from it, above the second they are alone.
THIN, SOLID = 0.12, 0.3
#: Pixels that colours go on beyond the outline, near and far.
REACHES = (3, 12)
_BLACK = (16, 128, 128)


def subject_of(film: av.VideoFrame, plate: av.VideoFrame, matte: Plane) -> av.VideoFrame:
    """The subject's colours, straight: a frame of yuv420p for the same matte (H×W)."""
    made = blank(film.width, film.height)
    for plane, code in zip(planes_of(made), _BLACK, strict=True):
        plane[:] = code
    box = _box(matte, 2 * REACHES[-1])
    if box is None:
        return made
    rows, columns = box
    small = _sited(matte[rows, columns])
    half = (slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2))
    parts = zip(planes_of(made), planes_of(film), planes_of(plate), strict=True)
    for number, (to, whole, behind) in enumerate(parts):
        at = box if number == 0 else half
        share = small if number else _part(matte[rows, columns])
        reaches = REACHES if number == 0 else tuple(reach / 2 for reach in REACHES)
        to[at] = _solved(whole[at], behind[at], share, reaches, _BLACK[number])
    return made


def _box(matte: Plane, room: int) -> tuple[slice, slice] | None:
    """Rows and columns of the matte with room around, even."""
    rows, columns = (np.flatnonzero(matte.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    ends = []
    for found, most in ((rows, matte.shape[0]), (columns, matte.shape[1])):
        low, high = max(0, int(found[0]) - room), min(most, int(found[-1]) + 1 + room)
        ends.append(slice(low // 2 * 2, -(-high // 2) * 2))
    return ends[0], ends[1]


def _part(matte: Plane) -> Map:
    return np.asarray(matte * np.float32(1 / 255), np.float32)


def _sited(matte: Plane) -> Map:
    """The matte at the chroma samples, 0..1: 1-2-1 columns by 1-1 rows, as colours are brought there."""
    wide = matte.astype(np.float32)
    rows = wide[0::2] + wide[1::2]
    left = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
    return np.asarray((left + 2 * rows[:, 0::2] + rows[:, 1::2]) / (8 * 255), np.float32)


def _solved(film: Plane, plate: Plane, share: Map, reaches: tuple[float, ...], black: int) -> Plane:
    behind = plate.astype(np.float32)
    own = behind + (film.astype(np.float32) - behind) / np.maximum(share, THIN / 2)
    own = np.clip(own, 0, 255)
    sure = np.clip((share - THIN) / (SOLID - THIN), 0, 1)
    if sure.min() == 1:
        return np.asarray(np.rint(own), np.uint8)
    weight = sure * share
    further = np.full_like(own, black)
    for reach in reversed(reaches):
        size = 2 * round(2 * reach) + 1
        mass = cv2.blur(weight, (size, size), borderType=cv2.BORDER_REPLICATE)
        mean = cv2.blur(own * weight, (size, size), borderType=cv2.BORDER_REPLICATE)
        found = np.minimum(1, mass * (size * size / 4))
        further += found * (mean / np.maximum(mass, 1e-6) - further)
    return np.asarray(np.rint(further + sure * (own - further)), np.uint8)
