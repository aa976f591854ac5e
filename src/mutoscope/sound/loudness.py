"""Loudness and true peak as ITU-R BS.1770-4 defines them, at 48 kHz, a stretch at a time."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from mutoscope.sound.filters import Taps, convolved
from mutoscope.sound.span import RATE, Sound

#: Blocks of 400 ms begin every 100 ms.
STEP = RATE // 10
ABSOLUTE, RELATIVE = -70.0, -10.0
#: The K-weighting: a shelf for the head, then a high pass; (b, a) of BS.1770-4, tables 1 and 2.
SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
#: Samples after which the weighting's answer to a click has died away (by 100 dB).
_LONG = 8192
SILENCE = -math.inf


@cache
def weighting() -> Taps:
    """The K-weighting's answer to a click."""
    signal = [1.0] + [0.0] * (_LONG - 1)
    for (b0, b1, b2), (_, a1, a2) in (SHELF, HIGH_PASS):
        x1 = x2 = y1 = y2 = 0.0
        made = []
        for x in signal:
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            made.append(y)
        signal = made
    return np.array(signal, np.float32)


class Meter:
    """Hears a sound in stretches of any length and tells how loud it was."""

    def __init__(self) -> None:
        self._held = np.zeros((2, _LONG - 1), np.float32)
        self._rest = np.zeros((2, 0), np.float32)
        self._steps: list[float] = []  # weighted power of each 100 ms, both channels together
        self._power, self._count = 0.0, 0

    def hear(self, sound: Sound) -> None:
        """The next stretch, 2×n."""
        if not sound.shape[1]:
            return
        whole = np.concatenate([self._held, sound], axis=1)
        self._held = whole[:, -(_LONG - 1) :]
        weighted = np.stack([convolved(one, [weighting()])[0] for one in whole])
        self._power += float((weighted.astype(np.float64) ** 2).sum())
        self._count += sound.shape[1]
        ready = np.concatenate([self._rest, weighted], axis=1)
        steps = ready.shape[1] // STEP
        if steps:
            cut = ready[:, : steps * STEP].astype(np.float64).reshape(2, steps, STEP)
            self._steps += [float(one) for one in (cut**2).mean(axis=2).sum(axis=0)]
        self._rest = ready[:, steps * STEP :]

    def integrated(self) -> float:
        """LUFS with both gates; -inf for silence, and for what is shorter than 400 ms."""
        return gated(np.array(self._steps))

    def ungated(self) -> float:
        """LUFS of the whole, for what is short."""
        return _lufs(self._power / self._count) if self._count else SILENCE


def gated(steps: npt.NDArray[np.float64]) -> float:
    """LUFS from the weighted power of each 100 ms (both channels' sum)."""
    if len(steps) < 4:
        return SILENCE
    blocks = np.convolve(steps, np.full(4, 0.25), "valid")
    heard = blocks[blocks > _power(ABSOLUTE)]
    if not len(heard):
        return SILENCE
    over = heard[heard > heard.mean() * 10 ** (RELATIVE / 10)]
    return _lufs(float(over.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power) if power > 0 else SILENCE


#: Four times as many samples: the filter of BS.1770-4, annex 2, one row a phase.
PHASES = np.array(
    [
        [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875,
         0.1373291015625, 0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250,
         0.0148925781250, -0.0083007812500],
        [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500,
         0.4650878906250, 0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625,
         0.0330810546875, -0.0189208984375],
    ]
)  # fmt: skip
PHASES = np.concatenate([PHASES, PHASES[::-1, ::-1]]).astype(np.float32)


def peaks(sound: Sound) -> npt.NDArray[np.float32]:
    """The largest of four times as many samples about each sample, over both channels: n values."""
    if not sound.shape[1]:
        return np.zeros(0, np.float32)
    most = np.abs(sound).max(axis=0)
    for channel in sound:
        for phase in PHASES:
            most = np.maximum(most, np.abs(np.convolve(channel, phase, "same")))
    return np.asarray(most, np.float32)


def true_peak(sound: Sound) -> float:
    """dBTP; -inf for silence."""
    most = float(peaks(sound).max(initial=0.0))
    return 20 * math.log10(most) if most > 0 else SILENCE
