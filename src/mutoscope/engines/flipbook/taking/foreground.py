"""The subject's own colours along a soft outline, where the photograph shows them mixed with what is behind."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

_SMALL_LEVEL, _SMALL_ROUNDS, _ROUNDS = 32, 10, 2
_EVEN = 1e-5  # pull between neighbours whose alpha is the same
_STEP = 1.0  # added pull per difference of their alphas
_OWN = np.float32(0.98)  # above this alpha the photograph's own pixel is the subject's

Rgb = npt.NDArray[np.uint8]


def foreground(rgb: Rgb, alpha: npt.NDArray[np.float32]) -> Rgb:
    """Straight subject colours (h×w×3, RGB uint8) of a cut-out whose `alpha` (h×w) is 0..1.

    Germer et al., Fast Multi-Level Foreground Estimation (2020): foreground and background are solved
    together, from one pixel upwards, each level starting from the one before. Outside the matte the
    colours continue smoothly, so that bilinear samples across the outline stay clean."""
    h, w = alpha.shape
    levels = max(1, int(np.ceil(np.log2(max(h, w, 2)))))
    picture = rgb.astype(np.float32) * np.float32(1 / 255)
    mean = picture.reshape(-1, 3).mean(0)
    front = np.broadcast_to(mean, (1, 1, 3)).astype(np.float32)
    behind = front.copy()
    for level in range(levels + 1):
        lh = max(1, round(h ** (level / levels)))
        lw = max(1, round(w ** (level / levels)))
        if level == levels:
            small, matte = picture, np.ascontiguousarray(alpha, np.float32)
        else:
            small, matte = _nearest(picture, lh, lw), _nearest(alpha, lh, lw)
        front, behind = _nearest(front, lh, lw), _nearest(behind, lh, lw)
        rounds = _SMALL_ROUNDS if max(lh, lw) <= _SMALL_LEVEL else _ROUNDS
        for _ in range(rounds):
            _sweep(small, matte, front, behind, _EVEN, _STEP)
    found = (np.clip(front, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    found[alpha > _OWN] = rgb[alpha > _OWN]
    return found


def _nearest(values: npt.NDArray[np.float32], h: int, w: int) -> npt.NDArray[np.float32]:
    rows = np.arange(h) * values.shape[0] // h
    columns = np.arange(w) * values.shape[1] // w
    return np.asarray(np.take(np.take(values, columns, axis=1), rows, axis=0), np.float32)


@nb.njit(
    "void(float32[:,:,::1], float32[:,::1], float32[:,:,::1], float32[:,:,::1], float64, float64)",
    cache=True,
    nogil=True,
)
def _sweep(
    picture: npt.NDArray[np.float32],
    alpha: npt.NDArray[np.float32],
    front: npt.NDArray[np.float32],
    behind: npt.NDArray[np.float32],
    even: float,
    step: float,
) -> None:  # pragma: no cover - compiled
    """One Gauss-Seidel pass over the 2×2 systems of all pixels."""
    h, w = alpha.shape
    for y in range(h):
        for x in range(w):
            a = alpha[y, x]
            total = 0.0
            f0 = f1 = f2 = b0 = b1 = b2 = 0.0
            for k in range(4):
                ny = y + (k == 1) - (k == 0)
                nx = x + (k == 3) - (k == 2)
                if ny < 0 or nx < 0 or ny >= h or nx >= w:
                    continue
                pull = even + step * abs(a - alpha[ny, nx])
                total += pull
                f0 += pull * front[ny, nx, 0]
                f1 += pull * front[ny, nx, 1]
                f2 += pull * front[ny, nx, 2]
                b0 += pull * behind[ny, nx, 0]
                b1 += pull * behind[ny, nx, 1]
                b2 += pull * behind[ny, nx, 2]
            if total == 0.0:
                total = even
            rest = 1.0 - a
            # (a², a·rest; a·rest, rest²) + total·I, solved for the residual of the neighbours' mean
            scale = 1.0 / (a * a + rest * rest + total)
            f0 /= total
            f1 /= total
            f2 /= total
            b0 /= total
            b1 /= total
            b2 /= total
            d0 = (picture[y, x, 0] - a * f0 - rest * b0) * scale
            d1 = (picture[y, x, 1] - a * f1 - rest * b1) * scale
            d2 = (picture[y, x, 2] - a * f2 - rest * b2) * scale
            front[y, x, 0] = min(1.0, max(0.0, f0 + a * d0))
            front[y, x, 1] = min(1.0, max(0.0, f1 + a * d1))
            front[y, x, 2] = min(1.0, max(0.0, f2 + a * d2))
            behind[y, x, 0] = min(1.0, max(0.0, b0 + rest * d0))
            behind[y, x, 1] = min(1.0, max(0.0, b1 + rest * d1))
            behind[y, x, 2] = min(1.0, max(0.0, b2 + rest * d2))
