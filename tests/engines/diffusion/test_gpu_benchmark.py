"""The benchmark of a GPU runs the same way without one, from the models' table to the files it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore"),  # it runs as a program does, which shows no warnings
]

ROOT = Path(__file__).parents[3]
SET = (
    "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "PYTORCH_CUDA_ALLOC_CONF", "DIFFUSERS_VERBOSITY",
    "TRANSFORMERS_VERBOSITY",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SET:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.syspath_prepend(str(ROOT))
    torch.set_num_threads(1)  # small as these are, more only get in each other's way


def test_the_benchmark_runs_end_to_end_without_a_gpu(tmp_path: Path) -> None:
    from benchmarks import gpu

    models = "ti2v-5b,ltx-2,i2v-a14b"
    assert gpu.main(["--tiny", "--models", models, "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    assert told["left_out"] == []
    assert set(told["figures"]) == set(models.split(","))
    what = [row["what"] for row in told["rows"]]
    assert sum(row.endswith(": a step") for row in what) == 3
    for part in (
        "one block",
        "decoding 9 frames",
        "reading the words, spared by those read before",
    ):
        assert part in what
    page = (tmp_path / "gpu.md").read_text(encoding="utf-8")
    assert "these figures mean nothing" in page
    assert "| | ours | plain diffusers | ratio | bar |" in page


def test_what_there_is_no_time_for_is_left_out_and_said(tmp_path: Path) -> None:
    from benchmarks import gpu

    arguments = ["--models", "ti2v-5b,ltx-2", "--minutes", "0.01", "--out", str(tmp_path)]
    assert gpu.main(arguments) == 0
    told = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    assert told["rows"] == []
    assert [row.split(":")[0] for row in told["left_out"]] == ["ti2v-5b", "ltx-2"]


def test_a_part_that_fails_costs_that_part_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import gpu

    def out_of_memory(*_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(gpu, "measure", out_of_memory)
    assert gpu.main(["--tiny", "--models", "ti2v-5b,ltx-2", "--out", str(tmp_path)]) == 2
    assert (tmp_path / "gpu.md").read_text(encoding="utf-8").count("failed: RuntimeError") == 2


def test_the_tables_models_have_the_weights_that_they_are_named_for() -> None:
    from benchmarks.gpu_models import spec
    from diffusers import LTX2VideoTransformer3DModel, WanTransformer3DModel

    kinds = {"wan": WanTransformer3DModel, "ltx2": LTX2VideoTransformer3DModel}
    for name, low, high in (("ti2v-5b", 4.9, 5.1), ("i2v-a14b", 13.5, 14.5), ("ltx-2", 18, 20)):
        model = spec(name, tiny=False)
        with torch.device("meta"):
            transformer = kinds[model.family](**model.parts["transformer"])
        billions = sum(part.numel() for part in transformer.parameters()) / 1e9
        assert low < billions < high, name
