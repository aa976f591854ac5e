"""Where to look in a film: its cuts, and what it is about at moments all along it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.footage.reading import frames
from mutoscope.engines.flipbook.footage.source import Source
from mutoscope.finish.frame import planes_of

Cancel = Callable[[], bool]
Small = npt.NDArray[np.uint8]
#: Frames that are looked at closely: a second apart, at most so many.
APART, MOST = 1.0, 16
#: Mean difference of two small copies (codes) beyond which a cut lies between, and how many times
#: what it was around.
CUT, CUT_TIMES = 14.0, 4.0
_SIDE, _CLOSE = 64, 480
#: How sure each way of finding the subject is.
SURE_FACE, SURE_SUBJECT, SURE_DETAIL = 1.0, 0.8, 0.15


@dataclass(frozen=True, slots=True)
class Focus:
    """At frame `number` the film is about the place (x, y), in fractions of its sides; `sure` 0..1."""

    number: int
    x: float
    y: float
    sure: float


@dataclass(frozen=True, slots=True)
class Attention:
    """`cuts`: the numbers of the frames that begin a new scene."""

    points: tuple[Focus, ...]
    cuts: tuple[int, ...]


def attended(source: Source, cancel: Cancel = lambda: False) -> Attention:
    """What the film is about, in one pass over it."""
    step = max(1, round(APART * float(source.rate)), math.ceil(source.frames / MOST))
    points: list[Focus] = []
    differ: list[float] = []
    before: Small | None = None
    due = 0
    for number, frame in enumerate(frames(source, cancel)):
        small = _small(frame)
        gone = 0.0 if before is None else float(cv2.absdiff(small, before).mean())
        differ.append(gone)
        before = small
        if number >= due or _cut(differ, number):
            points.append(_looked_at(frame, number))
            due = number + step
    cuts = tuple(number for number in range(1, len(differ)) if _cut(differ, number))
    return Attention(tuple(points), cuts)


def _cut(differ: list[float], number: int) -> bool:
    around = differ[max(1, number - 8) : number]
    usual = float(np.median(around)) if around else 0.0
    return differ[number] > max(CUT, CUT_TIMES * usual)


def _small(frame: av.VideoFrame) -> Small:
    luma = planes_of(frame)[0][: frame.height, : frame.width]
    return np.asarray(cv2.resize(luma, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _looked_at(frame: av.VideoFrame, number: int) -> Focus:
    scale = min(1.0, _CLOSE / max(frame.width, frame.height))
    size = (max(2, 2 * round(frame.width * scale / 2)), max(2, 2 * round(frame.height * scale / 2)))
    rgb = frame.reformat(*size, "rgb24").to_ndarray()
    return Focus(number, *_place(np.ascontiguousarray(rgb, np.uint8)))


def _place(rgb: Small) -> tuple[float, float, float]:
    """x, y, sure: faces first, then the subject, else where the detail is."""
    from mutoscope.images.faces import find_faces
    from mutoscope.images.subject import find_subject

    faces = find_faces(rgb)
    if faces:
        weights = np.array([one.box.width * one.box.height for one in faces])
        at = np.array(
            [
                ((one.box.left + one.box.right) / 2, (one.box.top + one.box.bottom) / 2)
                for one in faces
            ]
        )
        x, y = np.average(at, axis=0, weights=weights)
        return float(x), float(y), SURE_FACE
    matte = find_subject(rgb)
    if matte is not None and matte.stable:
        return *_centre(matte.alpha), SURE_SUBJECT
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 6))
    return *_centre(detail * _middle(detail.shape)), SURE_DETAIL


def _centre(weights: npt.NDArray[np.float32]) -> tuple[float, float]:
    rows, columns = weights.shape
    total = max(1e-6, float(weights.sum()))
    x = float((weights.sum(axis=0) * (np.arange(columns) + 0.5)).sum()) / total / columns
    y = float((weights.sum(axis=1) * (np.arange(rows) + 0.5)).sum()) / total / rows
    return x, y


@functools.lru_cache(maxsize=4)
def _middle(shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(np.exp(-(x * x + y * y) / 0.8), np.float32)
