"""What a film gets last: its corners darker, its grain; and what is asked of time and is no effect."""

from __future__ import annotations

import av
import numpy as np

from mutoscope.engines.flipbook.effects import course, pixels
from mutoscope.engines.flipbook.effects.asked import Asked, Made, refused
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.sight import Sight
from mutoscope.engines.flipbook.footage.celluloid import GRAIN, Celluloid, Stock
from mutoscope.finish.frame import planes_of

#: The part of the light that the corners keep at strength 1, and where it begins to fall (of the way).
CORNERS, BEGINS = 0.26, 0.26


class Vignette:
    """Darker towards the corners, as a lens has it: by the fourth power of the cosine."""

    def __init__(self, asked: Asked, strength: float, levels: Levels):
        self.width, self.height, self.levels = asked.width, asked.height, levels
        y, x = np.mgrid[-1 : 1 : asked.height // 2 * 1j, -1 : 1 : asked.width // 2 * 1j]
        far = np.clip((np.sqrt((x * x + y * y) / 2) - BEGINS) / (1 - BEGINS), 0, 1)
        # as a code, light goes with the power 1 / 2.2
        keeps = CORNERS ** (strength / 2.2)
        self._loss = ((1 - keeps) * far * far * (3 - 2 * far)).astype(np.float32)
        self._light = np.array([16, 128, 128])
        self._made = 0.0, np.empty((0, 0), np.uint16)

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        level = float(self.levels[seen.number % len(self.levels)])
        if level <= 0:
            return
        if self._made[0] != level:
            self._made = level, np.rint(256 - 256 * level * self._loss).astype(np.uint16)
        pixels.veil(*planes_of(frame), self.width, self.height, self._made[1], self._light)


class Grain:
    """A film stock's grain, another in every frame."""

    def __init__(self, asked: Asked, levels: Levels):
        shares = (1.0,) if float(levels.min()) == 1 else (0.25, 0.5, 0.75, 1.0)
        self._stocks = [
            Celluloid(
                Stock(grain=GRAIN * asked.strength * share), asked.width, asked.height,
                asked.timing.seed,
            )
            for share in shares
        ]  # fmt: skip
        self.levels = levels

    def apply(self, frame: av.VideoFrame, seen: Sight) -> None:
        level = float(self.levels[seen.number % len(self.levels)])
        if level > 0:
            count = len(self._stocks)
            stock = self._stocks[min(count - 1, int(level * count))]
            stock.lay(planes_of(frame), seen.number % len(self.levels))


def vignette(asked: Asked) -> Made:
    """Darker corners."""
    made = Vignette(asked, asked.strength, course.present(asked.timing))
    return Made((made,), "done", "the corners are darker, as an old lens has them")


def film_grain(asked: Asked) -> Made:
    """Grain."""
    made = Grain(asked, course.present(asked.timing))
    how = "a film stock's grain, strongest in the middle tones and another in every frame"
    if asked.timing.exact:
        how += "; the first frame is the picture itself and has none"
    return Made((made,), "done", how)


def slow_motion(asked: Asked) -> Made:
    """Only weather has a speed of its own."""
    if any(motion.kind in ("rain", "snow") for motion in asked.direction.motion):
        how = "what falls, falls slower; nothing else in a still has a speed of its own"
        return Made((), "approximated", how)
    return refused("nothing in a still moves by itself, so there is nothing to slow down")


def time_lapse(asked: Asked) -> Made:
    """A still has no hours."""
    return refused(
        "a photograph is one moment and has no hours to run through; a change of light can be asked "
        "for, such as a sunset"
    )


def lightning(asked: Asked) -> Made:
    """Not made."""
    return refused(
        "flashes of the whole picture can cause seizures, and a still does not tell where lightning's "
        "light would fall"
    )
