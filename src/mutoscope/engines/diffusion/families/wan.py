"""Wan 2.1 and 2.2: words, a picture, two pictures or a film to video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import WanImageToVideoPipeline, WanPipeline
from PIL import Image

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Made, Watch
from mutoscope.engines.diffusion.worker.place import Place


class Wan:
    """See `engines.diffusion.family.Family`."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any:
        return WanPipeline.from_pretrained(
            folder, dtype=getattr(torch, place.dtype), local_files_only=True, **shared
        )

    def film(self, pipe: Any, brief: Brief, checkpoint: Checkpoint, watch: Watch) -> Made:
        generator = torch.Generator("cpu").manual_seed(brief.seed)

        def told(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
            watch.step(step + 1, brief.steps)
            return values

        asked: dict[str, Any] = {}
        if brief.keyframes:
            pipe = WanImageToVideoPipeline.from_pipe(pipe)
            asked["image"] = Image.fromarray(brief.keyframes[0].image)
        frames = pipe(
            prompt=brief.prompt, negative_prompt=brief.negative, height=brief.size.height,
            width=brief.size.width, num_frames=brief.frames, num_inference_steps=brief.steps,
            guidance_scale=brief.guidance, generator=generator, output_type="np",
            callback_on_step_end=told, **asked,
        ).frames[0]  # fmt: skip
        return Made((np.clip(frames, 0, 1) * 255 + 0.5).astype(np.uint8))


FAMILY = Wan()
