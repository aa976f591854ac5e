"""Music that makes room for a voice."""

from __future__ import annotations

import numpy as np

from mutoscope.sound.loudness import SILENCE
from mutoscope.sound.span import BLOCK, RATE, Sound, Source

#: dB by which what is not the voice goes down while it speaks.
DOWN = {"music": 10.0, "own": 6.0, "ambience": 5.0}
#: The voice speaks where it is no more than so many dB below its loudness.
FLOOR = 20.0
#: Seconds: what is looked at at once; how long before a word the music goes down, and how long after it
#: it waits; and the time that either way takes.
LOOK, BEFORE, HOLD, SLOPE = 0.02, 0.15, 0.45, 0.5


class Ducked:
    """A source that is `down` dB softer where the voice speaks."""

    def __init__(self, source: Source, speaks: np.ndarray, down: float) -> None:
        self.source = source
        self.gains = 10 ** (-down * speaks / 20)
        self.times = np.arange(len(speaks)) * LOOK

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        gain = np.interp(np.arange(start, stop) / RATE, self.times, self.gains)
        return np.asarray(self.source.render(start, stop) * gain.astype(np.float32))


def speaking(voice: Source, samples: int, loudness: float) -> np.ndarray:
    """From 0 to 1, every LOOK seconds: how much the voice speaks, smoothed over the time that music
    takes to go down and up. `loudness` is the voice's, in LUFS."""
    step = int(LOOK * RATE)
    power = (
        np.concatenate(
            [
                np.add.reduceat(
                    (block.astype(np.float64) ** 2).mean(axis=0), np.arange(0, block.shape[1], step)
                )
                for at in range(0, samples, BLOCK)
                if (block := voice.render(at, min(samples, at + BLOCK))).size
            ]
        )
        / step
    )
    if loudness == SILENCE:
        return np.zeros(len(power))
    active = power > 10 ** ((loudness - FLOOR) / 10)
    wide = np.zeros(len(power))
    for at in np.flatnonzero(active):
        wide[
            max(0, at - int((BEFORE + SLOPE / 2) / LOOK)) : at + int((HOLD + SLOPE / 2) / LOOK)
        ] = 1
    window = np.hanning(int(SLOPE / LOOK) + 2)[1:-1]
    padded = np.pad(wide, len(window), mode="edge")
    return np.convolve(padded, window / window.sum(), "same")[len(window) : -len(window)]
