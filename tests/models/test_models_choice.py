"""Of a repository only what is needed: nothing twice, no programs, nothing outside the folder."""

from __future__ import annotations

import pytest

from models.known_models import FILES
from models.standin_hub import SPARE, checkpoint
from mutoscope.models.choice import wanted

PARTS = ("transformer", "vae", "text_encoder", "tokenizer", "scheduler")


def test_the_components_and_the_licence_and_nothing_else() -> None:
    chosen = wanted(checkpoint(), PARTS, ())
    assert set(chosen) == set(FILES)
    assert not set(chosen) & set(SPARE)


@pytest.mark.parametrize(
    "spare",
    [
        "vae/diffusion_pytorch_model.bin",
        "vae/diffusion_pytorch_model.ckpt",
        "vae/diffusion_pytorch_model.bin.index.json",
        "vae/diffusion_pytorch_model.bin.index.fp16.json",
        "vae/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.bf16-00001-of-00002.safetensors",
        "vae/diffusion_pytorch_model-00001-of-00002.fp16.safetensors",
        "vae/diffusion_pytorch_model.safetensors.index.fp16.json",
        "vae/diffusion_pytorch_model.fp16.safetensors.index.json",
        "vae/diffusion_pytorch_model.non_ema.safetensors",
        "vae/diffusion_flax_model.msgpack",
        "vae/model.onnx",
        "vae/openvino_model.bin",
        "vae/modeling.py",
    ],
)
def test_the_same_weights_in_another_form_are_spare(spare: str) -> None:
    weights = "vae/diffusion_pytorch_model.safetensors"
    assert wanted((weights, spare, "vae/config.json"), ("vae",), ()) == ("vae/config.json", weights)
    assert wanted((weights, spare), (), ("vae/",)) == (weights,), "patterns do not bring it back"


def test_the_only_form_there_is_is_not_spare() -> None:
    names = ("vae/diffusion_pytorch_model.bin", "text_encoder/model.safetensors")
    assert wanted(names, ("vae", "text_encoder"), ()) == tuple(sorted(names))


def test_shards_with_their_index_are_plain_weights() -> None:
    names = tuple(name for name in FILES if name.startswith("transformer/"))
    assert wanted(names, ("transformer",), ()) == tuple(sorted(names))


def test_patterns_choose_folders_and_names() -> None:
    names = ("a/x.json", "a/b/y.json", "c/z.json", "model_index.json", "LICENSE")
    assert wanted(names, ("c",), ("a/",)) == (
        "LICENSE",
        "a/b/y.json",
        "a/x.json",
        "model_index.json",
    )
    assert wanted(names, ("c",), ("*/x.json",)) == ("LICENSE", "a/x.json", "model_index.json")


@pytest.mark.parametrize("name", ["../x.json", "vae/../../x.json", "/etc/x.json", "vae\\..\\x"])
def test_a_name_that_leads_outside_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name inside a folder"):
        wanted((name,), ("vae",), ())
