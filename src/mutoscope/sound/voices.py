"""Single sounds strewn over time, with the echo of the place that they are in."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mutoscope.sound.filters import Taps, convolved, echo
from mutoscope.sound.grains import GRAINS, LONGEST
from mutoscope.sound.layer import Voice
from mutoscope.sound.span import RATE, Sound, Source, Span


class Strewn:
    """Grains of one kind, `voice.rate` of them a second: by chance, or with `even` one after the other
    as a walker's steps. Time is cut into slots of about a second, each drawn by itself."""

    def __init__(self, span: Span, name: str, voice: Voice) -> None:
        self.span, self.name, self.voice = span, name, voice
        self.grain = GRAINS[voice.kind]
        self.level = np.float32(10 ** (voice.level / 20))
        self.slots = max(1, round(span.seconds))
        self.tail = int(LONGEST[voice.kind] * RATE) + 1
        self.rare = _rare(span, name, voice)
        self._drawn = lru_cache(maxsize=6)(self._slot)

    def _bounds(self, slot: int) -> tuple[int, int]:
        """The samples of a slot; slots go on before the sound and after it."""
        turn, number = divmod(slot, self.slots)
        total, shift = self.span.samples, turn * self.span.samples
        return shift + number * total // self.slots, shift + (number + 1) * total // self.slots

    def _slot(self, number: int) -> Sound:
        first, last = self._bounds(number)
        length = last - first
        made = np.zeros((2, length + self.tail), np.float32)
        chance = self.span.chance(self.name, number)
        for at in self._times(chance, first, length):
            grain = self.grain(chance, self.voice.params)
            made[:, at : at + grain.shape[1]] += grain[:, : made.shape[1] - at]
        return made

    def _times(self, chance: np.random.Generator, first: int, length: int) -> list[int]:
        seconds = length / RATE
        if self.rare is not None:
            return [int(at - first) for at in self.rare if first <= at < first + length]
        if not self.voice.params.get("even"):
            count = chance.poisson(self.voice.rate * seconds)
            return [int(at) for at in np.sort(chance.integers(0, length, count))]
        count = max(1, round(self.voice.rate * seconds))
        late = self.voice.params.get("late", 0.0)
        steps = (np.arange(count) + late + chance.uniform(0, 0.06, count)) / count
        return [int(at) for at in np.minimum(steps, 0.999) * length]

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = np.zeros((2, stop - start), np.float32)
        slot = (start - self.tail) * self.slots // self.span.samples - 1
        while (bounds := self._bounds(slot))[0] < stop:
            if bounds[1] + self.tail > start:
                held = self._drawn(slot % self.slots)
                low, high = max(start, bounds[0]), min(stop, bounds[0] + held.shape[1])
                if low < high:
                    made[:, low - start : high - start] += held[
                        :, low - bounds[0] : high - bounds[0]
                    ]
            slot += 1
        return np.asarray(made * self.level, np.float32)


#: Grains that come less often than so many times a second are each given their time, so that even a
#: short film has one.
RARE = 1.5


def _rare(span: Span, name: str, voice: Voice) -> npt.NDArray[np.float64] | None:
    """The samples at which rare grains begin: in turn, each within its own part of the time."""
    if voice.params.get("even") or voice.rate >= RARE:
        return None
    chance = span.chance(name, "rare")
    count = max(1, round(span.seconds * voice.rate))
    late = chance.uniform(0.02, 0.55 if count < 3 else 0.95, count)
    return np.asarray((np.arange(count) + late) / count * span.samples)


class Roomy:
    """A source in a room: itself, and its echo `wet` dB beside it."""

    def __init__(self, source: Source, span: Span, name: str, seconds: float, wet: float) -> None:
        self.source = source
        strength = np.float32(10 ** (wet / 20))
        self.tails: list[Taps] = [
            tail * strength for tail in echo(seconds, 2.0, span.chance(name, "room"))
        ]
        self.before = len(self.tails[0]) - 1

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        made = self.source.render(start - self.before, stop)
        heard = [convolved(made[side], [self.tails[side]])[0] for side in (0, 1)]
        return np.asarray(made[:, self.before :] + np.stack(heard), np.float32)
