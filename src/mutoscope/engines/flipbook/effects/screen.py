"""Effects over frames that have no scene: films between pictures, and films that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import av

from mutoscope.direction.model import Direction
from mutoscope.engines.flipbook.effects.chosen import screen_effects_for
from mutoscope.engines.flipbook.effects.sight import Flat
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.shot import Size


def screened(frames: Iterable[av.VideoFrame], effects: Sequence[Effect]) -> Iterator[av.VideoFrame]:
    """The frames (yuv420p, BT.709 limited), changed in place, numbered from 0."""
    for number, frame in enumerate(frames):
        seen = Flat(frame.width, frame.height, number)
        for effect in effects:
            effect.apply(frame, seen)  # type: ignore[arg-type]  # they read no more than a `Sight`
        yield frame


def between_pictures(
    direction: Direction, size: Size, timing: Timing, prompt: str = ""
) -> tuple[tuple[Effect, ...], Answered]:
    """The effects of a film from a first picture to a last, both of which stay what they are: of a loop
    that is its first frame again where the last picture stands."""
    frames = timing.frames if timing.loop else max(1, timing.frames - 1)
    round_trip = Timing(frames, timing.fps, True, timing.seed, True)
    return screen_effects_for(direction, size, round_trip, prompt, between=not timing.loop)
