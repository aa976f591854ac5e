"""Run with NUMBA_BOUNDSCHECK=1: small films from wild poses with everything that changes pixels."""

from __future__ import annotations

import numpy as np
from effect_scenes import FPS, FRAMES, asked
from film_scenes import rows_scene

from mutoscope.engines.flipbook.effects.chosen import effects_for
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.timing import Timing

TOGETHER = (("rain", "haze", "sunset", "flicker"), ("snow", "vignette", "film_grain", "focus_pull"))


def main() -> None:
    rng = np.random.default_rng(1)
    for width, height in ((64, 64), (66, 66), (130, 82), (322, 182)):
        scene = rows_scene(width, height)
        directions = [asked(*kinds) for kinds in TOGETHER] + [asked(focus="shallow")]
        for direction in directions:
            for exact in (False, True):
                effects, _ = effects_for(direction, scene, Timing(FRAMES, FPS, False, 1, exact))
                renderer = Renderer(scene, effects=effects)
                for number in range(0, FRAMES, 3):
                    shift, turn = rng.normal(0, 0.3, 3), rng.normal(0, 0.2, 3)
                    renderer.draw(np.r_[shift, turn, rng.uniform(0.5, 3)], number)
    print("all drawn")  # noqa: T201


if __name__ == "__main__":
    main()
