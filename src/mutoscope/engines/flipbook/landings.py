"""When something in the picture comes down on the ground, for the ear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.honesty import named
from mutoscope.engines.flipbook.objects.kinds import asked, table, times_of
from mutoscope.sound.events import Event

#: A hop's speed → how hard it lands.
HARD = {"slow": 0.45, "normal": 0.65, "fast": 0.85}


def landings(
    direction: Direction, said: Iterable[Instruction], seconds: float, *, loop: bool
) -> tuple[Event, ...]:
    """A thud at each touch of every bounce that was done: `said` is what became of the direction."""
    done = {one.words for one in said if one.outcome != "not_possible"}
    return tuple(
        Event(time, "thud", HARD[motion.speed])
        for motion in asked(direction)
        if motion.kind == "bounce" and named(motion) in done
        for time in _touches(motion, seconds, loop)
    )


def _touches(motion: Motion, seconds: float, loop: bool) -> Iterator[float]:
    """The hops share the clip evenly, as `objects.courses.Beat` has it; a loop's end is its beginning."""
    period = float(table()["periods"]["bounce"][("slow", "normal", "fast").index(motion.speed)])
    count = times_of(motion)
    hops = count or max(1, round(seconds / period))
    lasting = min(seconds, count * period) if count else seconds
    for hop in range(1, hops + 1):
        time = hop * lasting / hops
        if time < seconds - 0.05:
            yield time
        elif loop:
            yield 0.0
