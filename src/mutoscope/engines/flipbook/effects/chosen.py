"""From a direction to the effects that its light, weather and lens words ask for."""

from __future__ import annotations

from collections.abc import Callable

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.effects.asked import Asked, Made
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Answered, Timing

Maker = Callable[[Asked], Made]

#: Kinds of nature motion that are weather: nothing in the photograph moves, something comes before it.
WEATHER = frozenset({"rain", "snow"})


def _makers() -> dict[str, Maker]:
    """Kind of motion → what makes its effects, in the order in which effects are applied: what the air
    does, then the light, then what falls through it."""
    from mutoscope.engines.flipbook.effects.haze import haze, haze_lifts
    from mutoscope.engines.flipbook.effects.lens import deep, focus_pull, shallow
    from mutoscope.engines.flipbook.effects.looks import change
    from mutoscope.engines.flipbook.effects.rain import rain

    changes = ("brighten", "darken", "golden_hour", "sunset", "sunrise", "dusk", "night")
    return {
        "shallow": shallow,
        "deep": deep,
        "focus_pull": focus_pull,
        "haze": haze,
        "haze_lifts": haze_lifts,
        **dict.fromkeys(changes, change),
        "rain": rain,
        "fade": change,
        "fade_in": change,
    }


def effects_for(
    direction: Direction, scene: Scene, timing: Timing
) -> tuple[tuple[Effect, ...], Answered]:
    """The effects in the order in which they are applied, and the instructions they answer."""
    return _chosen(direction, timing, scene.width, scene.height, scene)


def screen_effects_for(
    direction: Direction, size: tuple[int, int], timing: Timing
) -> tuple[tuple[Effect, ...], Answered]:
    """As `effects_for`, for pictures of `size` (width, height) whose depth is not known: what needs
    depth is done without it, or not."""
    return _chosen(direction, timing, *size, None)


def _chosen(
    direction: Direction, timing: Timing, width: int, height: int, scene: Scene | None
) -> tuple[tuple[Effect, ...], Answered]:
    asks = [one for one in direction.motion if one.group in ("light", "nature")]
    lens = direction.lens.focus
    if lens:
        asks.insert(0, Motion(kind=lens, group="light", words=f"{lens} focus"))
    if not asks:
        return (), Answered()
    made: dict[Motion, Made] = {}
    effects: list[Effect] = []
    done: set[str] = set()
    for kind, make in _makers().items():
        for motion in asks:
            if motion.kind != kind:
                continue
            if motion not in made:
                made[motion] = make(Asked(motion, direction, timing, width, height, scene))
            if kind not in done:  # said twice, done once
                effects.extend(made[motion].effects)
                done.add(kind)
    said = tuple(motion for motion in asks if motion in made)
    told: tuple[Instruction, ...] = tuple(made[motion].told(motion) for motion in said)
    focus = any(motion.kind in ("shallow", "deep") for motion in said)
    return tuple(effects), Answered(told, said, focus)
