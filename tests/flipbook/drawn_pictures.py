"""Pictures drawn for the tests of transitions and of nature motion."""

import math

import cv2
import numpy as np

from mutoscope.engines.flipbook.scene import Rgb

WIDTH, HEIGHT = 320, 192


def landscape(seed: int = 1, size: int = 1024) -> Rgb:
    """A large picture (size×size) with detail at every scale, sampled by `view`."""
    random = np.random.default_rng(seed)
    total = np.zeros((size, size, 3), np.float32)
    for side, height in ((8, 50), (24, 40), (96, 30), (300, 22), (size // 2, 12)):
        noise = random.standard_normal((side, side, 3)).astype(np.float32)
        total += height * cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC)
    total = np.clip(total + 120, 4, 250)
    for _ in range(60):
        x, y = random.integers(0, size, 2).tolist()
        colour = random.uniform(0, 255, 3).tolist()
        cv2.circle(total, (x, y), int(random.integers(6, 40)), colour, -1, cv2.LINE_AA)
    return total.astype(np.uint8)


def view(picture: Rgb, x: float = 512, y: float = 512, zoom: float = 1.0, turn: float = 0.0) -> Rgb:
    """A frame of the picture about (x, y); at zoom 1 it is twice the frame's pixels wide."""
    scale = zoom / 2
    angle = math.radians(turn)
    spin = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    offset = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2]) - spin @ np.array([x, y])
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / scale)
    matrix = np.hstack([spin, offset[:, None]])
    seen = cv2.warpAffine(
        soft, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(seen, np.uint8)


def psnr(one: Rgb, other: Rgb, border: int = 0) -> float:
    inner = np.s_[border : one.shape[0] - border, border : one.shape[1] - border]
    off = one[inner].astype(np.float64) - other[inner]
    return 10 * math.log10(255**2 / max(1e-9, float((off**2).mean())))
