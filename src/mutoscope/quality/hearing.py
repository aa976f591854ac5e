"""A film's sound as it is heard: its length, its loudness, and when something begins to sound."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt

from mutoscope.finish.probe import CONTAINERS, probe
from mutoscope.sound.loudness import Meter
from mutoscope.sound.span import RATE, Sound

#: Onsets a second, samples of the window that each looks at.
ONSETS, WINDOW = 100, 1024
#: Samples of one frame of AAC: lengths are compared in these.
AAC_FRAME = 1024
_HOP = RATE // ONSETS
#: Samples that are looked at at once.
_BLOCK = 2 * RATE


@dataclass(frozen=True, slots=True)
class Hearing:
    """`onsets`: how much began to sound in each 1/100 s from the film's first frame on (spectral flux).
    `lufs`: integrated loudness by BS.1770-4, ungated below 400 ms; -inf for silence. `begins`: seconds
    from the first frame to the first sample."""

    seconds: float
    begins: float
    lufs: float
    peak: float  # of the samples, 1 is full scale
    onsets: npt.NDArray[np.float64]


def hearing(path: Path) -> Hearing | None:
    """None for a film without sound. Raises BadInput for what is no film."""
    about = probe(path)
    if not about.has_sound:
        return None
    meter = Meter()
    peak, samples, begins = 0.0, 0, None
    flux: list[npt.NDArray[np.float64]] = []
    rest, before = np.zeros(WINDOW // 2, np.float32), None
    for at, sound in _blocks(path, CONTAINERS[about.type]):
        begins = at if begins is None else begins
        meter.hear(sound)
        samples += sound.shape[1]
        peak = max(peak, float(np.abs(sound).max(initial=0.0)))
        rest = np.concatenate([rest, sound.mean(axis=0)])
        found, rest, before = _flux(rest, before)
        flux.append(found)
    if begins is None:
        return None
    found, _, _ = _flux(np.concatenate([rest, np.zeros(WINDOW, np.float32)]), before)
    onsets = np.concatenate([*flux, found])
    shift = round(begins * ONSETS)
    onsets = np.r_[np.zeros(max(0, shift)), onsets[max(0, -shift) :]]
    lufs = meter.integrated()
    if samples < 0.4 * RATE or math.isinf(lufs):
        lufs = meter.ungated()
    return Hearing(samples / RATE, begins, lufs, peak, onsets)


def _flux(
    wave: npt.NDArray[np.float32], before: npt.NDArray[np.float64] | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32], npt.NDArray[np.float64] | None]:
    """Spectral flux of the windows that lie whole in `wave`, what is left of it, the last spectrum."""
    count = max(0, (len(wave) - WINDOW) // _HOP + 1)
    if not count:
        return np.zeros(0), wave, before
    windows = np.lib.stride_tricks.sliding_window_view(wave, WINDOW)[::_HOP][:count]
    spectra = np.log1p(100 * np.abs(np.fft.rfft(windows * np.hanning(WINDOW), axis=1)))
    if before is None:
        before = spectra[0]  # what sounds at the very beginning did not begin
    grown = np.maximum(np.diff(np.vstack([before, spectra]), axis=0), 0).mean(axis=1)
    return grown, wave[count * _HOP :], spectra[-1]


def _blocks(path: Path, demuxer: str) -> Iterator[tuple[float, Sound]]:
    """Stretches of the first track at 48 kHz, 2×n, each with the seconds from the first frame to the
    first stretch; up to where it ends or breaks off."""
    with av.open(str(path), format=demuxer) as container:
        stream, picture = container.streams.audio[0], container.streams.video[0]
        zero = float((picture.start_time or 0) * (picture.time_base or 0))
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        begins: float | None = None
        held: list[Sound] = []
        try:
            for frame in container.decode(stream):
                begins = (frame.time or 0.0) - zero if begins is None else begins
                held += [
                    np.asarray(one.to_ndarray(), np.float32) for one in resampler.resample(frame)
                ]
                if sum(one.shape[1] for one in held) >= _BLOCK:
                    yield begins, np.concatenate(held, axis=1)
                    held = []
        except (av.error.FFmpegError, ValueError, EOFError):
            pass
        if begins is not None:
            held += [np.asarray(one.to_ndarray(), np.float32) for one in resampler.resample(None)]
            if held:
                yield begins, np.concatenate(held, axis=1)
