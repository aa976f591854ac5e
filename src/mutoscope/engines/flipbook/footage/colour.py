"""A grade laid on a film's frames, plane by plane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.footage.celluloid import Celluloid
from mutoscope.engines.flipbook.footage.grade import Grade, tables
from mutoscope.finish.frame import blank, planes_of

#: Fractions of the chroma tables.
_BITS = 8


@kernel(
    "void(uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], "
    "uint8[::1], int32[::1], int32[::1], int32[::1], int64, int64)"
)
def _graded(
    luma: Any, cb: Any, cr: Any, to_luma: Any, to_cb: Any, to_cr: Any,
    curve: Any, scale: Any, add_cb: Any, add_cr: Any, wide: Any, tall: Any,
) -> None:  # fmt: skip
    for y in range(tall):
        for x in range(wide):
            to_luma[y, x] = curve[luma[y, x]]
    half = np.int32(128)
    for j in range(tall // 2):
        for i in range(wide // 2):
            # a chroma sample lies between two rows, on the even column
            at = (np.int32(luma[2 * j, 2 * i]) + np.int32(luma[2 * j + 1, 2 * i]) + 1) >> 1
            b = (np.int32(cb[j, i]) - 128) * scale[at] + add_cb[at] + half
            r = (np.int32(cr[j, i]) - 128) * scale[at] + add_cr[at] + half
            to_cb[j, i] = min(max((b >> 8) + 128, 16), 240)
            to_cr[j, i] = min(max((r >> 8) + 128, 16), 240)


class Grader:
    """A grade made ready; `frame` makes the graded one of a frame, `number` being its place."""

    def __init__(self, grade: Grade, width: int, height: int, seed: int = 0):
        made = tables(grade)
        self._curve = np.ascontiguousarray(made.luma)
        self._scale, self._cb, self._cr = (
            _fixed(curve) for curve in (made.scale, made.cb, made.cr)
        )
        red = not grade.tone
        self._film = Celluloid(grade.film, width, height, seed, red=red) if grade.film else None

    def frame(self, given: av.VideoFrame, number: int) -> av.VideoFrame:
        """The frame's colours as the grade has them; the given one is left as it is."""
        made = blank(given.width, given.height)
        to = planes_of(made)
        _graded(
            *planes_of(given), *to, self._curve, self._scale, self._cb, self._cr,
            given.width, given.height,
        )  # fmt: skip
        if self._film is not None:
            self._film.lay(to, number)
        return made


def _fixed(curve: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    return np.ascontiguousarray(np.rint(curve * (1 << _BITS)), np.int32)


def coloured(
    frames: Iterable[av.VideoFrame], grade: Grade, seed: int = 0
) -> Iterator[av.VideoFrame]:
    """The frames, graded; as they are where the grade is none."""
    make = grading(grade, seed)
    for number, frame in enumerate(frames):
        yield make(frame, number)


def grading(grade: Grade, seed: int = 0) -> Callable[[av.VideoFrame, int], av.VideoFrame]:
    """What makes the graded frame of a frame and its number; a frame as it is where the grade is none."""
    grader: Grader | None = None

    def made(frame: av.VideoFrame, number: int) -> av.VideoFrame:
        nonlocal grader
        if not grade:
            return frame
        if grader is None:
            grader = Grader(grade, frame.width, frame.height, seed)
        return grader.frame(frame, number)

    return made
