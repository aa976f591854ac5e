"""Motion between two pictures by the interpolation network, at any moment between them.

The network (RIFE, see `weights/ifnet.py`) sees small copies and says, for each place at a time, where to
read it in either picture and how much of it is the first one's. Over a long way it is asked twice: for
the middle, and for the moment between the middle and the nearer end; the two motions are then chained,
so that every pixel is still read from the two pictures themselves. Where optical flow of the same two
pictures is sure of itself and explains a place better, it has the last word: it is finer by fractions
of a pixel, and the network knows better what hides what.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.pairs.warp import Vectors, Weights
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.shot import Quality

NAME = "interpolate"
#: Sides of what the network sees are multiples of this.
MULTIPLE = 32
#: It sees a copy of half the picture's long side, but not below the first figure, where the picture has
#: that, nor beyond the second; the finer copy is the picture itself, up to its own limit.
SIDES = (640, 960)
FINE = 1280
#: From this length on, of the copy's width, the middle is a keyframe. It is that of the way that 2 % of
#: the picture exceeds: what moves is often small. Twice the neighbours of real clips were no better for
#: it, four times were (0.1-0.5 dB).
LONG, BEYOND = 0.04, 98.0
#: Where the two readings of the middle differ by so many codes, over so much of the picture, the one
#: does not follow from the other. Eight frames of real clips apart measured 0-.33, cuts .64-.89.
APART, UNRELATED = 25.0, 0.5
#: Flow has the word where it is this sure, within so many pixels and this part of the network's motion,
#: or where it moves further: what lies still and agrees with itself may still be covered at the moment
#: by what moves, and the network knows.
SURE, NEAR, PART = 0.8, 4.0, 0.1
#: … and where its two readings agree better: by this factor and by this many codes.
FACTOR, CODES = 0.7, 1.0
#: Between stills, within so many pixels of each other, flow need only be as good: its motion is one for
#: all times, the network's wavers a little from one to the next.
CLOSE, TIE = 2.0, 1.0

LESS = "by optical flow alone, without the network's weights (mutoscope weights fetch interpolate)"

#: One run at a time in a process: it takes all cores, and memory for one.
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Motion:
    """At one time, on the copy's pixels: `to_first` and `to_last` (h×w×2) lead from each place to where
    it is in the two pictures; `share` (h×w, 0..1) is how much of it is the first one's."""

    to_first: Vectors
    to_last: Vectors
    share: Weights


def here() -> bool:
    """The network's weights are on this machine."""
    from mutoscope import weights

    return weights.find(NAME) is not None


def used(quality: Quality) -> bool:
    """The network is asked: its weights are here, and the film is no draft."""
    return quality is not Quality.DRAFT and here()


def copy_size(width: int, height: int, fine: bool = False) -> tuple[int, int]:
    """Width and height of the copy that the network sees of a picture of this size."""
    side = max(width, height)
    least, most = SIDES
    wanted = min(side, FINE) if fine else min(side, max(least, min(side / 2, most)))
    scale = wanted / side
    wide, tall = (max(1, round(one * scale / MULTIPLE)) * MULTIPLE for one in (width, height))
    return wide, tall


@dataclass
class Learned:
    """The motion between two copies (h×w×3 uint8 RGB, sides multiples of 32) of two pictures.

    Raises WeightsCorrupt where the weights cannot be read; ask `here` first."""

    first: Rgb
    last: Rgb
    _middle: Motion | None = None
    _keyframe: Rgb | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, t: float) -> Motion:
        """The motion at time t, 0 < t < 1; from several threads at once."""
        middle, keyframe = self._prepared()
        if abs(t - 0.5) < 1e-6:
            return middle
        if keyframe is None:
            return run(self.first, self.last, t)
        if t < 0.5:
            return _onward(run(self.first, keyframe, 2 * t), middle, 2 * t)
        turned = _onward(_turned(run(keyframe, self.last, 2 * t - 1)), _turned(middle), 2 - 2 * t)
        return _turned(turned)

    def unrelated(self) -> bool:
        """The last does not follow from the first: a cut lies between them."""
        middle, _ = self._prepared()
        off = np.abs(along(self.first, middle.to_first) - along(self.last, middle.to_last))
        return float((off.mean(axis=2) > APART).mean()) > UNRELATED

    def _prepared(self) -> tuple[Motion, Rgb | None]:
        with self._lock:
            if self._middle is None:
                self._middle = run(self.first, self.last, 0.5)
                way = self._middle.to_last - self._middle.to_first
                length = float(np.percentile(np.hypot(way[..., 0], way[..., 1]), BEYOND))
                if length > LONG * way.shape[1]:
                    self._keyframe = shown(self.first, self.last, self._middle)
            return self._middle, self._keyframe


