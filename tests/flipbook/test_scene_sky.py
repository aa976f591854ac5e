"""The skyline: found where there is one, and where the ground begins below it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.taking.disparity import WIDTH, ground, rows
from mutoscope.engines.flipbook.taking.sky import skyline

Rgb = npt.NDArray[np.uint8]
HEIGHT, HORIZON = 180, 90


def landscape(tower: bool = False, seed: int = 0) -> Rgb:
    """A pale sky with a soft cloud over grained ground; a tower at the right."""
    random = np.random.default_rng(seed)
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = (150, 180, 215)
    picture += np.linspace(0, 40, HEIGHT)[:, None, None]
    cv2.ellipse(picture, (90, 40), (60, 14), 0, 0, 360, (225, 228, 230), -1)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 9), np.float32)
    picture[HORIZON:] = random.normal((80, 90, 60), 25, (HEIGHT - HORIZON, WIDTH, 3))
    if tower:
        picture[20:130, 240:290] = random.normal((120, 90, 70), 25, (110, 50, 3))
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def test_a_sky_ends_at_its_skyline() -> None:
    found = skyline(landscape(tower=True))
    assert found is not None
    assert found.sky[: HORIZON - 3, :230].mean() > 0.97
    assert not found.sky[HORIZON + 3 :].any()
    assert not found.sky[30:, 250:280].any()
    horizon = found.horizon()
    assert horizon == pytest.approx(0.5, abs=0.02)


def test_the_sky_is_as_far_as_can_be_and_the_ground_begins_at_its_horizon() -> None:
    near = ground(landscape(tower=True)).under_the_sky(None).calm
    assert near[:60, :200].max() < 0.02
    column = near[:, 100]
    assert column[HORIZON + 2] < 0.25
    assert column[-2] > 0.85


def test_what_rises_above_the_horizon_stands_upright() -> None:
    near = ground(landscape(tower=True)).under_the_sky(None).calm
    tower = near[40:100, 265]
    assert tower.min() > 0.1  # nearer than what is far behind it
    assert np.ptp(tower) < 0.12
    without = ground(landscape(tower=True)).calm
    assert np.ptp(without[40:100, 265]) > 0.25  # the row number leans it back


@pytest.mark.parametrize("kind", ["noise", "object on a backdrop", "dark above", "leaves"])
def test_what_is_no_sky_is_left_alone(kind: str) -> None:
    random = np.random.default_rng(3)
    picture = random.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    if kind == "object on a backdrop":
        picture = np.full((HEIGHT, WIDTH, 3), 225, np.uint8)
        picture[60:140, 120:200] = random.integers(0, 120, (80, 80, 3))
    elif kind == "dark above":
        picture = landscape()[::-1].copy()
    elif kind == "leaves":
        picture = landscape()
        picture[:HORIZON] = (70, 130, 40)
    found = ground(picture)
    assert found.skyline is None
    assert found.under_the_sky(None) is found


def test_a_skyline_that_is_all_the_subjects_tells_no_horizon() -> None:
    picture = landscape()
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    alpha[HORIZON - 2 :] = 1
    found = ground(picture)
    assert found.skyline is not None
    assert found.under_the_sky(alpha) is found
    np.testing.assert_array_equal(found.level, rows(HEIGHT))


def test_haze_does_not_push_the_horizon_to_the_bottom() -> None:
    picture = landscape()
    picture[HORIZON:150] = picture[HORIZON - 1]
    found = skyline(picture)
    assert found is not None
    assert found.horizon() == pytest.approx(0.6)
