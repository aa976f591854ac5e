"""A small picture of latents, by a map that is fitted to the checkpoint's own VAE."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from mutoscope.engines.diffusion.brief import Rgb
from mutoscope.engines.diffusion.worker import preview


class Vae:
    """Anything that can be held weakly."""


def encoder(channels: int = 6) -> Any:
    """A VAE whose latents are the picture's means, mixed, with a channel that says nothing."""
    random = np.random.default_rng(3)
    mix = random.normal(0, 1, (3, channels))

    def encode(picture: Rgb) -> Any:
        cells = picture.reshape(len(picture) // 8, 8, picture.shape[1] // 8, 8, 3).mean(axis=(1, 3))
        latents = (cells / 127.5 - 1) @ mix
        return np.moveaxis(np.tanh(latents * 0.2), -1, 0)

    return encode


def test_latents_are_seen_in_the_colours_of_their_picture() -> None:
    encode, random = encoder(), np.random.default_rng(8)
    picture = np.repeat(np.repeat(random.integers(0, 255, (4, 6, 3), dtype=np.uint8), 8, 0), 8, 1)
    seen = preview.latent_map(Vae(), encode)(encode(picture))
    assert seen.shape == (4, 6, 3)
    assert seen.dtype == np.uint8
    assert np.abs(seen.astype(int) - picture[::8, ::8]).mean() < 12


def test_a_vae_is_asked_once_and_forgotten_with_the_vae() -> None:
    asked, encode = [], encoder()

    def counted(picture: Rgb) -> Any:
        asked.append(picture)
        return encode(picture)

    vae = Vae()
    first = preview.latent_map(vae, counted)
    assert preview.latent_map(vae, counted) is first
    assert len(asked) == preview.PICTURES
    kept = len(preview._maps)
    del vae
    gc.collect()
    assert len(preview._maps) == kept - 1


def test_pictures_to_fit_with_are_the_same_every_time_and_have_all_colours() -> None:
    one, other = list(preview.pictures()), list(preview.pictures())
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    levels = np.stack(one).reshape(-1, 3)
    assert levels.min() < 20
    assert levels.max() > 235


def test_channels_that_say_nothing_do_no_harm() -> None:
    seen = preview.latent_map(Vae(), lambda picture: np.zeros((48, 32, 32)))(np.ones((48, 2, 3)))
    assert np.ptp(seen) < 80  # about the mean of all pictures


@pytest.mark.torch
@pytest.mark.parametrize("name", ["ti2v", "t2v"])
def test_it_sees_what_a_wan_vae_encoded(name: str) -> None:
    """Better than the mean colour, though a VAE with random weights keeps little of a picture."""
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from engines.diffusion.wan_made import pipe
    from mutoscope.engines.diffusion.families.wan.latents import picture_latents

    vae = pipe(name).vae

    def encode(picture: Rgb) -> Any:
        return picture_latents(vae, picture, "cpu")

    seen, true = [], []
    for shown in preview.pictures():
        seen.append(preview.latent_map(vae, encode)(encode(shown)).astype(float))
        side = len(shown) // len(seen[-1])
        cells = shown.reshape(len(shown) // side, side, len(shown) // side, side, 3)
        true.append(cells.mean(axis=(1, 3)))
    rest = np.mean((np.stack(seen) - true) ** 2)
    assert rest < 0.9 * np.var(true, axis=(0, 1, 2)).mean()
