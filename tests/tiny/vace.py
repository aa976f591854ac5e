"""A Wan VACE checkpoint."""

from __future__ import annotations

from pathlib import Path

from tiny.wan import lively, scheduler, vae
from tiny.words import tokenizer, umt5


def vace(folder: Path) -> Path:
    """Wan2.1-VACE: 96 channels of control become 72, of which 64 are always the mask's."""
    import torch
    from diffusers import WanVACEPipeline, WanVACETransformer3DModel

    torch.manual_seed(0)
    transformer = WanVACETransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=4,
        out_channels=4, text_dim=16, freq_dim=32, ffn_dim=32, num_layers=2, cross_attn_norm=True,
        qk_norm="rms_norm_across_heads", rope_max_seq_len=64, vace_layers=[0, 1], vace_in_channels=72,
    )  # fmt: skip
    pipe = WanVACEPipeline(
        tokenizer=tokenizer(), text_encoder=umt5(), vae=vae(), transformer=lively(transformer.eval()),
        scheduler=scheduler(),
    )  # fmt: skip
    pipe.save_pretrained(folder)
    return folder
