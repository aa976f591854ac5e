"""A folder is a checkpoint when everything that it names is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.known_models import FILES, SHARD, VAE, written
from mutoscope.models.layout import CLASSES, components, index, lacks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "whole")


def test_a_whole_checkpoint_lacks_nothing(folder: Path) -> None:
    assert lacks(folder, "wan") == ""


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("model_index.json", "has no model_index.json"),
        (SHARD, f"has no {SHARD}"),
        (VAE, "has no vae/weights"),
        ("text_encoder/model.safetensors", "has no text_encoder/weights"),
    ],
)
def test_each_missing_piece_is_named(folder: Path, gone: str, said: str) -> None:
    (folder / gone).unlink()
    assert lacks(folder, "wan") == said


def test_a_component_without_its_folder(folder: Path) -> None:
    for path in (folder / "tokenizer").iterdir():
        path.unlink()
    (folder / "tokenizer").rmdir()
    assert lacks(folder) == "has no tokenizer/, which its model_index.json names"


def test_shards_need_their_index(folder: Path) -> None:
    listing = folder / "transformer" / "diffusion_pytorch_model.safetensors.index.json"
    listing.write_text("[]")
    assert "index.json that can be read" in lacks(folder)
    listing.unlink()
    assert lacks(folder) == "has no transformer/weights"


def test_a_link_whose_file_is_gone_counts_as_missing(folder: Path) -> None:
    (folder / VAE).unlink()
    (folder / VAE).symlink_to(folder / "nowhere")
    assert lacks(folder) == "has no vae/weights"


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"_class_name": 3}', '{"_class_name": "WanPipeline"}']
)
def test_an_index_that_is_none(folder: Path, text: str) -> None:
    (folder / "model_index.json").write_text(text)
    assert lacks(folder).startswith("cannot be used: its model_index.json")


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("T5TokenizerFast", False),
        ("TokenizersBackend", False),
        ("SentencePieceBackend", False),
        ("CLIPImageProcessorPil", False),
        ("Qwen2_5_VLProcessor", False),
        ("FlowMatchEulerDiscreteScheduler", False),
        ("ClassifierFreeGuidance", False),
        ("UMT5EncoderModel", True),
        ("LTX2TextConnectors", True),
        ("LTX2Vocoder", True),
    ],
)
def test_weights_are_looked_for_where_the_class_has_some(
    tmp_path: Path, kind: str, needed: bool
) -> None:
    told = {"_class_name": "AnyPipeline", "vae": ["a", "Model"], "part": ["a library", kind]}
    parts = {"part/config.json": b"{}", "vae/x.safetensors": b"weights"}
    written(tmp_path, {"model_index.json": json.dumps(told).encode()} | parts)
    assert lacks(tmp_path) == ("has no part/weights" if needed else "")


@pytest.mark.parametrize(
    ("family", "pipeline", "fits"),
    [
        ("wan", "WanImageToVideoPipeline", True),
        ("wan", "WanVACEPipeline", False),
        ("wan", "WanAnimatePipeline", False),
        ("wan_vace", "WanVACEPipeline", True),
        ("wan_vace", "WanPipeline", False),
        ("ltx2", "LTX2Pipeline", True),
        ("ltx2", "LTXPipeline", False),
        ("hunyuan15", "HunyuanVideo15ImageToVideoPipeline", True),
        ("hunyuan15", "HunyuanVideoPipeline", False),
        ("kandinsky5", "Kandinsky5I2VPipeline", True),
        ("of tomorrow", "AnyPipeline", True),
    ],
)
def test_the_pipeline_must_be_one_of_the_family(
    folder: Path, family: str, pipeline: str, fits: bool
) -> None:
    told = json.loads(FILES["model_index.json"]) | {"_class_name": pipeline}
    (folder / "model_index.json").write_text(json.dumps(told))
    said = lacks(folder, family)
    assert said == (
        "" if fits else f"is a checkpoint of {pipeline}, which the family {family!r} does not load"
    )


def test_every_family_that_has_an_adapter_says_what_it_loads() -> None:
    from mutoscope.engines.diffusion.family import FAMILIES

    assert set(CLASSES) == set(FAMILIES)


def test_settings_and_absent_components_are_no_components() -> None:
    found = index(json.dumps({"_class_name": "X", "vae": ["diffusers", "V"], "other": [None, None],
                              "boundary_ratio": 0.9, "expand_timesteps": True}))  # fmt: skip
    assert components(found) == {"vae": "V"}
