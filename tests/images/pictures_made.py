"""Pictures made for the tests: small, of known content."""

from __future__ import annotations

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Rgb = npt.NDArray[np.uint8]


def scene(width: int = 96, height: int = 64) -> Rgb:
    """Smooth colours, different in every corner: red top left, green top right, blue bottom left."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = x / (width - 1), y / (height - 1)
    red, green, blue = 230 * (1 - u) * (1 - v) + 20, 230 * u * (1 - v) + 10, 230 * (1 - u) * v + 15
    return np.stack((red, green, blue), axis=2).round().astype(np.uint8)


def textured(width: int = 320, height: int = 240, seed: int = 0) -> Rgb:
    """A scene that features can be found in: discs and bars of many sizes on a gradient."""
    rng = np.random.default_rng(seed)
    picture = scene(width, height)
    for _ in range(140):
        x, y, size = rng.integers(0, width), rng.integers(0, height), rng.integers(2, 16)
        colour = tuple(int(level) for level in rng.integers(0, 255, 3))
        if rng.random() < 0.5:
            cv2.circle(picture, (int(x), int(y)), int(size), colour, -1)
        else:
            corner = (int(x + 2 * size), int(y + size))
            cv2.rectangle(picture, (int(x), int(y)), corner, colour, -1)
    return picture


def psnr(one: npt.NDArray[np.generic], other: npt.NDArray[np.generic]) -> float:
    """Decibels between two pictures of 8 bits."""
    error = np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(float(error), 1e-9)))


def encoded(rgb: Rgb | Image.Image, form: str = "JPEG", **options: object) -> bytes:
    """A picture as a file's bytes, by Pillow."""
    image = rgb if isinstance(rgb, Image.Image) else Image.fromarray(rgb)
    if form == "JPEG":
        options = {"quality": 95, "subsampling": 0} | options
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
