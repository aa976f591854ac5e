"""Where each patch of one picture is found in another: PatchMatch (Barnes et al., 2009).

It finds what a flow that starts from small, blurred pictures cannot: thin things, and things that
move by more than their own size. It is rough; `flow` refines it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel

ROUNDS = 4
HALF = 3  # patches are 7×7
#: What a pixel's distance costs beside a code's difference: of two places alike the nearer is meant.
STAY = 0.6


@late_kernel()
def _cost(a: Any, b: Any, x: int, y: int, dx: int, dy: int, limit: Any) -> Any:
    """Sum of absolute differences of the two patches and the penalty, given up beyond `limit`."""
    rows, cols = a.shape[:2]
    total = np.float32(STAY) * np.sqrt(np.float32(dx * dx + dy * dy))
    count = (2 * HALF + 1) * (2 * HALF + 1) * 3
    total *= count / 20
    for j in range(-HALF, HALF + 1):
        ya = min(max(y + j, 0), rows - 1)
        yb = min(max(y + j + dy, 0), rows - 1)
        for i in range(-HALF, HALF + 1):
            xa = min(max(x + i, 0), cols - 1)
            xb = min(max(x + i + dx, 0), cols - 1)
            for c in range(3):
                total += abs(np.int32(a[ya, xa, c]) - np.int32(b[yb, xb, c]))
        if total >= limit:
            return limit
    return total


@late_kernel()
def _search(a: Any, b: Any, inside: Any, reach: int, seed: int, offsets: Any, costs: Any) -> None:
    np.random.seed(seed)
    rows, cols = a.shape[:2]
    far = np.float32(1e9)
    for y in range(rows):
        for x in range(cols):
            costs[y, x] = _cost(a, b, x, y, offsets[y, x, 0], offsets[y, x, 1], far)
    for turn in range(ROUNDS):
        step = 1 if turn % 2 == 0 else -1
        for k in range(rows):
            y = k if step > 0 else rows - 1 - k
            for m in range(cols):
                x = m if step > 0 else cols - 1 - m
                best = costs[y, x]
                bx, by = offsets[y, x, 0], offsets[y, x, 1]
                for side in range(2):
                    xn = x - step if side == 0 else x
                    yn = y if side == 0 else y - step
                    if xn < 0 or yn < 0 or xn >= cols or yn >= rows:
                        continue
                    dx, dy = offsets[yn, xn, 0], offsets[yn, xn, 1]
                    if (dx != bx or dy != by) and 0 <= x + dx < cols and 0 <= y + dy < rows:
                        found = _cost(a, b, x, y, dx, dy, best)
                        if found < best:
                            best, bx, by = found, dx, dy
                radius = reach
                while radius >= 1:
                    dx = bx + np.random.randint(-radius, radius + 1)
                    dy = by + np.random.randint(-radius, radius + 1)
                    radius //= 2
                    if abs(dx) > reach or abs(dy) > reach:
                        continue
                    if (
                        not (0 <= x + dx < cols and 0 <= y + dy < rows)
                        or not inside[y + dy, x + dx]
                    ):
                        continue
                    found = _cost(a, b, x, y, dx, dy, best)
                    if found < best:
                        best, bx, by = found, dx, dy
                costs[y, x] = best
                offsets[y, x, 0], offsets[y, x, 1] = bx, by


def patch_offsets(
    a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_],
    reach: int, start: npt.NDArray[np.float32], seed: int = 1,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """For each pixel of `a` the whole-pixel offset (h×w×2) of the patch of `b` most like its own.

    `a`, `b` h×w×3 uint8; `inside` where `b` is known; offsets are at most `reach` pixels; the search
    begins at `start` (h×w×2) and is the same for the same `seed`.
    """
    offsets = np.clip(np.rint(start), -reach, reach).astype(np.int32)
    costs = np.empty(a.shape[:2], np.float32)
    _search(a, b, inside, reach, seed, offsets, costs)
    return offsets.astype(np.float32)
