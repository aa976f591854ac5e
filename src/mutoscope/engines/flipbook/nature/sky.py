"""The sky of a photograph, found by itself: how likely each patch is sky, then the skyline under it.

A patch's likelihood comes from its colour, texture and place, by a logistic model in pairs of them
(`sky.toml`; fitted and measured by `benchmarks/regions.py`). The skyline is the best one from edge to
edge: likely sky above it, unlikely below, on edges where it can be. What is left is to say no: a
sky without a clear end, with much texture, or over half of the upper edge only is not taken.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.compute.kernel import late_kernel
from mutoscope.engines.flipbook.scene import Mask, Rgb
from mutoscope.engines.flipbook.taking.superpixels import superpixels

Array = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]

SIDE, PATCHES = 320, 500  # pixels of the longer side, patches
#: What an edge is worth to the skyline beside patches' likelihood over the whole height (60), and what
#: a step of a row costs it from column to column, up to MOST rows.
EDGE, STEP, MOST, WHOLE = 6.0, 0.35, 60, 60.0
#: A skyline is taken where the sky covers this share of the picture at least and at most, reaches this
#: share of the upper edge, is this likely, this smooth (CIELAB lightness), below it is so many times
#: rougher, its line is no more jagged (rows a column, of the height), and half of it has this contrast.
LEAST_AREA, MOST_AREA, WIDE, LIKELY = 0.15, 0.8, 0.84, 0.55
SMOOTH, ROUGHER, JAGGED, CONTRAST = 0.35, 1.55, 0.006, 2.0
#: What is thinner than this (pixels of a picture 480 across) and so much darker or brighter than what is
#: beside it (0..255) stands before the sky.
THIN, STANDS_OUT = 17, 18


@dataclass(frozen=True, slots=True)
class Model:
    """Means and deviations of the features, and a weight for 1, each feature and each pair of them."""

    mean: Array
    deviation: Array
    weights: Array

    def likelihood(self, features: Array) -> Array:
        """0..1 for each row of `features`."""
        total = pairs(features, self.mean, self.deviation) @ self.weights
        found: Array = 1 / (1 + np.exp(-np.clip(total, -30, 30)))
        return found


@cache
def model() -> Model:
    """The model that was fitted to all labelled photographs."""
    read = tomllib.loads(files(__package__).joinpath("sky.toml").read_text("utf-8"))
    return Model(*(np.array(read[name]) for name in ("mean", "deviation", "weights")))


def pairs(features: Array, mean: Array, deviation: Array) -> Array:
    """1, each feature in deviations from its mean, and each product of two."""
    even = np.clip((features - mean) / deviation, -3, 3)
    i, j = np.triu_indices(even.shape[1])
    found: Array = np.concatenate([np.ones((len(even), 1)), even, even[:, i] * even[:, j]], axis=1)
    return found


def working(picture: Rgb) -> Rgb:
    """The picture at the size in which its sky is looked for."""
    scale = SIDE / max(picture.shape[:2])
    size = (max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _rank(plane: Plane) -> Plane:
    """How many of the picture's pixels have less, 0..1."""
    order = np.empty(plane.size, np.float32)
    order[np.argsort(plane.ravel(), kind="stable")] = np.arange(plane.size, dtype=np.float32)
    return order.reshape(plane.shape) / np.float32(plane.size)


def roughness(light: Plane) -> Plane:
    """How much fine detail there is around each pixel, in CIELAB lightness."""
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.5))
    return np.asarray(cv2.GaussianBlur(fine, (0, 0), 2.5), np.float32)


def features(small: Rgb) -> tuple[npt.NDArray[np.int32], Array]:
    """Patches of a working picture (H×W labels) and the features of each (patches×13)."""
    height = small.shape[0]
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    calm = cv2.bilateralFilter(small, 7, 30, 5).astype(np.float32) / 255
    label = superpixels(
        np.ascontiguousarray(cv2.cvtColor(calm, cv2.COLOR_RGB2LAB), np.float32), PATCHES, 10.0
    )
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    rough = roughness(light)
    soft = cv2.GaussianBlur(light, (0, 0), 1.0)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, dx, 1 - dx) / 8 for dx in (1, 0))
    slope = np.hypot(across, down).astype(np.float32)
    row = np.repeat(
        ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None], lab.shape[1], 1
    )
    above = np.cumsum(rough, axis=0) / np.arange(1, height + 1, dtype=np.float32)[:, None]
    edge = np.maximum.accumulate(cv2.GaussianBlur(slope, (0, 0), 1.2), axis=0)
    red, green, blue = (small[..., channel].astype(np.float32) for channel in range(3))
    planes = (
        light / 100, a / 50, b / 50, np.log1p(rough), np.log1p(slope), row, _rank(light), _rank(rough),
        np.log1p(above), np.log1p(edge), np.hypot(a, b) / 50, (blue - red) / 255,
        (2 * green - red - blue) / 255,
    )  # fmt: skip
    flat = label.ravel()
    count = np.maximum(1, np.bincount(flat))
    return label, np.stack([np.bincount(flat, plane.ravel()) / count for plane in planes], axis=1)


