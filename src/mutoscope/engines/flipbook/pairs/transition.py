"""Two stills: the film from a first picture to a last.

=========== ================================================================================
network     the pictures show the same scene: one global way, light matched, what is left (parallax,
            things that moved) by the interpolation network and flow together, each frame sampled
            once from each photograph
flow        the same by DIS flow alone: where that explains all, in a draft, without the weights
dissolve    they do not: a mix in linear light while both drift
=========== ================================================================================

Which of them is a matter of evidence: how much of the common area moves the same way there and
back (`agreement`), and how alike its fine detail is once the motion is undone (`likeness`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.pairs.evidence import Evidence, compare, same_picture
from mutoscope.engines.flipbook.pairs.interpolate import Interpolator
from mutoscope.engines.flipbook.pairs.methods import METHODS, Name
from mutoscope.engines.flipbook.pairs.pace import Times, times
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.errors import BadShot, Cancelled
from mutoscope.shot import Quality

__all__ = ["Transition", "same_picture", "transition"]

Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]

#: Frames a second where there is no direction to tell.
FPS = 24
WORKERS = 2


class Transition:
    """A film from one picture to another, made frame by frame; see `transition`."""

    def __init__(
        self, first: Rgb, last: Rgb, at: Times, interpolator: Interpolator, *,
        method: Name, instructions: tuple[Instruction, ...], notes: tuple[str, ...],
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


def transition(
    first: Rgb, last: Rgb, frames: int, *, direction: Direction | None = None,
    loop: bool = False, seed: int = 0, at: Times | None = None,
    quality: Quality = Quality.STANDARD,
    progress: Progress | None = None, cancel: Cancel | None = None,
) -> Transition:  # fmt: skip
    """The film of `frames` frames from `first` to `last` (H×W×3 uint8 RGB of one size).

    With `loop` it goes there and back and closes. `at`: the frames' times (0 the first picture, 1 the
    last), where the caller sets the pace, `frames` of them. `direction` paces it and is answered by
    `instructions`; its `seconds` give the frame rate (24 frames a second without it). Nothing here
    is random: `seed` is taken for the interpolators that need one. `quality`: a draft is made by flow
    alone, the best lets the network see more. `progress` hears of the
    preparation (stage "pair"). Raises BadShot where the two differ in size or `frames` is below 1,
    Cancelled where `cancel` says so.
    """
    if first.shape != last.shape:
        sizes = [f"{picture.shape[1]}x{picture.shape[0]}" for picture in (first, last)]
        raise BadShot.of("last", sizes[1], f"as large as the first picture, {sizes[0]}")
    if frames < 1:
        raise BadShot.of("frames", frames, "1 or more")

    def step(done: float) -> None:
        if cancel is not None and cancel():
            raise Cancelled("the film was stopped")
        if progress is not None:
            progress("pair", done)

    step(0.0)
    pair = compare(np.ascontiguousarray(first), np.ascontiguousarray(last), step)
    evidence = pair.evidence
    method = next(method for method in METHODS if method.suits(evidence, quality))
    seconds = direction.seconds if direction is not None else frames / FPS
    interpolator = method.make(pair, direction, seconds / 2 if loop else seconds, quality)
    spans = method.spans(evidence, direction) if direction is not None else []
    told = method.told(evidence, direction) if direction is not None else ()
    step(1.0)
    paced = times(frames, loop=loop, spans=spans, ramp=method.ramp) if at is None else at
    return Transition(
        pair.first, pair.last, paced, interpolator,
        method=method.name, instructions=told, notes=method.notes(evidence),
        evidence=evidence, cancel=cancel,
    )  # fmt: skip
