"""Kandinsky 5 checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tiny.words import tokenizer


def kandinsky5(folder: Path, sparse: bool = False) -> Path:
    """The i2v model: 16 latent channels become 4. `sparse`: with attention in blocks. Its index names a
    processor, as the real one's does, which cannot be made without torchvision."""
    import torch
    from diffusers import (
        AutoencoderKLHunyuanVideo,
        FlowMatchEulerDiscreteScheduler,
        Kandinsky5I2VPipeline,
        Kandinsky5Transformer3DModel,
    )

    torch.manual_seed(0)
    vae = AutoencoderKLHunyuanVideo(
        latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=4
    )
    blocks = {
        "attention_type": "nabla", "attention_wT": 3, "attention_wW": 3, "attention_wH": 3,
        "attention_P": 0.9, "attention_add_sta": True, "attention_method": "topcdf",
    }  # fmt: skip
    transformer = Kandinsky5Transformer3DModel(
        in_visual_dim=4, out_visual_dim=4, in_text_dim=16, in_text_dim2=8, time_dim=16,
        model_dim=24, ff_dim=32, num_text_blocks=1, num_visual_blocks=2, axes_dims=(4, 4, 4),
        visual_cond=True, **(blocks if sparse else {}),
    )  # fmt: skip
    with torch.no_grad():  # it begins as zeros, and would leave every film as its noise is
        transformer.out_layer.modulation.out_layer.weight.normal_(0, 0.1)
        for block in transformer.visual_transformer_blocks:
            block.visual_modulation.out_layer.weight.normal_(0, 0.2)
    pipe: Any = Kandinsky5I2VPipeline(
        transformer=transformer.eval(), vae=vae.eval(), text_encoder=qwen(), tokenizer=tokenizer(),
        text_encoder_2=clip(), tokenizer_2=tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=5.0),
    )  # fmt: skip
    pipe.save_pretrained(folder)
    index = folder / "model_index.json"
    named = json.loads(index.read_text()) | {"tokenizer": ["transformers", "Qwen2_5_VLProcessor"]}
    index.write_text(json.dumps(named, indent=2))
    return folder


def qwen() -> Any:
    """Its text encoder, 16 wide."""
    import torch
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(1)
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 1024,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]},
        },
        vision_config={
            "depth": 1, "hidden_size": 8, "intermediate_size": 16, "num_heads": 2,
            "out_hidden_size": 16,
        },
        image_token_id=63, video_token_id=62, vision_start_token_id=61, vision_end_token_id=60,
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def clip() -> Any:
    """Its second text encoder, 8 wide."""
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(2)
    config = CLIPTextConfig(
        vocab_size=64, hidden_size=8, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, eos_token_id=1, bos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    return CLIPTextModel(config).eval()
