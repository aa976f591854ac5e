"""What of a frame is the character: its face and its figure.

The subject's matte says which pixels. Where several faces lie in it, each pixel belongs to the nearest
face. Where no subject stands out but a face is seen, the figure is a body in proportion to that face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.base import Cancel
from mutoscope.images.faces import Face
from mutoscope.images.sessions import session
from mutoscope.images.subject import SubjectMatte, find_subject
from mutoscope.quality.consistency.body import Body
from mutoscope.quality.consistency.identity import Person, people

Rgb = npt.NDArray[np.uint8]  # h×w×3
Alpha = npt.NDArray[np.float32]  # h×w, 0..1
Vector = npt.NDArray[np.float32]

NO_FIGURE = "nothing stands out clearly"
NO_LOOKS = "needs the weights looks: mutoscope weights fetch looks"
NO_MATTE = "needs the weights matte: mutoscope weights fetch matte"

#: Of a matte that says which pixels are the figure's.
_LEAST_QUALITY, _LEAST_COVER, _MOST_COVER = 0.5, 0.005, 0.85
#: A body beside its face, in widths and heights of the face, where no matte says more.
_BODY_WIDE, _BODY_DEEP, _SHOULDERS = 3.0, 4.0, 0.35
_TILE = 192  # pixels of the crops that are kept to be shown


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a frame shows of the character. `missing` says of each part that cannot be told why.

    `by` is how the figure was found: "subject" or "face". `face_tile`, `figure_tile` are crops."""

    face: Vector | None = None
    body: Body | None = None
    missing: dict[str, str] = field(default_factory=dict)
    by: str = ""
    face_tile: Rgb | None = None
    figure_tile: Rgb | None = None


def seen(
    rgb: Rgb,
    wanted: Sequence[Vector] = (),
    *,
    own: Alpha | None = None,
    cancel: Cancel = lambda: False,
) -> Seen:
    """Look at a frame. `wanted` are faces of the character: of several, the nearest to them is taken,
    else the largest. `own`: the transparency of a picture that is a cut-out. Raises Cancelled."""
    found, why = people(rgb)
    one = _chosen(found, wanted)
    missing = {} if one is not None else {"face": why}
    alpha, by, why = _figure(rgb, own, one, found, cancel)
    chip = None if one is None else one.chip
    vector = None if one is None else one.vector
    if alpha is None:
        return Seen(vector, missing=missing | {"clothing": why, "whole": why}, face_tile=chip)
    body, tile = Body(rgb, alpha, None if one is None else one.face.box), _tile(rgb, alpha)
    if session("looks") is None:
        missing |= {"clothing": NO_LOOKS, "whole": NO_LOOKS}
        return Seen(vector, missing=missing, by=by, face_tile=chip, figure_tile=tile)
    if not body.seen:
        missing["whole"] = NO_FIGURE
    if why := body.unclothed:
        missing["clothing"] = why
    return Seen(vector, body, missing, by, chip, tile)


def _chosen(found: Sequence[Person], wanted: Sequence[Vector]) -> Person | None:
    if not found or not wanted:
        return found[0] if found else None
    return min(found, key=lambda one: min(float(np.linalg.norm(one.vector - w)) for w in wanted))


def _figure(
    rgb: Rgb, own: Alpha | None, one: Person | None, found: Sequence[Person], cancel: Cancel
) -> tuple[Alpha | None, str, str]:
    """Its matte over the frame, how it was found, and, where there is none, why."""
    height, width = rgb.shape[:2]
    matte = find_subject(rgb, cancel=cancel) if own is None else None
    alpha = own
    if matte is not None and _usable(matte):
        alpha = np.asarray(cv2.resize(matte.alpha, (width, height)), np.float32)
    if alpha is not None:
        if one is None:
            return alpha, "subject", ""
        mine = nearest(alpha, one.face, [other.face for other in found if other is not one])
        if _within(mine, one.face):
            return mine, "subject", ""
    if one is not None:
        return proportioned(one.face, width, height), "face", ""
    return None, "", NO_MATTE if matte is None else NO_FIGURE


def _usable(matte: SubjectMatte) -> bool:
    """Less is asked than of a layer to be cut out: edges count little here, and of a film there are
    several frames."""
    return matte.quality >= _LEAST_QUALITY and _LEAST_COVER < matte.cover < _MOST_COVER


def _within(alpha: Alpha, face: Face) -> bool:
    """Whether the face lies in the figure."""
    height, width = alpha.shape
    box = face.box
    part = alpha[int(box.top * height) : round(box.bottom * height), int(box.left * width) : round(box.right * width)]  # fmt: skip
    return bool(part.size and float((part > 0.5).mean()) > 0.4)


def nearest(alpha: Alpha, face: Face, others: Sequence[Face]) -> Alpha:
    """What of the matte is nearer to this face than to the others, across the frame."""
    width = alpha.shape[1]
    across = (np.arange(width) + 0.5) / width
    own = (face.box.left + face.box.right) / 2
    kept = np.ones(width, bool)
    for other in others:
        middle = (other.box.left + other.box.right) / 2
        kept &= np.abs(across - own) <= np.abs(across - middle)
    return np.asarray(alpha * kept[None], np.float32)


def proportioned(face: Face, width: int, height: int) -> Alpha:
    """A head and shoulders in proportion to the face, as a matte of the frame's size."""
    box = face.box
    wide, tall = (box.right - box.left) * width, (box.bottom - box.top) * height
    x, top = (box.left + box.right) / 2 * width, box.top * height
    alpha = np.zeros((height, width), np.uint8)
    head = (round(x), round(top + tall * 0.5)), (round(wide * 0.7), round(tall * 0.75))
    cv2.ellipse(alpha, head[0], head[1], 0, 0, 360, 255, -1)
    half, low = wide * _BODY_WIDE / 2, top + tall * (1 + _SHOULDERS)
    outline = np.array([
        (x - wide * 0.5, top + tall), (x + wide * 0.5, top + tall), (x + half, low + tall * 0.4),
        (x + half, low + tall * _BODY_DEEP), (x - half, low + tall * _BODY_DEEP),
        (x - half, low + tall * 0.4),
    ])  # fmt: skip
    cv2.fillPoly(alpha, [np.round(outline).astype(np.int32)], 255)
    return alpha.astype(np.float32) / np.float32(255)


def _tile(rgb: Rgb, alpha: Alpha) -> Rgb:
    """The figure with a little of what is around it, the ground dimmed; _TILE pixels high."""
    inside = alpha > 0.5
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    height, width = alpha.shape
    if not columns.size:
        return np.zeros((_TILE, _TILE, 3), np.uint8)
    x, y = (columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2
    half = 0.54 * max(columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)
    scale = _TILE / (2 * half)
    matrix = np.array([[scale, 0, _TILE / 2 - scale * x], [0, scale, _TILE / 2 - scale * y]])
    small, mask = rgb, alpha
    if scale < 0.5:
        size = (max(1, round(2 * scale * width)), max(1, round(2 * scale * height)))
        small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
        matrix[:, :2] @= np.diag([width / size[0], height / size[1]])
    tile = cv2.warpAffine(small, matrix, (_TILE, _TILE)).astype(np.float32)
    cover = cv2.warpAffine(mask, matrix, (_TILE, _TILE))[..., None]
    return np.asarray(tile * (0.3 + 0.7 * cover), np.uint8)
