"""A film's picture between two of its frames, for slow motion.

With the interpolation network's weights, it says where each place is in both frames, and flow makes that
finer (`pairs/learned.py`). Without them, flow alone: DIS both ways on a small copy of the luma; where a
pixel's way there and back does not return to it, the motion around it stands in. At time t each frame is
looked up where the pixel came from (a few rounds of a fixed point), and the two are blended as far as
each is trusted. Where they do not agree, one of them is taken and not half of each: a ghost is seen at
once, a small jump is not. Either way the motion is that of small copies, and the frames are read whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.footage.reading import rgb_of
from mutoscope.engines.flipbook.pairs import learned
from mutoscope.engines.flipbook.pairs.dense import trust
from mutoscope.engines.flipbook.pairs.learned import Learned, Motion
from mutoscope.engines.flipbook.pairs.warp import Vectors, Weights, filled
from mutoscope.finish.frame import blank, planes_of

Small = npt.NDArray[np.uint8]

#: Long side of the copy that motion is found on.
SIDE = 560
#: Codes by which the two may differ at a place and still be blended.
ALIKE = 10.0
#: With less of the picture confirmed than that, one frame does not follow from the other: a cut.
CUT = 0.3
#: Above this mean difference of the small copies, whatever the flow says, too.
CUT_CODES = 45.0
_ROUNDS = 2


def _flow(fine: bool) -> cv2.DISOpticalFlow:
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    if fine:
        engine.setFinestScale(1)  # the network's motion needs it to half a pixel
    return engine


class Between:
    """Two frames of one size; `at(t)` is the picture at 0 < t < 1 between them.

    `by_network`: with the learned weights, which must be here; `fine`: these see the whole frame and
    not half of it. Raises WeightsCorrupt where the weights cannot be read."""

    def __init__(
        self,
        first: av.VideoFrame,
        last: av.VideoFrame,
        by_network: bool = False,
        fine: bool = False,
    ):
        self._frames = (first, last)
        self._size = (first.width, first.height)
        scale = min(1.0, SIDE / max(self._size))
        self._small = (max(16, round(first.width * scale)), max(16, round(first.height * scale)))
        if by_network:
            self._small = learned.copy_size(*self._size, fine)
        one, other = (self._reduced(frame) for frame in self._frames)
        engine = _flow(by_network)
        rest = np.zeros((*one.shape, 2), np.float32)
        onward = np.asarray(engine.calc(one, other, rest.copy()), np.float32)
        back = np.asarray(engine.calc(other, one, rest.copy()), np.float32)
        inside = np.ones(one.shape, np.float32)
        self._trust = (trust(onward, back, inside, inside), trust(back, onward, inside, inside))
        self._ways = (filled(onward, self._trust[0]), filled(back, self._trust[1]))
        self._known = tuple(
            np.dstack([sure, grey.astype(np.float32)])
            for sure, grey in zip(self._trust, (one, other), strict=True)
        )
        self._learned: Learned | None = None
        if by_network:
            self._learned = Learned(self._copied(first), self._copied(last))
            self.cut = self._learned.unrelated()
            return
        sure = (float(self._trust[0].mean()) + float(self._trust[1].mean())) / 2
        self.cut = sure < CUT or float(cv2.absdiff(one, other).mean()) > CUT_CODES

    def _reduced(self, frame: av.VideoFrame) -> Small:
        luma = planes_of(frame)[0][: frame.height, : frame.width]
        return np.asarray(cv2.resize(luma, self._small, interpolation=cv2.INTER_AREA), np.uint8)

    def _copied(self, frame: av.VideoFrame) -> Small:
        rgb = rgb_of(frame)
        return np.asarray(cv2.resize(rgb, self._small, interpolation=cv2.INTER_AREA), np.uint8)

    def at(self, t: float) -> av.VideoFrame:
        """The picture at time t; over a cut, the nearer frame itself."""
        if self.cut:
            return self._frames[int(t >= 0.5)]
        ways = (_came(self._ways[0], t), _came(self._ways[1], 1 - t))
        if self._learned is None:
            share = self._share(ways, t)
        else:
            motion = self._by_network(self._learned.at(t), ways, t)
            ways, share = (motion.to_first, motion.to_last), 1 - motion.share
        made = blank(*self._size)
        wide, tall = self._size
        sizes = ((wide, tall), (wide // 2, tall // 2), (wide // 2, tall // 2))
        planes = zip(planes_of(made), *map(planes_of, self._frames), sizes, strict=True)
        maps: dict[tuple[int, int], tuple[npt.NDArray[np.float32], ...]] = {}
        for to, one, other, size in planes:
            if size not in maps:
                maps[size] = self._maps(ways, share, size)
            (ahead, behind, weight), (columns, rows) = maps[size], size
            how = cv2.INTER_CUBIC if columns == wide else cv2.INTER_LINEAR
            a, b = (
                looked_up(np.ascontiguousarray(plane[:rows, :columns]), places, how)
                for plane, places in ((one, ahead), (other, behind))
            )
            to[:rows, :columns] = cv2.blendLinear(a, b, 1 - weight, weight)
        return made

    def _by_network(self, motion: Motion, ways: tuple[Vectors, Vectors], t: float) -> Motion:
        one, other = (np.ascontiguousarray(known[..., 1]) for known in self._known)
        both = np.minimum(_along(self._trust[0], ways[0]), _along(self._trust[1], ways[1]))
        level = np.full(both.shape, 1 - t, np.float32)
        return learned.refined(motion, Motion(*ways, level), both, one, other)

    def _share(self, ways: tuple[Vectors, Vectors], t: float) -> Weights:
        """How much of the last frame each place takes, 0..1."""
        (one, a), (other, b) = (
            cv2.split(_along(known, way)) for known, way in zip(self._known, ways, strict=True)
        )
        mine, theirs = (1 - t) * one + 1e-4 * (t < 0.5), t * other + 1e-4 * (t >= 0.5)
        share = theirs / np.maximum(mine + theirs, 1e-6)
        differ = cv2.blur(cv2.absdiff(a, b), (7, 7)) / ALIKE
        hard = np.clip(differ - 0.5, 0, 1)
        share = (1 - hard) * share + hard * (share >= 0.5)
        return np.asarray(cv2.GaussianBlur(share.astype(np.float32), (0, 0), 1.0), np.float32)

    def _maps(
        self, ways: tuple[Vectors, Vectors], share: Weights, size: tuple[int, int]
    ) -> tuple[npt.NDArray[np.float32], ...]:
        """Where both frames are looked up for each pixel of a plane, and the last one's share."""
        scale = np.array([size[0] / self._small[0], size[1] / self._small[1]], np.float32)
        place = grid(*size)
        first, last = (cv2.add(cv2.resize(way * scale, size), place) for way in ways)
        whole = np.asarray(cv2.resize(share, size), np.float32)
        return np.asarray(first, np.float32), np.asarray(last, np.float32), whole


@lru_cache(maxsize=4)
def grid(columns: int, rows: int) -> npt.NDArray[np.float32]:
    """Each pixel's own place: rows×columns×2."""
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.dstack([x, y])


def _came(way: Vectors, t: float) -> Vectors:
    """Where a pixel at time t came from, as an offset: y = x - t·way(y)."""
    offset = -t * way
    for _ in range(_ROUNDS):
        offset = -t * _along(way, offset)
    return np.asarray(offset, np.float32)


def _along(values: npt.NDArray[np.float32], offset: Vectors) -> npt.NDArray[np.float32]:
    """`values` (h×w×n) looked up along `offset`; the border goes on."""
    rows, columns = offset.shape[:2]
    places = np.asarray(cv2.add(offset, grid(columns, rows)), np.float32)
    return np.asarray(looked_up(values, places, cv2.INTER_LINEAR), np.float32)


def looked_up(
    values: npt.NDArray[Any], places: npt.NDArray[np.float32], how: int
) -> npt.NDArray[Any]:
    """`values` at `places` (h×w×2); the border goes on."""
    # OpenCV's types do not know that the places may be one array of pairs
    found = cv2.remap(values, places, None, how, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(found, values.dtype)
