"""HunyuanVideo 1.5: a picture to video. The pipeline has neither a size nor a callback: its size is given to
it through the picture, and its steps are counted where it calls the transformer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import HunyuanVideo15ImageToVideoPipeline
from diffusers.pipelines.hunyuan_video1_5.image_processor import HunyuanVideo15ImageProcessor
from PIL import Image

from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.engines.diffusion.brief import Brief, Made, Watch
from mutoscope.engines.diffusion.families import legal
from mutoscope.engines.diffusion.families.steps import (
    Shown,
    Steps,
    encoded,
    frames,
    hooked,
    mapped,
    shifted,
    with_parts,
)
from mutoscope.engines.diffusion.worker.place import Place

WAYS: frozenset[Condition] = frozenset({"first"})


class Exact(HunyuanVideo15ImageProcessor):  # type: ignore[misc]
    """Keeps the picture's own size, which the brief has made a legal one, where the pipeline's would take
    the nearest of a list and cut the picture to it."""

    def calculate_default_height_width(
        self, height: int, width: int, target_size: int
    ) -> tuple[int, int]:
        return height, width


class Hunyuan15:
    """See `engines.diffusion.family.Family`."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any:
        pipe = HunyuanVideo15ImageToVideoPipeline.from_pretrained(
            folder, dtype=getattr(torch, place.dtype), local_files_only=True, **shared
        )
        pipe.set_progress_bar_config(disable=True)
        pipe.video_processor = Exact(
            vae_scale_factor=pipe.vae_scale_factor_spatial, do_resize=False, do_convert_rgb=True
        )
        return pipe

    def encode(self, pipe: Any, prompt: str, negative: str) -> dict[str, Any]:
        """What both text encoders make of the words; the second reads only what stands in quotes."""
        names = ("embeds", "embeds_mask", "embeds_2", "embeds_mask_2")
        return encoded(pipe, prompt, negative, names)

    def film(
        self, pipe: Any, brief: Brief, checkpoint: Checkpoint, watch: Watch,
        words: Mapping[str, Any] | None = None,
    ) -> Made:  # fmt: skip
        legal.check(brief, checkpoint, WAYS, shift=True)
        watch.stage("encode")
        counted = _Counted(pipe, Steps(watch, brief.steps, _shown(pipe)))
        told: dict[str, Any] = {"prompt": brief.prompt, "negative_prompt": brief.negative}
        if words is not None:
            told = {name: rows.to(pipe._execution_device) for name, rows in words.items()}
        parts = {}
        if pipe.guider.guidance_scale != brief.guidance:
            parts = {"guider": pipe.guider.new(guidance_scale=brief.guidance)}
        with with_parts(pipe, **parts, **shifted(pipe, brief)), hooked(pipe.transformer, counted):
            made = pipe(
                image=Image.fromarray(brief.keyframes[0].image), num_frames=brief.frames,
                num_inference_steps=brief.steps, output_type="pt",
                generator=torch.Generator("cpu").manual_seed(brief.seed), **told,
            )  # fmt: skip
        return Made(frames(made.frames[0]), notes=legal.unheard(brief, checkpoint))


class _Counted:
    """Told of every call of the transformer: guidance makes two of a step, and how many it makes is the
    guider's to say, since it may leave some steps alone."""

    def __init__(self, pipe: Any, steps: Steps) -> None:
        self._pipe, self._steps = pipe, steps
        self._step = self._calls = 0
        self._velocity: torch.Tensor | None = None

    def __call__(self, told: dict[str, Any], output: Any) -> None:
        if self._calls == 0:  # the pass with the prompt is the first
            self._velocity = output[0]
        self._calls += 1
        if self._calls < self._pipe.guider.num_conditions:
            return
        step, velocity = self._step, self._velocity
        self._step, self._calls, self._velocity = step + 1, 0, None
        assert velocity is not None
        noisy = told["hidden_states"][:, : velocity.shape[1]]
        levels = self._pipe.scheduler.sigmas  # on the device: read only for a preview
        self._steps.tell(step, lambda: noisy - levels[step].to(noisy) * velocity)


def _shown(pipe: Any) -> Shown:
    seen = mapped(pipe)
    return lambda latents: seen(latents[0, :, latents.shape[2] // 2])


FAMILY = Hunyuan15()
