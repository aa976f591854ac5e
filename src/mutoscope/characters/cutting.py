"""A character cut out of a frame: drawn to its edges, in its own colours, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.characters.clip import Rgb, shrunk
from mutoscope.characters.sharpness import exposure, sharpness
from mutoscope.engines.flipbook.taking.foreground import foreground
from mutoscope.engines.flipbook.taking.outline import refined
from mutoscope.images.subject import SubjectMatte

Alpha = npt.NDArray[np.float32]  # H×W, 0..1
Box = tuple[float, float, float, float]  # left, top, right, bottom, in fractions of the frame

EDGES = ("left", "top", "right", "bottom")
#: What is lost of a figure where that edge of the frame cuts it.
_LOST = {"left": 0.45, "top": 0.6, "right": 0.45, "bottom": 0.12}
_TOUCHES = 0.03  # of the box's side along an edge: less than that is a toe
_JUDGED = 384  # pixels of the figure's longer side, at which sharpness is told
_ENOUGH = 480  # pixels of the figure's longer side beyond which more show nothing more
_ROOM = 0.02  # of the frame's width, around the figure: what its edge is looked for in
_DOUBTED = 0.1  # rough alpha from which on a pixel may show something of the figure


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found in a frame. `box` in fractions; `cut` are the frame's edges that it runs off; each
    score 0..1, 1 the best: `whole` (not cut by the frame), `single` (in one piece), `large` (in pixels),
    `exposed`, `sharp`."""

    box: Box
    cut: tuple[str, ...]
    cover: float
    whole: float
    single: float
    large: float
    exposed: float
    sharp: float


def judged(rgb: Rgb, matte: SubjectMatte) -> Figure | None:
    """The figure that `matte` (of any size) finds in the frame; None where it finds nothing."""
    found = matte.box
    if found is None:
        return None
    box = (found.left, found.top, found.right, found.bottom)
    cut = cut_edges(matte.alpha)
    height, width = rgb.shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = max(left + 2, round(box[2] * width)), max(top + 2, round(box[3] * height))
    part = shrunk(rgb[top:bottom, left:right], _JUDGED)
    alpha = _over(matte.alpha, rgb.shape[:2])[top:bottom, left:right]
    inside = cv2.resize(alpha, part.shape[1::-1], interpolation=cv2.INTER_AREA) > 0.5
    grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)
    return Figure(
        box=box,
        cut=cut,
        cover=matte.cover,
        whole=max(0.05, 1 - sum(_LOST[edge] for edge in cut)),
        single=_largest_part(matte.alpha),
        large=min(1.0, max(right - left, bottom - top) / _ENOUGH),
        exposed=exposure(grey, inside),
        sharp=sharpness(grey, inside),
    )


def _largest_part(alpha: Alpha) -> float:
    """The share of the figure that its largest piece is."""
    inside = (alpha > 0.5).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return float(areas.max() / areas.sum()) if count > 1 else 0.0


def cut_edges(alpha: Alpha) -> tuple[str, ...]:
    """The edges of the picture that its figure runs off."""
    inside = alpha > 0.5
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not rows.size:
        return ()
    near = max(1, round(0.006 * max(alpha.shape)))
    tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    along = {
        "left": inside[:, :near].any(1).sum() / tall,
        "top": inside[:near].any(0).sum() / wide,
        "right": inside[:, -near:].any(1).sum() / tall,
        "bottom": inside[-near:].any(0).sum() / wide,
    }
    return tuple(edge for edge in EDGES if along[edge] > _TOUCHES)


def cut_out(rgb: Rgb, matte: SubjectMatte) -> npt.NDArray[np.uint8]:
    """The frame as RGBA (H×W×4), straight alpha, all but the figure transparent (and black, so that it
    packs well); along its soft edge it has its own colours, without what was behind it."""
    out = np.zeros((*rgb.shape[:2], 4), np.uint8)
    rough = _over(matte.alpha, rgb.shape[:2])
    box = _around(rough > _DOUBTED, round(_ROOM * rgb.shape[1]))
    if box is None:
        return out
    part = np.ascontiguousarray(rgb[box])
    alpha = refined(part, np.ascontiguousarray(rough[box]), rgb.shape[1])
    cut = out[box]
    cut[..., :3] = foreground(part, np.ascontiguousarray(alpha, np.float32))
    cut[..., 3] = (alpha * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    cut[cut[..., 3] == 0] = 0
    return out


def _around(inside: npt.NDArray[np.bool_], room: int) -> tuple[slice, slice] | None:
    """The rows and columns of what is inside, and `room` pixels more on each side."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not rows.size:
        return None
    spans = [
        slice(max(0, int(found[0]) - room), min(length, int(found[-1]) + 1 + room))
        for found, length in ((rows, inside.shape[0]), (columns, inside.shape[1]))
    ]
    return spans[0], spans[1]


def _over(alpha: Alpha, shape: tuple[int, ...]) -> Alpha:
    resized = cv2.resize(alpha, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)
