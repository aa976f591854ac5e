"""The noise levels of one film."""

from __future__ import annotations

from typing import Any

import numpy as np

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.families.legal import noise_levels


def schedule(pipe: Any, brief: Brief, checkpoint: Checkpoint) -> Any:
    """A scheduler for this film alone, so that nothing of the film before is left in it: with the brief's
    shift, from the noise that its strength leaves (all of it, where no film is made anew), and by the
    levels of a distilled checkpoint or LoRA, which are walked by Euler's steps as it learned them. Raises
    EngineFailed for another number of steps than theirs."""
    sigmas = noise_levels(brief, checkpoint)
    own: dict[str, Any] = {}
    if sigmas:
        own = {"solver_order": 1, "disable_corrector": list(range(len(sigmas)))}
        own[_shift(pipe.scheduler)] = 1.0  # the levels are shifted already
    elif brief.shift is not None:
        own[_shift(pipe.scheduler)] = brief.shift
    own = {name: value for name, value in own.items() if name in pipe.scheduler.config}
    made: Any = type(pipe.scheduler).from_config(pipe.scheduler.config, **own)
    _begin(made, sigmas, 1.0 if brief.video is None else brief.strength)
    return made


def _begin(scheduler: Any, sigmas: tuple[float, ...], strength: float) -> None:
    """Have `set_timesteps` keep only the last `strength` of the steps, at least one. All pipelines of the
    family then begin there when they are given the latents of that noise."""
    plain = scheduler.set_timesteps

    def set_timesteps(steps: int | None = None, device: Any = None) -> None:
        if sigmas:
            plain(sigmas=np.array(sigmas), device=device)
        else:
            plain(steps, device=device)
        every = len(scheduler.timesteps)
        skipped = every - max(1, round(every * strength))
        scheduler.timesteps = scheduler.timesteps[skipped:]
        scheduler.sigmas = scheduler.sigmas[skipped:]
        scheduler.num_inference_steps = every - skipped
        # else the first level is looked up by its whole number, and the second is taken for it where
        # a large shift gives both the same
        scheduler.set_begin_index(0)

    scheduler.set_timesteps = set_timesteps


def _shift(scheduler: Any) -> str:
    return "flow_shift" if "flow_shift" in scheduler.config else "shift"
