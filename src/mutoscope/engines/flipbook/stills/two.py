"""Two photographs become a film: from the first to the last."""

from __future__ import annotations

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Instruction, Order, Still
from mutoscope.engines.flipbook.honesty import named, rest
from mutoscope.engines.flipbook.master import BEFORE, timed, written
from mutoscope.engines.flipbook.objects.kinds import asked
from mutoscope.engines.flipbook.still import one_still
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.images.decode import open_photo


def two_stills(
    order: Order, first: Still, last: Still, progress: Progress, cancel: Cancel
) -> Footage:
    """The film between two pictures; where they are the same picture, a loop of it."""
    from mutoscope.engines.flipbook.effects.screen import between_pictures, screened
    from mutoscope.engines.flipbook.pairs.transition import same_picture, transition
    from mutoscope.finish.frame import rgb_frame
    from mutoscope.images.fit import fitted

    shot, direction = order.shot, order.direction
    spent: dict[str, float] = {}
    with timed(spent, "scene"):
        one, other = (fitted(open_photo(still.original), still.plan)[0] for still in (first, last))
    if same_picture(one, other):
        return one_still(order, first, 0, True, progress, cancel)
    with timed(spent, "pair"):
        between = transition(
            one, other, shot.frames, direction=direction, loop=shot.loop or direction.loop,
            seed=shot.seed, quality=shot.quality, progress=lambda stage, done: progress("flow", BEFORE * done),
            cancel=cancel,
        )  # fmt: skip
    timing = Timing(shot.frames, shot.fps, shot.loop or direction.loop, shot.seed, True)
    effects, shown = between_pictures(direction, shot.size, timing, shot.prompt)
    with timed(spent, "render"):
        made = (rgb_frame(rgb) for rgb in between.frames())
        footage = written(order, screened(made, effects), progress)
    natural = tuple(motion for motion in direction.motion if motion.group == "nature")
    answered = unmoved(direction) + shown + Answered(motions=natural)
    said = (
        *unplayed(order), *between.instructions, *answered.instructions,
        *rest(direction, answered=answered),
    )  # fmt: skip
    return Footage(footage, shot.frames, said, between.notes, spent)


def unplayed(order: Order) -> tuple[Instruction, ...]:
    """What became of the characters, where there is no one background."""
    how = "characters are put before one background; this film goes from one picture to another"
    return tuple(Instruction(f"@{name}", "not_possible", how) for name in order.cast)


def unmoved(direction: Direction) -> Answered:
    """What became of motions that a cut-out of one photograph could be made to do."""
    motions = asked(direction)
    how = "only in a film of one photograph does its subject move by itself"
    said = (Instruction(named(motion), "not_possible", how) for motion in motions)
    return Answered(tuple(said), motions)
