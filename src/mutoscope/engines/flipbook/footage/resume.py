"""Where the camera of a film stands at its end, in the scene of the photograph that it was made from.

The last frame is laid on the still by features, then point by point; the pose is what explains the
points at the scene's depths. It is taken only where the scene, drawn from there, is that frame: a film
that was graded, cut or made from another picture goes on from its last frame alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import cv2
import numpy as np

from mutoscope.engines.flipbook.camera.model import Array, Lens
from mutoscope.engines.flipbook.camera.relief import WHOLE, Relief, behind, lowered
from mutoscope.engines.flipbook.footage.drift import (
    LEAST,
    Shown,
    fitted_pose,
    followed,
    inverse_depths,
    posed,
    small,
)
from mutoscope.engines.flipbook.footage.reading import rgb_of
from mutoscope.engines.flipbook.pairs.align import align
from mutoscope.engines.flipbook.pairs.homography import apply
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.scene import Rgb, Scene
from mutoscope.finish.frame import planes_of

#: Mean difference in codes, of copies a little softened, up to which two frames are the same.
SAME = 2.0
#: Share of the points that the pose may leave unexplained.
UNEXPLAINED = 0.25
#: The reliefs that a film's scene may have had, as shares of its depth.
SHARES = (1.0, 0.65, 0.35)
#: A film hardly differs where a pose explains it this well: no other relief is tried.
PLAIN = 0.7
_ROUNDS, _RIDGE = 16, 0.0005


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places of the still (p×2) and where a frame shows them."""

    places: Array
    seen: Array


@dataclass(frozen=True, slots=True)
class Home:
    """The scene, with the relief that the film had, and the offset from rest (7 numbers, zoom as a
    logarithm) from which it shows the frame."""

    scene: Scene
    offset: Array


def paired(still: Rgb, frame: av.VideoFrame) -> Pairs | None:
    """Where the frame shows the still's places; None where it does not show that still."""
    if (frame.height, frame.width) != still.shape[:2]:
        return None
    shown = rgb_of(frame)
    found = align(shown, still)
    if found.model == "none":
        return None
    size = (frame.width, frame.height)
    laid = cv2.warpPerspective(
        still, found.matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    greys = (np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8) for one in (shown, laid))
    now, then = followed(*map(small, greys))
    if len(now) < LEAST:
        return None
    scale = frame.width / small(shown[..., 0]).shape[1]
    places = apply(found.matrix, scale * then.astype(np.float64))
    inside = ((places >= 0) & (places <= np.array(size) - 1)).all(axis=1)
    if inside.sum() < LEAST:
        return None
    return Pairs(places[inside], (scale * now)[inside].astype(np.float64))


def home(scene: Scene, frame: av.VideoFrame, pairs: Pairs) -> Home | None:
    """Where the scene, with one relief or another, shows the frame from; None where it does not."""
    best: tuple[float, Home] | None = None
    backdrop = behind(scene)
    for share in SHARES if backdrop is not None else SHARES[:1]:
        relief = WHOLE if backdrop is None else Relief(share, backdrop, scene.pivot)
        made = lowered(scene, relief)
        lens = Lens(scene.width, scene.height, scene.hfov)
        shown = Shown(pairs.places, inverse_depths(made, pairs.places))
        offset, missed = fitted_pose(
            lens, shown, pairs.seen, np.zeros(7), rounds=_ROUNDS, ridge=_RIDGE
        )
        if missed > UNEXPLAINED:
            continue
        off = differs(made, frame, offset)
        if best is None or off < best[0]:
            best = (off, Home(made, offset))
        if off < PLAIN:
            break
    return best[1] if best is not None and best[0] <= SAME else None


def differs(scene: Scene, frame: av.VideoFrame, offset: Array) -> float:
    """By how many codes of luma the scene, seen from there, is off the frame."""
    drawn = Renderer(scene).draw(posed(offset[None])[0], near=0.0)
    one, other = (
        cv2.GaussianBlur(planes_of(given)[0][: frame.height, : frame.width], (0, 0), 1.5)
        for given in (drawn, frame)
    )
    return float(cv2.absdiff(one, other).mean())
