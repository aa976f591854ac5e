"""Pictures and films as latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers.utils.torch_utils import randn_tensor

from mutoscope.engines.diffusion.brief import Frames, Rgb


def latents(vae: Any, frames: Frames, device: Any) -> torch.Tensor:
    """A film's latents, 1×C×n×h×w in float32, normalised as they are while the model denoises."""
    film = torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 255 * 2 - 1
    with torch.no_grad():
        found = vae.encode(film.to(device, vae.dtype)).latent_dist.mode().float()
    shape = (1, vae.config.z_dim, 1, 1, 1)
    mean = torch.tensor(vae.config.latents_mean).view(shape).to(device)
    scale = 1.0 / torch.tensor(vae.config.latents_std).view(shape).to(device)
    return (found - mean) * scale


def picture_latents(vae: Any, picture: Rgb, device: Any) -> torch.Tensor:
    """A picture's, C×h×w."""
    return latents(vae, picture[None], device)[0, :, 0]


def begun(
    way: Any, steps: int, video: Frames, generator: torch.Generator, before: Sequence[Rgb] = ()
) -> torch.Tensor:
    """Where a film that is made anew begins: its latents under the noise of the schedule's first level.
    `before` are pictures that stand before the film in the latents, a latent frame each."""
    device = way._execution_device
    parts = [latents(way.vae, picture[None], device) for picture in before]
    known = torch.cat([*parts, latents(way.vae, video, device)], dim=2)
    noise = randn_tensor(known.shape, generator=generator, device=device, dtype=torch.float32)
    way.scheduler.set_timesteps(steps, device=device)
    sigma = way.scheduler.sigmas[0].to(device)
    return (1 - sigma) * known + sigma * noise
