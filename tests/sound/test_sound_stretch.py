"""A sound slower and faster at its own pitch: tones stay pure, clicks are heard once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sounds_heard import both, clicks, noise, pcm, tone

from mutoscope.sound.span import RATE
from mutoscope.sound.stretch import beginnings, stretched

SPEEDS = [0.5, *(pytest.param(one, marks=pytest.mark.slow) for one in (0.8, 1.25, 2.0))]


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_tone_keeps_its_pitch_and_its_strength(speed: float, tmp_path: Path) -> None:
    given = pcm(tone(440, 2, -12), tmp_path / "a.f32")
    made = stretched(given, speed, tmp_path / "b.f32")
    assert made.samples == round(given.samples / speed)
    heard = made.render(0, made.samples)[0]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    hertz = np.fft.rfftfreq(len(heard), 1 / RATE)
    assert hertz[np.argmax(spectrum)] == pytest.approx(440, abs=1)
    assert spectrum[np.abs(hertz - 440) > 20].max() < 0.01 * spectrum.max()
    each = np.abs(heard[2400 : len(heard) // 480 * 480 - 2400]).reshape(-1, 480).max(axis=1)
    assert each.min() / each.max() > 0.95


@pytest.mark.parametrize("speed", SPEEDS)
def test_every_click_is_heard_once_and_when_it_should_be(speed: float, tmp_path: Path) -> None:
    at = [0.3, 0.62, 1.1, 1.33, 1.8, 2.4]
    hum = both(0.02 * np.sin(2 * np.pi * 150 * np.arange(3 * RATE) / RATE))
    sound = clicks(at, 3) + hum + noise(3, -60)
    made = stretched(pcm(sound, tmp_path / "a.f32"), speed, tmp_path / "b.f32")
    heard = np.abs(made.render(0, made.samples)[0])
    each = heard[: len(heard) // 480 * 480].reshape(-1, 480).max(axis=1)
    loud = np.concatenate([[False], each > 0.2])
    begins = np.flatnonzero(loud[1:] & ~loud[:-1]) * 480 / RATE
    assert len(begins) == len(at)
    assert np.abs(begins - np.array(at) / speed).max() < 0.02


def test_beginnings_are_found_and_steady_sound_has_none(tmp_path: Path) -> None:
    found = beginnings(pcm(clicks([0.5, 1.0], 2) + noise(2, -50), tmp_path / "a.f32"))
    assert [one / RATE for one in found if one > 0.1 * RATE] == pytest.approx([0.5, 1.0], abs=0.01)
    steady = beginnings(pcm(noise(2), tmp_path / "b.f32"))
    assert [one for one in steady if one > 0.1 * RATE] == []
