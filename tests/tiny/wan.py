"""Wan checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.words import tokenizer, umt5

#: CLIP's picture and its patches: 8 of them and the class token make 5 tokens a picture.
CLIP_SIDE, CLIP_PATCH = 16, 8


def ti2v(folder: Path) -> Path:
    """Wan2.2-TI2V-5B: 48 latent channels become 8, sides are multiples of 32."""
    from diffusers import AutoencoderKLWan, WanPipeline

    _seeded()
    vae = AutoencoderKLWan(
        base_dim=4, decoder_base_dim=4, z_dim=8, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True], is_residual=True, in_channels=12, out_channels=12,
        patch_size=2, scale_factor_temporal=4, scale_factor_spatial=16,
        latents_mean=[0.0] * 8, latents_std=[1.0] * 8,
    )  # fmt: skip
    return _saved(
        WanPipeline, folder, vae=vae.eval(), transformer=_transformer(8), expand_timesteps=True
    )


def t2v(folder: Path) -> Path:
    """Wan2.1-T2V: words alone."""
    from diffusers import WanPipeline

    _seeded()
    return _saved(WanPipeline, folder, vae=vae(), transformer=_transformer(4))


def a14b(folder: Path) -> Path:
    """Wan2.2-I2V-A14B: two experts, and no image encoder. The pictures come in 8 further channels: their
    latents and 4 of mask."""
    from diffusers import WanImageToVideoPipeline

    _seeded()
    return _saved(
        WanImageToVideoPipeline, folder, vae=vae(), transformer=_transformer(12),
        transformer_2=_transformer(12), boundary_ratio=0.9, image_encoder=None, image_processor=None,
    )  # fmt: skip


def i2v(folder: Path, *, pair: bool = False) -> Path:
    """Wan2.1-I2V, with CLIP; `pair`: Wan2.1-FLF2V, whose CLIP sees the last picture too."""
    from diffusers import WanImageToVideoPipeline
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

    _seeded()
    settings = CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        image_size=CLIP_SIDE, patch_size=CLIP_PATCH,
    )  # fmt: skip
    clip = CLIPVisionModel(settings)
    tokens = (CLIP_SIDE // CLIP_PATCH) ** 2 + 1
    seen = {"image_dim": 16, "added_kv_proj_dim": 24}
    if pair:
        seen["pos_embed_seq_len"] = 2 * tokens
    processor = CLIPImageProcessor(
        crop_size=CLIP_SIDE, size={"height": CLIP_SIDE, "width": CLIP_SIDE}
    )
    return _saved(
        WanImageToVideoPipeline, folder, vae=vae(), transformer=_transformer(12, **seen),
        image_encoder=clip.eval(), image_processor=processor,
    )  # fmt: skip


def flf2v(folder: Path) -> Path:
    """Wan2.1-FLF2V."""
    return i2v(folder, pair=True)


def vae() -> Any:
    """Wan 2.1's: 16 latent channels become 4, 8 pixels a side."""
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(
        base_dim=4, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=[0.1, -0.1, 0.2, 0.0], latents_std=[0.9, 1.1, 1.0, 1.2],
    ).eval()  # fmt: skip


def lora(file: Path, strength: float = 0.5, seed: int = 3) -> Path:
    """A LoRA of rank 2 for the attention of a tiny transformer, under the makers' own names of its layers."""
    import torch
    from safetensors.torch import save_file

    _seeded(seed)
    layers = {}
    for block in range(2):
        for kind in ("self_attn", "cross_attn"):
            for part in "qkvo":
                name = f"diffusion_model.blocks.{block}.{kind}.{part}"
                layers[f"{name}.lora_down.weight"] = torch.randn(2, 24)
                layers[f"{name}.lora_up.weight"] = torch.randn(24, 2) * strength
                layers[f"{name}.alpha"] = torch.tensor(2.0)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(layers, file)
    return file


def scheduler() -> Any:
    """As the real checkpoints have it."""
    from diffusers import UniPCMultistepScheduler

    return UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0
    )


def _transformer(channels: int, **more: Any) -> Any:
    from diffusers import WanTransformer3DModel

    made = WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=channels,
        out_channels=min(channels, 4) if channels != 8 else 8, text_dim=16, freq_dim=32, ffn_dim=32,
        num_layers=2, cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=64,
        **more,
    ).eval()  # fmt: skip
    return lively(made)


def lively(transformer: Any) -> Any:
    """Weights large enough that what is given shows in what is made: fresh ones nearly ignore it."""
    import torch

    with torch.no_grad():
        for name, weights in transformer.named_parameters():
            if weights.dim() > 1 and "norm" not in name:
                weights.mul_(3)
    return transformer


def _saved(kind: Any, folder: Path, **parts: Any) -> Path:
    pipe: Any = kind(tokenizer=tokenizer(), text_encoder=umt5(), scheduler=scheduler(), **parts)
    pipe.save_pretrained(folder)
    return folder


def _seeded(seed: int = 0) -> None:
    import torch

    torch.manual_seed(seed)