def run(first: Rgb, last: Rgb, t: float) -> Motion:
    """What the network says of two copies at time t."""
    from mutoscope.images.sessions import session

    model = session(NAME)
    assert model is not None  # `here` said so
    time = np.full((1, 1, 1, 1), t, np.float32)
    feeds = {"first": _planes(first), "last": _planes(last), "time": time}
    with _turn:
        flow, mask = model.run(feeds, ["flow", "mask"])
    x0, y0, x1, y1 = flow[0]
    share = 1 / (1 + np.exp(-np.clip(mask[0, 0], -30, 30)))
    return Motion(np.dstack([x0, y0]), np.dstack([x1, y1]), share.astype(np.float32))


def shown(first: Rgb, last: Rgb, motion: Motion) -> Rgb:
    """The copy at the motion's time."""
    one, other = along(first, motion.to_first), along(last, motion.to_last)
    both = cv2.blendLinear(one, other, motion.share, 1 - motion.share)
    return np.asarray(np.clip(np.rint(both), 0, 255), np.uint8)


def refined(
    motion: Motion,
    by_flow: Motion,
    sure: Weights,
    first: Weights,
    last: Weights,
    steady: bool = False,
) -> Motion:
    """`motion`, where it should be with what flow found (`by_flow`, trusted as far as `sure`, h×w).
    `first` and `last` are the luma of the copies, h×w float32 codes. `steady`: where the two are `CLOSE`,
    flow has it."""

    def unlike(one: Motion) -> Weights:
        off = cv2.absdiff(along(first, one.to_first), along(last, one.to_last))
        return np.asarray(cv2.blur(off, (9, 9)), np.float32)

    mine, other = unlike(motion), unlike(by_flow)
    length, its = (_length(one.to_last - one.to_first) for one in (motion, by_flow))
    apart = np.maximum(
        _length(motion.to_first - by_flow.to_first), _length(motion.to_last - by_flow.to_last)
    )
    may = (sure > SURE) & ((apart < NEAR + PART * length) | (its > length + NEAR))
    gain = np.where(
        (apart < CLOSE) & steady, TIE * mine + CODES - other, FACTOR * mine - CODES - other
    )
    takes = np.where(may, 1 / (1 + np.exp(-np.clip(6 * gain, -30, 30))), 0).astype(np.float32)
    part = np.asarray(cv2.blur(takes, (5, 5)), np.float32)
    deep = part[..., None]
    return Motion(
        motion.to_first + deep * (by_flow.to_first - motion.to_first),
        motion.to_last + deep * (by_flow.to_last - motion.to_last),
        motion.share + part * (by_flow.share - motion.share),
    )


def along(values: npt.NDArray[np.float32] | Rgb, offset: Vectors) -> npt.NDArray[np.float32]:
    """`values` (h×w or h×w×n) looked up along `offset`; the border goes on."""
    rows, columns = offset.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    found = cv2.remap(
        values.astype(np.float32, copy=False), x + offset[..., 0], y + offset[..., 1],
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(found, np.float32)


def _onward(near: Motion, middle: Motion, u: float) -> Motion:
    """`near`, between the first picture and the middle at its time u, gone on with to the last. There are
    two ways back to the first, straight and by the middle; the nearer the middle, the more the latter
    counts, so that the motion goes over into the middle's without a jump."""
    beyond = _chained(middle, near.to_last)
    straight = near.share + (1 - near.share) * beyond.share
    return Motion(
        (1 - u) * near.to_first + u * (near.to_last + beyond.to_first),
        near.to_last + beyond.to_last,
        (1 - u) * straight + u * beyond.share,
    )


def _turned(motion: Motion) -> Motion:
    """The same with the pictures' parts exchanged."""
    return Motion(motion.to_last, motion.to_first, 1 - motion.share)


def _chained(motion: Motion, offset: Vectors) -> Motion:
    """A motion, read where `offset` leads."""
    found = along(np.dstack([motion.to_first, motion.to_last]), offset)
    return Motion(found[..., :2], found[..., 2:], along(motion.share, offset))


def _length(vectors: Vectors) -> Weights:
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]), np.float32)


def _planes(picture: Rgb) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
