"""Shallow focus and focus pulls: what is sharp stays so, what is not is blurred without a halo."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from effect_scenes import FPS, FRAMES, MARGIN, TALL, WIDE, apart, asked, drawn, filmed, made, own

from mutoscope.direction.model import Direction
from mutoscope.engines.flipbook.camera.model import AT_REST, TX, YAW
from mutoscope.engines.flipbook.effects.asked import Asked
from mutoscope.engines.flipbook.effects.discs import RADII, blurred, disc, weights
from mutoscope.engines.flipbook.effects.lens import Defocus, backward, middle
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.timing import Timing

HERE = Path(__file__).parent
SUBJECT = slice(TALL // 2 - 24, TALL // 2 + 24), slice(WIDE // 2 - 24, WIDE // 2 + 24)
FAR = slice(4, 36), slice(8, WIDE - 8)


def detail(luma: np.ndarray, part: tuple[slice, slice]) -> float:
    """How much fine detail a part of a picture has, codes."""
    seen = luma[part].astype(np.float32)
    return float((seen - cv2.GaussianBlur(seen, (0, 0), 4)).std())


def test_shallow_focus_keeps_the_subject_and_blurs_the_distance() -> None:
    scene = drawn()
    plain = filmed(scene, (), [5])[0]
    frame = filmed(scene, made(asked(focus="shallow"), scene)[0], [5])[0]
    assert np.abs(frame[0][SUBJECT].astype(int) - plain[0][SUBJECT]).max() <= 1
    assert detail(frame[0], FAR) < 0.35 * detail(plain[0], FAR)
    # light is neither lost nor made
    assert abs(float(frame[0][FAR].mean()) - float(plain[0][FAR].mean())) < 3


@pytest.mark.parametrize("held", [False, True])
def test_no_colour_of_the_subject_comes_into_the_background(held: bool) -> None:
    scene = drawn()
    frames = FRAMES if held else 3  # of few frames each is blurred anew
    focus, opened = np.full(frames, middle(scene)), np.ones(frames)
    effect = Defocus(scene, focus, opened)
    _, cb, cr = filmed(scene, [effect], [1])[0]
    y, x = np.mgrid[0 : TALL // 2, 0 : WIDE // 2] * 2.0
    off = np.hypot(x - WIDE / 2, y - TALL / 2)
    around = (off > 43) & (off < 60)
    assert np.abs(cr[around].astype(int) - 128).max() <= 3
    assert np.abs(cb[around].astype(int) - 128).max() <= 3


def test_a_plate_made_once_is_the_frame_blurred_anew() -> None:
    scene = drawn()
    pose = np.array(AT_REST)
    pose[TX], pose[YAW] = 0.01, 0.004

    def seen(frames: int) -> np.ndarray:
        effect = Defocus(scene, np.full(frames, middle(scene)), np.ones(frames))
        return own(Renderer(scene, effects=(effect,)).draw(pose, 1))[0].astype(int)

    assert np.abs(seen(FRAMES) - seen(3)).mean() < 0.6


def test_a_focus_pull_goes_from_the_subject_to_the_background() -> None:
    scene = drawn()
    effects, answered = made(asked("focus_pull", words="rack focus"), scene)
    frames = filmed(scene, effects, range(FRAMES))
    near = np.array([detail(frame[0], SUBJECT) for frame in frames])
    far = np.array([detail(frame[0], FAR) for frame in frames])
    assert near[-1] < 0.5 * near[0]
    assert far[-1] > 1.8 * far[0]
    steps = [apart(one, other) for one, other in itertools.pairwise(frames)]
    assert max(steps) < 6  # it goes, it does not jump
    assert answered.instructions[0].outcome == "done"


def test_nothing_sharp_of_a_blurred_subject_is_left() -> None:
    scene = drawn()
    effects, _ = made(asked("focus_pull"), scene)
    _, _, cr = filmed(scene, effects, [FRAMES - 1])[0]
    row = cr[TALL // 4, WIDE // 4 :].astype(int) - 128
    # the outline falls off slowly, with no step, and nothing of the disc's own edge in it
    assert np.diff(row).min() > -0.45 * row[0]
    assert (np.diff(row[5:35]) <= 4).all()


@pytest.mark.parametrize(
    ("words", "back"),
    [
        ("rack focus", False), ("rack focus from the foreground to the background", False),
        ("focus pull to the foreground", True), ("focus shifts to the background", False),
        ("rack focus from the background to her face", True),
        ("der Fokus wandert vom Hintergrund zum Vordergrund", True),
        ("fokus skifter fra forgrunden til baggrunden", False), ("焦点从背景转移到前景", True),
    ],
)  # fmt: skip
def test_which_way_the_focus_goes_is_read_from_the_words(words: str, back: bool) -> None:
    direction = asked("focus_pull", words=words)
    one = Asked(direction.motion[0], direction, Timing(FRAMES, FPS), WIDE, TALL)
    assert backward(one) is back


def test_a_disc_is_round_and_keeps_the_light() -> None:
    for radius in (0.8, 3.0, 9.5):
        made_disc = disc(radius)
        assert abs(float(made_disc.sum()) - 1) < 1e-5
        assert np.allclose(made_disc, made_disc.T)
        assert np.allclose(made_disc, made_disc[::-1])
    # a light in the dark becomes a disc, not a smear: flat inside, with an edge
    rgb = np.zeros((128, 128, 3), np.uint8)
    rgb[62:66, 62:66] = 255
    found = blurred(rgb, None, 12.5)
    luma = found.at(12.5)[..., 0].astype(int)
    inside = luma[30:34, 30:34]
    assert inside.min() > 30
    assert inside.max() - inside.min() <= 2
    assert luma[32, 32 + 9] <= 17


def test_levels_between_two_discs_are_mixed_without_a_step() -> None:
    radii = np.linspace(0, 20, 400)
    level, part, share = weights(radii, RADII)
    place = level + part / 256
    assert (np.diff(place) >= 0).all()
    assert np.diff(place).max() < 0.1
    assert share[0] == 0
    assert share[-1] == 255
    assert (np.diff(share) >= 0).all()


def test_shallow_focus_is_there_whatever_else_is_asked() -> None:
    scene = drawn()
    direction = Direction(
        seconds=2.0, lens=asked(focus="shallow").lens, motion=asked("rain", "golden_hour").motion
    )
    effects, answered = made(direction, scene)
    frame = filmed(scene, effects, [FRAMES - 1])[0]
    assert detail(frame[0], (slice(4, 20), slice(8, 100))) < detail(
        filmed(scene, (), [0])[0][0], (slice(4, 20), slice(8, 100))
    )
    assert len(answered.instructions) == 3
    assert answered.focus
    assert MARGIN


@pytest.mark.slow
def test_no_effect_reads_or_writes_out_of_bounds(tmp_path: Path) -> None:
    """All kernels with numba's bounds checking, over sizes that end inside a cell and wild poses."""
    environment = dict(os.environ, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    environment["PYTHONPATH"] = str(HERE)
    script = str(HERE / "effect_bounds.py")
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "all drawn" in done.stdout
