"""Sounds for tests, and what can be measured of them."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from mutoscope.sound.pcm import Pcm, written
from mutoscope.sound.span import BLOCK, RATE, Sound, Source

Levels = npt.NDArray[np.float64]


class Held:
    """A sound in memory as a source; silence before and after."""

    def __init__(self, sound: Sound) -> None:
        self.sound = sound.astype(np.float32)

    def render(self, start: int, stop: int) -> Sound:
        made = np.zeros((2, stop - start), np.float32)
        low, high = max(0, start), min(stop, self.sound.shape[1])
        if low < high:
            made[:, low - start : high - start] = self.sound[:, low:high]
        return made


def both(mono: npt.NDArray[np.floating]) -> Sound:
    return np.stack([mono, mono]).astype(np.float32)


def tone(hertz: float, seconds: float, level: float = -20.0) -> Sound:
    """A sine on both sides, its peak at `level` dBFS."""
    time = np.arange(int(seconds * RATE)) / RATE
    return both(10 ** (level / 20) * np.sin(2 * np.pi * hertz * time))


def noise(seconds: float, level: float = -20.0, seed: int = 1) -> Sound:
    chance = np.random.default_rng(seed)
    made = chance.standard_normal((2, int(seconds * RATE))) * 10 ** (level / 20)
    return made.astype(np.float32)


def clicks(at: list[float], seconds: float) -> Sound:
    made = np.zeros(int(seconds * RATE))
    burst = np.random.default_rng(3).standard_normal(400) * np.exp(-np.arange(400) / 80)
    burst *= 0.6 / np.abs(burst).max()
    for time in at:
        made[int(time * RATE) : int(time * RATE) + 400] += burst
    return both(made)


def pcm(sound: Sound, path: Path, *, loop: bool = False) -> Pcm:
    return written(Held(sound), sound.shape[1], path, loop=loop)


def whole(source: Source, samples: int) -> Sound:
    """A source a block at a time, as films are made."""
    blocks = [source.render(at, min(samples, at + BLOCK)) for at in range(0, samples, BLOCK)]
    return np.concatenate(blocks, axis=1)


def wave(path: Path, sound: Sound, *, codec: str = "pcm_s16le") -> Path:
    """A file of sound; the container is the ending's."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.codec_context.layout = "stereo"
        stream.codec_context.open()
        count = stream.codec_context.frame_size or 1024
        kind = stream.codec_context.format.name
        resampler = av.AudioResampler(format=kind, layout="stereo", rate=RATE)
        for at in range(0, sound.shape[1], count):
            block = np.ascontiguousarray(sound[:, at : at + count])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return path


def decoded(path: Path) -> Sound:
    """The sound of a file as a player hears it, 2×n."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        frames = [
            ready for frame in container.decode(audio=0) for ready in resampler.resample(frame)
        ]
        frames += resampler.resample(None)
        return np.concatenate([np.asarray(frame.to_ndarray()) for frame in frames], axis=1)


def ebur128(path: Path) -> tuple[float, float]:
    """(LUFS, dBTP) as FFmpeg measures them."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-i", str(path), "-map", "0:a",
               "-af", "ebur128=peak=true", "-f", "null", "-"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    told = said[said.rindex("Summary") :]
    loud, peak = re.search(r"I:\s+(-?[\d.]+)", told), re.search(r"Peak:\s+(-?[\d.]+)", told)
    assert loud is not None
    assert peak is not None
    return float(loud[1]), float(peak[1])


def octaves(sound: Sound, centres: list[float], width: float = 1 / 3) -> Levels:
    """dB of the power in bands of `width` octaves about each centre, both sides together."""
    power = (np.abs(np.fft.rfft(sound)) ** 2).sum(axis=0)
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    edge = 2 ** (width / 2)
    bands = [power[(hertz >= one / edge) & (hertz < one * edge)].sum() for one in centres]
    return np.asarray(10 * np.log10(bands), np.float64)


def swing(sound: Sound, step: float = 0.125) -> float:
    """dB between what is exceeded a tenth of the time and nine tenths of it (L10 - L90)."""
    count = int(step * RATE)
    steps = sound[:, : sound.shape[1] // count * count].reshape(2, -1, count)
    level = 10 * np.log10((steps.astype(np.float64) ** 2).mean(axis=2).sum(axis=0) + 1e-12)
    low, high = np.percentile(level, (10, 90))
    return float(high - low)


def likeness(sound: Sound, low: float, high: float) -> float:
    """The correlation of left and right between two frequencies."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    left, right = spectrum[:, (hertz >= low) & (hertz < high)]
    scale = np.sqrt((np.abs(left) ** 2).sum() * (np.abs(right) ** 2).sum())
    return float(np.real((left * right.conj()).sum()) / scale)
