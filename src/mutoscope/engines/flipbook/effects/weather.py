"""What rain and snow have in common: a clouded light, a veil of what is too far to be seen singly, and
what falls."""

from __future__ import annotations

from collections.abc import Callable

from mutoscope.engines.flipbook.effects import course
from mutoscope.engines.flipbook.effects.asked import Asked, Made
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.haze import Haze
from mutoscope.engines.flipbook.effects.looks import Graded, Look, looks
from mutoscope.engines.flipbook.rendering.seen import Effect


def weathered(
    asked: Asked, light: str, share: float, veil: float, falls: Callable[[Levels], Effect],
    how: str, flat: str,
) -> Made:  # fmt: skip
    """The picture towards the look `light` by `share`, behind a veil of `veil` at strength 1, and what
    falls before it. `how` is said of a picture with depth, `flat` of pictures without."""
    timing = asked.timing
    levels = course.present(timing)
    cloud = Look().towards(looks()[light], min(1.0, share))
    effects = (
        Graded((Look(), cloud), levels, asked.width, asked.height),
        Haze(asked, veil * asked.strength, levels, still=True),
        falls(levels),
    )
    said = flat if asked.scene is None else how
    if timing.exact:
        said += "; it sets in after the first frame, which is the picture itself"
    return Made(effects, "approximated", said)
