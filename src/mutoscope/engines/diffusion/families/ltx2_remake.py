"""LTX-2's noise: the levels it was distilled for, and a film made anew from some way into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import calculate_shift

from mutoscope.engines.diffusion.brief import Brief, Frames
from mutoscope.engines.diffusion.families.steps import centred

Levels = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`steps` that are really made; `parts` of the pipeline and what it is `asked` for them."""

    steps: int
    parts: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)


class Apart(FlowMatchEulerDiscreteScheduler):  # type: ignore[misc]
    """Goes its own `levels` whatever it is told: the sound is made from nothing while the film beside it is
    only changed, and so starts at another level of noise."""

    levels: Levels = ()

    def set_timesteps(
        self,
        num_inference_steps: int | None = None,
        device: Any = None,
        sigmas: list[float] | None = None,  # the pipeline looks for this name
        **told: Any,
    ) -> None:
        super().set_timesteps(sigmas=list(self.levels), device=device)
        # A step is told the film's time, which is none of these: count instead of looking it up.
        self.set_begin_index(0)


def schedule(pipe: Any, brief: Brief, levels: Levels) -> Schedule:
    """`levels` are the noise levels that the weights were distilled for, none for the scheduler's. A film
    to be made anew is noised to the level that the last `strength` of the steps begins at, and those are
    made (one at the least)."""
    if brief.video is None:
        if not levels:
            return Schedule(brief.steps, asked={"num_inference_steps": brief.steps})
        asked = {"num_inference_steps": len(levels), "sigmas": list(levels)}
        # One scheduler for both: the checkpoint's own for sound would shift the levels.
        return Schedule(len(levels), {"scheduler": _plain(pipe), "audio_scheduler": None}, asked)
    whole = levels or _own(pipe, brief)
    steps = min(max(round(len(whole) * brief.strength), 1), len(whole))
    rest = list(whole[len(whole) - steps :])
    apart = Apart.from_config(_plain(pipe).config)
    picks = np.linspace(0, len(whole) - 1, steps) if steps > 1 else np.zeros(1)
    apart.levels = tuple(whole[round(float(pick))] for pick in picks)
    asked = {
        "num_inference_steps": steps, "sigmas": rest, "noise_scale": rest[0],
        "latents": latents(pipe, brief.video),
    }  # fmt: skip
    return Schedule(steps, {"scheduler": _plain(pipe), "audio_scheduler": apart}, asked)


def _plain(pipe: Any) -> FlowMatchEulerDiscreteScheduler:
    """The scheduler without what it would do to levels that are already the right ones."""
    return FlowMatchEulerDiscreteScheduler.from_config(
        pipe.scheduler.config, use_dynamic_shifting=False, shift_terminal=None, shift=1.0
    )


def _own(pipe: Any, brief: Brief) -> Levels:
    """The levels that the pipeline goes by itself, for a film of that size and length."""
    ratio = pipe.vae_spatial_compression_ratio
    tokens = (brief.frames - 1) // pipe.vae_temporal_compression_ratio + 1
    tokens *= (brief.size.height // ratio) * (brief.size.width // ratio)
    config = pipe.scheduler.config
    shift = calculate_shift(
        tokens, config.get("base_image_seq_len", 1024), config.get("max_image_seq_len", 4096),
        config.get("base_shift", 0.95), config.get("max_shift", 2.05),
    )  # fmt: skip
    scheduler = FlowMatchEulerDiscreteScheduler.from_config(config)
    scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / brief.steps, brief.steps), mu=shift)
    return tuple(float(level) for level in scheduler.sigmas[:-1])


def latents(pipe: Any, film: Frames) -> torch.Tensor:
    """1×C×F×h×w, as the encoder gives them."""
    pixels = centred(film, pipe._execution_device, pipe.vae.dtype)
    with torch.no_grad():
        encoded = pipe.vae.encode(pixels)
    return encoded.latent_dist.mode().float()
