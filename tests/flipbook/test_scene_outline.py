"""The outline at render size: drawn to edges of colour, whole where the network sees a whole."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking.guided import guided, guided_by_colour
from mutoscope.engines.flipbook.taking.outline import refined

Alpha = npt.NDArray[np.float32]
WIDTH, HEIGHT = 640, 360


def disc(radius: int) -> Alpha:
    found = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(found, (320, 180), radius, 1.0, -1, cv2.LINE_AA)
    return found


def blurred(alpha: Alpha, sigma: float) -> Alpha:
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), sigma), np.float32)


def coloured(alpha: Alpha) -> npt.NDArray[np.uint8]:
    """Red before green of the same grey, which only colour tells apart, with fine grain."""
    red, green = (np.array(c, np.float32) for c in ((200, 90, 90), (100, 142, 88)))
    mixed = red * alpha[..., None] + green * (1 - alpha[..., None])
    mixed += np.random.default_rng(0).normal(0, 2, mixed.shape)
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def test_colour_shows_an_edge_that_grey_does_not() -> None:
    truth, rough = disc(100), blurred(disc(104), 6.0)
    picture = coloured(truth)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    by_grey = abs(guided(grey, rough, 9, 1e-4) - truth).mean()
    by_colour = abs(guided_by_colour(picture, rough, 9, 1e-4) - truth).mean()
    assert by_colour < 0.75 * by_grey


def test_an_even_picture_leaves_a_matte_as_it_is_but_for_the_blur() -> None:
    flat = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    found = guided_by_colour(flat, disc(100), 5, 1e-4)
    assert np.isfinite(found).all()
    assert abs(found - disc(100)).mean() < 0.02


def test_a_rough_matte_is_drawn_to_the_edge_of_the_subject() -> None:
    truth = disc(100)
    rough = blurred(disc(104), 5.0)
    found = refined(coloured(truth), rough, WIDTH)
    assert abs(found - truth).mean() < 0.25 * abs(rough - truth).mean()


def test_a_spot_of_the_backgrounds_colour_is_no_hole_in_the_subject() -> None:
    truth = disc(100)
    painted = truth.copy()
    cv2.circle(painted, (340, 190), 8, 0.0, -1)
    rough = blurred(truth, 4.0)
    cv2.circle(rough, (340, 190), 5, 0.4, -1)
    assert refined(coloured(painted), rough, WIDTH)[184:197, 334:347].min() > 0.95


def test_a_gap_that_the_network_sees_stays_open() -> None:
    truth = disc(100)
    cv2.circle(truth, (320, 180), 40, 0.0, -1, cv2.LINE_AA)
    rough = blurred(truth, 4.0)
    assert refined(coloured(truth), rough, WIDTH)[165:195, 305:335].max() < 0.05
