"""Between two views: a homography's smooth way from nothing to itself.

A linear blend of two matrices shrinks the picture in the middle of a turn. The way here is the
one-parameter group Hᵗ = exp(t·log H): for a zoom the size grows by the same factor each step, for a
turn the angle grows evenly, and for a camera that pans (H = K·R·K⁻¹) it is that camera's own path.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]  # 3×3, acts on (x, y, 1) in pixels


@dataclass(frozen=True, slots=True)
class Movement:
    """What a homography does at the frame's centre, as a viewer would say it.

    `zoom` is the factor by which things grow, `turn` their rotation in degrees (clockwise positive),
    `shift_x` and `shift_y` how far they move, in fractions of the frame's width and height.
    """

    zoom: float
    turn: float
    shift_x: float
    shift_y: float


def _root(matrix: Matrix) -> Matrix:
    """The principal square root, by Denman and Beavers' iteration (1976)."""
    root, inverse = matrix, np.eye(3)
    for _ in range(40):
        following = 0.5 * (root + np.linalg.inv(inverse))
        inverse = 0.5 * (inverse + np.linalg.inv(root))
        if float(np.abs(following - root).max()) < 1e-14 * max(1.0, float(np.abs(following).max())):
            return following
        root = following
    return root


def logarithm(matrix: Matrix) -> Matrix | None:
    """The real logarithm of a 3×3 homography scaled to determinant 1; None where it has none.

    It has none where the view is mirrored or turned by half a circle. By inverse scaling and
    squaring, then 2·artanh((M - 1)(M + 1)⁻¹).
    """
    size = float(np.linalg.det(matrix))
    if not math.isfinite(size) or size <= 1e-12:
        return None
    unit = matrix / np.cbrt(size)
    values = np.linalg.eigvals(unit)
    if np.any((values.real <= 1e-9) & (np.abs(values.imag) < 1e-6 * np.abs(values))):
        return None
    halvings = 0
    while float(np.abs(unit - np.eye(3)).max()) > 0.2 and halvings < 40:
        unit = _root(unit)
        halvings += 1
    step = (unit - np.eye(3)) @ np.linalg.inv(unit + np.eye(3))
    square, power, total = step @ step, step.copy(), np.zeros((3, 3))
    for order in range(1, 24, 2):
        total += power / order
        power = power @ square
    result: Matrix = total * 2.0 * 2.0**halvings
    return result if bool(np.isfinite(result).all()) else None


def exponential(matrix: Matrix) -> Matrix:
    """exp of a 3×3 matrix, by scaling and squaring."""
    halvings = max(0, math.ceil(math.log2(max(1e-12, float(np.abs(matrix).sum())) / 0.25)))
    small = matrix / 2.0**halvings
    total, term = np.eye(3), np.eye(3)
    for order in range(1, 14):
        term = term @ small / order
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def centred(width: int, height: int) -> Matrix:
    """The matrix from pixels to coordinates about the frame's centre in half-widths."""
    half = width / 2
    return np.array(
        [[1 / half, 0, -(width - 1) / 2 / half], [0, 1 / half, -(height - 1) / 2 / half], [0, 0, 1]]
    )


@dataclass(frozen=True, slots=True)
class Way:
    """The way from the first view to the last: `at(t)` maps first-picture pixels to those at time t."""

    generator: Matrix  # logarithm in centred coordinates, where it is well conditioned
    frame: Matrix

    @classmethod
    def of(cls, matrix: Matrix, width: int, height: int) -> Way | None:
        """The way to `matrix` in a frame of width×height pixels; None where there is none."""
        frame = centred(width, height)
        generator = logarithm(frame @ matrix @ np.linalg.inv(frame))
        return None if generator is None else cls(generator, frame)

    def at(self, t: float) -> Matrix:
        """Hᵗ, 3×3 in pixels. at(0) is the identity, at(1) the homography; t may lie beyond."""
        matrix: Matrix = np.linalg.inv(self.frame) @ exponential(self.generator * t) @ self.frame
        matrix /= matrix[2, 2]
        return matrix


def apply(matrix: Matrix, points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """`points` (n, 2) through `matrix`; points on or behind the horizon become infinite."""
    carried = np.c_[points, np.ones(len(points))] @ matrix.T
    depth = np.where(carried[:, 2] > 1e-9, carried[:, 2], np.nan)
    moved: npt.NDArray[np.float64] = carried[:, :2] / depth[:, None]
    return np.nan_to_num(moved, nan=np.inf)


def movement(matrix: Matrix, width: int, height: int) -> Movement:
    """What `matrix` does at the centre of a frame of width×height pixels."""
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    near = middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    at, right, below = apply(matrix, near)
    jacobian = np.stack([right - at, below - at], axis=1)
    zoom = math.sqrt(max(1e-12, float(np.linalg.det(jacobian))))
    turn = math.atan2(jacobian[1, 0] - jacobian[0, 1], jacobian[0, 0] + jacobian[1, 1])
    shift = (at - middle) / np.array([width, height])
    return Movement(zoom, math.degrees(turn), float(shift[0]), float(shift[1]))
