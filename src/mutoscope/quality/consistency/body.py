"""A figure cut out of a frame, and what it looks like as far as it is seen.

A film shows a character whole in one frame and to the shoulders in the next. So two figures are held
against each other as far down as both are seen, in heights of their faces: a close-up is told from a
close-up's part of a whole figure.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.plan import Box
from mutoscope.quality.consistency.looks import Look, look

Rgb = npt.NDArray[np.uint8]  # h×w×3
Alpha = npt.NDArray[np.float32]  # h×w, 0..1

#: How far down from the chin figures are compared, in heights of the face: the head alone, and from
#: there to the knees. The first that shows clothes.
LEVELS = (0.0, 0.5, 0.8, 1.2, 1.8, 2.6, 4.0, 6.0)
_CLOTHED = 0.5
#: And how far to each side of its middle, in widths of the face.
_WIDE = 2.0
#: From the face's box to where clothes begin, in heights of the face.
_CHIN = 0.12
#: With no face seen: upright is this many times as high as wide, and its head is the top fifth.
_UPRIGHT, _HEAD = 1.2, 0.2
#: Of what is compared of the figure, that must be clothes.
_LEAST_CLOTHES = 0.08
_KEPT = 480  # pixels of the figure's longer side that are kept

NO_CLOTHES = "what it wears is outside the frame"
LYING = "no face is seen and the figure is not upright, so clothes are not told from the rest"


class Body:
    """`rgb` and `alpha` are the frame's and its matte, `face` the face's box in fractions of it, or None.
    Only the figure is kept, at most _KEPT pixels long; its looks are found when they are asked for."""

    def __init__(self, rgb: Rgb, alpha: Alpha, face: Box | None) -> None:
        inside = alpha > 0.5
        columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
        self.seen = bool(columns.size)
        if not self.seen:
            rgb, alpha = rgb[:1, :1], alpha[:1, :1]
            columns = rows = np.zeros(1, np.int64)
        top, left = int(rows[0]), int(columns[0])
        part = slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1)
        scale = min(1.0, _KEPT / max(part[0].stop - top, part[1].stop - left))
        self.rgb = _smaller(rgb[part], scale)
        self.alpha = np.asarray(_smaller(alpha[part], scale), np.float32)
        height, width = inside.shape
        self.face = None if face is None else (
            (face.left * width - left) * scale, (face.top * height - top) * scale,
            (face.right * width - left) * scale, (face.bottom * height - top) * scale,
        )  # fmt: skip
        self._looks: dict[tuple[bool, float | None], Look | None] = {}

    @property
    def depth(self) -> float:
        """How far down from the chin it is seen, in heights of its face; 0 where no face is."""
        if self.face is None:
            return 0.0
        return float((self.alpha.shape[0] - self.face[3]) / max(1.0, self.face[3] - self.face[1]))

    def level(self, other: Body) -> float | None:
        """How far down both are seen, as one of LEVELS; None where one shows no face."""
        if self.face is None or other.face is None:
            return None
        deep = min(self.depth, other.depth)
        return max((level for level in LEVELS if level <= deep), default=LEVELS[0])

    def whole(self, level: float | None) -> Look | None:
        """The look of the figure, down to a level; None where next to nothing is left."""
        return self._look(level, worn=False)

    def clothing(self, level: float | None) -> Look | None:
        """The look of what it wears; None where that cannot be told."""
        return self._look(level, worn=True)

    @property
    def unclothed(self) -> str:
        """Why its clothes cannot be told, "" where they can."""
        if self.face is None:
            tall, wide = self.alpha.shape
            return "" if tall >= _UPRIGHT * wide else LYING
        if self.depth < _CLOTHED:
            return NO_CLOTHES
        worn = np.count_nonzero(self._cut(None, worn=True) > 0.5)
        enough = worn >= _LEAST_CLOTHES * np.count_nonzero(self.alpha > 0.5)
        return "" if enough else NO_CLOTHES

    def _look(self, level: float | None, *, worn: bool) -> Look | None:
        key = (worn, level)
        if key not in self._looks:
            bare = worn and (bool(self.unclothed) or (level is not None and level < _CLOTHED))
            gone = not self.seen or bare
            self._looks[key] = None if gone else look(self.rgb, self._cut(level, worn=worn))
        return self._looks[key]

    def _cut(self, level: float | None, *, worn: bool) -> Alpha:
        """The matte of what is compared."""
        alpha = self.alpha.copy()
        if self.face is None:
            if worn:
                alpha[: round(_HEAD * alpha.shape[0])] = 0
            return alpha
        left, top, right, bottom = self.face
        tall, wide = bottom - top, right - left
        if worn:
            alpha[: max(0, round(bottom + _CHIN * tall))] = 0
        if level is not None:
            middle = (left + right) / 2
            alpha[max(0, round(bottom + level * tall)) :] = 0
            alpha[:, : max(0, round(middle - _WIDE * wide))] = 0
            alpha[:, max(0, round(middle + _WIDE * wide)) :] = 0
        return alpha


def _smaller(picture: npt.NDArray[np.uint8] | Alpha, scale: float) -> npt.NDArray[np.uint8]:
    if scale >= 1:
        return np.ascontiguousarray(picture)  # not a view, which would keep the frame
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
