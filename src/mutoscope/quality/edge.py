"""A subject's outline in a still, and how subject and background lie in later frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import Grey, Rgb, grey
from mutoscope.quality.following import Around, Points, agreeing, corners, read, step, ways_at

Alpha = npt.NDArray[np.float32]  # h×w, 0..1
Array = npt.NDArray[Any]
Soft = npt.NDArray[np.float32]  # h×w×3
Pairs = dict[str, tuple[Points, Points]]

#: Pixels of a frame 720 high: kept free around a point of the outline, and between points.
ROOM, APART = 16.0, 4.0
#: How far a corner's word reaches, as a share of the diagonal: the ground near where a subject stands
#: moves as the subject does.
NEAR = 0.08
#: Corners that each motion needs; points that an outline needs; frames in which they are counted.
LEAST_CORNERS, LEAST_POINTS, LOOKED = 8, 20, 25


@dataclass(frozen=True, slots=True)
class Edge:
    """The outline in the still: p points and their normals outward, within the frame."""

    still: Rgb
    soft: npt.NDArray[np.float32]  # the still, a little blurred
    matte: Alpha
    wide: Alpha  # the matte and what lies under its edge's blur
    points: Array
    normals: Array
    unit: float  # pixels for one of 720

    @classmethod
    def of(cls, still: Rgb, matte: Alpha) -> Edge | None:
        unit = still.shape[0] / 720
        smooth = cv2.GaussianBlur(matte, (0, 0), 2 * unit)
        found, _ = cv2.findContours(
            (smooth > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        points = [
            line.reshape(-1, 2)[:: max(1, round(APART * unit))]
            for line in found
            if len(line) > 40 * unit
        ]
        if not points:
            return None
        at = np.concatenate(points).astype(np.float64)
        height, width = matte.shape
        room = ROOM * unit
        inside = (at > room).all(1) & (at[:, 0] < width - room) & (at[:, 1] < height - room)
        at = at[inside]
        slope = np.stack(np.gradient(smooth)[::-1], -1)
        out = -read(slope, at).astype(np.float64)
        length = np.linalg.norm(out, axis=1)
        good = length > 1e-4
        if good.sum() < LEAST_POINTS:
            return None
        wide = np.asarray(cv2.dilate(matte, disc(3 * unit)), np.float32)
        normals = out[good] / length[good, None]
        return cls(still, softened(still, unit), matte, wide, at[good], normals, unit)

    def across(self, offsets: Array) -> Array:
        """p×s×2: places `offsets` pixels (of 720) outside each point."""
        return (
            self.points[:, None]
            + (offsets * self.unit)[None, :, None] * self.normals[:, None]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parted:
    """How subject and background lie in frame `number`: still → frame, and back for what has a back."""

    number: int
    subject: Around
    background: Around
    from_subject: Around
    from_background: Around
    parting: float

    @classmethod
    def of(cls, number: int, parting: float, pairs: Pairs, shape: tuple[int, ...]) -> Parted:
        size = (shape[1], shape[0])
        there = [Around(*pairs[name], *size, NEAR) for name in ("subject", "background")]
        back = [Around(*pairs[name][::-1], *size, NEAR) for name in ("subject", "background")]
        return cls(number, there[0], there[1], back[0], back[1], parting)


def followed_apart(frames: Sequence[Rgb], edge: Edge) -> list[tuple[int, float, Pairs]]:
    """Of some frames: the number, how far subject and background have parted along the outline (the 90th
    percentile, pixels), and the corners of both, in the still and there."""
    ground = (cv2.dilate(edge.matte, disc(8 * edge.unit)) < 0.02).astype(np.uint8) * 255
    inner = (cv2.erode(edge.matte, disc(5 * edge.unit)) > 0.9).astype(np.uint8) * 255
    before = grey(edge.still)
    height, width = before.shape
    start = {"subject": corners(before, 400, inner), "background": corners(before, 700, ground)}
    at = dict(start)
    some = edge.points[:: max(1, len(edge.points) // 60)]
    made: list[tuple[int, float, Pairs]] = []
    looked = {round(place) for place in np.linspace(0, len(frames) - 1, min(len(frames), LOOKED))}
    for number, frame in enumerate(frames):
        now = grey(frame)
        for name, places in at.items():
            gone, sure = step(before, now, places)
            start[name], at[name] = start[name][sure], gone[sure]
        before = now
        if min(map(len, at.values())) < LEAST_CORNERS:
            break
        if number not in looked:
            continue
        told = [agreeing(start[name], at[name]) for name in at]
        if min(len(one[0]) for one in told) < LEAST_CORNERS:
            continue
        reach = NEAR * float(np.hypot(width, height))
        own, behind = (ways_at(some, *one, reach) for one in told)
        parting = float(np.percentile(np.hypot(*(own - behind).T), 90))
        made.append((number, parting, {name: (start[name], at[name]) for name in at}))
    return made


def softened(picture: Rgb, unit: float) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), max(0.6, 1.2 * unit)))


def disc(radius: float) -> Grey:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
