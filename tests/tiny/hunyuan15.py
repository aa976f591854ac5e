"""HunyuanVideo 1.5 checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny.words import tokenizer

#: Tokens that the pipeline cuts off before the prompt, for its system's message.
BEFORE = 108


def hunyuan15(folder: Path, distilled: bool = False) -> Path:
    """The i2v model: 32 latent channels become 4. It is 17 MB on disk, of which one layer is 16.8, whose
    width diffusers does not take from the configuration. `distilled`: for few steps, by mean flow."""
    import torch
    from diffusers import (
        AutoencoderKLHunyuanVideo15,
        ClassifierFreeGuidance,
        FlowMatchEulerDiscreteScheduler,
        HunyuanVideo15ImageToVideoPipeline,
        HunyuanVideo15Transformer3DModel,
    )
    from transformers import ByT5Tokenizer

    torch.manual_seed(0)
    vae = AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(8, 8, 8, 8, 8), layers_per_block=1
    )
    transformer = HunyuanVideo15Transformer3DModel(
        in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=12, num_layers=2,
        num_refiner_layers=1, mlp_ratio=2.0, text_embed_dim=16, text_embed_2_dim=8,
        image_embed_dim=8, rope_axes_dim=(4, 4, 4), target_size=64, use_meanflow=distilled,
    )  # fmt: skip
    sight, seer = siglip()
    pipe: Any = HunyuanVideo15ImageToVideoPipeline(
        text_encoder=qwen(), tokenizer=chat(), transformer=transformer.eval(), vae=vae.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0 if distilled else 5.0),
        text_encoder_2=t5(), tokenizer_2=ByT5Tokenizer(),
        guider=ClassifierFreeGuidance(guidance_scale=1.0 if distilled else 6.0),
        image_encoder=sight, feature_extractor=seer,
    )  # fmt: skip
    pipe.save_pretrained(folder)
    return folder


def chat() -> Any:
    """A tokenizer whose template puts exactly those tokens before the prompt."""
    from diffusers import HunyuanVideo15ImageToVideoPipeline as Pipeline

    made = tokenizer()
    made.padding_side = "right"
    defaults = Pipeline._get_mllm_prompt_embeds.__defaults__ or ()
    system = next(one for one in defaults if isinstance(one, str))
    rest = BEFORE - len(made(system)["input_ids"])
    made.chat_template = (
        "{{ messages[0]['content'] }}" + " the" * rest + " {{ messages[1]['content'] }}"
    )
    return made


def qwen() -> Any:
    """Its text encoder, 16 wide: of its four states the pipeline takes the last but two."""
    import torch
    from transformers import Qwen2_5_VLTextConfig, Qwen2_5_VLTextModel

    torch.manual_seed(1)
    config = Qwen2_5_VLTextConfig(
        vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=3,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=2048,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
    )  # fmt: skip
    return Qwen2_5_VLTextModel(config).eval()


def t5() -> Any:
    """Its second text encoder, 8 wide, for what stands in quotes."""
    import torch
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(2)
    config = T5Config(vocab_size=384, d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    return T5EncoderModel(config).eval()


def siglip() -> tuple[Any, Any]:
    """What sees the first picture, 8 wide, and what makes pictures small for it."""
    import torch
    from transformers import SiglipImageProcessor, SiglipVisionConfig, SiglipVisionModel

    torch.manual_seed(3)
    config = SiglipVisionConfig(
        hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        image_size=28, patch_size=14,
    )  # fmt: skip
    seer = SiglipImageProcessor(size={"height": 28, "width": 28})
    return SiglipVisionModel(config).eval(), seer
