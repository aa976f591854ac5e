"""The camera: where in the photograph a pixel of the frame comes from.

Frame W×H, principal point in its middle, f0 = (W/2) / tan(hfov/2). A point of disparity d (0 far, 1
near) has the inverse depth rho(d) = FAR + (1 - FAR)·d in units of the nearest depth. The camera
stands at (tx, ty, tz) in those units (x right, y down, z forward), turned by
R = Rz(roll)·Rx(pitch)·Ry(yaw) from world to camera, and its focal length is f0·zoom. Backward, from
a frame's pixel to the photograph's:

    w = Rᵀ·((x' - cx)/f, (y' - cy)/f, 1),  a = w0/w2,  b = w1/w2
    x = cx + f0·(a + rho·(tx - tz·a)),     y = cy + f0·(b + rho·(ty - tz·b))

which is linear in rho: every point's candidates lie on a line, and for one rho the map is a
homography. Rotation and zoom do not meet rho at all, so they move near and far alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Inverse depth of the far plane: twelve times as far as the near one.
FAR = 1 / 12
#: Columns of a pose.
TX, TY, TZ, YAW, PITCH, ROLL, ZOOM = range(7)
#: A camera that has not moved: radians, zoom 1.
AT_REST = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Lens:
    """A frame's size in pixels and its horizontal field of view in degrees."""

    width: int
    height: int
    hfov: float = 55.0

    @property
    def focal(self) -> float:
        """f0 in pixels."""
        return self.width / 2 / math.tan(math.radians(self.hfov) / 2)

    @property
    def centre(self) -> tuple[float, float]:
        """The principal point, in pixel indices (the middle of pixel 0 is 0)."""
        return (self.width - 1) / 2, (self.height - 1) / 2


def inverse_depth(disparity: npt.ArrayLike) -> Array:
    """rho of disparities 0..1."""
    return FAR + (1 - FAR) * np.asarray(disparity, dtype=np.float64)


def rotations(poses: Array) -> Array:
    """World → camera, n×3×3, of n poses."""
    cy, sy = np.cos(poses[:, YAW]), np.sin(poses[:, YAW])
    cx, sx = np.cos(poses[:, PITCH]), np.sin(poses[:, PITCH])
    cz, sz = np.cos(poses[:, ROLL]), np.sin(poses[:, ROLL])
    no, one = np.zeros(len(poses)), np.ones(len(poses))
    yaw = np.stack([cy, no, sy, no, one, no, -sy, no, cy], -1).reshape(-1, 3, 3)
    pitch = np.stack([one, no, no, no, cx, -sx, no, sx, cx], -1).reshape(-1, 3, 3)
    roll = np.stack([cz, -sz, no, sz, cz, no, no, no, one], -1).reshape(-1, 3, 3)
    turned: Array = roll @ pitch @ yaw
    return turned


def rays(poses: Array, lens: Lens) -> Array:
    """n×3×3 matrices that take a frame's pixel (x', y', 1) to w; see the module."""
    cx, cy = lens.centre
    f = lens.focal * poses[:, ZOOM]
    back = np.zeros((len(poses), 3, 3))
    back[:, 0, 0] = back[:, 1, 1] = 1 / f
    back[:, 0, 2], back[:, 1, 2], back[:, 2, 2] = -cx / f, -cy / f, 1
    product: Array = rotations(poses).transpose(0, 2, 1) @ back
    return product


def source(poses: npt.ArrayLike, lens: Lens, points: npt.ArrayLike, rho: npt.ArrayLike) -> Array:
    """Where n poses see p frame points of inverse depth `rho` in the photograph.

    `poses` n×7, `points` p×2 (x', y'), `rho` anything that broadcasts to n×p; the answer is n×p×2 in
    the photograph's pixels, counted from the frame's top left corner at rest.
    """
    at = np.atleast_2d(np.asarray(poses, dtype=np.float64))
    where = np.asarray(points, dtype=np.float64)
    w = np.einsum("nij,pj->npi", rays(at, lens), np.c_[where, np.ones(len(where))])
    a, b = w[..., 0] / w[..., 2], w[..., 1] / w[..., 2]
    tx, ty, tz = (at[:, [axis]] for axis in (TX, TY, TZ))
    deep = np.asarray(rho, dtype=np.float64)
    cx, cy = lens.centre
    x = cx + lens.focal * (a + deep * (tx - tz * a))
    y = cy + lens.focal * (b + deep * (ty - tz * b))
    return np.stack([x, y], -1)


def reach(poses: Array, lens: Lens, rho: tuple[float, float]) -> Array:
    """The smallest box (left, top, right, bottom), n×4, that holds all that n poses see of a scene
    whose inverse depths lie in `rho`.

    The map is linear in rho, and a homography for one rho, so the frame's corners at both ends of
    the range bound every pixel.
    """
    w, h = lens.width - 1, lens.height - 1
    corners = np.array([(0, 0), (w, 0), (0, h), (w, h)], dtype=np.float64)
    seen = np.concatenate([source(poses, lens, corners, end) for end in rho], axis=1)
    return np.concatenate([seen.min(axis=1), seen.max(axis=1)], axis=1)


def travel(poses: Array, lens: Lens, rho: float, home: npt.ArrayLike = AT_REST) -> Array:
    """How far the picture at `rho` has moved from a pose, in pixels: RMS over nine points, n long."""
    xs = np.linspace(0, lens.width - 1, 3)
    ys = np.linspace(0, lens.height - 1, 3)
    points = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    off = source(poses, lens, points, rho) - source(home, lens, points, rho)
    return np.asarray(np.sqrt(np.mean(np.sum(off**2, axis=-1), axis=1)))
