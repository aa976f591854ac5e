"""A sound brought to its loudness, under a ceiling that no peak passes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mutoscope.sound.filters import convolved
from mutoscope.sound.loudness import SILENCE, Meter, peaks
from mutoscope.sound.pcm import Pcm, written
from mutoscope.sound.span import BLOCK, RATE, Sound, Source

#: LUFS of a clip's sound, and how far it may be off.
TARGET, OFF = -18.0, 1.0
#: dBTP before it is coded: AAC puts up to some 1.5 dB on what is as sharp as the ring of a cup.
CEILING = -3.0
#: From this length on the gates of BS.1770 hold; what is shorter is measured whole.
GATED = 3.0
#: The most that a quiet sound is lifted by, in dB.
MOST = 60.0
#: Samples over which the limiter's gain moves: 8 ms before a peak and after it, so that what is heard
#: beside a crackle does not waver.
REACH = RATE * 8 // 1000
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Levelled:
    """The sound, its loudness in LUFS and its true peak in dBTP; -inf for silence."""

    sound: Pcm
    loudness: float
    peak: float


class Limited:
    """A source times a gain, turned down smoothly about each peak that would pass the ceiling."""

    def __init__(self, source: Source, gain: float, ceiling: float = CEILING) -> None:
        self.source = source
        self.gain = np.float32(10 ** (gain / 20))
        self.ceiling = np.float32(10 ** (ceiling / 20))
        window = np.hanning(2 * REACH + 3)[1:-1]
        self.window = (window / window.sum()).astype(np.float32)

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        sound = self.source.render(start - 2 * REACH, stop + 2 * REACH) * self.gain
        inner = sound[:, 2 * REACH : sound.shape[1] - 2 * REACH]
        over = peaks(sound)
        if over.max(initial=0.0) <= self.ceiling:
            return np.asarray(inner)
        wanted = np.minimum(1, self.ceiling / np.maximum(over, 1e-9))
        return np.asarray(inner * convolved(lowest(wanted, REACH), [self.window])[0])


def lowest(values: np.ndarray, reach: int) -> np.ndarray:
    """The least of the values up to `reach` before and after each, for those that have so many about
    them: len(values) - 2·reach."""
    width, made, held = 2 * reach + 1, values, 1
    while 2 * held <= width:  # the least of 1, 2, 4, ... values, then of two such that overlap
        made = np.minimum(made[: len(made) - held], made[held:])
        held *= 2
    rest = width - held
    whole = np.minimum(made[: len(made) - rest], made[rest:]) if rest else made
    return np.asarray(whole, np.float32)


def measured(source: Source, samples: int) -> Meter:
    """A meter that has heard the whole."""
    meter = Meter()
    for at in range(0, samples, BLOCK):
        meter.hear(source.render(at, min(samples, at + BLOCK)))
    return meter


def loudness(meter: Meter, samples: int) -> float:
    """LUFS: gated from 3 s on, of the whole where it is shorter."""
    return meter.integrated() if samples >= GATED * RATE else meter.ungated()


def levelled(
    sound: Pcm, path: Path, target: float = TARGET, *, stopped: Callable[[], None] = lambda: None
) -> Levelled:
    """The sound at `target` LUFS, in a file at `path`; silence stays silence. `stopped` raises where the
    work shall end."""
    now = loudness(measured(sound, sound.samples), sound.samples)
    if now == SILENCE:
        return Levelled(sound, SILENCE, SILENCE)
    gain = min(MOST, target - now)
    for _ in range(_ROUNDS):
        meter, peak = Meter(), 0.0

        def hear(at: int, block: Sound, meter: Meter = meter) -> None:
            nonlocal peak
            stopped()
            meter.hear(block)
            peak = max(peak, float(peaks(block).max(initial=0.0)))

        made = written(Limited(sound, gain), sound.samples, path, loop=sound.loop, heard=hear)
        now = loudness(meter, sound.samples)
        if now == SILENCE or abs(now - target) < 0.1 or gain >= MOST:
            break
        gain = min(MOST, gain + target - now)
    return Levelled(made, now, 20 * math.log10(peak) if peak else SILENCE)
