"""Two stills: the film from a first picture to a last.

=========== ================================================================================
flow        the pictures show the same scene: one global way, light matched, DIS flow for what
            is left (parallax, things that moved), each frame sampled once from each photograph
dissolve    they do not: a mix in linear light while both drift
=========== ================================================================================

Which of the two is a matter of evidence: how much of the common area moves the same way there and
back (`agreement`), and how alike its fine detail is once the motion is undone (`likeness`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook import pair_moves
from mutoscope.engines.flipbook.align import Alignment, align
from mutoscope.engines.flipbook.dissolve import (
    DRIFT,
    LONGEST_MIX,
    MIX_SHARE,
    PUSH,
    DissolveInterpolator,
)
from mutoscope.engines.flipbook.flow import Flow, flow_between
from mutoscope.engines.flipbook.homography import Movement, Way, movement
from mutoscope.engines.flipbook.interpolate import FlowInterpolator, Interpolator
from mutoscope.engines.flipbook.pace import RAMP, Times, times
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.errors import BadShot, Cancelled

Method = Literal["flow", "dissolve"]
Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]

#: Related pairs measured .44-1.0 and .84-1.0; unrelated ones 0-.02 and .05-.35.
LEAST_AGREEMENT = 0.2
LEAST_LIKENESS = 0.6
#: The same picture, saved twice: the largest block and the mean may differ by this many codes.
SAME_BLOCK = 3.0
SAME_MEAN = 1.5
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers that the choice of method rests on."""

    alignment: Alignment
    agreement: float
    likeness: float
    movement: Movement
    residual: float  # motion that the alignment leaves, 90th percentile, of the frame's width
    light: float  # mean change of the codes from first to last

    @property
    def related(self) -> bool:
        """The two pictures show the same scene."""
        return self.agreement >= LEAST_AGREEMENT and self.likeness >= LEAST_LIKENESS


def same_picture(first: Rgb, last: Rgb) -> bool:
    """The two are one picture, but for coding noise: loop the still instead."""
    if first.shape != last.shape:
        return False
    off = np.abs(first.astype(np.int16) - last.astype(np.int16)).astype(np.float32)
    height, width = first.shape[:2]
    blocks = cv2.resize(
        off, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA
    )
    return float(off.mean()) <= SAME_MEAN and float(blocks.max()) <= SAME_BLOCK


class Transition:
    """A film from one picture to another, made frame by frame; see `transition`."""

    def __init__(
        self, first: Rgb, last: Rgb, at: Times, interpolator: Interpolator, *,
        method: Method, instructions: tuple[Instruction, ...], notes: tuple[str, ...],
        evidence: Evidence, cancel: Cancel | None,
    ):  # fmt: skip
        self.method = method
        self.instructions = instructions
        self.notes = notes
        self.evidence = evidence
        self._first, self._last = first, last
        self._times = at
        self._interpolator = interpolator
        self._cancel = cancel

    def __len__(self) -> int:
        return len(self._times)

    def _frame(self, t: float) -> Rgb:
        if t <= 0:
            return self._first
        return self._last if t >= 1 else self._interpolator.at(t)

    def frames(self) -> Iterator[Rgb]:
        """The frames, H×W×3 uint8 RGB; the first and the last picture byte for byte at their places.

        Two are made at a time and at most four wait, so memory does not grow with the clip.
        Raises Cancelled between frames when the caller's `cancel` says so.
        """
        waiting: deque[Future[Rgb]] = deque()
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="transition")
        left = iter(self._times)
        try:
            for _ in range(len(self._times)):
                while len(waiting) < WORKERS + 2 and (t := next(left, None)) is not None:
                    waiting.append(pool.submit(self._frame, float(t)))
                if self._cancel is not None and self._cancel():
                    raise Cancelled("the film was stopped")
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _drift(direction: Direction | None, width: int, height: int) -> Way:
    """The way that both pictures of a dissolve drift: a push-in, or the move that is asked for."""
    move = pair_moves.drift_of(direction)
    name = move.move if move is not None else "zoom_in"
    x, y = (width - 1) / 2, (height - 1) / 2
    kind, _, side = name.partition("_")
    matrix = np.eye(3)
    if kind in ("zoom", "dolly"):
        zoom = PUSH if side == "in" else 1 / PUSH
        matrix = np.array([[zoom, 0, x * (1 - zoom)], [0, zoom, y * (1 - zoom)], [0, 0, 1]])
    elif side in ("left", "right"):
        matrix[0, 2] = DRIFT * width * (1 if side == "left" else -1)
    elif side in ("up", "down"):
        matrix[1, 2] = DRIFT * height * (1 if side == "up" else -1)
    way = Way.of(matrix, width, height)
    assert way is not None  # a small zoom or shift always has a logarithm
    return way


