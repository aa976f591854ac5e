"""A crowd's hum: many people speak, and no word of theirs is one.

Each talker is a train of pulses at the pitch of a voice that goes through vowels at the rate of
syllables, 3 to 5 a second (Houtgast and Steeneken, JASA 77, 1985); the vowels' formants are those of
Peterson and Barney (JASA 24, 1952). So many of them, with the room's echo, are a hum.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mutoscope.sound.filters import bins, convolved, prompt
from mutoscope.sound.span import RATE, Sound, Span

#: Formants in hertz: heed, head, hod, hawed, who'd, hud.
VOWELS = (
    (270, 2290, 3010), (530, 1840, 2480), (730, 1090, 2440), (570, 840, 2410), (300, 870, 2240),
    (640, 1190, 2390),
)  # fmt: skip
WIDTHS = (70.0, 100.0, 150.0)


class Talkers:
    """`count` people about the listener."""

    def __init__(self, span: Span, name: str, count: int, level: float = 0.0) -> None:
        self.span, self.name, self.count = span, name, count
        self.slots = max(1, round(span.seconds))
        chance = span.chance(name, "people")
        self.pitch = np.where(chance.uniform(size=count) < 0.5, 118.0, 205.0) * 2 ** chance.uniform(
            -0.2, 0.2, count
        )
        self.side = chance.uniform(0.05, 0.95, count) * np.pi / 2
        self.near = 10 ** (chance.uniform(-14, 0, count) / 20)
        self.filters = [prompt(_vowel(one)) for one in VOWELS]
        gain = 10 ** (level / 20)
        self.filters = [taps * np.float32(gain) for taps in self.filters]
        self._drawn = lru_cache(maxsize=4)(self._slot)

    def _slot(self, number: int) -> Sound:
        """The pulses of a second for each vowel and side: vowels·2×n."""
        first = number * self.span.samples // self.slots
        last = (number + 1) * self.span.samples // self.slots
        made = np.zeros((len(VOWELS) * 2, last - first), np.float32)
        for talker in range(self.count):
            self._speak(made, self.span.chance(self.name, talker, number), talker)
        return made

    def _speak(self, made: Sound, chance: np.random.Generator, talker: int) -> None:
        length = made.shape[1]
        at = chance.uniform(0, 0.15)
        if chance.uniform() < 0.3:  # listens, for half of it at least
            at += chance.uniform(0.3, 0.9)
        end = length / RATE
        pitch = self.pitch[talker] * 2 ** chance.normal(0, 0.08)
        while at < end - 0.08:
            syllable = min(chance.uniform(0.13, 0.3), end - at)
            steps = max(2, int(syllable * pitch))
            # falls within a phrase, and never twice the same
            jitter = 1 + 0.012 * chance.standard_normal(steps)
            times = at + np.cumsum(
                jitter / pitch / (1 + 0.06 * np.sin(np.linspace(0, np.pi, steps)))
            )
            shape = np.sin(np.linspace(0.02, np.pi - 0.02, steps)) ** 0.6
            height = shape * self.near[talker] * 10 ** (chance.normal(0, 3) / 20)
            places = (times * RATE).astype(int)
            inside = places < length
            vowel = 2 * int(chance.integers(len(VOWELS)))
            np.add.at(made[vowel], places[inside], height[inside] * np.cos(self.side[talker]))
            np.add.at(made[vowel + 1], places[inside], height[inside] * np.sin(self.side[talker]))
            at += syllable * chance.uniform(0.95, 1.2)
            pitch *= 2 ** chance.normal(-0.01, 0.05)
            pitch = float(np.clip(pitch, 0.75 * self.pitch[talker], 1.4 * self.pitch[talker]))

    def _pulses(self, start: int, stop: int) -> Sound:
        total = self.span.samples
        made = np.empty((len(VOWELS) * 2, stop - start), np.float32)
        at = start
        while at < stop:
            place = at % total
            slot = min(self.slots - 1, place * self.slots // total)
            while (slot + 1) * total // self.slots <= place:
                slot += 1
            first = slot * total // self.slots
            held = self._drawn(slot)
            count = min(stop - at, held.shape[1] - (place - first))
            made[:, at - start : at - start + count] = held[
                :, place - first : place - first + count
            ]
            at += count
        return made

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        before = len(self.filters[0]) - 1
        pulses = self._pulses(start - before, stop)
        made = np.zeros((2, stop - start), np.float32)
        for vowel, taps in enumerate(self.filters):
            for side in (0, 1):
                made[side] += convolved(pulses[2 * vowel + side], [taps])[0]
        return made


def _vowel(formants: tuple[int, int, int]) -> np.ndarray:
    """The spectrum of a voice at the mouth: the glottis falls by 12 dB an octave, the lips give 6 back."""
    hertz = bins()
    shape = 1 / (1 + (hertz / 250) ** 2) ** 0.5
    for formant, width in zip(formants, WIDTHS, strict=True):
        ratio = hertz / formant
        shape = shape / np.sqrt((1 - ratio**2) ** 2 + (ratio * width / formant * 1.6) ** 2)
    shape = shape * hertz**2 / (hertz**2 + 120**2) / (1 + (hertz / 6500) ** 4)
    shape = np.maximum(shape, shape.max() * 1e-5)
    # vowels are about equally loud
    return np.asarray(shape / np.sqrt((shape**2).mean()))
