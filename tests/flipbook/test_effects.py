"""What every effect promises, and what is said of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from effect_scenes import FPS, FRAMES, TALL, WIDE, apart, asked, drawn, filmed, made, same

from mutoscope.direction.lexicon import LANGUAGES, load
from mutoscope.direction.model import Direction, Motion
from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.effects.asked import Asked
from mutoscope.engines.flipbook.effects.chosen import _makers, effects_for
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.timing import Timing

REFUSED = {"lightning", "time_lapse", "slow_motion", "deep"}
KINDS = [kind for kind in _makers() if kind not in REFUSED]
COMES_FROM_BLACK = {"fade", "fade_in"}


def directed(kind: str) -> Direction:
    return asked(focus=kind) if kind == "shallow" else asked(kind)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return drawn()


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bytes_in_any_order_and_another_frame_is_changed(
    kind: str, scene: Scene
) -> None:
    plain = filmed(scene, (), [0])[0]
    one = filmed(scene, made(directed(kind), scene)[0], [5, 15])
    other = filmed(scene, made(directed(kind), scene)[0], [15, 5])
    assert same(one[0], other[1])
    assert same(one[1], other[0])
    assert not (same(one[0], plain) and same(one[1], plain))
    for luma, cb, cr in one:
        assert luma.min() >= 16
        assert luma.max() <= 235
        assert min(cb.min(), cr.min()) >= 16
        assert max(cb.max(), cr.max()) <= 240


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_with_the_still_as_first_frame_nothing_is_changed_in_it(
    kind: str, loop: bool, scene: Scene
) -> None:
    effects, answered = made(directed(kind), scene, loop=loop, exact=True)
    if kind == "fade_in" or (loop and kind in COMES_FROM_BLACK):
        assert answered.instructions[0].outcome == "not_possible"
        assert not effects
        return
    first, second, middle = filmed(scene, effects, [0, 1, FRAMES // 2])
    plain = filmed(scene, (), [0])[0]
    assert same(first, plain)
    # and it comes without a jump
    assert apart(plain, second) <= max(1.0, 0.35 * apart(plain, middle))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in COMES_FROM_BLACK])
def test_a_loop_closes_without_a_seam(kind: str, scene: Scene) -> None:
    frames = filmed(scene, made(directed(kind), scene, loop=True)[0], range(FRAMES + 1))
    assert same(frames[0], frames[FRAMES])
    steps = [apart(a, b) for a, b in itertools.pairwise(frames)]
    assert steps[-1] <= 1.5 * max(steps[:-1]) + 0.02


def test_every_light_word_of_every_language_is_answered() -> None:
    makers = _makers()
    for language in LANGUAGES:
        kinds = {sense.name for _, sense in load(language) if sense.table == "motion.light"}
        assert kinds <= set(makers), language
        assert {"sunset", "night", "haze", "flicker", "fade", "focus_pull"} <= kinds, language


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("it starts to rain", "rain"), ("snowflakes drift down", "snow"), ("dusk falls", "dusk"),
        ("golden hour light", "golden_hour"), ("fade in from black", "fade_in"),
        ("the fog lifts", "haze_lifts"), ("fog rolls in", "haze"), ("the sun rises", "sunrise"),
        ("focus pull to the background", "focus_pull"), ("film grain", "film_grain"),
        ("es regnet stark", "rain"), ("die Nacht bricht herein", "night"),
        ("der Fokus wandert vom Vordergrund zum Hintergrund", "focus_pull"),
        ("det sner", "snow"), ("natten falder på", "night"), ("tågen letter langsomt", "haze_lifts"),
        ("下大雨", "rain"), ("夜幕降临", "night"), ("焦点从前景转移到背景", "focus_pull"),
    ],
)  # fmt: skip
def test_prompts_in_four_languages_ask_for_effects(prompt: str, kind: str, scene: Scene) -> None:
    read = direct(prompt, 4.0)
    assert [motion.kind for motion in read.motion] == [kind]
    _, answered = effects_for(read, scene, Timing(FRAMES, FPS))
    assert answered.motions == read.motion
    assert answered.instructions[0].words == read.motion[0].words


@pytest.mark.parametrize(
    ("words", "strength"),
    [
        ("light rain", 0.5), ("it drizzles", 0.5), ("rain", 1.0), ("pouring rain", 1.7),
        ("starker Regen", 1.7), ("leichter Regen", 0.5), ("kraftig regn", 1.7), ("大雨", 1.7),
        ("小雨", 0.5), ("highlights and slighter rain", 1.0),
    ],
)  # fmt: skip
def test_words_tell_how_strong_it_is(words: str, strength: float) -> None:
    motion = Motion(kind="rain", group="nature", words=words)
    direction = Direction(seconds=2.0, motion=(motion,))
    assert Asked(motion, direction, Timing(24, 12), 320, 192).strength == strength


def test_what_is_not_done_is_refused_with_a_reason(scene: Scene) -> None:
    for kind in ("lightning", "time_lapse", "slow_motion"):
        effects, answered = made(asked(kind), scene)
        assert not effects
        assert answered.instructions[0].outcome == "not_possible"
        assert answered.instructions[0].how
    _, answered = made(asked("slow_motion", "rain"), scene)
    assert [one.outcome for one in answered.instructions] == ["approximated", "approximated"]


def test_said_twice_is_done_once_and_answered_twice(scene: Scene) -> None:
    motions = (
        Motion(kind="night", group="light", words="night falls"),
        Motion(kind="night", group="light", words="darkness falls"),
    )
    effects, answered = made(Direction(seconds=2.0, motion=motions), scene)
    assert len(effects) == 1
    assert [one.words for one in answered.instructions] == ["night falls", "darkness falls"]


def test_the_lens_focus_is_answered(scene: Scene) -> None:
    for focus in ("shallow", "deep"):
        _, answered = made(asked(focus=focus), scene)
        assert answered.focus
        assert answered.instructions[0].outcome == "done"
    _, answered = made(asked(focus="shallow"), drawn(subject=False))
    assert answered.instructions[0].outcome == "approximated"


def test_nothing_asked_nothing_done(scene: Scene) -> None:
    effects, answered = made(Direction(seconds=2.0), scene)
    assert not effects
    assert not answered.instructions
    assert not answered.focus


def test_an_effect_of_the_whole_picture_asked_of_one_thing_is_called_approximated(
    scene: Scene,
) -> None:
    _, answered = made(asked("darken", words="the room gets darker", target="room"), scene)
    assert answered.instructions[0].outcome == "approximated"
    assert "room" in answered.instructions[0].how


def test_the_picture_is_the_size_that_effects_are_made_for(scene: Scene) -> None:
    luma, cb, _ = filmed(scene, made(asked("rain", "haze", "night"), scene)[0], [12])[0]
    assert luma.shape == (TALL, WIDE)
    assert cb.shape == (TALL // 2, WIDE // 2)
    assert np.isfinite(luma).all()
