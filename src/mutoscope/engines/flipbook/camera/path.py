"""From a Direction's timeline to a pose for every frame, and what became of each move.

A path never shows what lies beyond the picture: its need is computed on the unclamped map before
anything is rendered. Where the picture is too small for it, first the framing closes in a little;
what then does not fit is made smaller, and said.

=============== =============================================================================
free framing    sideways moves are placed about the frame's middle, moves outward begin inside
                the picture and end on the whole of it; the framing is closer throughout
first frame     frame 0 is the still at rest; the framing closes in as the moves carry it away
=============== =============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.camera.poses import Sums, centred, displaced, poses, shares, sums
from mutoscope.engines.flipbook.camera.told import told
from mutoscope.engines.flipbook.camera.tracks import Track, clock, started, tracks
from mutoscope.engines.flipbook.camera.view import View

Array = npt.NDArray[np.float64]

#: How much closer the framing may come to make room; a roll needs it for its corners.
CLOSER, CLOSER_ROLLED = 0.12, 0.28
#: Seconds over which a framing that closes in is smoothed.
SOFT = 0.5
_HALVINGS = 14


@dataclass(frozen=True, slots=True)
class CameraPath:
    """`poses` n×7: tx, ty, tz (near-plane units), yaw, pitch, roll (radians), zoom."""

    poses: Array
    instructions: tuple[Instruction, ...]
    closer: float = 0.0  # the largest zoom that was added to make room
    share: float = 1.0  # of the moves that need room

    @property
    def starts_at_rest(self) -> bool:
        """Frame 0 is the still as it is."""
        return bool(np.abs(self.poses[0] - AT_REST).max() < 1e-6)


def plan_path(
    direction: Direction, view: View, *, fps: float, frames: int, loop: bool = False,
    seed: int = 0, first_frame: bool | None = None,
) -> CameraPath:  # fmt: skip
    """The path for `frames` frames. With `loop` it is periodic: the frame after the last would be
    the first. `first_frame` (as the direction says, where left out): frame 0 is the still itself.

    Without a camera move in the direction it is a slow dolly in; an explicit `static` rests.
    """
    seconds = frames / fps
    asked = direction.camera
    if not asked:
        asked = (Move(move="dolly_in", start=0.0, end=seconds, speed="slow"),)
    timeline = replace_camera(direction, asked, seconds)
    pinned = direction.first_frame if first_frame is None else first_frame
    times = clock(frames, fps, seconds, loop=loop, stepped=direction.style == "stop_motion")
    made = tracks(timeline, times, loop=loop, seed=seed)
    if pinned:
        made = [_gripped(track, times, seconds, loop=loop) for track in made]
    one = sums(made, view, frames)
    if not pinned:
        one = centred(one)
        closing = np.ones(frames)
    else:
        closing = _closing(displaced(one, view), fps, loop=loop)
    share, closer = _fitted(one, view, closing, CLOSER_ROLLED if one.roll.any() else CLOSER)
    path = poses(one, view, share=share, closer=closer * closing)
    said = told(
        made, timeline.camera, shares(one, view, share),
        closer=closer, loop=loop, chosen=not direction.camera, pinned=pinned,
    )  # fmt: skip
    return CameraPath(path, said, closer, share)


def replace_camera(direction: Direction, camera: tuple[Move, ...], seconds: float) -> Direction:
    """The direction with other moves, for a clip of `seconds`."""
    return Direction(
        seconds=seconds, camera=camera, style=direction.style, first_frame=direction.first_frame
    )


def _gripped(track: Track, times: Array, seconds: float, *, loop: bool) -> Track:
    if track.noise is None:
        return track
    return replace(track, way=started(track.way, times, seconds=seconds, loop=loop))


def _closing(moved: Array, fps: float, *, loop: bool) -> Array:
    """0 at the first frame, 1 where the most room is needed: it follows how far the picture has been
    carried, and does not open again (in a loop: opens as slowly)."""
    if moved.max(initial=0.0) <= 0:
        return np.zeros(len(moved))
    half = max(1, round(SOFT * fps / 2))
    if loop:
        wide = np.concatenate([moved, moved, moved])
        held = np.array([wide[max(0, i - half) : i + half + 1].max() for i in range(len(wide))])
        smooth = _averaged(held, half)[len(moved) : 2 * len(moved)]
    else:
        held = np.maximum.accumulate(moved)
        smooth = _averaged(held, half)
    smooth = np.maximum(smooth - smooth[0], 0)
    top = smooth.max()
    return np.asarray(smooth / top if top > 0 else smooth)


def _averaged(values: Array, half: int) -> Array:
    """The mean over 2·half + 1 neighbours, twice; the ends repeat."""
    window = np.ones(2 * half + 1) / (2 * half + 1)
    for _ in range(2):
        values = np.convolve(np.pad(values, half, mode="edge"), window, mode="valid")
    return values


def _fitted(one: Sums, view: View, closing: Array, most: float) -> tuple[float, float]:
    """(share, closer): the smallest closer framing with which everything fits, else the largest
    share that fits with the closest framing."""

    def fits(share: float, closer: float) -> bool:
        return view.overrun(poses(one, view, share=share, closer=closer * closing)) <= 0

    if fits(1.0, 0.0):
        return 1.0, 0.0
    if fits(1.0, most):
        low, high = 0.0, most
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if fits(1.0, middle) else (middle, high)
        return 1.0, high
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle, most) else (low, middle)
    return low, most
