"""What several families share: words read apart, what a pipeline does told step by step, what it made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from mutoscope.engines.diffusion.brief import Brief, Frames, Rgb, Watch
from mutoscope.engines.diffusion.worker.preview import LatentMap, latent_map
from mutoscope.errors import EngineFailed

#: Latents → a small picture of what they show.
Shown = Callable[[torch.Tensor], Rgb]


class Steps:
    """A `callback_on_step_end` for flow matching with Euler's steps: it tells the watch, and what is
    previewed is the film that the latents are on their way to, without the noise still in them."""

    def __init__(self, watch: Watch, of: int, shown: Shown) -> None:
        self._watch, self._of, self._shown = watch, of, shown
        self._before: torch.Tensor | None = None

    def __call__(self, pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        latents: torch.Tensor = values["latents"]
        self.done(step, latents, pipe.scheduler.sigmas)
        return {}

    def done(self, step: int, latents: torch.Tensor, sigmas: torch.Tensor) -> None:
        """`latents` are what step number `step` left. Raises Cancelled."""
        before, self._before = self._before, latents.clone()
        self.tell(
            step, lambda: clean(before, latents, float(sigmas[step]), float(sigmas[step + 1]))
        )

    def tell(self, step: int, aimed: Callable[[], torch.Tensor]) -> None:
        """Step number `step` is done; `aimed` gives the latents that it was aimed at."""
        self._watch.step(step + 1, self._of, lambda: self._shown(aimed()))
        if step + 1 == self._of:
            self._watch.stage("decode")


def clean(
    before: torch.Tensor | None, after: torch.Tensor, high: float, low: float
) -> torch.Tensor:
    """The latents without noise that a step from noise level `high` to `low` was aimed at: a step moves
    along the velocity, so two of its points give the line's end."""
    if before is None or high <= low:
        return after
    return after - low * (after - before) / (low - high)


@contextmanager
def hooked(module: Any, after: Callable[[dict[str, Any], Any], None]) -> Iterator[None]:
    """Call `after(keywords, output)` after each call of the module, for pipelines without a callback. What
    it raises ends the pipeline's work."""

    def hook(_: Any, __: Any, keywords: dict[str, Any], output: Any) -> None:
        after(keywords, output)

    handle = module.register_forward_hook(hook, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def with_parts(pipe: Any, **parts: Any) -> Iterator[None]:
    """The pipeline with other components for a while; however that ends, it has its own again, and what
    was moved to the device for a film that was given up is moved back."""
    before = {name: getattr(pipe, name) for name in parts}
    for name, part in parts.items():
        setattr(pipe, name, part)
    try:
        yield
    except BaseException:
        pipe.maybe_free_model_hooks()
        raise
    finally:
        for name, part in before.items():
            setattr(pipe, name, part)


def encoded(pipe: Any, prompt: str, negative: str, names: Sequence[str]) -> dict[str, Any]:
    """What the pipeline's text encoders make of the words and of those against them, on the CPU. `names` are
    those of what they give, as the pipeline takes it behind "prompt_" and "negative_prompt_"."""
    words: dict[str, Any] = {}
    for which, text in (("prompt", prompt), ("negative_prompt", negative)):
        with torch.no_grad():
            found = pipe.encode_prompt(
                prompt=text, device=pipe._execution_device, dtype=pipe.transformer.dtype
            )
        words |= {f"{which}_{name}": rows.cpu() for name, rows in zip(names, found, strict=True)}
    return words


def shifted(pipe: Any, brief: Brief) -> dict[str, Any]:
    """The scheduler with the brief's shift of the noise, where it has one; see `with_parts`."""
    if brief.shift is None:
        return {}
    plain = pipe.scheduler
    return {"scheduler": type(plain).from_config(plain.config, shift=brief.shift)}


def centred(film: Frames, device: Any, dtype: Any) -> torch.Tensor:
    """Frames as 1×3×N×H×W, -1..1."""
    pixels = torch.from_numpy(film).to(device).permute(3, 0, 1, 2)[None]
    return pixels.to(torch.float32).div(127.5).sub(1).to(dtype)


def mapped(pipe: Any) -> LatentMap:
    """What shows latents of a VAE that only scales them, whose `latent_dist` is their distribution."""

    def encoded(picture: Rgb) -> Any:
        vae = pipe.vae
        with torch.no_grad():
            found = vae.encode(centred(picture[None], pipe._execution_device, vae.dtype))
        return found.latent_dist.mode()[0, :, 0] * vae.config.scaling_factor

    return latent_map(pipe.vae, encoded)


def frames(video: torch.Tensor) -> Frames:
    """N×3×H×W, 0..1, as frames. Raises EngineFailed where there is no picture in them: in low precision
    a model may run out of numbers, and its film would be black."""
    parts = []
    for part in video.split(16):  # a whole film in float32 would be a second one in memory
        exact = part.float()  # in bfloat16, 255 levels are not
        if not bool(torch.isfinite(exact).all()):
            raise EngineFailed(
                "the model's numbers ran out of range, and there is no picture in its film; "
                "another seed, or float32 in place of a lower precision, may help"
            )
        levels = exact.mul(255).add_(0.5).clamp_(0, 255).to(torch.uint8)
        parts.append(levels.permute(0, 2, 3, 1).cpu().numpy())
    return np.ascontiguousarray(np.concatenate(parts))
