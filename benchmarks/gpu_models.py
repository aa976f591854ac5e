"""Models of the real shapes with weights drawn at random, built on the device itself."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mutoscope.engines.diffusion.brief import Brief
from mutoscope.shot import Size

TABLE = Path(__file__).with_suffix(".toml")

#: Words that the tokenizer knows; it stands in for UMT5's, of which each prompt makes 512 tokens, too.
VOCABULARY = ("<pad>", "</s>", "<unk>", "a", "the", "cat", "cup", "sea", "slow", "push", "in", "on")


@dataclass(frozen=True)
class Spec:
    """One model of the table; `parts` are its components' configurations."""

    name: str
    title: str
    family: str
    size: Size
    frames: int
    measured_steps: int
    steps: int
    guidance: float
    source: str
    contract: str = ""  # of the model in the catalogue that is filmed so
    shift: float = 5.0
    expand_timesteps: bool = False
    boundary_ratio: float | None = None
    experts: int = 1
    rounds: int = 2  # films of each side, in turn
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def brief(self) -> Brief:
        """What is filmed: from a picture, with the steps that are measured."""
        return Brief(
            prompt="", size=self.size, frames=self.frames, fps=24, seed=1,
            steps=self.measured_steps, guidance=self.guidance,
        )  # fmt: skip


def spec(name: str, tiny: bool) -> Spec:
    """The table's row of that name, with `tiny` laid over it where that is wanted."""
    row = tomllib.loads(TABLE.read_text(encoding="utf-8"))[name]
    over = row.pop("tiny", {})
    if tiny:
        for key, value in over.items():
            row[key] = row.get(key, {}) | value if isinstance(value, dict) else value
    parts = {key: row.pop(key) for key in [k for k, v in row.items() if isinstance(v, dict)]}
    wide, high = map(int, row.pop("size").split("x"))
    return Spec(name=name, size=Size(wide, high), parts=parts, **row)


def built(spec: Spec, device: str, dtype: Any) -> Any:
    """The pipeline, on the device, as its makers say to run it: all in `dtype` but Wan's VAE, in float32."""
    return {"wan": _wan, "ltx2": _ltx2}[spec.family](spec, device, dtype)


def asked(spec: Spec, device: str, dtype: Any) -> dict[str, Any]:
    """What both sides are asked for: the same picture, words that are encoded already, latents."""
    import torch
    from PIL import Image

    dice = torch.Generator("cpu").manual_seed(7)
    rgb = np.random.default_rng(7).integers(0, 256, (spec.size.height, spec.size.width, 3), "uint8")

    def words(tokens: int, wide: int) -> Any:
        return torch.randn((1, tokens, wide), generator=dice).to(device, dtype)

    common = {
        "image": Image.fromarray(rgb), "height": spec.size.height, "width": spec.size.width,
        "num_frames": spec.frames, "num_inference_steps": spec.measured_steps,
        "guidance_scale": spec.guidance, "output_type": "latent",
    }  # fmt: skip
    if spec.family == "wan":
        wide = spec.parts["transformer"]["text_dim"]
        return common | {
            "prompt_embeds": words(512, wide), "negative_prompt_embeds": words(512, wide),
        }  # fmt: skip
    connectors = spec.parts["connectors"]
    wide = connectors["caption_channels"] * connectors["text_proj_in_factor"]
    tokens = 1024 if wide > 1000 else 32
    mask = torch.ones((1, tokens), dtype=torch.int64, device=device)
    off = {"stg_scale": 0.0, "modality_scale": 1.0, "guidance_rescale": 0.0}
    off |= {f"audio_{key}": value for key, value in off.items()}
    off["audio_guidance_scale"] = spec.guidance
    return common | off | {
        "prompt_embeds": words(tokens, wide), "prompt_attention_mask": mask, "image_crf": 0,
    }  # fmt: skip


def _on(device: str, dtype: Any, make: Callable[[], Any]) -> Any:
    """What `make` makes, its weights drawn on the device, in `dtype`."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            return make().eval().requires_grad_(False)
    finally:
        torch.set_default_dtype(before)


def _wan(spec: Spec, device: str, dtype: Any) -> Any:
    import torch
    from diffusers import (
        AutoencoderKLWan,
        UniPCMultistepScheduler,
        WanImageToVideoPipeline,
        WanTransformer3DModel,
    )

    torch.manual_seed(0)
    shape, coder = spec.parts["transformer"], spec.parts["vae"]
    still = {"latents_mean": [0.0] * coder["z_dim"], "latents_std": [1.0] * coder["z_dim"]}
    experts = [
        _on(device, dtype, lambda: WanTransformer3DModel(**shape)) for _ in range(spec.experts)
    ]
    vae = _on(device, torch.float32, lambda: AutoencoderKLWan(**coder, **still))
    words = spec.parts.get("words")
    return WanImageToVideoPipeline(
        tokenizer=_tokenizer() if words else None,
        text_encoder=_on(device, dtype, lambda: _umt5(words)) if words else None,
        vae=vae, transformer=experts[0], transformer_2=experts[1] if spec.experts > 1 else None,
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=spec.shift
        ),
        boundary_ratio=spec.boundary_ratio, expand_timesteps=spec.expand_timesteps,
    )  # fmt: skip


def _ltx2(spec: Spec, device: str, dtype: Any) -> Any:
    import torch
    from diffusers import (
        AutoencoderKLLTX2Audio,
        AutoencoderKLLTX2Video,
        FlowMatchEulerDiscreteScheduler,
        LTX2ImageToVideoPipeline,
        LTX2VideoTransformer3DModel,
    )
    from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2Vocoder

    torch.manual_seed(0)

    def part(kind: Any, name: str) -> Any:
        return _on(device, dtype, lambda: kind(**spec.parts.get(name, {})))

    return LTX2ImageToVideoPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True, base_shift=0.95, max_shift=2.05, base_image_seq_len=1024,
            max_image_seq_len=4096, shift_terminal=0.1,
        ),
        vae=part(AutoencoderKLLTX2Video, "vae"), audio_vae=part(AutoencoderKLLTX2Audio, "audio_vae"),
        text_encoder=None, tokenizer=None, connectors=part(LTX2TextConnectors, "connectors"),
        transformer=part(LTX2VideoTransformer3DModel, "transformer"),
        vocoder=part(LTX2Vocoder, "vocoder"),
    )  # fmt: skip


def _umt5(shape: dict[str, Any]) -> Any:
    from transformers import UMT5Config, UMT5EncoderModel

    return UMT5EncoderModel(UMT5Config(**shape, decoder_start_token_id=0))


def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    known = {word: place for place, word in enumerate(VOCABULARY)}
    inner = Tokenizer(WordLevel(known, unk_token="<unk>"))
    inner.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
