"""Nearness by a learned monocular-depth model, where the owner added one (`mutoscope weights add depth`).

Any ONNX whose input is one NCHW float picture, ImageNet-normalised, with sides that are multiples of
14 (or fixed), and whose output is relative inverse depth: Depth Anything V2 is the one it was made for.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.taking.guided import guided
from mutoscope.errors import MutoscopeError
from mutoscope.images.sessions import Session, session

Map = npt.NDArray[np.float32]

_PATCH = 14
_SIDE = 518  # pixels of the shorter side, as the model was trained
_LEAST, _MOST = (
    2.0,
    98.0,
)  # percentiles that become 0 and 1: a few wild values must not set the scale
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def learned_nearness(rgb: npt.NDArray[np.uint8], width: int) -> Map | None:
    """Nearness 0..1 of a whole picture (h×w×3), `width` wide; None where no depth model is here.

    Raises MutoscopeError where the model is not of the form above."""
    model = session("depth")
    if model is None:
        return None
    name, shape, kind = model.inputs[0]
    if len(model.inputs) != 1 or len(shape) != 4 or kind != "tensor(float)":
        raise MutoscopeError(
            f"the depth model takes {len(model.inputs)} inputs, the first a {kind} of {len(shape)} "
            "dimensions; it must take one NCHW float picture"
        )
    size = _input_size(rgb.shape[0], rgb.shape[1], shape)
    picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    picture = (picture / np.float32(255) - _MEAN) / _DEVIATION
    found = np.squeeze(_answer(model, name, picture))
    if found.ndim != 2 or not np.isfinite(found).all():
        raise MutoscopeError(
            f"the depth model gives an array of shape {found.shape}; it must give one finite map"
        )
    low, high = np.percentile(found, (_LEAST, _MOST))
    near = np.clip((found - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)
    height = max(2, round(width * rgb.shape[0] / rgb.shape[1]))
    near = np.asarray(cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    grey = cv2.cvtColor(
        cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
    )
    return np.clip(guided(grey.astype(np.float32) / np.float32(255), near, 4, 1e-4), 0, 1)


def _answer(model: Session, name: str, picture: Map) -> npt.NDArray[np.float32]:
    feed = {name: np.ascontiguousarray(picture.transpose(2, 0, 1)[None])}
    return np.asarray(model.run(feed, model.outputs[:1])[0], np.float32)


def _input_size(height: int, width: int, shape: list[int | str | None]) -> tuple[int, int]:
    """Width and height that the picture is given at: the model's own where they are fixed."""
    scale = _SIDE / min(height, width)
    fixed = (shape[3], shape[2])
    sides = []
    for free, length in zip(fixed, (width, height), strict=True):
        whole = min(2 * _SIDE, max(1, round(length * scale / _PATCH)) * _PATCH)
        sides.append(free if isinstance(free, int) else whole)
    return sides[0], sides[1]
