"""From a direction to the effects that its light, weather and lens words ask for."""

from __future__ import annotations

from collections.abc import Callable

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.base import Instruction
from mutoscope.engines.flipbook.effects.asked import WEATHER, Asked, Made
from mutoscope.engines.flipbook.rendering.seen import Effect
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Answered, Timing
from mutoscope.shot import Size

__all__ = ["WEATHER", "effects_for", "looks_behind", "screen_effects_for"]

Maker = Callable[[Asked], Made]


def _makers() -> dict[str, Maker]:
    """Kind of motion → what makes its effects, in the order in which effects are applied: what the air
    does, then the light, then what falls through it."""
    from mutoscope.engines.flipbook.effects import finish, glow, haze, lens, looks, rain, snow

    changes = ("brighten", "darken", "golden_hour", "sunset", "sunrise", "dusk", "night")
    return {
        "shallow": lens.shallow,
        "deep": lens.deep,
        "focus_pull": lens.focus_pull,
        "haze": haze.haze,
        "haze_lifts": haze.haze_lifts,
        **dict.fromkeys(changes, looks.change),
        "flicker": glow.flicker,
        "shimmer": glow.shimmer,
        "rain": rain.rain,
        "snow": snow.snow,
        "vignette": finish.vignette,
        "fade": looks.change,
        "fade_in": looks.change,
        "film_grain": finish.film_grain,
        "slow_motion": finish.slow_motion,
        "time_lapse": finish.time_lapse,
        "lightning": finish.lightning,
    }


def looks_behind(direction: Direction) -> bool:
    """Whether an effect shows what lies behind the subject."""
    return any(motion.kind == "focus_pull" for motion in direction.motion)


def effects_for(
    direction: Direction, scene: Scene, timing: Timing, prompt: str = ""
) -> tuple[tuple[Effect, ...], Answered]:
    """The effects in the order in which they are applied, and the instructions they answer. `prompt`
    tells of the wind what the direction leaves out."""

    def asked(motion: Motion) -> Asked:
        return Asked(motion, direction, timing, scene.width, scene.height, scene, prompt)

    return _chosen(direction, asked)


def screen_effects_for(
    direction: Direction, size: Size, timing: Timing, prompt: str = "", *, between: bool = False
) -> tuple[tuple[Effect, ...], Answered]:
    """As `effects_for`, for pictures whose depth is not known: what needs depth is done without it, or
    not. `between`: the film begins and ends with a picture exactly; `timing` must be that of a loop of
    one frame less then. `screen.screened` lays the effects on frames."""

    def asked(motion: Motion) -> Asked:
        return Asked(
            motion, direction, timing, size.width, size.height, None, prompt, between
        )  # fmt: skip

    return _chosen(direction, asked)


def _chosen(
    direction: Direction, asked: Callable[[Motion], Asked]
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
                made[motion] = make(asked(motion))
            if kind not in done:  # said twice, done once
                effects.extend(made[motion].effects)
                done.add(kind)
    said = tuple(motion for motion in asks if motion in made)
    told: tuple[Instruction, ...] = tuple(made[motion].told(motion) for motion in said)
    focus = any(motion.kind in ("shallow", "deep") for motion in said)
    return tuple(effects), Answered(told, said, focus)
