"""A film without its shake: the camera's own way is measured, made smooth, and each frame put there.

    frames → places followed from each to the next → similarities → a path → a smooth path → windows

The path is that of shift, turn and size. It is smoothed as far as the crop allows: a camera that hardly
goes anywhere stands as on a tripod; one that travels goes evenly; else it is a running mean (Gaussian),
shorter and shorter until no border shows. The crop is the same all along, so that nothing breathes; at
cuts the path begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Edit
from mutoscope.engines.flipbook.footage.drift import followed
from mutoscope.engines.flipbook.footage.window import Matrix
from mutoscope.finish.frame import planes_of
from mutoscope.shot import Size

Path1 = npt.NDArray[np.float64]  # n×4: right, down (pixels), turn (radians), size (logarithm)
Small = npt.NDArray[np.uint8]

#: degree → the most that the picture is enlarged to hide its borders
CROPS = {"slight": 1.06, "normal": 1.14, "strong": 1.25}
#: Pixels that a film may shake by and still stand: it is left as it is.
STEADY = 0.12
#: Seconds of motion that count as meant; of the width, how far it may go for a camera that is taken to
#: stand, and how far off a straight line for one that is taken to go evenly.
USUAL, STANDS, STRAIGHT = 1.6, 0.02, 0.02
#: Seconds that a way is smoothed over, the longest first.
CALM = (2.4, 1.8, 1.3, 0.9, 0.65, 0.45, 0.3, 0.2, 0.13)
#: Pixels of width that places are followed at, how many agree at least, and how far off they may be.
WIDTH, LEAST, OFF = 640, 12, 0.8
#: Mean difference of two small copies beyond which a cut lies between, where nothing can be followed.
CUT = 24.0


@dataclass(frozen=True, slots=True)
class Steadied:
    """`windows` n×3×3 from the steady frames to the film's own; `crop` how many times larger the picture is
    shown; `before`, `after`: its shake in pixels, as `shake` has it; `how` the path was made."""

    windows: Matrix
    crop: float
    before: float
    after: float
    how: str


def asked(edits: Iterable[Edit]) -> Edit | None:
    """The edit that asks for it."""
    return next((edit for edit in edits if edit.edit == "stabilise"), None)


def steadied(
    frames: Iterable[av.VideoFrame], size: Size, rate: float, most: float,
    progress: Callable[[int], None] = lambda done: None,
) -> Steadied:  # fmt: skip
    """The windows that take the shake out of a film, enlarged `most` times at most."""
    path, cuts = measured(frames, progress)
    ends = (0, *cuts, len(path))
    parts = [_smoothed(path[begin:end], size, rate, most) for begin, end in pairwise(ends)]
    crop = max(1.0, *(part[1] for part in parts))
    smooth = np.concatenate([part[0] for part in parts])
    longest = max(parts, key=lambda part: len(part[0]))
    scenes = list(pairwise(ends))
    before, after = (
        max(shake(way[begin:end], size) for begin, end in scenes) for way in (path, smooth)
    )
    if before < STEADY:
        crop, smooth = 1.0, path
    return Steadied(_windows(path, smooth, size, crop), crop, before, after, longest[2])


def measured(
    frames: Iterable[av.VideoFrame], progress: Callable[[int], None] = lambda done: None
) -> tuple[Path1, tuple[int, ...]]:
    """The way that the picture goes across the frame (n×4, from the first frame on), and the frames that
    begin a new scene."""
    steps: list[npt.NDArray[np.float64]] = []
    cuts: list[int] = []
    before: Small | None = None
    for number, frame in enumerate(frames):
        progress(number)
        now = _small(frame)
        if before is not None:
            step = _step(before, now)
            if step is None:
                step = np.zeros(4)
                if float(cv2.absdiff(before, now).mean()) > CUT:
                    cuts.append(number)
            step[:2] *= frame.width / now.shape[1]
            steps.append(step)
        before = now
    path = np.zeros((len(steps) + 1, 4))
    for number, step in enumerate(steps):
        path[number + 1] = path[number] + step
    return path, tuple(cuts)


def _small(frame: av.VideoFrame) -> Small:
    luma = planes_of(frame)[0][: frame.height, : frame.width]
    scale = min(1.0, WIDTH / frame.width)
    size = (max(16, round(frame.width * scale)), max(16, round(frame.height * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def _step(before: Small, now: Small) -> npt.NDArray[np.float64] | None:
    """How the picture went from one frame to the next, about its middle; None where too little is found
    again to tell."""
    here, there = followed(before, now)
    if len(here) < LEAST:
        return None
    middle = (np.array(now.shape[::-1]) - 1) / 2
    found, inside = cv2.estimateAffinePartial2D(
        here - middle, there - middle, method=cv2.RANSAC, ransacReprojThreshold=OFF,
        maxIters=500, confidence=0.995, refineIters=10,
    )  # fmt: skip
    if found is None or int(np.count_nonzero(inside)) < LEAST:
        return None
    turn = np.arctan2(found[1, 0], found[0, 0])
    large = np.log(np.hypot(found[0, 0], found[1, 0]))
    return np.array([found[0, 2], found[1, 2], turn, large])


def _smoothed(path: Path1, size: Size, rate: float, most: float) -> tuple[Path1, float, str]:
    """A smooth path for one scene, the crop that it needs, and what it is."""
    travel = _mean(path, USUAL * rate)  # what the camera was meant to do, about
    tries: list[tuple[str, Path1]] = []
    even = _even(path)
    if _far(travel, _still(travel), size) < STANDS * size.width:
        tries.append(("the camera stands as on a tripod", _still(path)))
    if _far(travel, even, size) < STRAIGHT * size.width:
        tries.append(("the camera goes evenly", even))
    smooth, crop, how = path, 1.0, ""
    for how, smooth in tries:
        if (crop := needed(path, smooth, size)) <= most:
            return smooth, crop, how
    for seconds in CALM:
        how, smooth = f"its way is smoothed over {seconds:g} s", _mean(path, seconds * rate)
        if (crop := needed(path, smooth, size)) <= most:
            return smooth, crop, how
    # even the shortest leaves the picture: as far as it goes
    share = (most - 1) / max(1e-9, crop - 1)
    smooth = path + (smooth - path) * min(1.0, share)
    while (crop := needed(path, smooth, size)) > most:
        smooth = path + (smooth - path) * 0.9
    return smooth, crop, how + ", as far as the crop goes"


def _still(path: Path1) -> Path1:
    middle = (path.max(axis=0) + path.min(axis=0)) / 2
    return np.repeat(middle[None], len(path), axis=0)


def _even(path: Path1) -> Path1:
    """The straight line through it."""
    times = np.arange(len(path)) - (len(path) - 1) / 2
    slope = times @ path / max(1e-9, float(times @ times))
    return np.asarray(path.mean(axis=0) + times[:, None] * slope)


def _mean(path: Path1, frames: float) -> Path1:
    """A running straight line: at each frame that which fits best the frames around it, weighted by a
    Gaussian `frames` wide. Unlike a mean it neither lags nor stops at the ends."""
    sigma = max(0.5, frames / 2)
    reach = max(1, min(len(path) - 1, round(3 * sigma)))
    late = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (late / sigma) ** 2)

    def summed(values: npt.NDArray[np.float64], power: int) -> npt.NDArray[np.float64]:
        # np.convolve turns the weights about: odd powers change their sign
        full = np.convolve(values, weights * (-late) ** power)
        return np.asarray(full[reach : reach + len(path)])

    one = np.ones(len(path))
    s0, s1, s2 = (summed(one, power) for power in range(3))
    made = []
    for axis in range(path.shape[1]):
        t0, t1 = (summed(path[:, axis], power) for power in range(2))
        under = s0 * s2 - s1 * s1
        made.append(np.where(under > 1e-9, (s2 * t0 - s1 * t1) / np.maximum(under, 1e-9), t0 / s0))
    return np.stack(made, axis=1)


def _far(one: Path1, other: Path1, size: Size) -> float:
    """How far two ways are from one another at most, in pixels between the middle and the corner."""
    off, reach = one - other, np.hypot(size.width, size.height) / 4
    return float(np.sqrt((off[:, :2] ** 2).sum(1) + ((reach * off[:, 2:]) ** 2).sum(1)).max())


def needed(path: Path1, smooth: Path1, size: Size) -> float:
    """How many times the picture must be enlarged so that no border shows anywhere."""
    half = np.array([size.width - 1, size.height - 1]) / 2
    corners = np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)]) * half
    right, down, turn, large = (smooth - path).T
    # a steady corner c, enlarged z times, lies at (c/z - shift) turned back and made smaller; it must be
    # within the frame: solved for z along each corner and side
    cos, sin = np.cos(turn) / np.exp(large), np.sin(turn) / np.exp(large)
    most = np.ones(len(path))
    back = np.stack([cos, sin, -sin, cos], -1).reshape(-1, 2, 2)
    shift = np.einsum("nij,nj->ni", back, np.stack([right, down], -1))
    seen = np.einsum("nij,pj->npi", back, corners)
    for side in (0, 1):
        room = np.stack([half[side] + shift[:, side], half[side] - shift[:, side]], -1)
        far = np.stack([seen[:, :, side].max(axis=1), -seen[:, :, side].min(axis=1)], -1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(room > 0, far / room, np.inf)
        most = np.maximum(most, ratio.max(axis=1))
    return float(most.max())


def _windows(path: Path1, smooth: Path1, size: Size, crop: float) -> Matrix:
    """n×3×3 from the steady frame's pixels to the film's own."""
    cx, cy = (size.width - 1) / 2, (size.height - 1) / 2
    right, down, turn, large = (smooth - path).T
    cos, sin = np.cos(turn) / np.exp(large), np.sin(turn) / np.exp(large)
    back = np.zeros((len(path), 3, 3))
    back[:, 0, 0], back[:, 0, 1] = cos / crop, sin / crop
    back[:, 1, 0], back[:, 1, 1] = -sin / crop, cos / crop
    back[:, 2, 2] = 1
    back[:, 0, 2] = cx - (cos * right + sin * down) - back[:, 0, 0] * cx - back[:, 0, 1] * cy
    back[:, 1, 2] = cy - (-sin * right + cos * down) - back[:, 1, 0] * cx - back[:, 1, 1] * cy
    return back


def shake(path: Path1, size: Size) -> float:
    """How much a way shakes: the RMS of the change of its speed from frame to frame, in pixels at a place
    between the middle and the corner."""
    if len(path) < 3:
        return 0.0
    bend = path[2:] - 2 * path[1:-1] + path[:-2]
    reach = np.hypot(size.width, size.height) / 4
    far = (bend[:, :2] ** 2).sum(axis=1) + ((reach * bend[:, 2:]) ** 2).sum(axis=1)
    return float(np.sqrt(far.mean()))