@late_kernel()
def _best(gain: Any, step: float, most: int, line: Any) -> None:
    """The `line` (a row for each column) of the greatest gain (columns×rows), less its steps."""
    cols, rows = gain.shape
    came = np.zeros((cols, rows), np.int32)
    best = gain[0].copy()
    for x in range(1, cols):
        top = 0
        for y in range(rows):
            if best[y] > best[top]:
                top = y
        least = best[top] - step * most
        for y in range(rows):
            came[x, y] = y
        for y in range(1, rows):
            if best[y - 1] - step > best[y]:
                best[y] = best[y - 1] - step
                came[x, y] = came[x, y - 1]
        for y in range(rows - 2, -1, -1):
            if best[y + 1] - step > best[y]:
                best[y] = best[y + 1] - step
                came[x, y] = came[x, y + 1]
        for y in range(rows):
            if best[y] < least:
                best[y] = least
                came[x, y] = top
            best[y] += gain[x, y]
    at = 0
    for y in range(rows):
        if best[y] > best[at]:
            at = y
    for x in range(cols - 1, -1, -1):
        line[x] = at
        at = came[x, at]


def skyline(small: Rgb, likely: Plane) -> tuple[npt.NDArray[np.int64], Plane]:
    """How many rows of sky each column has, and the contrast across each row's upper edge (H×W)."""
    height = small.shape[0]
    soft = cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32) / 255
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2LAB)
    above, below = (cv2.blur(lab, (1, 3), anchor=(0, end)) for end in (2, 0))
    contrast = np.sqrt(((above - np.roll(below, -1, axis=0)) ** 2).sum(axis=2)).astype(np.float32)
    odds = np.clip(np.log(np.maximum(likely, 1e-6) / np.maximum(1 - likely, 1e-6)), -5, 5)
    none = np.zeros((1, small.shape[1]))
    gain = np.vstack([none, np.cumsum(odds, axis=0) * WHOLE / height])
    edge = np.vstack([none, np.minimum(contrast, 25) / 25 * EDGE])
    edge[-1] = 0
    line = np.zeros(small.shape[1], np.int64)
    _best(np.ascontiguousarray((gain + edge).T), STEP, MOST, line)
    return line, contrast


def sure(small: Rgb, likely: Plane, line: npt.NDArray[np.int64], contrast: Plane) -> bool:
    """Whether a skyline is taken; see the bounds above."""
    height = small.shape[0]
    sky = np.arange(height)[:, None] < line[None]
    if not LEAST_AREA <= sky.mean() <= MOST_AREA or (line > 0.04 * height).mean() < WIDE:
        return False
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    rough = roughness(lab[..., 0])
    smooth = float(np.median(rough[sky]))
    ends = np.flatnonzero((line > 0) & (line < height))
    return bool(
        likely[sky].mean() >= LIKELY
        and smooth <= SMOOTH
        and np.median(rough[~sky]) >= ROUGHER * smooth
        and np.abs(np.diff(line)).mean() <= JAGGED * height
        and np.median(contrast[line[ends] - 1, ends]) >= CONTRAST
    )


def find_sky(picture: Rgb, using: Model | None = None) -> Mask | None:
    """The sky of `picture` (H×W×3 uint8 RGB): H×W uint8, 255 inside; None where it is not sure."""
    small = working(picture)
    label, found = features(small)
    likely = (using or model()).likelihood(found)[label].astype(np.float32)
    line, contrast = skyline(small, likely)
    if not sure(small, likely, line, contrast):
        return None
    mask = np.where(np.arange(small.shape[0])[:, None] < line[None], 255, 0).astype(np.uint8)
    size = (picture.shape[1], picture.shape[0])
    grown = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return _without_spires(picture, np.where(grown >= 128, 255, 0).astype(np.uint8))


def _without_spires(picture: Rgb, mask: Mask) -> Mask:
    """The sky without the thin things that stand up into it from below: spires, masts, twigs."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THIN, THIN))
    light = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    dark = np.asarray(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, disc))
    bright = np.asarray(cv2.morphologyEx(light, cv2.MORPH_TOPHAT, disc))
    thin = (np.maximum(dark, bright) > STANDS_OUT).astype(np.uint8)
    ground = (mask == 0).astype(np.uint8)
    _, label = cv2.connectedComponents(cv2.dilate(thin | ground, np.ones((3, 3), np.uint8)))
    stands = np.isin(label, np.unique(label[ground > 0])).astype(np.uint8)
    found = mask.copy()
    found[cv2.dilate(stands & (thin | ground), np.ones((5, 5), np.uint8)) > 0] = 0
    return found
