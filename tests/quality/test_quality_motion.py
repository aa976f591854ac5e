"""Flicker, smoothness, dynamics, cuts, warp error, loops, likeness: each on films made to have it or not."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from filmed import Frames, photograph, textured, under_a_camera

from mutoscope.quality.camera import camera
from mutoscope.quality.cuts import cuts
from mutoscope.quality.dynamics import dynamics
from mutoscope.quality.flicker import flicker
from mutoscope.quality.likeness import likeness
from mutoscope.quality.loop import loop
from mutoscope.quality.sharpness import sharpness
from mutoscope.quality.smoothness import smoothness
from mutoscope.quality.warping import warping

SIZE = (256, 144)


def coffee(count: int = 13, **moves: Any) -> Frames:
    return under_a_camera(photograph("coffee", 420), SIZE, count, **moves)


def boiling(frames: Frames, by: float = 8.0) -> Frames:
    """With other grain in every frame."""
    noise = np.random.default_rng(2).normal(0, by, frames.shape)
    return np.asarray(np.clip(frames + noise, 0, 255), np.uint8)


def test_flicker_is_vbenchs_formula() -> None:
    frames = np.zeros((3, 20, 30, 3), np.uint8)
    frames[1] += 51
    frames[2] += 102
    found = flicker(frames)
    assert found is not None
    assert found.score == pytest.approx((255 - 51) / 255, abs=1e-12)
    assert found.steps.tolist() == [51, 51]
    still = flicker(np.zeros((2, 8, 8, 3), np.uint8))
    assert still is not None
    assert still.score == 1
    assert flicker(frames[:1]) is None


def test_a_jittering_camera_is_less_smooth() -> None:
    even = smoothness(coffee(pan=0.12))
    shares = np.linspace(0, 1, 13) + 0.06 * np.resize([1, -1], 13)
    shaken = smoothness(
        under_a_camera(photograph("coffee", 420), SIZE, 13, pan=0.12, shape=list(shares))
    )
    assert even is not None
    assert shaken is not None
    assert even.score > 0.985
    assert shaken.score < even.score - 0.005
    assert sorted(even.errors) == [1, 3, 5, 7, 9, 11]
    assert smoothness(coffee(2)) is None


def test_dynamic_by_vbenchs_threshold() -> None:
    """6 pixels in 1/8 s at a short side of 256 are 3.4 at 144: 12 frames at 24 a second, every third."""
    slow, fast = (dynamics(coffee(13, pan=12 * speed / 3 / 256), 24.0) for speed in (2.4, 5.0))
    assert slow is not None
    assert fast is not None
    assert not slow.dynamic
    assert fast.dynamic
    assert fast.moving == 1
    assert np.median(fast.speeds) == pytest.approx(5.0 * 256 / 144, rel=0.15)
    assert dynamics(coffee(2), 24.0) is None


def test_cuts_and_frozen_stretches() -> None:
    one, other = coffee(12, pan=0.1), under_a_camera(photograph("rocket", 420), SIZE, 12, pan=0.1)
    held = np.repeat(other[-1:], 8, axis=0)
    found = cuts(np.concatenate([one, other, held]), 24.0)
    assert found.cuts == (12,)
    assert found.frozen == ((23, 31),)
    assert found.still == pytest.approx(8 / 31)


def test_no_cut_in_a_fast_pan_or_a_flash_of_light() -> None:
    fast = under_a_camera(photograph("coffee", 900), SIZE, 12, pan=1.2)
    assert cuts(fast, 24.0).cuts == ()
    dimmed = (coffee(12) * np.linspace(1, 0.4, 12)[:, None, None, None]).astype(np.uint8)
    assert cuts(dimmed, 24.0).cuts == ()
    assert cuts(coffee(1), 24.0).cuts == ()


def test_warp_error_is_for_boiling_not_for_motion() -> None:
    still, moving = warping(coffee()), warping(coffee(pan=0.1, zoom=1.05))
    boils = warping(boiling(coffee()))
    assert still is not None
    assert moving is not None
    assert boils is not None
    assert still.error < 0.1
    assert moving.error < 4
    assert boils.error == pytest.approx(8 * np.sqrt(2), rel=0.15)
    assert moving.staying > 0.9
    assert warping(coffee(1)) is None


def test_the_seam_of_a_loop() -> None:
    turn = np.arange(24) / 24 * 2 * np.pi
    photo = photograph("coffee", 420)
    closing = loop(under_a_camera(photo, SIZE, 24, pan=0.1, shape=list(np.sin(turn) / 2)))
    once = loop(coffee(24, pan=0.1))
    assert closing is not None
    assert once is not None
    assert closing.closed
    assert closing.seam == pytest.approx(1, abs=0.35)
    assert closing.turn < 0.5
    assert not once.closed
    assert once.seam > 3
    assert once.psnr < once.psnr_neighbours - 3
    assert loop(coffee(3)) is None
    still = loop(np.repeat(coffee(1), 8, axis=0))
    assert still is not None
    assert still.seam == pytest.approx(1)


def test_what_stays_itself_under_a_moving_camera() -> None:
    frames = coffee(pan=0.1, zoom=1.1)
    changed = frames.copy()
    thing = textured(70, 70, seed=9)
    for number in range(13):
        share = number / 12
        part = changed[number, 40:110, 90:160].astype(np.float32)
        changed[number, 40:110, 90:160] = ((1 - share) * part + share * thing).astype(np.uint8)
    same, other = (likeness(one, camera(frames)) for one in (frames, changed))
    assert same is not None
    assert other is not None
    assert same.least > 0.8
    assert other.by_frame[12] < same.by_frame[12] - 0.08
    assert likeness(coffee(1), camera(coffee(1))) is None


def test_softer_frames_are_less_sharp() -> None:
    frame = coffee(1)[0]
    soft = cv2.GaussianBlur(frame, (0, 0), 2)
    sharp, blurred = sharpness(np.stack([frame, np.asarray(soft, np.uint8)]))
    assert blurred < 0.4 * sharp
