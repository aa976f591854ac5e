"""The camera's course through what is added to a film: on as it went, or into a new move.

The velocity is the film's own at the join and goes over, without a jump, to that of what follows; at
the end it comes to rest. Where the picture has no more to show, the framing closes in, and what then
does not fit is made less of, and said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from msgspec.structs import replace

from mutoscope.direction.merge import fitted
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.model import (
    ROLL,
    TZ,
    ZOOM,
    Array,
    Lens,
    inverse_depth,
    source,
    travel,
)
from mutoscope.engines.flipbook.camera.path import closing_in, least_fitting, plan_path
from mutoscope.engines.flipbook.camera.relief import WHOLE, Relief
from mutoscope.engines.flipbook.camera.told import Fitting
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.footage.drift import Drift, pixels, posed

#: Seconds in which one velocity goes over into another, and in which the camera comes to rest.
OVER, STOPS = 1.0, 1.4
#: Pixels of 1280 a second below which a film's camera is taken to rest.
RESTS = 1.5
#: How much closer the framing may come for the sake of a course.
CLOSER = 0.12
#: Of the made-up margin, what may always be shown: a few pixels, until the framing has closed in.
SPARE = 0.2
#: A course takes the picture no further than so many times as large, or as small.
MOST_GROWN = 1.6


@dataclass(frozen=True, slots=True)
class Course:
    """`poses` n×7 of the added frames, seen from the film's last one; the scene's `relief` for them."""

    poses: Array
    instructions: tuple[Instruction, ...]
    relief: Relief = WHOLE


def course(
    direction: Direction, view: View, drift: Drift, *, fps: float, frames: int, seed: int,
    home: Array | None = None,
) -> Course:  # fmt: skip
    """The course of `frames` added frames. `home`: where the camera stands at the join, an offset from
    rest (7 numbers, zoom as a logarithm); at rest, where left out."""
    begin = np.zeros(7) if home is None else home
    seconds = frames / fps
    moving = pixels(drift.usual, view.lens) * fps * 1280 / view.width > RESTS
    if direction.camera or not moving:
        return _new(direction, view, drift, begin, fps=fps, frames=frames, seed=seed)
    times = np.arange(1, frames + 1) / fps
    over, stops = min(OVER, seconds / 3), min(STOPS, 0.4 * seconds)
    first = _ways(1 - _step(times / over), fps)
    on = _ways(_step(times / over) * (1 - _step((times - seconds + stops) / stops)), fps)
    most = _bounded(drift.usual, on[-1])

    def offsets(fit: Fitting) -> Array:
        return np.asarray(first[:, None] * drift.end + fit.share * most * on[:, None] * drift.usual)

    def placed(fit: Fitting) -> Array:
        return _closed(begin, offsets(fit), fit, view, fps)

    fit = least_fitting(lambda fit: view.overrun(placed(fit), max(fit.paint, SPARE)) <= 0, CLOSER)
    said = _told(offsets(fit)[-1], view.lens, fit)
    return Course(placed(fit), (said,))


def _new(
    direction: Direction, view: View, drift: Drift, begin: Array, *, fps: float, frames: int,
    seed: int,
) -> Course:  # fmt: skip
    """New moves begin at rest; what is left of the film's own velocity dies away under them."""
    seconds = frames / fps
    timeline = replace(direction, camera=fitted(direction, seconds), seconds=seconds)
    times = np.arange(frames + 1) / fps
    gone = _ways(1 - _step(times / min(OVER, seconds / 3)), fps)
    path = plan_path(
        timeline, view, fps=fps, frames=frames + 1, seed=seed, first_frame=True,
        carried=begin + (gone - gone[0])[:, None] * drift.end,
    )  # fmt: skip
    said = path.instructions
    if not direction.camera:
        how = said[0].how.partition(", so ")[2]
        how = f"the film's camera rests at its end and no move is named, so {how}"
        said = (Instruction("camera", said[0].outcome, how),)
    return Course(path.poses[1:], said, path.relief)


def _closed(begin: Array, offsets: Array, fit: Fitting, view: View, fps: float) -> Array:
    """The poses, with the framing closing in by what `fit` says as they are carried away."""
    poses = posed(begin + offsets)
    if fit.closer:
        still = posed(offsets)
        still[:, TZ], still[:, ZOOM] = 0.0, 1.0
        moved = np.maximum(travel(still, view.lens, float(inverse_depth(view.pivot))), 1e-6)
        moved = np.maximum(moved, np.maximum(0.0, -offsets[:, ZOOM]) * view.width / 2)
        rising = closing_in(np.r_[0.0, moved], fps, loop=False)[1:]
        rising *= _step(np.arange(1, len(poses) + 1) / fps / OVER)  # no jump in how fast it grows
        poses[:, ZOOM] *= 1 + fit.closer * rising
    return poses


def _step(t: Array) -> Array:
    """0 before 0, 1 after 1, half a cosine between."""
    return np.asarray((1 - np.cos(np.pi * np.clip(t, 0, 1))) / 2)


def _ways(speed: Array, fps: float) -> Array:
    """Frames' worth of way made by each frame, at a speed (1 = as fast as the velocity) by frame."""
    half = np.r_[speed[:1], speed[:-1]]
    return np.asarray(np.cumsum((speed + half) / 2))


def _bounded(velocity: Array, frames: float) -> float:
    """The share of a way that does not enlarge the picture beyond MOST_GROWN."""
    grown = abs(velocity[ZOOM]) * frames + 0.5 * abs(velocity[TZ]) * frames
    most = math.log(MOST_GROWN)
    return min(1.0, most / grown) if grown > 0 else 1.0


def _told(way: Array, lens: Lens, fit: Fitting) -> Instruction:
    """What going on came to, in words."""
    half = np.array([[lens.centre[0] + lens.width / 4, lens.centre[1]]])
    deep = float(inverse_depth(0.5))
    pose = posed(way[None])
    at = source(pose, lens, np.vstack([half, [lens.centre]]), deep)[0]
    grown = (lens.width / 4) / max(1e-6, float(at[0, 0] - at[1, 0]))
    across, down = (at[1] - np.array(lens.centre)) / np.array([lens.width, lens.height])
    parts = []
    if abs(grown - 1) > 0.02:
        parts.append(f"{grown:.2f} times as large at the end")
    for part, names in ((across, ("right", "left")), (down, ("down", "up"))):
        if abs(part) > 0.003:
            parts.append(f"{abs(part):.1%} of the frame {names[0] if part > 0 else names[1]}")
    if abs(way[ROLL]) > 0.003:
        parts.append(f"rolling {math.degrees(abs(way[ROLL])):.1f}°")
    how = "as it did: " + (", ".join(parts) or "hardly any way")
    outcome: Literal["done", "approximated"] = "done"
    if fit.share < 0.6:
        outcome = "approximated"
        how += f"; {fit.share:.0%} of its speed, for the picture has no more there"
    if fit.closer > 0.01:
        how += f"; the framing closes in by {fit.closer:.0%} to make room"
    return Instruction("the camera goes on", outcome, how)
