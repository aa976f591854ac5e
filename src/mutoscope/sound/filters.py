"""Filters by their curve, and convolution a stretch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mutoscope.sound.span import RATE

Taps: TypeAlias = npt.NDArray[np.float32]
Curve: TypeAlias = Sequence[Sequence[float]]  # (hertz, dB), ascending
Gains: TypeAlias = npt.NDArray[np.float64]

#: Taps of a filter: 85 ms, so that it can tell 20 Hz from 30.
TAPS = 4096
#: Below it nothing is let through, so that there is no offset and no rumble that a speaker cannot make.
LOWEST = 24.0
#: Metres between the two ears of a listener in the open: what they hear of the same air is alike below
#: some 500 Hz and not above.
EARS = 0.3
AIR = 343.0  # metres a second


def bins(taps: int = TAPS) -> Gains:
    """The frequencies, in hertz, at which a filter of that length is told."""
    return np.asarray(np.fft.rfftfreq(2 * taps, 1 / RATE), np.float64)


def along(curve: Curve, hertz: Gains) -> Gains:
    """The curve's amplitude at `hertz`: straight lines in dB over the logarithm of frequency."""
    at, level = np.array([*curve, _beyond(curve)], float).T
    told = np.interp(np.log(np.maximum(hertz, 1.0)), np.log(at), level)
    return np.asarray(10 ** (told / 20) * _open(hertz))


def _beyond(curve: Curve) -> tuple[float, float]:
    """Above its last point a curve goes on as it did, downwards."""
    (low, one), (high, other) = curve[-2], curve[-1]
    fall = min(0.0, (other - one) / np.log(high / low))
    return 4 * high, other + fall * np.log(4)


def _open(hertz: Gains) -> Gains:
    """A fourth-order high pass at LOWEST, and what an encoder drops anyway taken off above 19 kHz."""
    low = hertz**4 / (hertz**4 + LOWEST**4)
    high = np.clip((22_500 - hertz) / 3_500, 0, 1)
    return np.asarray(low * high)


def even(gains: Gains) -> Taps:
    """The filter with these amplitudes at `bins`, the same delay (TAPS/2) for all frequencies."""
    taps = len(gains) - 1
    whole = np.fft.irfft(gains)
    ready = np.roll(whole, taps // 2)[:taps] * np.hanning(taps)
    return np.asarray(ready, np.float32)


def prompt(gains: Gains) -> Taps:
    """The filter with these amplitudes that answers as soon as it can (minimum phase, by the folded
    cepstrum): for clicks, which nothing may come before."""
    taps = len(gains) - 1
    cepstrum = np.fft.irfft(np.log(np.maximum(gains, gains.max() * 1e-5)))
    fold = np.zeros(2 * taps)
    fold[0] = fold[taps] = 1
    fold[1:taps] = 2
    answer = np.fft.irfft(np.exp(np.fft.rfft(cepstrum * fold)))[:taps]
    fade = np.ones(taps)
    fade[taps // 2 :] = np.cos(np.linspace(0, np.pi / 2, taps - taps // 2)) ** 2
    return np.asarray(answer * fade, np.float32)


def parts(edges: Sequence[float], hertz: Gains) -> list[Gains]:
    """Bands that add up to 1 everywhere, parted at `edges` (hertz), each edge half an octave soft."""
    steps = [np.clip(0.5 + np.log2(np.maximum(hertz, 1.0) / edge), 0, 1) for edge in edges]
    smooth = [step * step * (3 - 2 * step) for step in steps]
    above = [np.ones_like(hertz), *smooth, np.zeros_like(hertz)]
    return [high - low for high, low in pairwise(above)]


def alike(hertz: Gains, metres: float = EARS) -> Gains:
    """How alike two points `metres` apart hear a field of sound from all sides: sin(kd)/kd (Cook et
    al., Measurement of correlation coefficients in reverberant sound fields, JASA 27, 1955)."""
    return np.asarray(np.sinc(2 * hertz * metres / AIR))


def echo(seconds: float, dull: float, chance: np.random.Generator) -> tuple[Taps, Taps]:
    """The tails of a room for left and right: noise that decays by 60 dB in `seconds`, high tones
    sooner by the factor `dull`; energy 1."""
    length = int(seconds * RATE)
    time = np.arange(length) / RATE
    tails = []
    for _ in range(2):
        noise = chance.standard_normal(length)
        soft = np.convolve(noise, np.ones(24) / 24, "same")
        fast = np.exp(-6.91 * time / seconds * dull)
        tail = soft * np.exp(-6.91 * time / seconds) + 0.5 * (noise - soft) * fast
        tail *= np.minimum(1, time / 0.004)
        tail -= tail.mean()
        tails.append((tail / np.sqrt((tail**2).sum())).astype(np.float32))
    return tails[0], tails[1]


def size_for(length: int) -> int:
    """The next length that a Fourier transform is quick for: 2^a·3^b·5^c."""
    best = 1 << (length - 1).bit_length()
    for three in (1, 3, 9):
        for five in (1, 5, 25, 125):
            odd = three * five
            best = min(best, odd << max(0, (-(-length // odd) - 1).bit_length()))
    return best


def convolved(
    signal: npt.NDArray[np.float32], filters: Sequence[Taps]
) -> list[npt.NDArray[np.float32]]:
    """The signal (one channel) through each filter (all of one length): only the samples that the
    filter is filled for, len(signal) - taps + 1 of them."""
    taps = len(filters[0])
    size = size_for(len(signal))
    spectrum = np.fft.rfft(signal, size)
    heard = (np.fft.irfft(spectrum * np.fft.rfft(one, size), size) for one in filters)
    return [np.asarray(one[taps - 1 : len(signal)], np.float32) for one in heard]
