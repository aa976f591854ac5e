"""A contact sheet of a character: each reference frame, and below it its cut-out over a chequered ground."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.characters.model import Frame

Rgb = npt.NDArray[np.uint8]

TILE, GAP, LINE = 300, 12, 26  # pixels: a tile's longer side, what is between, a line of words
ACROSS = 4
_GROUND, _WORDS, _BOX = (24, 24, 27), (200, 200, 205), (255, 190, 60)


def sheet(frames: Sequence[Frame], files: Sequence[tuple[Path, Path]]) -> Rgb:
    """H×W×3, uint8, RGB, of frames and the files of each: picture and cut-out."""
    cells = [
        _cell(n, frame, *pair) for n, (frame, pair) in enumerate(zip(frames, files, strict=True))
    ]
    across = min(ACROSS, max(1, len(cells)))
    high = max(cell.shape[0] for cell in cells)
    wide = max(cell.shape[1] for cell in cells)
    rows = math.ceil(len(cells) / across)
    size = (rows * (high + GAP) + GAP, across * (wide + GAP) + GAP, 3)
    out = np.full(size, _GROUND, np.uint8)
    for n, cell in enumerate(cells):
        top, left = GAP + n // across * (high + GAP), GAP + n % across * (wide + GAP)
        out[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
    return out


def _cell(n: int, frame: Frame, picture: Path, cutout: Path) -> Rgb:
    rgb = _fitted(_read(picture, cv2.IMREAD_COLOR)[..., ::-1])
    bgra = _fitted(_read(cutout, cv2.IMREAD_UNCHANGED))
    rgba = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGBA), np.uint8)
    height, width = rgb.shape[:2]
    left, right = (round(frame.box[side] * (width - 1)) for side in (0, 2))
    top, bottom = (round(frame.box[side] * (height - 1)) for side in (1, 3))
    framed = np.ascontiguousarray(rgb)
    cv2.rectangle(framed, (left, top), (right, bottom), _BOX, 1)
    faces = "" if not frame.faces else f"  face{'s' if frame.faces > 1 else ''}"
    words = np.full((LINE, width, 3), _GROUND, np.uint8)
    said = f"{n}  at {frame.at:g}  score {frame.score:.2f}{faces}"
    cv2.putText(words, said, (2, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _WORDS, 1, cv2.LINE_AA)
    return np.vstack([framed, words, _over_squares(rgba)])


def _over_squares(rgba: Rgb) -> Rgb:
    squares = (np.indices(rgba.shape[:2]).astype(np.int64) // 12).sum(0) % 2
    ground = np.where(squares[..., None] == 0, 170, 120).astype(np.float32)
    alpha = rgba[..., 3:].astype(np.float32) / 255
    mixed: Rgb = (rgba[..., :3] * alpha + ground * (1 - alpha) + 0.5).astype(np.uint8)
    return mixed


def _fitted(picture: Rgb) -> Rgb:
    height, width = picture.shape[:2]
    scale = TILE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _read(path: Path, how: int) -> Rgb:
    read = cv2.imdecode(np.fromfile(path, np.uint8), how)
    return np.asarray(read, np.uint8)
