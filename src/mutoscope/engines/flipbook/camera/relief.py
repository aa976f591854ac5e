"""How much of a plate's depth is used behind a subject.

A prior that goes by rows tilts everything upright: a camera that travels tx (near-plane units) leans
it by f0·tx·(1 - FAR)·slope. Behind a subject in front only the plate leans, so its depth is made
shallower about what the subject is seen against, while the subject keeps its distance from that.
Where the two meet on the ground nothing may slide, so there the plate comes up to the subject's own
disparity s; with c the backdrop's and k the share of the relief:

    g(d) = c + k·(d - c) + (1 - k)·(s - c)·smoothstep((d - c) / (s - c)),   g(c) = c, g(s) = s
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import CELL, Scene

Grid = npt.NDArray[np.float32]

#: The subject stands at least so much (in disparity) before its backdrop, else there is one sheet.
APART = 0.08
#: The share of the plate's depth that is always left.
LEAST = 0.35


@dataclass(frozen=True, slots=True)
class Relief:
    """`share` of the plate's depth, between a `backdrop`'s and a `subject`'s disparity."""

    share: float = 1.0
    backdrop: float = 0.0
    subject: float = 1.0

    def __call__(self, disparity: npt.ArrayLike) -> Grid:
        """Disparities 0..1 with this relief; rises wherever they rise."""
        d = np.asarray(disparity, np.float32)
        k, c, s = self.share, self.backdrop, self.subject
        x = np.clip((d - c) / (s - c), 0, 1)
        risen = c + k * (d - c) + (1 - k) * (s - c) * x * x * (3 - 2 * x)
        return np.asarray(np.clip(risen, 0, 1), np.float32)


#: All of a scene's depth.
WHOLE = Relief()


def behind(scene: Scene) -> float | None:
    """The disparity that the subject is seen against; None where none stands before the plate."""
    subject = scene.subject
    if subject is None:
        return None
    left, top = (subject.x + scene.margin_x) // CELL, (subject.y + scene.margin_y) // CELL
    rows, columns = scene.plate_disparity.shape
    inside = subject.alpha[::CELL, ::CELL] > 127
    inside = inside[: rows - max(top, 0), : columns - max(left, 0)]
    under = scene.plate_disparity[top : top + inside.shape[0], left : left + inside.shape[1]][
        inside
    ]
    if not under.size or scene.pivot - float(np.median(under)) < APART:
        return None
    return float(np.median(under))


def lowered(scene: Scene, relief: Relief) -> Scene:
    """The scene with that relief."""
    if relief.share >= 1 or scene.subject is None:
        return scene
    subject = replace(scene.subject, disparity=relief(scene.subject.disparity))
    return replace(scene, plate_disparity=relief(scene.plate_disparity), subject=subject)
