"""Photographs for benchmarks: made on the spot, the same on every machine."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

EXAMPLES = Path(__file__).parent.parent / "examples"


def twelve_megapixels(path: Path, source: str = "coffee.jpg", seed: int = 0) -> Path:
    """A 4000x3000 JPEG, quality 92: a photograph enlarged, with fixed noise so that it has the
    detail (and the decoding cost) of a camera's file."""
    photo = cv2.imread(str(EXAMPLES / source))
    if photo is None:
        raise FileNotFoundError(EXAMPLES / source)
    large = cv2.resize(photo, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(seed).normal(0, 6, large.shape)
    noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), noisy, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return path
