"""From a Direction's timeline to a pose for every frame, and what became of each move.

A path never shows what lies beyond the picture: its need is computed on the unclamped map before
anything is rendered. Room is taken in this order: what the photograph really has beyond the frame; a
framing that is a little closer; a strip of the made-up margin. What then does not fit is made
smaller, and said.

=============== =============================================================================
free framing    sideways moves are placed about the frame's middle, or where there is more room;
                moves outward begin inside the picture and end on the whole of it; the framing is
                closer throughout
first frame     frame 0 is the still at rest; the framing closes in as the moves carry it away
frame n         the same about frame n: the moves lead to the still and on from it
=============== =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.model import AT_REST, ZOOM, inverse_depth, source
from mutoscope.engines.flipbook.camera.poses import (
    about,
    centred,
    displaced,
    poses,
    relief,
    shares,
    shifted,
    sums,
)
from mutoscope.engines.flipbook.camera.relief import WHOLE, Relief
from mutoscope.engines.flipbook.camera.told import Fitting, told
from mutoscope.engines.flipbook.camera.tracks import Track, clock, started, tracks
from mutoscope.engines.flipbook.camera.view import View

Array = npt.NDArray[np.float64]

#: How much closer the framing may come to make room; a roll needs it for its corners.
CLOSER, CLOSER_ROLLED = 0.12, 0.28
#: Seconds over which a framing that closes in is smoothed.
SOFT = 0.5
_HALVINGS = 14
#: Words of every lexicon that speak of a place in the frame.
MIDDLE = (
    "centre", "center", "middle", "in frame", "in the frame", "mitte", "zentr", "im bild",
    "midten", "centrum", "centrer", "i billedet", "居中", "中心", "中央", "中间",
)  # fmt: skip
#: Of the frame's width, how far what is kept in its place may stray.
STILL = 0.02


@dataclass(frozen=True, slots=True)
class CameraPath:
    """`poses` n×7: tx, ty, tz (near-plane units), yaw, pitch, roll (radians), zoom."""

    poses: Array
    instructions: tuple[Instruction, ...]
    closer: float = 0.0  # the largest zoom that was added to make room
    share: float = 1.0  # of the moves that need room
    paint: float = 0.0  # of the made-up margin that may be shown, how much is
    relief: Relief = WHOLE  # of the scene that is to be filmed
    held: bool = False  # the subject's depth stays where it is in the frame

    @property
    def starts_at_rest(self) -> bool:
        """Frame 0 is the still as it is."""
        return self.rests_at(0)

    def rests_at(self, frame: int) -> bool:
        """The frame is the still as it is."""
        return bool(np.abs(self.poses[frame] - AT_REST).max() < 1e-6)


def plan_path(
    direction: Direction, view: View, *, fps: float, frames: int, loop: bool = False,
    seed: int = 0, first_frame: bool | None = None, meets: int | None = None,
    carried: Array | None = None,
) -> CameraPath:  # fmt: skip
    """The path for `frames` frames. With `loop` it is periodic: the frame after the last would be
    the first. `first_frame` (as the direction says, where left out): frame 0 is the still itself;
    `meets` (in place of it): frame `meets` is, and the moves go on through it.

    Without a camera move in the direction it is a slow dolly in; an explicit `static` rests. `carried`
    (n×7, zoom as a logarithm) is where a film that goes on has been carried already.
    """
    seconds = frames / fps
    asked = direction.camera
    if not asked:
        asked = (Move(move="dolly_in", start=0.0, end=seconds, speed="slow"),)
    timeline = replace_camera(direction, asked, seconds)
    pinned = direction.first_frame if first_frame is None else first_frame
    if meets is not None:
        pinned = True
    met = meets or 0
    times = clock(frames, fps, seconds, loop=loop, stepped=direction.style == "stop_motion")
    made = tracks(timeline, times, loop=loop, seed=seed)
    if pinned and not met:  # on its way through a still a hand does not hold its breath
        made = [_gripped(track, times, seconds, loop=loop) for track in made]
    hold = holds_middle(direction)
    one = sums(made, view, frames, held=hold)
    one = about(one, met) if pinned else centred(one)
    shallow = relief(one, view)
    view = view.lowered(shallow)
    closing = (
        closing_in(displaced(one, view), fps, loop=loop, met=met) if pinned else np.ones(frames)
    )

    def placed(fit: Fitting) -> Array:
        at = poses(one, view, share=fit.share, closer=fit.closer * closing)
        if carried is not None:
            at = _onto(carried, at)
        return at if pinned else shifted(at, view, fit.paint)

    fit = least_fitting(
        lambda fit: view.overrun(placed(fit), fit.paint) <= 0,
        CLOSER_ROLLED if one.roll.any() else CLOSER,
    )
    path = placed(fit)
    said = told(
        made, timeline.camera, shares(one, view, fit.share, held=hold), fit,
        loop=loop, chosen=not direction.camera, pinned=pinned, held=hold,
    )  # fmt: skip
    still = _stays(path, view)
    return CameraPath(path, said, fit.closer, fit.share, fit.paint, shallow, still)


def holds_middle(direction: Direction) -> bool:
    """Whether what is to be kept is a place in the frame."""
    return any(word in kept.lower() for kept in direction.keep for word in MIDDLE)


def _stays(path: Array, view: View) -> bool:
    """The frame's middle shows the same part of the subject throughout, but for STILL of its width."""
    middle = np.array([view.lens.centre])
    at = source(path, view.lens, middle, float(inverse_depth(view.pivot)))[:, 0]
    return bool(np.ptp(at, axis=0).max() <= STILL * view.width)


