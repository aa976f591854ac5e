"""LTX-2 and its kin: words, pictures at any frame, frames to go on from, a film; with sound."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import LTX2ConditionPipeline, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

from mutoscope.catalog.checkpoint import Checkpoint, Condition
from mutoscope.engines.diffusion.brief import Brief, Made, Rgb, Samples, Watch
from mutoscope.engines.diffusion.families import legal, lora, ltx2_remake
from mutoscope.engines.diffusion.families.steps import Shown, Steps, frames, with_parts
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.engines.diffusion.worker.preview import latent_map
from mutoscope.errors import EngineFailed

WAYS: frozenset[Condition] = frozenset({"frame", "lead", "video"})
#: Numbers of a checkpoint's `options`, with what they are where it says nothing: the guidance of the sound,
#: by spatio-temporal perturbation (of which block) and by keeping picture and sound apart, how far its
#: excess is taken back, and whether each of the two is told the other's noise level (from LTX-2.3 on).
OPTIONS = {
    "sound_guidance": 7.0,
    "stg": 1.0,
    "stg_block": 28.0,
    "modality": 3.0,
    "rescale": 0.7,
    "cross_timestep": 1.0,
}
UNPRESSED = (
    "the pictures were given as they are: PyAV is not installed here, which would press them as those"
    " that the model learnt from; the film may move less"
)


class Ltx2:
    """See `engines.diffusion.family.Family`. The parts that rewrite prompts, or guess a film's length, are not
    loaded."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any:
        told: dict[str, Any] = {"dtype": getattr(torch, place.dtype), "local_files_only": True}
        # Where a checkpoint says nothing of perturbed attention, as LTX-2.0's does, a pass with it would
        # be made and change nothing. It is a way to compute, with no weights of its own.
        denoiser = LTX2VideoTransformer3DModel.from_pretrained(
            folder, subfolder="transformer", perturbed_attn=True, **told
        )
        pipe = LTX2ConditionPipeline.from_pretrained(
            folder, processor=None, prompt_enhancer=None, duration_head=None,
            **({"transformer": denoiser} | shared),
            **told,
        )  # fmt: skip
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def wear(self, pipe: Any, name: str, files: Mapping[str, Path]) -> None:
        """Lay a LoRA over the model, or take it off; see `lora.wear`."""
        lora.wear(pipe, name, files)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def encode(self, pipe: Any, prompt: str, negative: str) -> dict[str, Any]:
        """The words' embeddings, on the CPU: only the tokens that there are, since each is a row of all of
        the text encoder's layers, and the full length would be hundreds of megabytes."""
        found = pipe.encode_prompt(prompt, negative, do_classifier_free_guidance=True)
        named = zip(("prompt", "negative_prompt"), (found[:2], found[2:]), strict=True)
        words: dict[str, Any] = {}
        for name, (rows, mask) in named:
            there = mask[0].bool()
            words[name] = rows[:, there].cpu()
            words["length"] = mask.shape[1]
        return words

    def film(
        self, pipe: Any, brief: Brief, checkpoint: Checkpoint, watch: Watch,
        words: Mapping[str, Any] | None = None,
    ) -> Made:  # fmt: skip
        legal.check(brief, checkpoint, WAYS, shift=False)
        levels = legal.noise_levels(brief, checkpoint)
        if (worn := lora.worn(pipe)) != brief.lora:
            raise EngineFailed(
                f"{checkpoint.repository} is asked for the LoRA {brief.lora!r} and has {worn!r}"
            )
        pressed = find_spec("av") is not None
        conditions = _conditions(brief, pressed)
        notes = legal.unheard(brief, checkpoint)
        if not pressed and any(len(one.frames.shape) == 3 for one in conditions):
            notes = (*notes, UNPRESSED)  # films are never pressed
        watch.stage("encode")
        remade = ltx2_remake.schedule(pipe, brief, levels)
        with with_parts(pipe, **remade.parts):
            made = pipe(
                **(_told(brief) if words is None else _embedded(words, pipe)),
                conditions=conditions, width=brief.size.width, height=brief.size.height,
                num_frames=brief.frames, frame_rate=brief.fps, output_type="pt",
                generator=torch.Generator("cpu").manual_seed(brief.seed),
                callback_on_step_end=Steps(watch, remade.steps, _shown(pipe, brief)),
                **_guidance(brief, checkpoint), **remade.asked,
            )  # fmt: skip
        rate = int(pipe.vocoder.config.output_sampling_rate)
        sound = _samples(made.audio[0], brief.frames / brief.fps, rate) if brief.sound else None
        return Made(frames(made.frames[0]), sound, rate if brief.sound else 0, notes)


