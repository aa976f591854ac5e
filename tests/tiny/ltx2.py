"""LTX-2 checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.words import tokenizer


def ltx2(folder: Path, perturbed: bool = True) -> Path:
    """LTX-2.3: 128 latent channels become 4, sides are multiples of 32, frames 8k + 1, sound in stereo at
    24 kHz. Without `perturbed`, spatio-temporal guidance does nothing, as in the checkpoint of LTX-2.0."""
    import torch
    from diffusers import (
        AutoencoderKLLTX2Audio,
        AutoencoderKLLTX2Video,
        FlowMatchEulerDiscreteScheduler,
        LTX2Pipeline,
        LTX2VideoTransformer3DModel,
    )
    from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2Vocoder

    torch.manual_seed(0)
    vae = AutoencoderKLLTX2Video(
        latent_channels=4, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1), patch_size=4,
        encoder_causal=True, decoder_causal=False, spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )  # fmt: skip
    audio_vae = AutoencoderKLLTX2Audio(
        base_channels=4, ch_mult=(1, 1), num_res_blocks=1, latent_channels=2, mel_bins=8,
        sample_rate=16000, mel_hop_length=160,
    )  # fmt: skip
    vocoder = LTX2Vocoder(
        in_channels=16, hidden_channels=16, upsample_kernel_sizes=[16, 15, 8, 4],
        upsample_factors=[6, 5, 4, 2], resnet_kernel_sizes=[3], resnet_dilations=[[1, 3, 5]],
        output_sampling_rate=24000,
    )  # fmt: skip
    transformer = LTX2VideoTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=8,
        cross_attention_dim=16, audio_in_channels=4, audio_out_channels=4,
        audio_num_attention_heads=2, audio_attention_head_dim=8, audio_cross_attention_dim=16,
        num_layers=2, caption_channels=16, rope_double_precision=False, rope_type="split",
        perturbed_attn=perturbed,
    )  # fmt: skip
    with torch.no_grad():  # so that other words make another picture, after three steps already
        for block in transformer.transformer_blocks:
            for attention in (block.attn2, block.audio_attn2):
                attention.to_out[0].weight.mul_(20)
    connectors = LTX2TextConnectors(
        caption_channels=16, text_proj_in_factor=3, video_connector_num_attention_heads=2,
        video_connector_attention_head_dim=8, video_connector_num_layers=1,
        video_connector_num_learnable_registers=8, audio_connector_num_attention_heads=2,
        audio_connector_attention_head_dim=8, audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=8, connector_rope_base_seq_len=32,
        rope_double_precision=False, rope_type="split",
    )  # fmt: skip
    pipe: Any = LTX2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True, base_shift=0.95, max_shift=2.05, base_image_seq_len=1024,
            max_image_seq_len=4096, shift_terminal=0.1,
        ),
        vae=vae.eval(), audio_vae=audio_vae.eval(), text_encoder=gemma(), tokenizer=tokenizer(),
        connectors=connectors.eval(), transformer=transformer.eval(), vocoder=vocoder.eval(),
    )  # fmt: skip
    pipe.save_pretrained(folder)
    return folder


def gemma() -> Any:
    """Its text encoder, 16 wide: two layers, and their inputs, are three hidden states."""
    import torch
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    torch.manual_seed(1)
    config = Gemma3Config(
        text_config={
            "vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
            "max_position_embeddings": 2048, "sliding_window": 64,
        },
        vision_config={
            "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 1, "image_size": 28, "patch_size": 14,
        },
        mm_tokens_per_image=4, image_token_index=63, boi_token_index=61, eoi_token_index=62,
    )  # fmt: skip
    return Gemma3ForConditionalGeneration(config).eval()
