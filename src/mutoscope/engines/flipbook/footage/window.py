"""Frames seen through a window: a homography for each, from the frame that is made to the film's own.

One resampling, whatever is asked for together (a crop, a push in, a roll). Chroma lies on even luma
columns and between luma rows, and is looked up there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera.model import TX, TY, TZ, Lens, inverse_depth, rays
from mutoscope.finish.frame import blank, planes_of
from mutoscope.shot import Size

Matrix = npt.NDArray[np.float64]  # 3×3, or n×3×3

#: From chroma samples to luma pixels.
_SITE = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
_UNSITE = np.linalg.inv(_SITE)
#: Shrinking beyond this needs a softer picture first, or fine detail flickers.
ALIAS = 1.15


def looks(poses: npt.NDArray[np.float64], lens: Lens, disparity: float) -> Matrix:
    """n×3×3: where n poses see a film's pixels that all lie at one disparity."""
    rho = float(inverse_depth(disparity))
    (cx, cy), focal = lens.centre, lens.focal
    back = np.zeros((len(poses), 3, 3))
    back[:, 0, 0] = back[:, 1, 1] = focal * (1 - rho * poses[:, TZ])
    back[:, 0, 2] = cx + focal * rho * poses[:, TX]
    back[:, 1, 2] = cy + focal * rho * poses[:, TY]
    back[:, 2, 2] = 1
    return np.asarray(back @ rays(poses, lens))


def cut(left: float, top: float, width: float, height: float, target: Size) -> Matrix:
    """3×3 from the target's pixels to those of a film of which that box is shown."""
    across, down = width / target.width, height / target.height
    return np.array(
        [
            [across, 0, left + across / 2 - 0.5],
            [0, down, top + down / 2 - 0.5],
            [0, 0, 1.0],
        ]
    )


def through(
    frames: Iterable[av.VideoFrame], windows: Matrix, target: Size
) -> Iterator[av.VideoFrame]:
    """The frames as the windows (n×3×3, one a frame) show them."""
    for frame, window in zip(frames, windows, strict=False):
        yield seen(frame, window, target)


def seen(frame: av.VideoFrame, window: Matrix, target: Size) -> av.VideoFrame:
    """The frame through one window; itself where the window shows it as it is."""
    same = (frame.width, frame.height) == (target.width, target.height)
    if same and np.abs(window / window[2, 2] - np.eye(3)).max() < 1e-9:
        return frame
    made = blank(target.width, target.height)
    shrunk = math.sqrt(abs(float(np.linalg.det(window[:2, :2] / window[2, 2]))))
    sizes = (
        (frame.width, frame.height, target.width, target.height),
        *((frame.width // 2, frame.height // 2, target.width // 2, target.height // 2),) * 2,
    )
    planes = zip(planes_of(made), planes_of(frame), sizes, strict=True)
    for number, (to, given, (wide, tall, columns, rows)) in enumerate(planes):
        plane = given[:tall, :wide]
        if shrunk > ALIAS:
            soft = 0.45 * math.sqrt(shrunk * shrunk - 1)
            plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), soft), np.uint8)
        to[:rows, :columns] = cv2.warpPerspective(
            np.ascontiguousarray(plane),
            window if number == 0 else _UNSITE @ window @ _SITE,
            (columns, rows),
            flags=(cv2.INTER_CUBIC if number == 0 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return made
