"""RGB to film planes against the standard's own formulas."""

from __future__ import annotations

import numpy as np
import pytest

from mutoscope.finish.bt709 import convert, planes


def true(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    r, g, b = (value / 255 for value in rgb)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748


@pytest.mark.parametrize(
    "rgb",
    [
        (0, 0, 0),
        (255, 255, 255),
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (128, 128, 128),
        (17, 203, 90),
    ],
)
def test_plain_colours(rgb: tuple[int, int, int]) -> None:
    picture = np.zeros((6, 10, 3), np.uint8)
    picture[:] = rgb
    for plane, value in zip(planes(picture), true(rgb), strict=True):
        assert np.ptp(plane) == 0
        assert abs(int(plane[0, 0]) - value) <= 0.51


def test_noise_stays_within_rounding() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    luma = planes(picture)[0]
    want = 16 + 219 / 255 * (picture @ np.array([0.2126, 0.7152, 0.0722]))
    assert np.abs(luma - want).max() < 0.52


def test_chroma_is_sited_left() -> None:
    """A ramp of blue: each sample has its own even column's colour, not the pair's mean."""
    picture = np.zeros((4, 64, 3), np.uint8)
    picture[..., 2] = 3 * np.arange(64)
    cb = planes(picture)[1].astype(float)
    want = np.array([true((0, 0, 3 * x))[1] for x in range(0, 64, 2)])
    assert np.abs(cb[0, 1:-1] - want[1:-1]).max() < 0.52


def test_planes_that_are_too_small_are_refused() -> None:
    plane = np.zeros((4, 4), np.uint8)
    with pytest.raises(ValueError, match="even"):
        convert(np.zeros((4, 5, 3), np.uint8), plane, plane, plane)
    with pytest.raises(ValueError, match="luma"):
        convert(np.zeros((6, 6, 3), np.uint8), plane, plane, plane)
    with pytest.raises(ValueError, match="chroma"):
        convert(np.zeros((4, 4, 3), np.uint8), plane, plane[:1], plane)
