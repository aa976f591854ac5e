"""Scenes made of numbers, for the tests of camera and rendering."""

from __future__ import annotations

import numpy as np

from mutoscope.engines.flipbook.scene import CELL, Rgb, Scene, Subject


def texture(height: int, width: int, seed: int = 0) -> Rgb:
    """Smooth coloured noise with edges: something to see movement by."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    picture = np.zeros((height, width, 3))
    for channel in range(3):
        for _ in range(12):
            u, v = rng.uniform(-0.35, 0.35, 2)
            picture[..., channel] += rng.uniform(4, 14) * np.cos(u * x + v * y + rng.uniform(0, 6))
    picture += 60 * ((x // 23 + y // 17) % 2)[..., None]
    return np.clip(picture + 90, 0, 255).astype(np.uint8)


def rows_scene(
    width: int, height: int, *, margin: int = 16, subject: bool = True, seed: int = 0
) -> Scene:
    """Disparity by row; a soft disc in front of the lower middle, painted over another plate."""
    plate = texture(height + 2 * margin, width + 2 * margin, seed)
    rows, cols = -(-plate.shape[0] // CELL) + 1, -(-plate.shape[1] // CELL) + 1
    by_row = np.clip((np.arange(rows) * CELL - margin) / height, 0, 1).astype(np.float32)
    disparity = np.repeat(by_row[:, None], cols, axis=1)
    still = plate[margin : margin + height, margin : margin + width].copy()
    front = None
    if subject:
        side = min(width, height) // 2 // 2 * 2
        left, top = (width - side) // 4 * 2, (height - side) // 4 * 2
        y, x = np.mgrid[0:side, 0:side] - (side - 1) / 2
        alpha = np.clip(side / 2 - 1 - np.hypot(x, y), 0, 3) / 3
        colour = texture(side, side, seed + 1)
        part = still[top : top + side, left : left + side]
        part[:] = np.round(colour * alpha[..., None] + part * (1 - alpha[..., None]))
        cells = -(-side // CELL) + 1
        grid = np.full((cells, cells), 0.8, np.float32)
        front = Subject(left, top, colour, np.round(alpha * 255).astype(np.uint8), grid)
    return Scene(width, height, margin, margin, plate, disparity, still, front)
