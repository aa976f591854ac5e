"""What is synthesised sounds like what it is called: spectra, envelopes and width, by measurement."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest
from _pytest.mark.structures import ParameterSet
from sounds_heard import likeness, octaves, swing, whole

from mutoscope.sound.cues import sources as weighed
from mutoscope.sound.layer import sources
from mutoscope.sound.lexicon import recipes
from mutoscope.sound.loudness import Meter
from mutoscope.sound.making import mixed, source
from mutoscope.sound.span import RATE, Sound, Span

NAMES = sorted(sources())
#: Sources that are single sounds with silence between.
SPARSE = {"birds", "gulls", "steps", "cups", "thunder", "crickets"}


@cache
def heard(name: str, seconds: int = 6, seed: int = 1) -> Sound:
    span = Span(seconds * RATE, seed=seed)
    return whole(source(name, span), span.samples)


def some(names: Iterable[str], plain: set[str]) -> list[ParameterSet]:
    """Each name as a case; all but a few are run with the slow suite alone."""
    marks = {True: (), False: (pytest.mark.slow,)}
    return [pytest.param(name, marks=marks[name in plain]) for name in names]


@pytest.mark.parametrize("name", some(NAMES, {"wind", "crowd"}))
def test_a_source_is_sound_and_nothing_else(name: str) -> None:
    span = Span(3 * RATE, seed=4)
    made = whole(mixed({name: 0.0}, span), span.samples)
    assert made.shape == (2, 3 * RATE)
    assert np.isfinite(made).all()
    assert made.std() > 0
    assert np.abs(made.mean(axis=1)).max() < 0.01 * made.std()  # nothing is off its middle
    # nothing that only a dog hears
    level = octaves(made, [125, 250, 500, 1000, 2000, 4000, 8000, 20_500])
    assert level[-1] < level.max() - 10


@pytest.mark.parametrize("name", some(NAMES, {"waves", "stream", "crowd"}))
def test_any_stretch_of_a_source_is_the_same_whenever_it_is_asked_for(name: str) -> None:
    span = Span(3 * RATE, seed=2)
    one = source(name, span).render(int(0.9 * RATE), int(1.4 * RATE))
    other = whole(source(name, span), 2 * RATE)[:, int(0.9 * RATE) : int(1.4 * RATE)]
    assert np.abs(one - other).max() < 1e-4 * max(1e-3, np.abs(other).max())


def test_the_same_seed_is_the_same_sound_and_another_is_another() -> None:
    for name in ("rain", "stream", "birds"):
        one, again, other = (
            source(name, Span(2 * RATE, seed=seed)).render(0, RATE) for seed in (5, 5, 6)
        )
        assert one.tobytes() == again.tobytes()
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", some(sorted(recipes()), {"waves", "forest"}))
def test_a_loop_s_sound_closes(name: str) -> None:
    """The sample after the last is the first, and the join is no more of a step than any other."""
    span = Span(2 * RATE + 1000, loop=True, seed=3)
    made = mixed(weighed([(name, 0.0)]), span)
    about = made.render(span.samples - 2000, span.samples + 2000)
    begin = made.render(0, 2000)
    assert np.abs(about[:, 2000:] - begin).max() < 1e-3 * max(1e-3, np.abs(begin).max())
    steps = np.abs(np.diff(about, axis=1)).max(axis=0)
    assert steps[1999] <= max(4 * np.median(steps), np.percentile(steps, 99.5))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_sources_are_equally_loud_so_that_recipes_can_weigh_them(name: str) -> None:
    loud = []
    for seed in (11, 12, 13):
        meter = Meter()
        meter.hear(heard(name, 20, seed))
        loud.append(meter.integrated())
    assert np.mean(loud) == pytest.approx(-23, abs=1.5 if name not in SPARSE else 3)


def test_wind_swings_more_than_rain() -> None:
    assert swing(heard("wind")) > 2 * swing(heard("rain"))


def test_a_room_falls_by_five_decibels_an_octave() -> None:
    # a third of an octave of the density that RC curves have: 5 dB an octave for whole octaves,
    # so the density's own fall is taken with the bands' growth of 3 dB
    level = octaves(heard("room"), [125, 250, 500, 1000, 2000, 4000])
    assert np.diff(level).mean() == pytest.approx(-5 + 3, abs=0.7)


@pytest.mark.slow
def test_wind_blows_in_gusts_and_rain_falls_steadily() -> None:
    assert swing(heard("wind", 20)) > 5
    assert swing(heard("leaves", 20)) > 6
    assert swing(heard("rain")) < 3
    assert swing(heard("pour")) < 2.5
    assert swing(heard("waterfall")) < 2.5
    assert swing(heard("room")) < 2.5


@pytest.mark.slow
def test_gusts_are_one_wind_for_all_that_it_moves() -> None:
    span = Span(20 * RATE, seed=4)
    level = []
    for name in ("wind", "leaves"):
        made = whole(source(name, span), span.samples).reshape(2, -1, RATE // 4)
        level.append(10 * np.log10((made.astype(np.float64) ** 2).mean(axis=(0, 2))))
    assert np.corrcoef(level)[0, 1] > 0.6


def test_a_gust_is_heard_first_on_the_side_that_the_wind_comes_from() -> None:
    from mutoscope.sound.layer import Layer
    from mutoscope.sound.ways import gusts

    layer = Layer(curve=((100, 0), (1000, 0)), depth=(6.0,), own=0.0)
    times = np.arange(0, 30, 0.02)
    for way in (1.0, -1.0):
        left, right = gusts(Span(30 * RATE, seed=3, wind=way), "leaves.0", layer).gains(times)[0]
        like = [
            np.corrcoef(left[100:-100], np.roll(right, -late)[100:-100])[0, 1]
            for late in range(-40, 41)
        ]
        assert (int(np.argmax(like)) - 40) * 0.02 == pytest.approx(0.6 * way, abs=0.05)


def centre(sound: Sound) -> float:
    power = (np.abs(np.fft.rfft(sound)) ** 2).sum(axis=0)[1:]
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / RATE)[1:]
    return float(np.exp((power * np.log(hertz)).sum() / power.sum()))


@pytest.mark.slow
def test_spectra_lie_where_those_of_the_real_things_do() -> None:
    assert centre(heard("thunder")) < 150
    assert 60 < centre(heard("traffic")) < 350
    assert 80 < centre(heard("wind", 20)) < 450
    assert 250 < centre(heard("waves", 20)) < 1500
    assert 400 < centre(heard("stream")) < 1500
    assert 1800 < centre(heard("leaves")) < 5500
    assert 2500 < centre(heard("rain")) < 7500
    assert 2500 < centre(heard("birds", 20)) < 6500
    assert 4000 < centre(heard("crickets")) < 5200


@pytest.mark.slow
def test_thunder_far_off_has_nothing_above_a_kilohertz() -> None:
    level = octaves(heard("thunder", 20), [60, 125, 1500])
    assert level[2] < level[:2].max() - 30


@pytest.mark.slow
def test_traffic_has_the_bump_of_tyres_at_a_kilohertz() -> None:
    """EN 1793-3, its A-weighting taken off: third octaves at 250, 1,000 and 4,000 Hz."""
    level = octaves(heard("traffic", 20), [250, 500, 1000, 2000, 4000])
    wanted = np.array([-6.4, -8.8, -8.0, -12.2, -17.0])
    assert np.abs((level - level[2]) - (wanted - wanted[2])).max() < 5


@pytest.mark.slow
def test_a_crowd_has_the_long_term_spectrum_of_speech() -> None:
    """Byrne et al. 1994, third octaves, of many talkers together."""
    level = octaves(heard("crowd", 20), [250, 500, 1000, 2000, 4000])
    wanted = np.array([60.3, 62.1, 53.7, 48.7, 45.6])
    assert np.abs((level - level[1]) - (wanted - wanted[1])).max() < 5


@pytest.mark.slow
def test_waves_come_in_one_after_the_other() -> None:
    made = heard("waves", 30).reshape(2, -1, RATE // 10)
    level = (made.astype(np.float64) ** 2).mean(axis=(0, 2)) ** 0.25
    level -= level.mean()
    like = np.correlate(level, level, "full")[len(level) :]
    period = (int(np.argmax(like[40:120])) + 41) / 10
    assert 5.5 < period < 10
    assert swing(heard("waves", 30)) > 6


@pytest.mark.slow
def test_crickets_chirp_two_or_three_times_a_second() -> None:
    made = heard("crickets", 10)
    power = (made[0].astype(np.float64) ** 2).reshape(-1, 480).mean(axis=1)  # the nearer one
    spectrum = np.abs(np.fft.rfft(power - power.mean()))
    rate = np.fft.rfftfreq(len(power), 0.01)
    band = (rate > 1) & (rate < 5)
    assert 1.8 < rate[band][np.argmax(spectrum[band])] < 3


def test_a_bubble_rings_at_minnaert_s_pitch() -> None:
    from mutoscope.sound.grains import bubble

    params = {"small": 0.003, "large": 0.003001, "rising": 0.0}
    made = bubble(np.random.default_rng(1), params)
    spectrum = np.abs(np.fft.rfft(made[0], 1 << 16))
    hertz = np.fft.rfftfreq(1 << 16, 1 / RATE)[np.argmax(spectrum)]
    assert hertz == pytest.approx(3 / 0.003, rel=0.03)


@pytest.mark.slow
def test_sounds_are_wide_above_and_one_below() -> None:
    """As two ears in a field of sound from all sides: alike in the deep, strangers in the high."""
    for name in ("air", "wind", "traffic"):
        assert likeness(heard(name, 20), 30, 120) > 0.75
        assert abs(likeness(heard(name, 20), 2000, 8000)) < 0.35
    for name in NAMES:
        made = heard(name, 20 if name in SPARSE else 6)
        power = (made.astype(np.float64) ** 2).sum(axis=1)
        assert 0.2 < power[0] / power[1] < 5, name  # neither side is empty
        assert likeness(made, 30, 16_000) > -0.2, name  # what is heard in mono does not cancel


def test_footsteps_are_heard_only_when_they_are_asked_for() -> None:
    assert [name for name, one in recipes().items() if "steps" in one.levels] == ["steps"]


def test_every_recipe_s_sources_and_every_source_s_figures_have_a_place() -> None:
    for name, recipe in recipes().items():
        assert recipe.levels.keys() <= sources().keys(), name
    for name, made in sources().items():
        assert len(made.about) > 20, name
        assert made.layers or made.voices or made.people
