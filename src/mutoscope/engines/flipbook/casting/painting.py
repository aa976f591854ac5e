"""How a ground is painted: the frame that a figure was cut out of, softened, or its colours alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking.plate import filled
from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Size

Rgb = npt.NDArray[np.uint8]  # H×W×3
Map = npt.NDArray[np.float32]  # H×W, 0..1

#: Softness as a share of the frame's shorter side: of the ground at the figure's feet, of what is farther
#: away, and of what was made up (along a row, across rows).
_NEAR_SOFT, _FAR_SOFT, _MADE_UP_SOFT = 0.003, 0.011, (0.16, 0.014)
_DEEP = 0.12  # of the shorter side: so far inside what was made up, it is as soft as that gets
_DEPTH = 0.3  # of the frame's height above the feet: where the softness is that of the distance
_WASH_SIDE, _WASH_SOFT = 64, 0.22  # pixels; share of the side
_CALM = 0.7  # how much of the differences between its colours is left
_GRAIN = 1.4  # of 255: without it a wash of colours shows steps
ROOM = 0.12  # of the frame, on each side: what a camera may look at beside it


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture that a figure was cut out of, and its matte; the figure's box in pixels."""

    rgb: Rgb
    alpha: Map
    box: Box

    @property
    def size(self) -> Size:
        return Size(self.rgb.shape[1], self.rgb.shape[0])

    @property
    def cut_off(self) -> bool:
        """Whether the picture ends before the figure does, downwards."""
        return bool(self.box.bottom >= self.rgb.shape[0] - 1)


def softened(
    frame: Frame,
    hole: npt.NDArray[np.uint8],
    planned: Plan,
    room: tuple[int, int],
    *,
    covers: bool,
) -> Rgb:
    """The frame without its figure, out of focus as behind somebody who is in focus, and as much of its
    like around it as `room` (across, down) says."""
    (across, down), edge = room, cv2.BORDER_REFLECT_101
    plain = filled(frame.rgb, hole)
    clean = np.asarray(cv2.copyMakeBorder(plain, down, down, across, across, edge), np.uint8)
    hole = np.pad(hole, ((down, down), (across, across)), constant_values=255)
    height = hole.shape[0]
    unit = min(planned.crop.width, planned.crop.height)
    near, far = (_blurred(clean, share * unit) for share in (_NEAR_SOFT, _FAR_SOFT))
    most = _level(clean, hole, unit)
    rows = np.arange(height, dtype=np.float32)[:, None]
    depth = _DEPTH * planned.crop.height
    away = np.clip(np.abs(rows - frame.box.bottom - down) / np.float32(depth), 0, 1)
    if frame.cut_off:
        away[:] = 1
    deep = _DEEP if covers else _DEEP / 3
    made_up = cv2.distanceTransform(hole, cv2.DIST_L2, 3) / np.float32(deep * unit)
    doubt = cv2.GaussianBlur(np.clip(made_up, 0, 1), (0, 0), 0.02 * unit)[..., None]
    out = near + (far - near) * away[..., None]
    out += (most - out) * doubt * away[..., None]
    return np.asarray(np.clip(out + np.float32(0.5), 0, 255), np.uint8)


def _level(clean: Rgb, hole: npt.NDArray[np.uint8], unit: float) -> npt.NDArray[np.float32]:
    """What was made up, from what lies left and right of it: the world lies in layers, and a smear across
    them is seen at once."""
    known = (hole == 0).astype(np.float32)
    # where a row has hardly anything of its own, what was made up has to do
    known += np.float32(0.02) * (1 - known)
    along, across = _MADE_UP_SOFT[0] * unit, max(0.3, _MADE_UP_SOFT[1] * unit)
    weighted = clean.astype(np.float32) * known[..., None]
    colour, weight = (
        cv2.GaussianBlur(
            one, (0, 0), sigmaX=along, sigmaY=across, borderType=cv2.BORDER_REFLECT_101
        )
        for one in (weighted, known)
    )
    return np.asarray(colour / weight[..., None], np.float32)


def _blurred(rgb: Rgb, sigma: float) -> npt.NDArray[np.float32]:
    soft = cv2.GaussianBlur(rgb, (0, 0), max(0.3, sigma), borderType=cv2.BORDER_REFLECT_101)
    return soft.astype(np.float32)


def wash(frame: Frame, hole: npt.NDArray[np.uint8], size: Size) -> tuple[Rgb, tuple[int, int]]:
    """The frame's colours without any shape, as large as `size` and some room on each side → and that
    room in pixels."""
    height, width = hole.shape
    scale = _WASH_SIDE / max(height, width)
    small = (max(8, round(width * scale)), max(8, round(height * scale)))
    known = (hole == 0).astype(np.float32)
    weight = cv2.resize(known, small, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(frame.rgb * known[..., None], small, interpolation=cv2.INTER_AREA)
    out = np.zeros_like(colour)
    share = np.zeros_like(weight)
    for sigma in (_WASH_SOFT, 3 * _WASH_SOFT):
        spread = cv2.GaussianBlur(weight, (0, 0), sigma * min(small), borderType=cv2.BORDER_REFLECT)
        mixed = cv2.GaussianBlur(colour, (0, 0), sigma * min(small), borderType=cv2.BORDER_REFLECT)
        sure = np.clip(spread / np.float32(0.15), 0, 1) * (1 - share)
        out += mixed / np.maximum(spread, np.float32(1e-4))[..., None] * sure[..., None]
        share += sure
    mean = colour.sum((0, 1)) / max(float(weight.sum()), 1e-4)
    out += (1 - share)[..., None] * mean
    middle = out.mean((0, 1))
    out = middle + (out - middle) * np.float32(_CALM)
    room = round(ROOM * size.width), round(ROOM * size.height)
    whole = (size.width + 2 * room[0], size.height + 2 * room[1])
    wide = np.asarray(cv2.resize(out, whole, interpolation=cv2.INTER_CUBIC), np.float32)
    soft = cv2.GaussianBlur(wide, (0, 0), 0.03 * min(whole), borderType=cv2.BORDER_REFLECT)
    grain = np.random.default_rng(0).normal(0, _GRAIN, (whole[1], whole[0], 1))
    return np.clip(soft + grain.astype(np.float32) + 0.5, 0, 255).astype(np.uint8), room
