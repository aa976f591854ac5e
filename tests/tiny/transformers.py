"""Transformers alone, and a loop that asks them for a film's steps as a pipeline does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Pipe:
    """What the speed of a pipeline is made of: its transformers."""

    def __init__(self, *transformers: Any) -> None:
        self.transformer, self.transformer_2 = (*transformers, None)[:2]


def wan(layers: int = 4) -> Any:
    """Wan's, 24 wide."""
    import torch
    from diffusers import WanTransformer3DModel

    torch.set_num_threads(1)  # small as these are, more only get in each other's way
    torch.manual_seed(0)
    return WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=8,
        out_channels=8, text_dim=16, freq_dim=32, ffn_dim=32, num_layers=layers, cross_attn_norm=True,
        qk_norm="rms_norm_across_heads", rope_max_seq_len=64,
    ).eval()  # fmt: skip


def ltx2(layers: int = 4) -> Any:
    """LTX-2's, 16 and 8 wide."""
    import torch
    from diffusers import LTX2VideoTransformer3DModel

    torch.set_num_threads(1)  # small as these are, more only get in each other's way
    torch.manual_seed(0)
    return LTX2VideoTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=8,
        cross_attention_dim=16, audio_in_channels=4, audio_out_channels=4,
        audio_num_attention_heads=2, audio_attention_head_dim=4, audio_cross_attention_dim=8,
        num_layers=layers, caption_channels=16, rope_double_precision=False,
    ).eval()  # fmt: skip


@dataclass
class Denoised:
    """What came of it, and how often each kind of layer ran: self-attention, the block's own network."""

    picture: Any
    sound: Any
    attended: int
    networks: int


def denoised(transformer: Any, steps: int = 12, wide: int = 4, counted: bool = True) -> Denoised:
    """So many steps with guidance, of a picture `wide` latent pixels wide (Wan). What counts would be
    compiled with the rest, so it can be left out."""
    import torch

    ran = {"attn1.to_q": 0, "net.2": 0}
    hooks = []
    for name, part in transformer.named_modules() if counted else ():
        for end in ran:
            if name.endswith(end) and "audio" not in name:

                def count(module: Any, values: Any, end: str = end) -> None:
                    ran[end] += 1

                hooks.append(part.register_forward_pre_hook(count))
    dice = torch.Generator().manual_seed(1)
    is_wan = type(transformer).__name__.startswith("Wan")
    picture = torch.randn((1, 8, 3, 4, wide) if is_wan else (1, 8, 4), generator=dice)
    sound, words = torch.randn((1, 6, 4), generator=dice), torch.randn((1, 8, 16), generator=dice)
    with torch.no_grad():
        for step in range(steps):
            time = torch.tensor([1000 - 80.0 * step])
            noises = []
            for name, text in (("cond", words), ("uncond", -words)):
                with transformer.cache_context(name):
                    made = (_wan if is_wan else _ltx2)(transformer, picture, sound, time, text)
                    noises.append(made)
            (fore, heard), (back, _) = noises
            picture, sound = picture - 0.02 * (back + 3 * (fore - back)), sound - 0.02 * heard
    for hook in hooks:
        hook.remove()
    return Denoised(picture, sound, ran["attn1.to_q"], ran["net.2"])


def _wan(transformer: Any, picture: Any, sound: Any, time: Any, words: Any) -> tuple[Any, Any]:
    (out,) = transformer(
        picture, timestep=time, encoder_hidden_states=words, return_dict=False
    )  # fmt: skip
    return out, 0 * sound


def _ltx2(transformer: Any, picture: Any, sound: Any, time: Any, words: Any) -> tuple[Any, Any]:
    import torch

    out, heard = transformer(
        picture, audio_hidden_states=sound, encoder_hidden_states=words,
        audio_encoder_hidden_states=words, timestep=time.expand(1, picture.shape[1]),
        audio_timestep=time.expand(1, sound.shape[1]), encoder_attention_mask=torch.ones(1, 8),
        audio_encoder_attention_mask=torch.ones(1, 8), num_frames=2, height=2, width=2, fps=24.0,
        audio_num_frames=6, return_dict=False,
    )  # fmt: skip
    return out, heard
