"""Dense motion between frames: OpenCV's DIS (Kroeger et al., 2016), and pictures warped by it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Flow = npt.NDArray[
    np.float32
]  # h×w×2: where a pixel of the first frame is in the second, less its own place
Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Rgb = npt.NDArray[np.uint8]


def grey(frame: npt.NDArray[np.uint8]) -> Grey:
    """Luma of an RGB frame (h×w×3)."""
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)


def flow(one: Grey, other: Grey) -> Flow:
    """Motion in pixels from `one` to `other`, both h×w. Frames under 16 pixels a side have none."""
    if min(one.shape) < 16:
        return np.zeros((*one.shape, 2), np.float32)
    found = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    return np.asarray(found.calc(one, other, None), np.float32)  # type: ignore[call-overload]


def pulled(picture: Rgb, way: Flow) -> Rgb:
    """What of `picture` each pixel's motion points to: `pulled(b, flow(a, b))` looks like a."""
    x, y = _targets(way)
    found = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.uint8)


def returning(there: Flow, back: Flow) -> Mask:
    """Pixels whose motion `there` comes back by `back`: not covered, not out of the frame.
    The bound is that of Sundaram et al. (2010): |f + b|² < 0.01 (|f|² + |b|²) + 0.5."""
    x, y = _targets(there)
    height, width = there.shape[:2]
    home = cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    off = ((there + home) ** 2).sum(-1)
    size = (there**2).sum(-1) + (home**2).sum(-1)
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    return np.asarray((off < 0.01 * size + 0.5) & inside)


def _targets(way: Flow) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    height, width = way.shape[:2]
    x = np.arange(width, dtype=np.float32)[None] + way[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + way[..., 1]
    return x, y
