"""How true a film's frame is to the still that it was asked to be: PSNR, SSIM and LPIPS."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mutoscope.quality.alike import psnr, ssim
from mutoscope.quality.flow import Rgb
from mutoscope.quality.lpips import lpips

#: Pixels of the long side that LPIPS looks at: the network is of a scale near this.
LPIPS_SIDE = 512


@dataclass(frozen=True, slots=True)
class Fidelity:
    """PSNR in decibels, SSIM 0..1, LPIPS from 0 (the same); None where its weights are not here."""

    psnr: float
    ssim: float
    lpips: float | None


def fidelity(frame: Rgb, still: Rgb) -> Fidelity:
    """`still` is prepared as the frame was: the same size, the same part of the picture."""
    if still.shape != frame.shape:
        still = np.asarray(
            cv2.resize(still, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_AREA),
            np.uint8,
        )
    return Fidelity(psnr(frame, still), ssim(frame, still), lpips(shrunk(frame), shrunk(still)))


def shrunk(picture: Rgb) -> Rgb:
    """At most `LPIPS_SIDE` pixels on the long side."""
    scale = LPIPS_SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
