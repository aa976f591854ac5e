"""Superpixels: a picture cut into a few hundred patches of nearly one colour (SLIC)."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

_ROUNDS = 6


@nb.njit("int32[:,::1](float32[:,:,::1], int64, float64)", cache=True, nogil=True)
def superpixels(
    lab: npt.NDArray[np.float32], count: int, compactness: float
) -> npt.NDArray[np.int32]:  # pragma: no cover - compiled
    """Labels (h×w, int32, from 0, without gaps) of about `count` patches of a CIELAB picture.

    Achanta et al., SLIC (2012): k-means in colour and place from a regular grid, each centre looking
    only at twice its own spacing."""
    h, w = lab.shape[:2]
    step = np.sqrt(h * w / count)
    rows, cols = max(1, int(np.round(h / step))), max(1, int(np.round(w / step)))
    n = rows * cols
    centre = np.empty((n, 5), np.float64)
    for k in range(n):
        y = (k // cols + 0.5) * h / rows
        x = (k % cols + 0.5) * w / cols
        iy, ix = min(h - 1, int(y)), min(w - 1, int(x))
        centre[k, 0], centre[k, 1], centre[k, 2] = lab[iy, ix, 0], lab[iy, ix, 1], lab[iy, ix, 2]
        centre[k, 3], centre[k, 4] = y, x
    label = np.zeros((h, w), np.int32)
    best = np.empty((h, w), np.float64)
    spread = (compactness / step) ** 2
    for _ in range(_ROUNDS):
        best[:] = 1e30
        for k in range(n):
            cy, cx = centre[k, 3], centre[k, 4]
            for y in range(max(0, int(cy - step)), min(h, int(cy + step) + 1)):
                for x in range(max(0, int(cx - step)), min(w, int(cx + step) + 1)):
                    d = spread * ((y - cy) ** 2 + (x - cx) ** 2)
                    for c in range(3):
                        d += (lab[y, x, c] - centre[k, c]) ** 2
                    if d < best[y, x]:
                        best[y, x] = d
                        label[y, x] = k
        total = np.zeros((n, 6), np.float64)
        for y in range(h):
            for x in range(w):
                k = label[y, x]
                for c in range(3):
                    total[k, c] += lab[y, x, c]
                total[k, 3] += y
                total[k, 4] += x
                total[k, 5] += 1
        for k in range(n):
            if total[k, 5] > 0:
                for c in range(5):
                    centre[k, c] = total[k, c] / total[k, 5]
    used = np.full(n, -1, np.int32)
    names = 0
    for y in range(h):
        for x in range(w):
            k = label[y, x]
            if used[k] < 0:
                used[k] = names
                names += 1
            label[y, x] = used[k]
    return label


@nb.njit("boolean[:,::1](int32[:,::1], int64)", cache=True, nogil=True)
def neighbours(
    label: npt.NDArray[np.int32], count: int
) -> npt.NDArray[np.bool_]:  # pragma: no cover - compiled
    """Which of the `count` patches touch (count×count, symmetric)."""
    h, w = label.shape
    touch = np.zeros((count, count), np.bool_)
    for y in range(h):
        for x in range(w):
            a = label[y, x]
            if x + 1 < w and label[y, x + 1] != a:
                touch[a, label[y, x + 1]] = touch[label[y, x + 1], a] = True
            if y + 1 < h and label[y + 1, x] != a:
                touch[a, label[y + 1, x]] = touch[label[y + 1, x], a] = True
    return touch


@nb.njit("void(float64[:,::1])", cache=True, nogil=True)
def shortest_paths(distance: npt.NDArray[np.float64]) -> None:  # pragma: no cover - compiled
    """All shortest paths in place (Floyd–Warshall); inf where there is no edge."""
    n = distance.shape[0]
    for k in range(n):
        for i in range(n):
            via = distance[i, k]
            if via < np.inf:
                for j in range(n):
                    d = via + distance[k, j]
                    if d < distance[i, j]:
                        distance[i, j] = d
