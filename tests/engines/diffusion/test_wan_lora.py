"""A LoRA is laid over both experts, films by its own noise levels, and comes off without a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("peft")

from engines.diffusion.briefs_made import Looker, differ  # noqa: E402
from engines.diffusion.wan_made import adapter, brief, checkpoint, first, frames, loaded, made, pipe  # noqa: E402
from mutoscope.engines.diffusion.brief import Brief  # noqa: E402
from mutoscope.engines.diffusion.families.lora import worn  # noqa: E402
from mutoscope.engines.diffusion.families.wan.schedule import schedule  # noqa: E402
from mutoscope.engines.diffusion.worker.place import Place  # noqa: E402
from mutoscope.errors import EngineFailed  # noqa: E402
from tiny.wan import lora  # noqa: E402

pytestmark = pytest.mark.torch

NAME = "4-step"


def told(**changes: Any) -> Brief:
    return brief(**{"keyframes": (first(),), "steps": 4} | changes)


@pytest.fixture(scope="module")
def model() -> Any:
    return loaded("a14b")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    at = tmp_path_factory.mktemp("lora")
    return {
        "transformer": lora(at / "high" / "noise model.safetensors"),
        "transformer_2": lora(at / "low" / "noise model.safetensors", seed=5),
    }


def wear(model: Any, name: str, files: dict[str, Path]) -> None:
    adapter("a14b").wear(model, name, files)  # type: ignore[attr-defined]


def film(model: Any, **changes: Any) -> Any:
    return frames("a14b", told(**changes), pipe=model)


def test_taken_off_again_the_base_is_as_it_was_to_the_bit(
    model: Any, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    base = film(model)
    weights = {name: one.clone() for name, one in model.transformer.state_dict().items()}
    wear(model, NAME, files)
    assert worn(model) == NAME
    assert differ(base, film(model, lora=NAME)) > 0
    wear(model, "", {})
    assert worn(model) == ""
    after = model.transformer.state_dict()
    assert set(weights) == set(after)
    assert all(torch.equal(one, after[name]) for name, one in weights.items())
    assert np.array_equal(base, film(model))


@pytest.mark.parametrize("part", ["transformer", "transformer_2"])
def test_each_expert_wears_its_own(model: Any, files: dict[str, Path], part: str) -> None:
    wear(model, "both", files)
    both = _as(model, "both")
    wear(model, "one", files | {part: lora(files[part].with_name("other.safetensors"), seed=9)})
    other = _as(model, "one")
    wear(model, "", {})
    assert differ(both, other) > 0


def _as(model: Any, name: str) -> Any:
    """A film with a LoRA that the contract does not name."""
    kept = checkpoint("a14b")
    loras = {name: kept.loras[NAME]}
    return made(
        "a14b", told(lora=name), pipe=model, checkpoint=checkpoint("a14b", loras=loras)
    ).frames


def test_one_takes_the_place_of_another(model: Any, files: dict[str, Path]) -> None:
    wear(model, "before", files)
    wear(model, NAME, files)
    assert list(model.transformer.peft_config) == list(model.transformer_2.peft_config) == [NAME]
    wear(model, "", {})


def test_it_films_by_its_own_noise_levels_with_eulers_steps(
    model: Any, files: dict[str, Path]
) -> None:
    made = schedule(pipe("a14b"), told(lora=NAME, shift=5.0), checkpoint("a14b"))
    made.set_timesteps(4, device="cpu")
    assert made.timesteps.tolist() == [999, 937, 833, 625]
    level = torch.randn(1, 4, 2, 2, 2, generator=torch.Generator().manual_seed(1))
    flow = [torch.randn(level.shape, generator=torch.Generator().manual_seed(n)) for n in range(4)]
    walked, plain = level, level
    for number, time in enumerate(made.timesteps):
        step = made.sigmas[number + 1] - made.sigmas[number]
        plain = plain + step * flow[number]
        walked = made.step(flow[number], time, walked, return_dict=False)[0]
    assert torch.allclose(walked, plain, atol=1e-4)
    with pytest.raises(EngineFailed, match="4-step was distilled for 4 steps; it cannot take 8"):
        schedule(pipe("a14b"), told(lora=NAME, steps=8), checkpoint("a14b"))


def test_a_brief_that_wants_one_that_is_not_worn_is_refused(
    model: Any, files: dict[str, Path]
) -> None:
    with pytest.raises(EngineFailed, match="'4-step'"):
        film(model, lora=NAME)
    wear(model, NAME, files)
    with pytest.raises(EngineFailed, match="'4-step' laid over it"):
        film(model)
    wear(model, "", {})


def test_one_for_a_part_that_is_not_there_is_refused_and_none_is_worn(
    files: dict[str, Path],
) -> None:
    model = loaded("t2v")
    with pytest.raises(EngineFailed, match="transformer_2, which this model does not have"):
        wear(model, NAME, files)
    assert worn(model) == ""


def test_a_file_that_does_not_fit_is_refused_and_none_is_worn(model: Any, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"diffusion_model.blocks.0.self_attn.q.lora_down.weight": torch.zeros(2, 7),
               "diffusion_model.blocks.0.self_attn.q.lora_up.weight": torch.zeros(7, 2)},
              tmp_path / "odd.safetensors")  # fmt: skip
    base = film(model)
    for file in (tmp_path / "odd.safetensors", tmp_path / "none.safetensors"):
        with pytest.raises(EngineFailed, match="does not fit"):
            wear(model, NAME, {"transformer": file})
        assert worn(model) == ""
    assert np.array_equal(base, film(model))


def test_in_bfloat16_too_the_base_is_as_it_was(files: dict[str, Path]) -> None:
    model = loaded("a14b", Place("cpu", "bfloat16"))
    base = film(model)
    wear(model, NAME, files)
    worn_one = frames("a14b", told(lora=NAME), Looker(), pipe=model)
    assert model.transformer.dtype == torch.bfloat16
    wear(model, "", {})
    assert differ(base, worn_one) > 0
    assert np.array_equal(base, film(model))
