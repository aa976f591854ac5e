"""How true a film's frame is to the still that it was asked to be: PSNR, SSIM and LPIPS."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.alike import psnr, ssim
from mutoscope.quality.camera import similarities
from mutoscope.quality.flow import Rgb, flow, grey, pulled, returning
from mutoscope.quality.lpips import lpips

#: Pixels of the long side that LPIPS looks at: the network is of a scale near this.
LPIPS_SIDE = 512
#: A frame shows its still as it is when it is moved and enlarged by less than this.
SAME_PLACE = 0.004


@dataclass(frozen=True, slots=True)
class Fidelity:
    """PSNR in decibels, SSIM 0..1, LPIPS from 0 (the same; None where its weights are not here).

    A film may open inside its picture, so that the camera has room: `zoom` is how much larger the frame
    shows the still, `right` and `down` where its middle lies, in shares of the frame; `aligned` is the
    PSNR once it is laid as the frame shows it (by that similarity, then by DIS flow, for what is near
    moves more than what is far), where both are seen."""

    psnr: float
    ssim: float
    lpips: float | None
    aligned: float
    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0

    @property
    def framed(self) -> bool:
        """Whether the frame shows the still as it is."""
        return max(abs(self.zoom - 1), abs(self.right), abs(self.down)) < SAME_PLACE


def fidelity(frame: Rgb, still: Rgb) -> Fidelity:
    """`still` is prepared as the frame was: the same size, the same part of the picture."""
    height, width = frame.shape[:2]
    if still.shape != frame.shape:
        still = np.asarray(
            cv2.resize(still, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    small = [grey(shrunk(still)), grey(shrunk(frame))]
    maps, _ = similarities(small)
    matrix = maps[-1].copy()
    scale = width / small[0].shape[1]
    matrix[:, 2] = matrix[:, 2] * scale + (scale - 1) / 2 * (1 - matrix[:, :2].sum(1))
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    gone = matrix[:, :2] @ middle + matrix[:, 2] - middle
    found = psnr(frame, still)
    return Fidelity(
        psnr=found,
        ssim=ssim(frame, still),
        lpips=lpips(shrunk(frame), shrunk(still)),
        aligned=max(found, _aligned(frame, still, matrix)),
        zoom=float(np.hypot(matrix[0, 0], matrix[1, 0])),
        right=float(gone[0] / width),
        down=float(gone[1] / height),
    )


def _aligned(frame: Rgb, still: Rgb, matrix: npt.NDArray[np.float64]) -> float:
    """PSNR of the still laid by `matrix`, over what both show."""
    size = (frame.shape[1], frame.shape[0])
    laid = cv2.warpAffine(still, matrix, size, flags=cv2.INTER_CUBIC)
    seen = cv2.warpAffine(np.full(still.shape[:2], 255, np.uint8), matrix, size)
    picture = np.asarray(laid, np.uint8)
    there, back = flow(grey(frame), grey(picture)), flow(grey(picture), grey(frame))
    both = (cv2.erode(seen, np.ones((9, 9), np.uint8)) > 250) & returning(there, back)
    if not both.any():
        return 0.0
    return psnr(pulled(picture, there)[both][None], frame[both][None])


def shrunk(picture: Rgb) -> Rgb:
    """At most `LPIPS_SIDE` pixels on the long side."""
    scale = LPIPS_SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
