"""A grade laid on a film's frames, plane by plane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import kernel
from mutoscope.engines.flipbook.footage.celluloid import Celluloid, stock_of
from mutoscope.engines.flipbook.footage.grade import Grade, tables
from mutoscope.finish.frame import blank, planes_of

#: Fractions of the chroma tables.
_BITS = 8


@kernel(
    "void(uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], uint8[:,::1], "
    "uint8[::1], int32[:,::1], int64, int64, int64, int64)"
)
def _graded(
    luma: Any, cb: Any, cr: Any, to_luma: Any, to_cb: Any, to_cr: Any,
    curve: Any, colour: Any, mix_b: Any, mix_r: Any, wide: Any, tall: Any,
) -> None:  # fmt: skip
    half = np.int32(128)
    plain = mix_b == 0 and mix_r == 0
    last = wide // 2 - 1
    if plain:
        for y in range(tall):
            for x in range(wide):
                to_luma[y, x] = curve[luma[y, x]]
    for j in range(tall // 2):
        for i in range(last + 1):
            b, r = np.int32(cb[j, i]) - 128, np.int32(cr[j, i]) - 128
            # a chroma sample lies between two rows, on the even column
            at = (np.int32(luma[2 * j, 2 * i]) + np.int32(luma[2 * j + 1, 2 * i]) + 1) >> 1
            if not plain:
                after = min(i + 1, last)
                here = b * np.int32(mix_b) + r * np.int32(mix_r)
                then = (np.int32(cb[j, after]) - 128) * np.int32(mix_b) + (
                    np.int32(cr[j, after]) - 128
                ) * np.int32(mix_r)
                between = (here + then + 256) >> 9
                more = (here + half) >> 8
                for k in range(2 * j, 2 * j + 2):
                    to_luma[k, 2 * i] = curve[min(max(np.int32(luma[k, 2 * i]) + more, 0), 255)]
                    to_luma[k, 2 * i + 1] = curve[
                        min(max(np.int32(luma[k, 2 * i + 1]) + between, 0), 255)
                    ]
                at = min(max(at + more, np.int32(0)), np.int32(255))
            blue = b * colour[at, 0] + r * colour[at, 1] + colour[at, 4] + half
            red = b * colour[at, 2] + r * colour[at, 3] + colour[at, 5] + half
            to_cb[j, i] = min(max((blue >> 8) + 128, 16), 240)
            to_cr[j, i] = min(max((red >> 8) + 128, 16), 240)


class Grader:
    """A grade made ready; `frame` makes the graded one of a frame, `number` being its place."""

    def __init__(self, grade: Grade, width: int, height: int, seed: int = 0):
        made = tables(grade)
        self._curve = np.ascontiguousarray(made.luma)
        self._colour = _fixed(np.concatenate([made.turn.reshape(256, 4), made.tint], axis=1))
        self._mix = tuple(round(part * (1 << _BITS)) for part in made.mix)
        stock = stock_of(grade)
        self._film = Celluloid(stock, width, height, seed) if stock else None

    def frame(self, given: av.VideoFrame, number: int) -> av.VideoFrame:
        """The frame's colours as the grade has them; the given one is left as it is."""
        made = blank(given.width, given.height)
        to = planes_of(made)
        _graded(
            *planes_of(given), *to, self._curve, self._colour, *self._mix,
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
