"""Several photographs become a film that meets each at its frame.

::

    frame 0 ── own path ──► picture ── way ──► picture ── … ──► picture ── own path ──► last frame

A way is what `pairs` finds between two pictures; where both are the same picture, a loop of it. Before
the first picture and after the last the photograph has a camera path of its own. The film goes through
a picture at one speed where both sides lead the same way, and rests there where they do not. In a loop a way leads from the last picture to the first instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import av
import msgspec
import numpy as np

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction, Move
from mutoscope.engines.base import Footage, Instruction, Order
from mutoscope.engines.flipbook.effects.chosen import screen_effects_for
from mutoscope.engines.flipbook.effects.screen import between_pictures, screened
from mutoscope.engines.flipbook.honesty import rest
from mutoscope.engines.flipbook.master import BEFORE, timed, written
from mutoscope.engines.flipbook.pairs.pace import Times
from mutoscope.engines.flipbook.pairs.transition import same_picture, transition
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Rgb
from mutoscope.engines.flipbook.stills.alone import Alone, Stretch
from mutoscope.engines.flipbook.stills.calm import calm, calmed
from mutoscope.engines.flipbook.stills.part import joined, part, part_round
from mutoscope.engines.flipbook.stills.placed import Placed
from mutoscope.engines.flipbook.stills.speeds import leg, paced
from mutoscope.engines.flipbook.stills.two import two_stills, unmoved, unplayed
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.finish.frame import rgb_frame
from mutoscope.images.decode import open_photo
from mutoscope.images.fit import fitted

#: Pictures kept at a time: those of one way, and the one after.
KEPT = 3
#: A way back to the loop's beginning that is shorter than this (seconds) is seen as a cut.
SEAM = 0.25


@dataclass(frozen=True, slots=True)
class Way:
    """From a picture to the next: they stand `frames` apart; `same`: they are one picture."""

    first: Placed
    last: Placed
    frames: int
    direction: Direction
    same: bool

    @property
    def name(self) -> str:
        return f"frames {self.first.frame} to {self.last.frame}"


def several_stills(
    order: Order, pictures: tuple[Placed, ...], progress: Progress, cancel: Cancel
) -> Footage:
    """The film through two or more pictures, in the order of their frames."""
    frames = order.shot.frames
    if len(pictures) == 2 and (pictures[0].frame, pictures[1].frame) == (0, frames - 1):
        return two_stills(order, pictures[0].still, pictures[1].still, progress, cancel)
    return Chain(order, pictures, cancel).film(progress)


class Chain:
    """A film through pictures, not yet made. `frames` makes it, once; `said` and `notes` fill meanwhile."""

    def __init__(self, order: Order, pictures: tuple[Placed, ...], cancel: Cancel):
        shot = order.shot
        self.order, self.pictures, self.cancel = order, pictures, cancel
        self.count, self.fps = shot.frames, shot.fps
        self.loop = shot.loop or order.direction.loop
        self._kept: dict[int, Rgb] = {}
        self._before: Alone | None = None
        self._after: Alone | None = None
        self.said: list[tuple[str, tuple[Instruction, ...]]] = []
        self.notes: list[str] = []

    def film(self, progress: Progress) -> Footage:
        """The film and its report."""
        spent: dict[str, float] = {}
        with timed(spent, "pace"):
            ways, at = self._ways(progress)
        with timed(spent, "render"):
            effects, shown = self._effects()
            footage = written(self.order, screened(self._through(ways, at), effects), progress)
        direction = self.order.direction
        natural = tuple(motion for motion in direction.motion if motion.group == "nature")
        answered = unmoved(direction) + shown
        if any(not way.same for way in ways):
            answered += Answered(motions=natural)
        said = (
            *unplayed(self.order), *joined(self.said), *answered.instructions,
            *rest(direction, answered=answered),
        )  # fmt: skip
        if self.loop:
            said += (self._closed(ways[-1]),)
        return Footage(footage, self.count, said, (self._met(), *dict.fromkeys(self.notes)), spent)

    def _effects(self) -> tuple[tuple[Effect, ...], Answered]:
        """Light and weather before all of it, nothing at the pictures' own frames."""
        shot = self.order.shot
        timing = Timing(self.count, self.fps, self.loop, shot.seed)
        ends = self.pictures[-1].frame == self.count - 1 and not self.loop
        make = between_pictures if ends else screen_effects_for
        effects, shown = make(self.order.direction, shot.size, timing, shot.prompt)
        met = [calm(self.count, self.fps, one.frame, loop=self.loop) for one in self.pictures]
        return calmed((), effects, np.min(met, axis=0))[1], shown

    def frames(self) -> Iterator[av.VideoFrame]:
        """The film's frames, yuv420p; the pictures' own exactly."""
        return self._through(*self._ways(lambda stage, done: None))

    def _ways(self, progress: Progress) -> tuple[list[Way], list[Times]]:
        """The ways between the pictures, in a loop also back to the first, and their paces."""
        ways = [self._way(one, other) for one, other in pairwise(self.pictures)]
        if self.loop:
            ways.append(self._way(self.pictures[-1], self.pictures[0]))
        legs = []
        for done, way in enumerate(ways):
            progress("flow", BEFORE * done / len(ways))
            small = way.same or way.frames < 2
            first, last = (self._picture(one) for one in (way.first, way.last))
            legs.append(None if small else leg(first, last, way.frames, way.direction))
        if not self.loop:
            self._before, self._after = self._own()
        ends = [None if one is None else one.leg() for one in (self._before, self._after)]
        padded = [*ends[:1] * (self._before is not None), *legs]
        padded += ends[1:] * (self._after is not None)
        at = paced(padded, loop=self.loop)
        return ways, at

    def _way(self, first: Placed, last: Placed) -> Way:
        direction, fps = self.order.direction, self.fps
        if last.frame > first.frame:
            frames = last.frame - first.frame
            asked = part(direction, first.frame / fps, last.frame / fps)
        else:
            frames = self.count - first.frame + last.frame
            asked = self._around(first.frame / fps, last.frame / fps)
        same = frames > 1 and same_picture(self._picture(first), self._picture(last))
        return Way(first, last, frames, asked, same)

    def _around(self, start: float, end: float) -> Direction:
        """The direction from `start` over the end of a loop to `end`."""
        whole = self.count / self.fps
        late = part(self.order.direction, start, whole)
        if end <= 0:
            return late
        early = part(self.order.direction, 0.0, end)
        moves = part_round(late.camera, early.camera, whole - start)
        seconds = whole - start + end
        if self.order.direction.camera and not moves:
            moves = (Move(move="static", start=0.0, end=seconds),)
        return msgspec.structs.replace(late, camera=moves, seconds=seconds)

    def _through(self, ways: list[Way], at: list[Times]) -> Iterator[av.VideoFrame]:
        """All frames in order; each way is made ready when the film comes to it."""
        first, last = self.pictures[0], self.pictures[-1]
        after = self.count - last.frame
        if first.frame and self.loop:
            yield from self._made(ways[-1], at[-1], slice(after, None)).frames
        if self._before is not None:
            made = self._before.stretch(at.pop(0), slice(first.frame))
            yield from self._told(made, f"frames 0 to {first.frame}")
        for way, pace in zip(ways[: len(self.pictures) - 1], at, strict=False):
            yield from self._told(self._made(way, pace), way.name)
        if self.loop:
            name = f"frames {last.frame} to {self.count + first.frame}"
            yield from self._told(self._made(ways[-1], at[-1], slice(after)), name)
        elif self._after is None:
            yield rgb_frame(self._picture(last))
        else:
            name = f"frames {last.frame} to {self.count - 1}"
            yield from self._told(self._after.stretch(at[-1]), name)

    def _own(self) -> tuple[Alone | None, Alone | None]:
        """The first picture's own way to it, and the last one's from it; None where there is no time."""
        first, last = self.pictures[0], self.pictures[-1]
        asked, fps = self.order.direction, self.fps
        before = after = None
        if first.frame:
            direction = part(asked, 0.0, first.frame / fps)
            before = Alone(
                self.order, first.still, direction, first.frame + 1, first.frame, cancel=self.cancel
            )
        if last.frame < self.count - 1:
            direction = part(asked, last.frame / fps, self.count / fps)
            after = Alone(
                self.order, last.still, direction, self.count - last.frame, 0, cancel=self.cancel
            )
        return before, after

    def _made(self, way: Way, at: Times, shown: slice = slice(None)) -> Stretch:
        """A way's frames, from its first picture to just before its last, or those of them `shown`."""
        first = self._picture(way.first)
        if way.frames < 2:
            return Stretch(iter([rgb_frame(first)][shown]))
        if way.same:
            own = Alone(
                self.order, way.first.still, way.direction, way.frames, 0, loop=True,
                cancel=self.cancel,
            )  # fmt: skip
            return own.stretch(shown=shown)
        between = transition(
            first, self._picture(way.last), len(at[:-1][shown]), direction=way.direction,
            seed=self.order.shot.seed, at=at[:-1][shown], quality=self.order.shot.quality,
            cancel=self.cancel,
        )  # fmt: skip
        frames = (rgb_frame(rgb) for rgb in between.frames())
        return Stretch(frames, between.instructions, between.notes)

    def _told(self, made: Stretch, name: str) -> Iterator[av.VideoFrame]:
        """The stretch's frames; its report is kept under its name."""
        self.said.append((name, made.instructions))
        self.notes += [f"{name}: {note}" for note in made.notes]
        return made.frames

    def _picture(self, one: Placed) -> Rgb:
        """The picture as the film shows it, H×W×3; the latest few are kept."""
        if one.frame not in self._kept:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[one.frame] = fitted(open_photo(one.still.original), one.still.plan)[0]
        return self._kept[one.frame]

    def _met(self) -> str:
        *most, last = (str(one.frame) for one in self.pictures)
        return f"the pictures are frames {', '.join(most)} and {last}"

    def _closed(self, back: Way) -> Instruction:
        seconds = back.frames / self.fps
        if seconds >= SEAM:
            return Instruction("loop", "done", "from the last picture it goes on to the first")
        how = (
            f"from the last picture to the first there is {seconds:.2f} s: a cut; place it earlier"
        )
        return Instruction("loop", "approximated", how)