def _conditions(brief: Brief, pressed: bool) -> list[LTX2VideoCondition]:
    """The frames to go on from, and the pictures, each at its own frame.

    The pipeline counts in latent frames, of which the last begins seven frames before the film's end. It
    reckons a picture's place in the film's frames from that, so a fraction of one names any frame exactly.
    """
    found = []
    crf = None if pressed else 0
    lead = 0 if brief.lead is None else len(brief.lead)
    if brief.lead is not None:
        if lead % 8 != 1 or lead >= brief.frames:
            raise EngineFailed(
                f"{lead} frames to go on from are not 8·k + 1, fewer than the film's"
            )
        found.append(LTX2VideoCondition(brief.lead if lead > 1 else brief.lead[0], 0, 1.0, crf))
    for one in brief.keyframes:
        if one.frame < lead:
            raise EngineFailed(f"frame {one.frame} is one of those that the film goes on from")
        place = 0 if one.frame == 0 else 1 + (one.frame - 1) / 8
        found.append(LTX2VideoCondition(one.image, place, one.strength, crf))
    return found


def _guidance(brief: Brief, checkpoint: Checkpoint) -> dict[str, Any]:
    """How strongly the words lead, and what else does. All of it is off where guidance is."""
    if unknown := checkpoint.options.keys() - OPTIONS.keys():
        raise EngineFailed(f"options of {checkpoint.repository}: {', '.join(sorted(unknown))}?")
    told = OPTIONS | checkpoint.options
    free = brief.guidance > 1
    both = {
        "guidance_scale": (brief.guidance, told["sound_guidance"] if free else brief.guidance),
        "stg_scale": (told["stg"] if free else 0.0,) * 2,
        "modality_scale": (told["modality"] if free else 1.0,) * 2,
        "guidance_rescale": (told["rescale"] if free else 0.0,) * 2,
    }
    asked: dict[str, Any] = {name: video for name, (video, _) in both.items()}
    asked |= {f"audio_{name}": sound for name, (_, sound) in both.items()}
    asked["spatio_temporal_guidance_blocks"] = [int(told["stg_block"])]
    asked["use_cross_timestep"] = bool(told["cross_timestep"])
    return asked


def _told(brief: Brief) -> dict[str, Any]:
    return {"prompt": brief.prompt, "negative_prompt": brief.negative}


def _embedded(words: Mapping[str, Any], pipe: Any) -> dict[str, Any]:
    """Embeddings in their full length, the words at its end."""
    asked: dict[str, Any] = {}
    for name in ("prompt", "negative_prompt"):
        rows = words[name].to(pipe._execution_device)
        pad = words["length"] - rows.shape[1]
        asked[f"{name}_embeds"] = torch.nn.functional.pad(rows, (0, 0, pad, 0))
        mask = torch.ones(rows.shape[:2], dtype=torch.int64, device=rows.device)
        asked[f"{name}_attention_mask"] = torch.nn.functional.pad(mask, (pad, 0))
    return asked


def _samples(audio: torch.Tensor, seconds: float, rate: int) -> Samples:
    """Channels×samples as samples×channels, as long as the film: the sound's own grid is a little coarser."""
    there = audio.float().cpu().numpy().T
    wanted = round(seconds * rate)
    found = np.zeros((wanted, there.shape[1]), np.float32)
    found[: len(there)] = there[:wanted]
    return np.clip(found, -1.0, 1.0)


def _shown(pipe: Any, brief: Brief) -> Shown:
    """The frame in the midst of the film's latents, which are one row of tokens."""
    ratio = pipe.vae_spatial_compression_ratio
    shape = (
        (brief.frames - 1) // pipe.vae_temporal_compression_ratio + 1,
        brief.size.height // ratio,
        brief.size.width // ratio,
    )

    def encoded(picture: Rgb) -> Any:
        vae = pipe.vae
        raw = ltx2_remake.latents(pipe, picture[None])
        return pipe._normalize_latents(raw, vae.latents_mean, vae.latents_std)[0, :, 0]

    seen = latent_map(pipe.vae, encoded)

    def shown(latents: torch.Tensor) -> Rgb:
        tokens = latents[:, : shape[0] * shape[1] * shape[2]]  # what follows are the keyframes'
        return seen(pipe._unpack_latents(tokens, *shape)[0, :, shape[0] // 2])

    return shown


FAMILY = Ltx2()
