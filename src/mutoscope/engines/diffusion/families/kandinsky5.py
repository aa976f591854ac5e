"""Kandinsky 5: a picture to video."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import Kandinsky5I2VPipeline
from PIL import Image
from transformers import AutoTokenizer

from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.engines.diffusion.brief import Brief, Made, Watch
from mutoscope.engines.diffusion.families import legal
from mutoscope.engines.diffusion.families.steps import (
    Shown,
    Steps,
    encoded,
    frames,
    mapped,
    shifted,
    with_parts,
)
from mutoscope.engines.diffusion.worker.place import Place

WAYS: frozenset[Condition] = frozenset({"first"})


class Words:
    """The tokenizer within the checkpoint's processor. The pipeline asks the processor for words alone,
    and the processor cannot be made without torchvision, for films that nobody shows it."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.decode = tokenizer.decode

    def __call__(self, text: list[str], images: None, videos: None, **told: Any) -> Any:
        return self.tokenizer(text, **told)


class Kandinsky5:
    """See `engines.diffusion.family.Family`."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any:
        shared = {name: part for name, part in shared.items() if name != "tokenizer"}
        pipe = Kandinsky5I2VPipeline.from_pretrained(
            folder, dtype=getattr(torch, place.dtype), local_files_only=True, tokenizer=None,
            **shared,
        )  # fmt: skip
        pipe.tokenizer = Words(
            AutoTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
        )
        pipe.set_progress_bar_config(disable=True)
        if pipe.transformer.config.attention_type == "nabla":
            pipe.transformer.set_attention_backend("flex")  # no other takes its blocks of attention
        return pipe

    def encode(self, pipe: Any, prompt: str, negative: str) -> dict[str, Any]:
        """What both text encoders make of the words, and how many tokens there are."""
        names = ("embeds_qwen", "embeds_clip", "cu_seqlens")
        return encoded(pipe, prompt, negative, names)

    def film(
        self, pipe: Any, brief: Brief, checkpoint: Checkpoint, watch: Watch,
        words: Mapping[str, Any] | None = None,
    ) -> Made:  # fmt: skip
        legal.check(brief, checkpoint, WAYS, shift=True)
        watch.stage("encode")
        # Left out, the negative prompt would be one of the pipeline's own.
        told: dict[str, Any] = {"prompt": brief.prompt, "negative_prompt": brief.negative}
        if words is not None:
            told = {name: rows.to(pipe._execution_device) for name, rows in words.items()}
        with with_parts(pipe, **shifted(pipe, brief)):
            made = pipe(
                image=Image.fromarray(brief.keyframes[0].image), height=brief.size.height,
                width=brief.size.width, num_frames=brief.frames, output_type="pt",
                num_inference_steps=brief.steps, guidance_scale=brief.guidance,
                generator=torch.Generator("cpu").manual_seed(brief.seed),
                callback_on_step_end=Steps(watch, brief.steps, _shown(pipe)), **told,
            )  # fmt: skip
        return Made(frames(made.frames[0]), notes=legal.unheard(brief, checkpoint))


def _shown(pipe: Any) -> Shown:
    seen = mapped(pipe)
    channels = pipe.vae.config.latent_channels  # behind them are those of the picture and its mask
    return lambda latents: seen(latents[0, latents.shape[1] // 2, :, :, :channels].permute(2, 0, 1))


FAMILY = Kandinsky5()
