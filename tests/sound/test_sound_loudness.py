"""Loudness and true peak, beside FFmpeg's ebur128; a mix brought to its loudness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sounds_heard import Held, both, clicks, ebur128, noise, pcm, tone, wave

from mutoscope.sound.level import CEILING, Limited, levelled, lowest
from mutoscope.sound.loudness import SILENCE, Meter, peaks, true_peak
from mutoscope.sound.making import mixed
from mutoscope.sound.pcm import written
from mutoscope.sound.span import RATE, Sound, Span


def loud(sound: Sound, step: int = 10_007) -> float:
    meter = Meter()
    for at in range(0, sound.shape[1], step):
        meter.hear(sound[:, at : at + step])
    return meter.integrated()


def test_a_tone_is_as_loud_as_the_standard_says() -> None:
    """EBU Tech 3341, cases 1 and 2: 1 kHz on both sides."""
    assert loud(tone(1000, 5, -23)) == pytest.approx(-23, abs=0.1)
    assert loud(tone(1000, 5, -33)) == pytest.approx(-33, abs=0.1)


def test_what_is_quiet_between_does_not_count() -> None:
    """EBU Tech 3341, case 3."""
    parts = [tone(1000, 3, -36), tone(1000, 12, -23), tone(1000, 3, -36)]
    assert loud(np.concatenate(parts, axis=1)) == pytest.approx(-23, abs=0.1)


def test_silence_and_what_is_shorter_than_a_block_have_no_loudness() -> None:
    assert loud(np.zeros((2, 3 * RATE), np.float32)) == SILENCE
    assert loud(tone(1000, 0.3)) == SILENCE
    assert Meter().ungated() == SILENCE


SIGNALS: dict[str, Callable[[], Any]] = {
    "noise": lambda: noise(4, -26),
    "deep": lambda: tone(60, 4, -12),
    "high": lambda: tone(7000, 4, -18),
    "gusts": lambda: noise(6) * (0.05 + np.sin(np.arange(6 * RATE) / RATE * 1.1) ** 2),
    "one side": lambda: np.stack([noise(4)[0], np.zeros(4 * RATE, np.float32)]),
    "clicks": lambda: clicks([0.5, 1.1, 2.0, 2.9], 4) + noise(4, -50),
}


@pytest.mark.parametrize(
    "name",
    ["noise", "deep", *(pytest.param(one, marks=pytest.mark.slow) for one in [*SIGNALS][2:])],
)
def test_loudness_is_ffmpeg_s_within_a_fifth_of_a_unit(name: str, tmp_path: Path) -> None:
    sound = np.asarray(SIGNALS[name](), np.float32)
    theirs, peak = ebur128(wave(tmp_path / "a.wav", sound, codec="pcm_s24le"))
    assert loud(sound) == pytest.approx(theirs, abs=0.2)
    assert true_peak(sound) == pytest.approx(peak, abs=0.35)


def test_a_peak_between_two_samples_is_seen() -> None:
    time = np.arange(RATE)
    sound = both(0.5 * np.sin(2 * np.pi * time / 4 + np.pi / 4))
    assert np.abs(sound).max() == pytest.approx(0.5 / 2**0.5, abs=0.01)
    # its ends are cut off hard, and ring
    assert 20 * np.log10(peaks(sound)[2000:-2000].max()) == pytest.approx(-6.02, abs=0.3)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("wind", 3.0),
        ("fire", 4.0),
        pytest.param("waves", 12.0, marks=pytest.mark.slow),
        pytest.param("steps", 12.0, marks=pytest.mark.slow),
        pytest.param("thunder", 8.0, marks=pytest.mark.slow),
    ],
)
def test_a_clip_s_sound_has_eighteen_lufs_below_a_decibel_of_peak(
    name: str, seconds: float, tmp_path: Path
) -> None:
    span = Span(int(seconds * RATE), seed=5)
    raw = written(mixed({name: 0.0}, span), span.samples, tmp_path / "raw.f32")
    made = levelled(raw, tmp_path / "made.f32")
    assert made.loudness == pytest.approx(-18, abs=0.3)
    theirs, peak = ebur128(wave(tmp_path / "a.wav", made.sound.render(0, span.samples)))
    assert theirs == pytest.approx(-18, abs=1)
    assert peak <= -1


def test_a_short_clip_is_as_loud_as_a_whole(tmp_path: Path) -> None:
    raw = pcm(noise(1.2, -40), tmp_path / "raw.f32")
    made = levelled(raw, tmp_path / "made.f32")
    meter = Meter()
    meter.hear(made.sound.render(0, raw.samples))
    assert meter.ungated() == pytest.approx(-18, abs=0.3)


def test_silence_stays_silence(tmp_path: Path) -> None:
    raw = pcm(np.zeros((2, 4 * RATE), np.float32), tmp_path / "raw.f32")
    made = levelled(raw, tmp_path / "made.f32")
    assert made.loudness == SILENCE
    assert not made.sound.render(0, raw.samples).any()


def test_the_limiter_keeps_below_its_ceiling_and_leaves_the_rest_alone() -> None:
    sound = noise(2, -30) + 3 * clicks([0.5, 1.2], 2)
    limited = Limited(Held(sound), 0.0)
    made = np.concatenate([limited.render(0, RATE), limited.render(RATE, 2 * RATE)], axis=1)
    assert true_peak(made) <= CEILING + 0.05
    assert np.allclose(made[:, : RATE // 4], sound[:, : RATE // 4], atol=1e-6)
    # what it touches is turned down and never up
    assert (np.abs(made) <= np.abs(sound) + 1e-6).all()


def test_the_least_of_a_neighbourhood() -> None:
    values = np.random.default_rng(1).random(200).astype(np.float32)
    expected = [values[at : at + 7].min() for at in range(200 - 6)]
    assert np.array_equal(lowest(values, 3), np.array(expected, np.float32))
