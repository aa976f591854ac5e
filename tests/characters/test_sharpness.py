"""What counts as clear: sharp in every direction, neither dark nor bright."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.characters.sharpness import exposure, sharpness

Grey = npt.NDArray[np.uint8]


@pytest.fixture
def picture() -> Grey:
    rng = np.random.default_rng(3)
    blocks = rng.integers(20, 235, (24, 32)).astype(np.uint8)
    return np.asarray(cv2.resize(blocks, (320, 240), interpolation=cv2.INTER_NEAREST), np.uint8)


def blurred(picture: Grey, sigma: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def smeared(picture: Grey, length: int, *, across: bool) -> Grey:
    size = (length, 1) if across else (1, length)
    return np.asarray(cv2.blur(picture, size), np.uint8)


def test_falls_with_every_bit_of_blur(picture: Grey) -> None:
    found = [sharpness(picture), *(sharpness(blurred(picture, s)) for s in (1.0, 2.0, 4.0))]
    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[2]


@pytest.mark.parametrize("across", [True, False])
def test_a_smear_in_one_direction_is_a_smear(picture: Grey, across: bool) -> None:
    assert sharpness(smeared(picture, 9, across=across)) < 0.6 * sharpness(picture)


def test_less_contrast_is_no_less_sharp(picture: Grey) -> None:
    faint = (110 + (picture.astype(np.float32) - 128) * 0.4).astype(np.uint8)
    assert sharpness(faint) == pytest.approx(sharpness(picture), rel=0.1)


def test_noise_is_not_taken_for_sharpness(picture: Grey) -> None:
    noise = np.random.default_rng(1).normal(0, 4, picture.shape)
    noisy = np.clip(blurred(picture, 3) + noise, 0, 255).astype(np.uint8)
    assert sharpness(noisy) < 0.6 * sharpness(picture)


def test_a_plain_wall_shows_nothing() -> None:
    assert sharpness(np.full((100, 100), 90, np.uint8)) == 0.0
    assert sharpness(np.zeros((3, 3), np.uint8)) == 0.0


def test_only_the_part_within_counts(picture: Grey) -> None:
    half = picture.copy()
    half[:, 160:] = blurred(picture, 4)[:, 160:]
    left = np.zeros(picture.shape, bool)
    left[:, :150] = True
    assert sharpness(half, left) > 1.5 * sharpness(half, ~left)


def test_exposure(picture: Grey) -> None:
    assert exposure(picture) > 0.9
    assert exposure((picture * 0.05).astype(np.uint8)) < 0.05
    assert exposure(np.clip(picture * 6.0, 0, 255).astype(np.uint8)) < 0.5
    assert exposure(np.full((9, 9), 128, np.uint8)) == 0.0
    assert exposure(picture, np.zeros(picture.shape, bool)) == 0.0
