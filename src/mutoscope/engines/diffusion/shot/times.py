"""When things happen: the model's frames that cover the film, in one film of the model's or several that
go on from each other, and where each finished frame lies among them. Pure.

A finished frame n lies at n · (the model's rate / the film's) among the model's frames: the tempo is the
model's own. Only where a picture has to be one certain frame of both is the way to it a little faster or
slower, by less than the model's grid is wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.rules import Steps
from mutoscope.errors import BadShot

#: A finished frame nearer than that to one of the model's is that one.
NEAR = 0.04
#: Where rates are the same, frames before a pinned one over which one frame's difference is spread.
SPREAD = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One film of the model's. `frames` are its own, of which the first `lead` are the last ones of what
    it goes on from; `start` is where its first frame lies in the whole."""

    frames: int
    start: int = 0
    lead: int = 0

    @property
    def end(self) -> int:
        """One after its last frame in the whole."""
        return self.start + self.frames

    @property
    def fresh(self) -> int:
        """Its first frame in the whole that is no part's before it."""
        return self.start + self.lead


@dataclass(frozen=True, slots=True)
class Timing:
    """`positions`: where each finished frame lies in the whole of the model's frames. `pins`: finished
    frame → the model's frame that it is, exactly. `tempo`: the share by which the way to a pin is
    faster (above 0) or slower than the model's own, the largest of them."""

    parts: tuple[Part, ...]
    positions: tuple[float, ...]
    pins: dict[int, int]
    tempo: float = 0.0

    @property
    def frames(self) -> int:
        """Of the whole, that the model makes."""
        return self.parts[-1].end

    @property
    def own(self) -> bool:
        """Whether every finished frame is one of the model's."""
        return all(abs(one - round(one)) < NEAR for one in self.positions)


def timed(
    frames: int,
    fps: float,
    checkpoint: Checkpoint,
    pins: Sequence[int] = (),
    *,
    before: int = 0,
    lead: int = 1,
    whole_end: bool = False,
    model_fps: float = 0.0,
    longest: float = 0.0,
) -> Timing:
    """The timing of a film of `frames` at `fps`.

    `pins` are finished frames that must be frames of the model's; one past the last frame (a loop's first
    frame come again) is allowed. `before`: the model's first frames that are already there, and that the
    film goes on from. `lead`: how many a part goes on from. `whole_end`: the last pin can only be the last
    frame of the model's. `model_fps` where it is not the checkpoint's (`model_rate`);
    `longest`: seconds that parts may make, where it is more than the checkpoint's. Raises BadShot for a film longer than the model can make, or for pins
    nearer to each other than its grid.
    """
    own = model_fps or checkpoint.fps
    rate = own / fps
    origin = before - 1 + rate if before else 0.0
    knots: list[tuple[int, float]] = [(-1, before - 1.0) if before else (0, 0.0)]
    held = sorted(set(pins))
    parts: tuple[Part, ...] = ()
    for number in held:
        if number == 0 and not before:
            continue
        wanted = origin + number * rate
        if whole_end and number == held[-1]:
            parts = _lengths(round(wanted) + 1, checkpoint, lead, before, nearest=True)
            at = parts[-1].end - 1
        else:
            at = nearest_place(wanted, checkpoint.keyframes)
        knots.append((number, float(at)))
    _increasing(knots, checkpoint)
    exact = dict(knots)  # to the frame, whatever rounding says
    positions = tuple(
        exact[number] if number in exact else _along(knots, number, rate)
        for number in range(frames)
    )
    last = max(positions[-1], knots[-1][1])
    parts = parts or _lengths(math.ceil(last - NEAR) + 1, checkpoint, lead, before)
    _bounded(parts, checkpoint, before, own, max(longest, checkpoint.longest))
    return Timing(
        parts,
        tuple(min(one, parts[-1].end - 1.0) for one in positions),
        {number: int(at) for number, at in knots if number >= 0},
        _tempo(knots, rate),
    )


def model_rate(checkpoint: Checkpoint, fps: float) -> float:
    """The frames a second that the model makes for a film of `fps`: that rate itself where it can be
    told it."""
    if checkpoint.rates and checkpoint.rates[0] <= fps <= checkpoint.rates[1]:
        return fps
    return checkpoint.fps


def nearest_place(wanted: float, places: Steps | None) -> int:
    """The frame nearest to `wanted` at which the model takes a picture."""
    if places is None:
        return max(0, round(wanted))
    step = max(0, round((wanted - places.b) / places.a))
    near = [0, *(max(places.low, (step + more) * places.a + places.b) for more in (-1, 0, 1))]
    return min(near, key=lambda one: (abs(one - wanted), one))