def _weighed(alignment: Alignment, flow: Flow, width: int, height: int) -> Evidence:
    return Evidence(
        alignment, flow.agreement, flow.likeness,
        movement(alignment.matrix, width, height), flow.residual, flow.light.change,
    )  # fmt: skip


def _notes(evidence: Evidence, method: Method) -> tuple[str, ...]:
    if method == "dissolve":
        return (
            "the two pictures do not show the same scene "
            f"({evidence.agreement:.0%} of their area agrees; {LEAST_AGREEMENT:.0%} is needed): "
            "dissolved from one to the other",
        )
    notes = [
        f"the two pictures show the same scene ({evidence.agreement:.0%} of their common area "
        f"agrees): between them the camera {pair_moves.described(evidence.movement)}"
    ]
    if abs(evidence.light) >= 4:
        way = "brighter" if evidence.light > 0 else "darker"
        notes.append(f"the last picture is {way}: the light changes evenly through the clip")
    if evidence.agreement < 0.5:
        notes.append(
            f"only {evidence.agreement:.0%} of the common area agrees: a step this large may show "
            "ghosts; a picture between the two would help"
        )
    return tuple(notes)


def transition(
    first: Rgb, last: Rgb, frames: int, *, direction: Direction | None = None,
    loop: bool = False, seed: int = 0,
    progress: Progress | None = None, cancel: Cancel | None = None,
) -> Transition:  # fmt: skip
    """The film of `frames` frames from `first` to `last` (H×W×3 uint8 RGB of one size).

    With `loop` it goes there and back and closes. `direction` paces it and is answered by
    `instructions`; its `seconds` give the frame rate (24 frames a second without it). Nothing here
    is random: `seed` is taken for the interpolators that need one. `progress` hears of the preparation
    (stage "pair"). Raises BadShot where the two
    differ in size or `frames` is below 1, Cancelled where `cancel` says so.
    """
    if first.shape != last.shape:
        sizes = [f"{picture.shape[1]}x{picture.shape[0]}" for picture in (first, last)]
        raise BadShot.of("last", sizes[1], f"as large as the first picture, {sizes[0]}")
    if frames < 1:
        raise BadShot.of("frames", frames, "1 or more")
    first, last = np.ascontiguousarray(first), np.ascontiguousarray(last)
    height, width = first.shape[:2]

    def step(done: float) -> None:
        if cancel is not None and cancel():
            raise Cancelled("the film was stopped")
        if progress is not None:
            progress("pair", done)

    step(0.0)
    alignment = align(first, last)
    step(0.4)
    way = Way.of(alignment.matrix, width, height)
    assert way is not None  # `align` gives back no other
    flow = flow_between(first, last, way)
    step(0.9)
    evidence = _weighed(alignment, flow, width, height)
    method: Method = "flow" if evidence.related else "dissolve"
    spans: list[tuple[float, float]] = []
    ramp = RAMP
    instructions: tuple[Instruction, ...] = ()
    interpolator: Interpolator
    if method == "flow":
        interpolator = FlowInterpolator(first, last, way, flow)
        if direction is not None:
            instructions = pair_moves.by_flow(direction, evidence.movement, evidence.residual)
            spans = pair_moves.moving_spans(direction, evidence.movement)
    else:
        seconds = direction.seconds if direction is not None else frames / 24
        leg = max(1e-3, seconds / (2 if loop else 1))
        ramp = 0.0  # a drift that starts and stops would show that it is one
        share = min(MIX_SHARE, LONGEST_MIX / leg)
        interpolator = DissolveInterpolator(first, last, _drift(direction, width, height), share)
        if direction is not None:
            instructions = pair_moves.by_dissolve(direction)
    step(1.0)
    return Transition(
        first, last, times(frames, loop=loop, spans=spans, ramp=ramp), interpolator,
        method=method, instructions=instructions, notes=_notes(evidence, method),
        evidence=evidence, cancel=cancel,
    )  # fmt: skip