def replace_camera(direction: Direction, camera: tuple[Move, ...], seconds: float) -> Direction:
    """The direction with other moves, for a clip of `seconds`."""
    return Direction(
        seconds=seconds, camera=camera, style=direction.style, first_frame=direction.first_frame
    )


def _gripped(track: Track, times: Array, seconds: float, *, loop: bool) -> Track:
    if track.noise is None:
        return track
    return replace(track, way=started(track.way, times, seconds=seconds, loop=loop))


def _onto(carried: Array, at: Array) -> Array:
    """Poses begun where one has been carried: ways and turns add, focal lengths multiply."""
    both = at + carried
    both[:, ZOOM] = at[:, ZOOM] * np.exp(carried[:, ZOOM])
    return np.asarray(both)


def closing_in(moved: Array, fps: float, *, loop: bool, met: int = 0) -> Array:
    """0 at frame `met`, 1 where the most room is needed: it follows how far the picture has been
    carried from there, and does not open again (in a loop: opens as slowly)."""
    if moved.max(initial=0.0) <= 0:
        return np.zeros(len(moved))
    half = max(1, round(SOFT * fps / 2))
    if loop:
        wide = np.concatenate([moved, moved, moved])
        held = np.array([wide[max(0, i - half) : i + half + 1].max() for i in range(len(wide))])
        smooth = _averaged(held, half)[len(moved) : 2 * len(moved)]
    else:
        before, after = moved[: met + 1][::-1], moved[met:]
        held = np.concatenate(
            [np.maximum.accumulate(before)[::-1], np.maximum.accumulate(after)[1:]]
        )
        smooth = _averaged(held, half)
    smooth = np.maximum(smooth - smooth[met], 0)
    top = smooth.max()
    return np.asarray(smooth / top if top > 0 else smooth)


def _averaged(values: Array, half: int) -> Array:
    """The mean over 2·half + 1 neighbours, twice; the ends repeat."""
    window = np.ones(2 * half + 1) / (2 * half + 1)
    for _ in range(2):
        values = np.convolve(np.pad(values, half, mode="edge"), window, mode="valid")
    return values


def least_fitting(fits: Callable[[Fitting], bool], most: float) -> Fitting:
    """The least that makes everything fit: a framing closer by up to `most`, then made-up margin, then
    less of the moves."""
    if fits(Fitting()):
        return Fitting()
    if fits(Fitting(closer=most)):
        return Fitting(closer=_least(most, lambda closer: fits(Fitting(closer=closer))))
    if fits(Fitting(closer=most, paint=1.0)):
        paint = _least(1.0, lambda paint: fits(Fitting(closer=most, paint=paint)))
        return Fitting(closer=most, paint=paint)
    less = _least(1.0, lambda less: fits(Fitting(1.0 - less, most, 1.0)))
    return Fitting(1.0 - less, most, 1.0)


def _least(most: float, fits: Callable[[float], bool]) -> float:
    """The smallest value up to `most`, which fits, that fits too."""
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