def legal_lead(most: int, checkpoint: Checkpoint) -> int:
    """The most frames, up to `most`, that a part may go on from: a·k + 1 of the model's step."""
    bounded = max(1, min(most, checkpoint.lead_frames))
    return (bounded - 1) // checkpoint.frames.a * checkpoint.frames.a + 1


def at_least(frames: int, rule: Steps) -> int:
    """The least legal number of frames that is as many; the most legal one where none is."""
    low, high = bounds(rule)
    if frames <= low:
        return low
    return min(high, -(-(frames - rule.b) // rule.a) * rule.a + rule.b)


def bounds(rule: Steps) -> tuple[int, int]:
    """The least and the most legal number of frames."""
    return (
        -(-(rule.low - rule.b) // rule.a) * rule.a + rule.b,
        (rule.high - rule.b) // rule.a * rule.a + rule.b,
    )


def _lengths(
    frames: int, checkpoint: Checkpoint, lead: int, before: int, *, nearest: bool = False
) -> tuple[Part, ...]:
    """Parts of even lengths that make `frames` together; `nearest`: the whole may be a few frames shorter
    as well as longer."""
    rule = checkpoint.frames
    least, most = bounds(rule)

    def last(count: int) -> int:
        return int(rule.nearest(count)) if nearest else at_least(count, rule)

    if frames <= most:
        return (Part(last(frames), 0, before),)
    if most <= lead:
        return (Part(most, 0, before),)
    count = 1 + math.ceil((frames - most) / (most - lead))
    each = at_least(math.ceil((frames + (count - 1) * lead) / count), rule)
    parts = [Part(each, 0, before)]
    while (left := frames - parts[-1].end + lead) > each:
        parts.append(Part(each, parts[-1].end - lead, lead))
    if left > lead + (rule.a / 2 if nearest else 0):
        parts.append(Part(max(last(left), least), parts[-1].end - lead, lead))
    return tuple(parts)


def _along(knots: Sequence[tuple[int, float]], number: int, rate: float) -> float:
    """Where a finished frame lies: between two knots, or on from the last at the model's tempo."""
    for (one, here), (other, there) in pairwise(knots):
        if number > other:
            continue
        span, off = _bend((one, here), (other, there), rate)
        late = max(0.0, (number - (other - span)) / span)
        return here + (number - one) * rate + off * late
    one, here = knots[-1]
    return here + (number - one) * rate


def _bend(before: tuple[int, float], knot: tuple[int, float], rate: float) -> tuple[int, float]:
    """Over how many frames before a knot the tempo gives way, and by how many of the model's."""
    span = knot[0] - before[0]
    off = knot[1] - before[1] - span * rate
    if abs(off) < 1e-6:
        return span, 0.0
    if abs(rate - 1) < 1e-6:  # all frames but the last few stay the model's own
        span = min(span, math.ceil(abs(off) * SPREAD))
    return span, off


def _tempo(knots: Sequence[tuple[int, float]], rate: float) -> float:
    bends = (_bend(one, other, rate) for one, other in pairwise(knots))
    return max((off / (span * rate) for span, off in bends), key=abs, default=0.0)


def _increasing(knots: Sequence[tuple[int, float]], checkpoint: Checkpoint) -> None:
    for (one, here), (other, there) in pairwise(knots):
        if there <= here:
            raise BadShot(
                f"the pictures at frames {max(0, one)} and {other} are nearer to each other than the "
                f"model can place them ({checkpoint.fps:g} frames a second"
                f"{_grid(checkpoint)}); set them further apart",
                field="anchors",
            )


def _grid(checkpoint: Checkpoint) -> str:
    return f", a picture every {checkpoint.keyframes.a}" if checkpoint.keyframes else ""


def _bounded(
    parts: Sequence[Part], checkpoint: Checkpoint, before: int, fps: float, longest: float
) -> None:
    if len(parts) == 1:
        return
    seconds = (parts[-1].end - before) / fps
    once = (bounds(checkpoint.frames)[1] - before) / fps
    spare = (checkpoint.frames.a + 1) / fps  # the model's grid may reach beyond what was asked
    if not longest or seconds > longest + spare:
        most = longest or once
        raise BadShot(
            f"{seconds:.1f} s are to be filmed; this model makes at most {most:.3g} s: ask for fewer "
            "seconds, or extend the film afterwards",
            field="seconds",
        )
