"""Latents seen as a small picture, without decoding them: one linear map a VAE, fitted once.

    picture = latent_map(vae, encode)(latents)      # C×h×w → h×w×3, uint8

A VAE's latents are nearly a linear picture at a fraction of its size: their channels, weighed, give red,
green and blue. The weights are found from pictures that are drawn here and encoded by that very VAE, by
least squares; so every checkpoint has its own, and none is copied from anywhere.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope.engines.diffusion.brief import Rgb

#: Pictures that a map is fitted to, and their side in pixels.
PICTURES, SIDE = 6, 256
#: Keeps the weights small where a VAE's channels say nothing of colour.
RIDGE = 1e-3

Weights = npt.NDArray[np.float64]  # (C+1)×3: a row a channel, and one that is always there


@dataclass(frozen=True, slots=True)
class LatentMap:
    """Weights from a latent's channels to colours of 0..1."""

    weights: Weights

    def __call__(self, latents: Any) -> Rgb:
        """A frame's latents (a tensor or an array, C×h×w, normalised as the model has them) as h×w×3."""
        seen = _array(latents)
        colours = _with_one(seen.reshape(len(seen), -1).T) @ self.weights
        picture = colours.reshape(*seen.shape[1:], 3).clip(0, 1)
        return np.asarray(picture * 255 + 0.5, np.uint8)


_maps: weakref.WeakKeyDictionary[Any, LatentMap] = weakref.WeakKeyDictionary()


def latent_map(vae: Any, encode: Callable[[Rgb], Any]) -> LatentMap:
    """The map of this VAE, fitted the first time and kept as long as the VAE is. `encode` takes a picture
    (S×S×3, uint8) to its latents, C×h×w, normalised as they are while the model denoises."""
    if vae not in _maps:
        _maps[vae] = fitted((picture, _array(encode(picture))) for picture in pictures())
    return _maps[vae]


def fitted(pairs: Iterator[tuple[Rgb, npt.NDArray[np.float64]]]) -> LatentMap:
    """The least-squares map over pairs of a picture and its latents."""
    rows, colours = [], []
    for picture, latents in pairs:
        rows.append(latents.reshape(len(latents), -1).T)
        colours.append(_shrunk(picture, latents.shape[-2:]).reshape(-1, 3))
    known, wanted = np.concatenate(rows), np.concatenate(colours)
    middle, spread, mean = known.mean(axis=0), known.std(axis=0) + 1e-12, wanted.mean(axis=0)
    known = (known - middle) / spread
    square = known.T @ known / len(known) + RIDGE * np.eye(known.shape[1])
    found = np.linalg.solve(square, known.T @ (wanted - mean) / len(known)) / spread[:, None]
    weights: Weights = np.concatenate([found, (mean - middle @ found)[None]])
    return LatentMap(weights)


def pictures(count: int = PICTURES, side: int = SIDE) -> Iterator[Rgb]:
    """Pictures of soft colours with patches and edges in them, the same ones every time."""
    random = np.random.default_rng(20)
    at = np.linspace(0, 1, side)
    for _ in range(count):
        corners = random.uniform(0, 1, (2, 2, 3))
        left = corners[0, 0] + (corners[1, 0] - corners[0, 0]) * at[:, None]
        right = corners[0, 1] + (corners[1, 1] - corners[0, 1]) * at[:, None]
        picture = left[:, None] + (right - left)[:, None] * at[None, :, None]
        for _ in range(12):
            top, start = random.integers(0, side * 3 // 4, 2)
            high, wide = random.integers(side // 16, side // 3, 2)
            picture[top : top + high, start : start + wide] = random.uniform(0, 1, 3)
        yield np.asarray(picture * 255 + 0.5, np.uint8)


def _shrunk(picture: Rgb, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Means over equal cells, 0..1."""
    high, wide = shape
    cells = picture.reshape(high, len(picture) // high, wide, picture.shape[1] // wide, 3)
    return np.asarray(cells.mean(axis=(1, 3)) / 255, np.float64)


def _with_one(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)


def _array(latents: Any) -> npt.NDArray[np.float64]:
    if hasattr(latents, "detach"):  # a tensor, in whatever precision and wherever it lies
        latents = latents.detach().float().cpu().numpy()
    return np.asarray(latents, np.float64)
