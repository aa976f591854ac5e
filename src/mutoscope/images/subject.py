"""What a picture is of: a soft matte of its subject, and whether that matte can be trusted.

A salient-object network (U²-Net, its small variant) always answers something. What tells an answer
from a guess is whether it stays when the picture is mirrored or its border is moved: on photographs
of many kinds this told usable mattes from useless ones where softness and size did not.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.errors import Cancelled
from mutoscope.images import kept
from mutoscope.images.plan import Box
from mutoscope.images.sessions import Session, session

Image = npt.NDArray[np.uint8]
Alpha = npt.NDArray[np.float32]

#: The gate. Widths below 640 make it reject good mattes: overlaps of thin parts are lost.
WORKING_WIDTH = 640
LEAST_QUALITY = 0.70
LEAST_COVER, MOST_COVER = 0.01, 0.70
#: Beyond these no mirrored pass brings the cover back into the gate's range.
_HOPELESS_COVER = (0.003, 0.85)
#: Where the mirrored answer is as good as the same, no photograph failed the passes after it.
_SELF_EVIDENT = 0.99
#: Where the first three passes agree this well, the fourth (padded) has never turned the answer.
_BEYOND_DOUBT = 0.78
_BORDER = 0.08
_SIDE = 320  # pixels: what the network was trained on
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


@dataclass(frozen=True, slots=True)
class SubjectMatte:
    """`alpha` is h×w, 0..1, over the whole picture. `quality` is the least overlap (intersection over
    union at .5) of the plain answer with those for the mirrored, cropped and padded picture; passes
    that could not change the verdict are not run. `cover` is the share of pixels above .5."""

    alpha: Alpha
    quality: float
    cover: float

    @property
    def stable(self) -> bool:
        """Whether a layer may be cut out by it."""
        return self.quality >= LEAST_QUALITY and LEAST_COVER < self.cover < MOST_COVER

    @property
    def box(self) -> Box | None:
        """The subject's bounds in fractions of the picture, or None where nothing is above .5."""
        inside = self.alpha > 0.5
        columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
        if not columns.size:
            return None
        height, width = self.alpha.shape
        return Box(
            float(columns[0] / width),
            float(rows[0] / height),
            float((columns[-1] + 1) / width),
            float((rows[-1] + 1) / height),
        )


class Pictured(Protocol):
    """What of an opened photograph is needed here."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    def thumbnail(self, long_side: int) -> Image: ...


_found: OrderedDict[str, SubjectMatte] = OrderedDict()
_found_lock = threading.Lock()
_KEPT = 8


def subject_of(photo: Pictured, *, cancel: Callable[[], bool] | None = None) -> SubjectMatte | None:
    """`find_subject` of a photograph; remembered in the process, as crop, report and scene all ask, and
    kept for the next one."""
    with _found_lock:
        if photo.sha256 in _found:
            return _found[photo.sha256]
    place = kept.place(photo.sha256)
    before = kept.load(place) if place is not None else None
    if before is not None:
        matte = SubjectMatte(_unpacked(before[0]), before[1], before[2])
    else:
        long_side = WORKING_WIDTH * max(1.0, min(2.0, photo.height / photo.width))
        found = find_subject(photo.thumbnail(round(long_side)), cancel=cancel)
        if found is None:
            return None
        matte = found
        if place is not None:
            kept.store(place, (_packed(matte.alpha), matte.quality, matte.cover))
    with _found_lock:
        _found[photo.sha256] = matte
        while len(_found) > _KEPT:
            _found.popitem(last=False)
    return matte


def forget() -> None:
    """Forget the subjects that `subject_of` remembers."""
    with _found_lock:
        _found.clear()


def find_subject(rgb: Image, *, cancel: Callable[[], bool] | None = None) -> SubjectMatte | None:
    """The subject of a whole, uncropped picture (h×w×3, RGB uint8); None without matte weights.

    A crop made first would cut what the network recognises a subject by. Costs one to four runs."""
    network = session("matte")
    if network is None:
        return None
    height, width = rgb.shape[:2]
    scale = min(WORKING_WIDTH / width, 2 * WORKING_WIDTH / height)
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)

    def salient(view: npt.NDArray[Any]) -> Alpha:
        if cancel is not None and cancel():
            raise Cancelled("stopped while the subject was looked for")
        return _salient(network, view)

    plain = salient(picture)
    cover = _cover(plain)
    if not _HOPELESS_COVER[0] < cover < _HOPELESS_COVER[1]:
        return SubjectMatte(_as_kept(plain), 0.0, cover)
    mirrored = salient(picture[:, ::-1])[:, ::-1]
    alpha = _as_kept((plain + mirrored) * np.float32(0.5))
    cover = _cover(alpha)
    quality = overlap(plain, mirrored)
    if not LEAST_QUALITY <= quality < _SELF_EVIDENT:
        return SubjectMatte(alpha, quality, cover)
    dx, dy = round(size[0] * _BORDER), round(size[1] * _BORDER)
    inner = (slice(dy, size[1] - dy), slice(dx, size[0] - dx))
    quality = min(quality, overlap(plain[inner], salient(picture[inner])))
    if LEAST_QUALITY <= quality < _BEYOND_DOUBT:
        wide = cv2.copyMakeBorder(picture, dy, dy, dx, dx, cv2.BORDER_REPLICATE)
        padded = salient(wide)[dy : dy + size[1], dx : dx + size[0]]
        quality = min(quality, overlap(plain, padded))
    return SubjectMatte(alpha, quality, cover)


def overlap(one: Alpha, other: Alpha) -> float:
    """Intersection over union of two mattes at .5; 0 where both are empty."""
    a, b = one > 0.5, other > 0.5
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 0.0


def _packed(alpha: Alpha) -> npt.NDArray[np.uint8]:
    return (alpha * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def _unpacked(alpha: npt.NDArray[np.uint8]) -> Alpha:
    return alpha.astype(np.float32) * np.float32(1 / 255)


def _as_kept(alpha: Alpha) -> Alpha:
    """In 256 steps, so that a matte that was kept is the one that was found."""
    return _unpacked(_packed(alpha))


def _cover(alpha: Alpha) -> float:
    return float(np.count_nonzero(alpha > 0.5) / alpha.size)


def _salient(network: Session, view: npt.NDArray[Any]) -> Alpha:
    """One run: the map of the first output, stretched to 0..1, at the view's size."""
    small = cv2.resize(view, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small /= max(float(small.max()), 1.0)
    small = (small - _MEAN) / _DEVIATION
    feed = {network.inputs[0][0]: np.ascontiguousarray(small.transpose(2, 0, 1)[None])}
    (answer,) = network.run(feed, network.outputs[:1])
    found = answer[0, 0]
    low, high = float(found.min()), float(found.max())
    found = (found - low) / max(high - low, 1e-6)
    height, width = view.shape[:2]
    return np.asarray(
        cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )
