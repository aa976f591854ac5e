"""Sound against motion: a known lag is found, and chance is told as chance."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from filmed import RATE, Frames, film, photograph, under_a_camera

from mutoscope.quality.hearing import hearing
from mutoscope.quality.reel import reel
from mutoscope.quality.synchrony import beginnings, synchrony

pytestmark = pytest.mark.slow

EVENTS = (0.7, 1.6, 2.3, 3.2)
SECONDS = 4


@cache
def jumping(fps: int) -> Frames:
    """The picture leaps for an eighth of a second at each event."""
    times = np.arange(SECONDS * fps) / fps
    gone = np.cumsum([any(0 <= time - at < 0.12 for at in EVENTS) for time in times])
    return under_a_camera(
        photograph("coffee", 500), (160, 90), len(times), pan=0.8, shape=list(gone / gone[-1])
    )  # fmt: skip


def knocks(lag: float, seconds: float = SECONDS) -> npt.NDArray[np.float32]:
    """A knock at each event, `lag` seconds late, over a faint hiss."""
    made = np.random.default_rng(0).normal(0, 0.003, round(seconds * RATE))
    count = np.arange(6000)
    knock = np.exp(-count / 900) * np.sin(0.2 * count) / 2
    for at in EVENTS:
        place = round((at + lag) * RATE)
        made[place : place + 6000] += knock
    return made.astype(np.float32)


@pytest.mark.parametrize(("lag", "fps"), [(-0.125, 24), (0.0, 24), (0.25, 24), (0.04, 30), (0.1, 12)])  # fmt: skip
def test_a_known_lag_is_found(tmp_path: Path, lag: float, fps: int) -> None:
    path = film(tmp_path / "film.mp4", jumping(fps), fps, knocks(lag))
    read, heard = reel(path), hearing(path)
    assert heard is not None
    found = synchrony(read.frames, read.times, heard.onsets)
    assert found is not None
    assert found.offset == pytest.approx(1000 * lag, abs=500 / fps)
    assert found.sure
    assert found.strength > 0.6


def test_a_hiss_over_a_still_says_nothing() -> None:
    still = np.repeat(jumping(24)[:1], 40, axis=0)
    onsets = np.abs(np.random.default_rng(1).normal(1, 0.05, 200))
    times = np.arange(40) / 24
    assert beginnings(still, times) is None
    assert synchrony(still, times, onsets) is None
    moving = jumping(24)
    assert synchrony(moving, np.arange(len(moving)) / 24, onsets) is None


def test_length_and_loudness(tmp_path: Path) -> None:
    frames = jumping(12)
    tone = 0.1 * np.sin(np.arange(SECONDS * RATE) * 2 * np.pi * 997 / RATE)
    path = film(tmp_path / "film.mp4", frames, 12, tone.astype(np.float32))
    heard = hearing(path)
    assert heard is not None
    # a 997 Hz tone at -20 dBFS in both channels is -20 LUFS (BS.1770-4: -3.01 for one at full scale)
    assert heard.lufs == pytest.approx(-20.0, abs=0.2)
    assert heard.peak == pytest.approx(0.1, rel=0.2)
    assert heard.begins + heard.seconds == pytest.approx(SECONDS, abs=1024 / RATE)
    silent = film(tmp_path / "silent.mp4", frames, 12, np.zeros(RATE, np.float32))
    found = hearing(silent)
    assert found is not None
    assert math.isinf(found.lufs)
    assert hearing(film(tmp_path / "mute.mp4", frames, 12)) is None
