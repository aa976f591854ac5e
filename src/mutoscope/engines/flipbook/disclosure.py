"""How far a camera looks behind the subject, before anything is painted there.

At a place of the subject's outline with the outward normal n, subject and plate are seen
(rho_s - rho_p) · f0 · (tx - tz·a, ty - tz·b) apart in the photograph (`camera.model`; a, b: the ray
through that place). Along n that is what the plate shows from behind the subject; where it is below
zero, the subject covers more than it did. A dolly towards a subject in the middle covers all around.
"""

from __future__ import annotations

import cv2
import numpy as np

from mutoscope.engines.flipbook.camera.model import TX, TY, TZ, Array, Lens, inverse_depth
from mutoscope.engines.flipbook.scene import CELL, Grid, Scene

#: Pixels of a frame 1280 wide: a strip this narrow, at the foot of a soft outline, shows no texture.
LITTLE = 3.0
#: The share of the outline that may show more than that.
SPARED = 0.05
_SMOOTH = 2.0  # pixels: an outline's direction, rather than its steps
_POINTS = 1500
_POSES = 200


def discloses(scene: Scene, poses: Array) -> bool:
    """Whether `poses` (n×7) show more from behind the subject than cheap filling is good for."""
    return disclosure(scene, poses) > LITTLE * scene.width / 1280


def disclosure(scene: Scene, poses: Array) -> float:
    """How many pixels of the plate behind the subject come to be seen beside its outline; but for
    `SPARED` of the outline, the most at any pose. 0 without a subject."""
    subject = scene.subject
    if subject is None:
        return 0.0
    places, normals = _outline(scene)
    if not len(places):
        return 0.0
    near = _sampled(subject.disparity, places - np.array((subject.x, subject.y)))
    far = _sampled(scene.plate_disparity, places + np.array((scene.margin_x, scene.margin_y)))
    rho, behind = inverse_depth(near), inverse_depth(far)
    lens = Lens(scene.width, scene.height, scene.hfov)
    at = poses[:: max(1, -(-len(poses) // _POSES))] if len(poses) > _POSES else poses
    at = np.concatenate([at, poses[-1:]])
    tx, ty, tz = (at[:, [axis]] for axis in (TX, TY, TZ))
    unit = (places - lens.centre) / lens.focal
    a = (unit[:, 0] - rho * tx) / (1 - rho * tz)
    b = (unit[:, 1] - rho * ty) / (1 - rho * tz)
    apart = (tx - tz * a) * normals[:, 0] + (ty - tz * b) * normals[:, 1]
    most = (lens.focal * (rho - behind) * apart).max(axis=0)
    return max(0.0, float(np.quantile(most, 1 - SPARED)))


def _outline(scene: Scene) -> tuple[Array, Array]:
    """Places on the subject's outline (p×2: x, y in the frame) and their outward normals. Where the
    subject is cut off by the plate's own border there is no outline."""
    subject = scene.subject
    assert subject is not None
    inside = (subject.alpha > 127).astype(np.uint8)
    edge = (inside > 0) & (cv2.erode(inside, np.ones((3, 3), np.uint8)) == 0)
    rows, columns = np.nonzero(edge)
    step = max(1, len(rows) // _POINTS)
    rows, columns = rows[::step], columns[::step]
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), _SMOOTH)
    slope_x = cv2.Sobel(soft, cv2.CV_32F, 1, 0)[rows, columns]
    slope_y = cv2.Sobel(soft, cv2.CV_32F, 0, 1)[rows, columns]
    length = np.hypot(slope_x, slope_y)
    places = np.stack([columns + subject.x, rows + subject.y], -1).astype(np.float64)
    least = np.array([2.0 - scene.margin_x, 2.0 - scene.margin_y])
    most = np.array([scene.width, scene.height]) - 1 - least
    kept = (length > 1e-3) & ((places > least) & (places < most)).all(axis=1)
    normals = -np.stack([slope_x, slope_y], -1)[kept] / length[kept, None]
    return places[kept], normals.astype(np.float64)


def _sampled(grid: Grid, places: Array) -> Array:
    """The disparity at `places` (p×2, pixels of the layer), from the nearest node."""
    at = np.rint(places / CELL).astype(np.intp)
    return np.asarray(
        grid[at[:, 1].clip(0, grid.shape[0] - 1), at[:, 0].clip(0, grid.shape[1] - 1)], np.float64
    )
