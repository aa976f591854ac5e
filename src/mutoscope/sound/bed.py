"""A bed: noise in the spectrum of something, its bands rising and falling slowly."""

from __future__ import annotations

import numpy as np

from mutoscope.sound.filters import (
    TAPS,
    Gains,
    Taps,
    alike,
    along,
    bins,
    convolved,
    echo,
    even,
    parts,
    prompt,
)
from mutoscope.sound.layer import Layer
from mutoscope.sound.noise import Clicks, White
from mutoscope.sound.slow import Curve, stretched, ticks
from mutoscope.sound.span import RATE, Sound, Span


class Bed:
    """One layer of a source. `curve`: how loud each of its bands is over time; None: steady."""

    def __init__(self, span: Span, name: str, layer: Layer, curve: Curve | None) -> None:
        self.curve = curve
        self.level = np.float32(10 ** (layer.level / 20))
        hertz = bins()
        shape = along(layer.curve, hertz)
        # white noise of power 1 that goes through it comes out with a power of 1
        shape /= np.sqrt((shape**2).mean())
        if layer.clicks:
            self.grist: White | Clicks = Clicks(span, name, layer.clicks, layer.spread, layer.ring)
            self.filters = _each(prompt(shape), layer, span, name)
        else:
            self.grist = White(span, name)
            self.filters = _air(shape, layer, hertz)
        self.apart = bool(layer.clicks)
        self.taps = len(self.filters[0][0])

    def render(self, start: int, stop: int) -> Sound:
        """See `Source`."""
        grist = self.grist.take(start - self.taps + 1, stop)
        one, other = (convolved(grist[side], self.filters[side]) for side in (0, 1))
        made = np.zeros((2, stop - start), np.float32)
        gains = self._gains(start, stop, len(one))
        for band, (first, second) in enumerate(zip(one, other, strict=True)):
            left, right = (first, second) if self.apart else (first + second, first - second)
            for side, heard in enumerate((left, right)):
                made[side] += heard if gains is None else heard * gains[band, side]
        return np.asarray(made * self.level, np.float32)

    def _gains(self, start: int, stop: int, bands: int) -> np.ndarray | None:
        if self.curve is None:
            return None
        times = ticks(start, stop)
        gains = np.broadcast_to(self.curve.gains(times), (bands, 2, len(times)))
        return stretched(gains, times, start, stop)


def _air(shape: Gains, layer: Layer, hertz: Gains) -> tuple[list[Taps], list[Taps]]:
    """Filters of each band for what both sides hear and for what parts them: together they are as alike
    as two places in the open are."""
    same = alike(hertz, layer.ears)
    bands = [shape * part for part in parts(layer.edges, hertz)]
    return (
        [even(band * np.sqrt((1 + same) / 2)) for band in bands],
        [even(band * np.sqrt((1 - same) / 2)) for band in bands],
    )


def _each(taps: Taps, layer: Layer, span: Span, name: str) -> tuple[list[Taps], list[Taps]]:
    """The filter of left and of right, with the room's tails."""
    if not layer.room:
        return [taps], [taps]
    left, right = (
        roomy(taps, tail, layer.wet) for tail in echo(layer.room, 2.0, span.chance(name, "room"))
    )
    return [left], [right]


def roomy(taps: Taps, tail: Taps, wet: float) -> Taps:
    """The filter and after it its echo, `wet` dB beside the sound itself."""
    size = len(taps) + len(tail)
    both = np.fft.irfft(np.fft.rfft(taps, size) * np.fft.rfft(tail, size), size)
    made = np.asarray(both * 10 ** (wet / 20), np.float32)
    made[: len(taps)] += taps
    return made


#: How long before a stretch a bed has to begin.
BEFORE = TAPS + 2 * RATE
