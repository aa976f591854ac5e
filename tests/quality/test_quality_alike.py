"""PSNR, SSIM and LPIPS against the implementations that others publish."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from filmed import Rgb, photograph

from mutoscope.quality.alike import SAME, psnr, ssim
from mutoscope.quality.fidelity import fidelity
from mutoscope.quality.lpips import lpips


def pair() -> tuple[Rgb, Rgb]:
    one = photograph("coffee", 320)
    noise = np.random.default_rng(0).normal(0, 12, one.shape)
    return one, np.asarray(np.clip(one + noise, 0, 255), np.uint8)


#: What scikit-image 0.26 gives for the pair: peak_signal_noise_ratio, and structural_similarity of the
#: luma with Gaussian weights of 1.5 pixels and no sample covariance.
PSNR, SSIM = 26.84200920789948, 0.7580756368723062


def test_psnr_and_ssim_are_scikit_images() -> None:
    one, other = pair()
    assert psnr(one, other) == pytest.approx(PSNR, abs=0.02)  # JPEG decoders differ by a level
    assert ssim(one, other) == pytest.approx(SSIM, abs=5e-4)
    assert psnr(one, one) == SAME
    assert ssim(one, one) == pytest.approx(1)


def test_without_weights_lpips_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", "/nowhere")
    one, other = pair()
    assert lpips(one, other) is None
    found = fidelity(one, other)
    assert found.lpips is None
    assert found.psnr == pytest.approx(psnr(one, other))


def drawn(seed: int, height: int = 128, width: int = 160) -> Rgb:
    y, x = np.mgrid[:height, :width]
    draw = np.random.default_rng(seed)
    waves = sum(
        draw.uniform(20, 60, 3)
        * np.sin(
            x[..., None] * draw.uniform(0.02, 0.4, 3)
            + y[..., None] * draw.uniform(0.02, 0.4, 3)
            + draw.uniform(0, 6, 3)
        )
        for _ in range(5)
    )
    return np.asarray(np.clip(128 + waves, 0, 255), np.uint8)


#: What the published package (lpips 0.1.4 on torch 2.13, net "alex", version 0.1) gives for these pairs.
PUBLISHED = {"drawn": 0.32153695821762085, "noise": 0.1575203239917755}


@pytest.mark.weights
@pytest.mark.parametrize("name", PUBLISHED)
def test_lpips_is_the_published_one(name: str) -> None:
    noise = np.random.default_rng(5).integers(-30, 31, (128, 160, 3))
    other = drawn(1) if name == "drawn" else np.clip(drawn(0).astype(int) + noise, 0, 255)
    found = lpips(drawn(0), np.asarray(other, np.uint8))
    if found is None:
        pytest.skip("the LPIPS weights are not here: mutoscope weights fetch lpips")
    assert found == pytest.approx(PUBLISHED[name], abs=1e-5)
    assert lpips(drawn(0), drawn(0)) == 0
    assert lpips(drawn(0, 40, 160), drawn(1, 40, 160)) is None, "too small for the network"


def test_a_frame_that_opens_inside_its_still() -> None:
    still = photograph("coffee", 480)
    height, width = still.shape[:2]
    matrix = np.array(
        [[1.1, 0, -0.05 * (width - 1) + 7], [0, 1.1, -0.05 * (height - 1) - 4]], np.float64
    )
    frame = np.asarray(
        cv2.warpAffine(still, matrix, (width, height), flags=cv2.INTER_CUBIC), np.uint8
    )
    found = fidelity(frame, still)
    assert found.zoom == pytest.approx(1.1, abs=0.003)
    assert found.right == pytest.approx(7 / width, abs=0.003)
    assert found.down == pytest.approx(-4 / height, abs=0.003)
    assert not found.framed
    assert found.aligned > 30 > found.psnr
    same = fidelity(still, still)
    assert same.framed
    assert same.psnr == same.aligned == SAME
