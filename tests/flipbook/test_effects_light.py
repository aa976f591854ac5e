"""Light that changes: true to a way through linear RGB, and harmless."""

from __future__ import annotations

import numpy as np
import pytest
from effect_scenes import FRAMES, asked, drawn, filmed, made

from mutoscope.engines.flipbook.effects import pixels
from mutoscope.engines.flipbook.effects.glow import ALLOWED, flashes, harmless, wavering
from mutoscope.engines.flipbook.effects.looks import Look, looks
from mutoscope.engines.flipbook.effects.shading import GAMMA, tables
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.bt709 import planes


def shaded(rgb: np.ndarray, look: Look) -> tuple[np.ndarray, ...]:
    """An RGB picture's planes, the look laid on as films have it."""
    film = planes(rgb)
    tall, wide = rgb.shape[:2]
    pixels.shade(*film, wide, tall, *tables(look), np.zeros(wide // 2, np.int16))
    return film


def patches(colours: np.ndarray) -> np.ndarray:
    """n colours as fields of 4×4 pixels in a row."""
    return np.ascontiguousarray(np.repeat(np.repeat(colours[None], 4, 0), 4, 1).astype(np.uint8))


def test_no_look_changes_no_code() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    before, after = planes(rgb), shaded(rgb, Look())
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("name", [name for name in looks() if name not in ("day", "black")])
def test_a_look_is_what_linear_rgb_would_make_of_colours(name: str) -> None:
    # of colours as photographs have them: half way between grey and wherever
    chance = np.random.default_rng(1)
    grey = chance.uniform(25, 225, (200, 1))
    colours = np.clip(grey + chance.normal(0, 22, (200, 3)), 5, 250).astype(np.uint8)
    look = looks()[name]
    true = np.clip(look((colours / 255) ** GAMMA), 0, 1) ** (1 / GAMMA) * 255
    wanted, got = planes(patches(np.rint(true))), shaded(patches(colours), look)
    for one, other in zip(wanted, got, strict=True):
        off = np.abs(one[1, 1::4].astype(float) - other[1, 1::4])
        assert off.mean() < 2.0
        assert np.percentile(off, 95) < 6


def test_golden_hour_warms_what_is_light_and_rolls_off_white() -> None:
    ramp = patches(np.repeat(np.linspace(0, 255, 16)[:, None], 3, 1))
    luma, cb, cr = shaded(ramp, looks()["golden"])
    assert luma[0, 0] == 16
    assert abs(int(cb[0, 0]) - 128) <= 1
    assert cb[0, 24] < 120
    assert cr[0, 24] > 134
    assert 200 < luma[0, -1] < 235
    assert (np.diff(luma[0].astype(int)) >= 0).all()  # and nothing is turned round


@pytest.mark.parametrize(("kind", "sign"), [("night", -1), ("darken", -1), ("brighten", 1)])
def test_light_changes_all_the_way_and_one_way(kind: str, sign: int) -> None:
    scene = drawn()
    frames = filmed(scene, made(asked(kind), scene)[0], range(FRAMES))
    light = np.array([frame[0].mean() for frame in frames])
    assert (sign * np.diff(light) >= -0.01).all()
    assert sign * (light[-1] - light[0]) > 12
    assert np.abs(np.diff(light)).max() < 0.25 * abs(light[-1] - light[0])


def test_a_fade_ends_in_black() -> None:
    scene = drawn()
    luma, cb, cr = filmed(scene, made(asked("fade"), scene)[0], [FRAMES - 1])[0]
    assert luma.max() == 16
    assert set(np.unique(cb)) == set(np.unique(cr)) == {128}
    luma, _, _ = filmed(scene, made(asked("fade_in"), scene)[0], [0])[0]
    assert luma.max() == 16


def test_a_dark_picture_is_not_made_as_much_darker() -> None:
    lost = []
    for times in (1.0, 0.3):
        scene = drawn(subject=False)
        scene.still[:] = scene.still * times
        (effect,) = made(asked("night"), scene)[0]
        lost.append(effect.look(FRAMES - 1).stops)  # type: ignore[attr-defined]
    assert lost[0] < lost[1] < 0


def test_flashes_are_counted_as_wcag_has_them() -> None:
    times = np.arange(96) / 24
    for hertz in (2, 4, 6):
        light = 0.5 + 0.25 * np.sign(np.sin(2 * np.pi * hertz * times + 0.1))
        assert abs(flashes(light, 24) - hertz) <= 0.5
    assert flashes(0.5 + 0.04 * np.sin(2 * np.pi * 6 * times), 24) == 0  # less than a tenth
    assert flashes(0.92 + 0.07 * np.sign(np.sin(2 * np.pi * 6 * times)), 24) == 0  # not dark


@pytest.mark.parametrize("seed", range(12))
def test_flicker_never_flashes_more_than_three_times_a_second(seed: int) -> None:
    timing = Timing(144, 24, seed=seed)
    waver = wavering(timing, (seed,))
    depth = harmless(0.6, waver, timing.fps)
    assert depth > 0.08  # it is still seen
    for bright in np.linspace(0.1, 1, 19):
        assert flashes(bright * (1 - depth * waver), timing.fps) <= ALLOWED


def test_flicker_is_most_about_what_shines() -> None:
    scene = drawn(subject=False)
    scene.still[:] = scene.still // 3
    scene.plate[:] = scene.plate // 3
    lamp = slice(60, 84), slice(60, 84)
    scene.still[lamp] = (255, 240, 200)
    frames = filmed(scene, made(asked("flicker"), scene)[0], range(FRAMES))
    luma = np.stack([frame[0] for frame in frames]).astype(float) - 16
    swing = luma.std(axis=0) / np.maximum(luma.mean(axis=0), 1)
    assert swing[62:82, 62:82].mean() > 1.5 * swing[120:, 200:].mean() > 0


def test_a_vignette_leaves_the_middle_and_grain_leaves_the_light() -> None:
    scene = drawn()
    plain = filmed(scene, (), [6])[0][0].astype(float)
    dark = filmed(scene, made(asked("vignette"), scene)[0], [6])[0][0]
    assert np.abs(dark[80:110, 140:180] - plain[80:110, 140:180]).max() <= 1
    assert dark[:8, :8].mean() - 16 < 0.7 * (plain[:8, :8].mean() - 16)
    one, two = filmed(scene, made(asked("film_grain"), scene)[0], [6, 7])
    assert abs(one[0].mean() - plain.mean()) < 0.3
    grains = [(frame[0] - plain).ravel() for frame in (one, two)]
    assert min(grain.std() for grain in grains) > 0.8
    assert abs(np.corrcoef(*grains)[0, 1]) < 0.2
