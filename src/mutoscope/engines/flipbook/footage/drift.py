"""How the camera of a film moves at its end, as a velocity of poses.

Points are followed from frame to frame (pyramidal Lucas-Kanade, there and back); what their ways have
in common is put down to the seven numbers of a pose, at the depths of the scene that was made from the
last frame. Where two of them do the same to the picture (a zoom and a dolly on a flat scene), they
share it: only what they do together is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera.model import (
    ZOOM,
    Array,
    Lens,
    inverse_depth,
    source,
)
from mutoscope.engines.flipbook.scene import CELL, Scene

Small = npt.NDArray[np.uint8]  # luma, at most SIDE wide
Points = npt.NDArray[np.float32]  # p×2

#: Long side of the copies that points are followed on.
SIDE = 960
POINTS, APART = 400, 12
#: Pixels of a copy by which a point may miss itself on its way there and back.
RETURN = 0.4
#: Fewer points than that say nothing.
LEAST = 12
#: Frames at the end whose motion is the velocity there, and frames from one look to the next before.
LAST, STEP = 4, 4
#: Huber's threshold in pixels of 1280; ridge, in pixels a unit, that keeps alike axes from fighting.
ROBUST, RIDGE = 0.6, 0.02
_ROUNDS, _SETTLES = 6, 4
_WIDE, _NARROWS = 16.0, 0.6
_EPS = 1e-4


@dataclass(frozen=True, slots=True)
class Drift:
    """Velocities a frame, 7 numbers each (zoom as a logarithm): `end` at the last frame, `usual` while
    the film was on its way in its last seconds. `moving`: the share of points that go their own way."""

    end: Array
    usual: Array
    moving: float = 0.0


REST = Drift(np.zeros(7), np.zeros(7))


def small(luma: npt.NDArray[np.uint8]) -> Small:
    """A luma plane's copy to follow points on."""
    scale = min(1.0, SIDE / max(luma.shape))
    size = (max(16, round(luma.shape[1] * scale)), max(16, round(luma.shape[0] * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def drift(copies: Sequence[Small], scene: Scene, home: Array | None = None) -> Drift:
    """The camera's velocity at the end of `copies`, small copies of a film's last frames in order, in a
    scene that shows the last one from `home` (an offset from rest; rest itself where left out)."""
    if len(copies) < 2:
        return REST
    lens = Lens(scene.width, scene.height, scene.hfov)
    scale = scene.width / copies[-1].shape[1]
    begin = np.zeros(7) if home is None else home
    end, moving = _at_end(copies, scene, lens, scale, begin)
    ways = []
    for late in range(len(copies) - 1, STEP - 1, -STEP):
        now, then = followed(copies[late], copies[late - STEP])
        if len(now) >= LEAST:
            shown = Shown.of(scene, lens, scale * now, begin)
            pose, _ = fitted_pose(lens, shown, scale * then, begin)
            ways.append((begin - pose) / STEP)
    return Drift(end, _usual(np.array(ways), end, lens), moving)


def _at_end(
    copies: Sequence[Small], scene: Scene, lens: Lens, scale: float, home: Array
) -> tuple[Array, float]:
    """The velocity at the last frame, by way and bend over the frames before it; and how much else
    moves."""
    back: list[float] = []
    poses: list[Array] = []
    others = 0.0
    for k in range(1, min(LAST, len(copies) - 1) + 1):
        now, then = followed(copies[-1], copies[-1 - k])
        if len(now) < LEAST:
            break
        shown = Shown.of(scene, lens, scale * now, home)
        pose, own = fitted_pose(lens, shown, scale * then, home)
        back.append(float(k))
        poses.append(pose - home)
        others = own
    if not back:
        return np.zeros(7), 0.0
    ago = np.array(back)
    # p(-k) = -v·k + a·k²/2
    terms = np.stack([-ago, ago * ago / 2], -1) if len(ago) >= 3 else -ago[:, None]
    near = (1 / ago)[:, None]  # a hand turns about within a few frames: the last ones count most
    solved = np.linalg.lstsq(near * terms, near * np.array(poses), rcond=None)[0]
    return np.asarray(solved[0]), others


def _usual(ways: Array, end: Array, lens: Lens) -> Array:
    """The velocity while under way: along what the looks have in common, as fast as the faster ones."""
    if not len(ways):
        return end
    weight = _units(lens)
    seen = ways * weight
    mean = seen.mean(axis=0)
    size = float(np.linalg.norm(mean))
    single = float(np.mean(np.linalg.norm(seen, axis=1)))
    if size < 0.35 * single or size < 1e-6:  # it sways: a hand, not a move
        return np.zeros(7)
    along = seen @ (mean / size)
    return np.asarray(mean / size * float(np.percentile(along, 75)) / weight)


def _units(lens: Lens) -> Array:
    """Pixels that one unit of each axis moves the picture by, about."""
    half = lens.width / 2
    return np.array([lens.focal / 2, lens.focal / 2, half / 2, lens.focal, lens.focal, half, half])


def pixels(velocity: Array, lens: Lens) -> float:
    """How far a velocity moves the picture, in pixels a frame, about."""
    return float(np.linalg.norm(velocity * _units(lens)))


def followed(now: Small, then: Small) -> tuple[Points, Points]:
    """Places in `now` and where the same things are in `then`, in the copies' pixels."""
    corners: npt.NDArray[np.float32] | None = cv2.goodFeaturesToTrack(now, POINTS, 0.004, APART)  # type: ignore[assignment]
    if corners is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    start = np.asarray(corners, np.float32).reshape(-1, 1, 2)
    there, found = _tracked(now, then, start)
    back, again = _tracked(then, now, there)
    off = np.linalg.norm((back - start).reshape(-1, 2), axis=1)
    sure = found & again & (off < RETURN)
    height, width = now.shape
    at = there.reshape(-1, 2)
    sure &= (at >= 1).all(axis=1) & (at[:, 0] < width - 2) & (at[:, 1] < height - 2)
    return np.asarray(start.reshape(-1, 2)[sure]), np.asarray(at[sure])


def _tracked(one: Small, other: Small, start: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        one, other, start, start.copy(), winSize=(23, 23), maxLevel=4
    )
    return np.asarray(there, np.float32), np.asarray(found).ravel() > 0


@dataclass(frozen=True, slots=True)
class Shown:
    """Places of a scene's still (p×2, pixels) and their inverse depths."""

    places: Array
    rho: Array

    @classmethod
    def of(cls, scene: Scene, lens: Lens, seen: Points, home: Array) -> Shown:
        """What the pose `home` sees at these places of the frame."""
        at = np.asarray(seen, np.float64)
        if not home.any():
            return cls(at, inverse_depths(scene, at))
        rho = np.full(len(at), float(inverse_depth(scene.pivot)))
        places = at
        for _ in range(_SETTLES):
            places = source(posed(home[None]), lens, at, rho[None])[0]
            rho = inverse_depths(scene, places)
        return cls(places, rho)


def fitted_pose(
    lens: Lens,
    shown: Shown,
    then: Points | Array,
    begin: Array,
    *,
    rounds: int = _ROUNDS,
    ridge: float = RIDGE,
) -> tuple[Array, float]:
    """The pose (an offset from rest: 7 numbers, zoom as a logarithm) that sees at `then` what is
    `shown`, looked for from `begin`; and the share of places that it does not explain."""
    at = np.asarray(then, np.float64)
    calm = ridge * np.diag(_units(lens)) * np.sqrt(len(at))
    limit = ROBUST * lens.width / 1280
    weight = np.ones(len(at))
    pose = begin.copy()

    def off(offset: Array) -> Array:
        away: Array = shown.places - source(posed(offset[None]), lens, at, shown.rho[None])[0]
        return away.ravel()

    for turn in range(rounds):
        left = off(pose)
        slopes = np.stack([(left - off(pose + step)) / _EPS for step in _EPS * np.eye(7)], -1)
        both = np.sqrt(np.repeat(weight, 2))
        table = np.vstack([slopes * both[:, None], calm])
        change = np.linalg.lstsq(table, np.r_[left * both, calm @ (begin - pose)], rcond=None)[0]
        pose = pose + change
        missed = np.linalg.norm(off(pose).reshape(-1, 2), axis=1)
        wide = limit * max(1.0, _WIDE * _NARROWS**turn)  # at first every plane has its say
        weight = np.minimum(1.0, wide / np.maximum(missed, 1e-9)) ** 2
    missed = np.linalg.norm(off(pose).reshape(-1, 2), axis=1)
    return np.asarray(pose), float((missed > 3 * limit).mean())


def inverse_depths(scene: Scene, places: Array) -> Array:
    """Inverse depth at places of the scene's still (p×2, pixels)."""
    disparity = _sampled(scene.plate_disparity, places, scene.margin_x, scene.margin_y)
    subject = scene.subject
    if subject is not None:
        height, width = subject.alpha.shape
        x = np.rint(places[:, 0] - subject.x).astype(int)
        y = np.rint(places[:, 1] - subject.y).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        inside[inside] = subject.alpha[y[inside], x[inside]] > 127
        near = _sampled(subject.disparity, places, -subject.x, -subject.y)
        disparity = np.where(inside, near, disparity)
    return np.asarray(inverse_depth(disparity), np.float64)


def _sampled(grid: npt.NDArray[np.float32], places: Array, left: int, top: int) -> Array:
    x = ((places[:, 0] + left) / CELL).astype(np.float32)
    y = ((places[:, 1] + top) / CELL).astype(np.float32)
    found = cv2.remap(grid, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float64)


def posed(offsets: Array) -> Array:
    """n×7 poses of n×7 offsets from rest whose zoom is a logarithm."""
    poses = offsets.copy()
    poses[:, ZOOM] = np.exp(offsets[:, ZOOM])
    return poses
