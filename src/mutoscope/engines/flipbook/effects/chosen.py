"""From a direction to the effects that its light, weather and lens words ask for."""

from __future__ import annotations

from mutoscope.direction.model import Direction
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Answered, Timing

#: Kinds of nature motion that are weather: nothing in the photograph moves, something comes before it.
WEATHER = frozenset({"rain", "snow"})


def effects_for(
    direction: Direction, scene: Scene, timing: Timing
) -> tuple[tuple[Effect, ...], Answered]:
    """The effects in the order in which they are applied, and the instructions they answer."""
    return (), Answered()
