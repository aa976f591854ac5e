"""How alike two pictures are: PSNR and SSIM."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import Grey, Rgb, grey

#: PSNR in decibels of pictures that are the same.
SAME = 99.0
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr(one: Rgb, other: Rgb) -> float:
    """Peak signal-to-noise ratio in decibels over all channels; at most `SAME`."""
    off = cv2.norm(one, other, cv2.NORM_L2SQR) / one.size
    return SAME if off == 0 else min(SAME, float(10 * np.log10(255**2 / off)))


def ssim(one: Rgb, other: Rgb) -> float:
    """Structural similarity of the luma of two RGB pictures; see `ssim_map`."""
    found = ssim_map(grey(one), grey(other))
    edge = 5 if min(found.shape) > 11 else 0
    return float(found[edge : found.shape[0] - edge, edge : found.shape[1] - edge].mean())


def ssim_map(one: Grey, other: Grey) -> npt.NDArray[np.float32]:
    """Structural similarity at every pixel of two h×w pictures, Gaussian window of 1.5 pixels, 11 wide
    (Wang et al., 2004)."""
    a, b = one.astype(np.float32), other.astype(np.float32)

    def soft(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float32)

    ma, mb = soft(a), soft(b)
    va, vb, cov = soft(a * a) - ma * ma, soft(b * b) - mb * mb, soft(a * b) - ma * mb
    found = ((2 * ma * mb + _C1) * (2 * cov + _C2)) / ((ma**2 + mb**2 + _C1) * (va + vb + _C2))
    return np.asarray(found, np.float32)
