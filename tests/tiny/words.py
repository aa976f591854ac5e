"""A tokenizer and a text encoder with random weights."""

from __future__ import annotations

from typing import Any


def tokenizer() -> Any:
    """One that knows a few words, and takes every other for the unknown one."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    words = [
        "<pad>",
        "</s>",
        "<unk>",
        *[
            "a",
            "the",
            "cat",
            "cup",
            "sea",
            "slow",
            "push",
            "in",
            "pan",
            "left",
            "right",
            "warm",
            "blurry",
        ],
    ]
    inner = Tokenizer(WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
    inner.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def umt5() -> Any:
    """Wan's text encoder, 16 wide."""
    import torch
    from transformers import UMT5Config, UMT5EncoderModel

    torch.manual_seed(1)
    config = UMT5Config(
        vocab_size=64,
        d_model=16,
        d_kv=4,
        d_ff=32,
        num_layers=1,
        num_heads=4,
        decoder_start_token_id=0,
    )
    return UMT5EncoderModel(config).eval()
