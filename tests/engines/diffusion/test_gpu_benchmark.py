"""The benchmark of a GPU runs the same way without one, from the models' table to the files it writes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

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


def test_a_part_that_hangs_costs_the_rest_and_not_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import gpu

    def hangs(name: str, tiny: bool, device: str, compiled: str, table: Any, clock: Any) -> None:
        table.add("measured", "1 s")
        time.sleep(60)

    monkeypatch.setattr(gpu, "measure", hangs)
    monkeypatch.setattr(gpu, "GRACE", 0.1)
    arguments = ["--tiny", "--models", "ti2v-5b,ltx-2", "--minutes", "0.001"]
    assert gpu.main([*arguments, "--out", str(tmp_path)]) == 1
    told = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    assert [row["what"] for row in told["rows"]] == ["measured"]
    assert "ti2v-5b: failed: TimeoutError" in told["left_out"][0]
    assert "ltx-2: " in told["left_out"][1]


def test_a_gpu_is_asked_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import gpu_sides

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: (9, 0))
    assert gpu_sides.capability_of("cuda:0") == (9, 0)
    assert gpu_sides.capability_of("cpu") == (0, 0)


def test_a_block_in_float32_needs_no_attention_that_takes_16_bits_alone() -> None:
    from benchmarks.gpu_models import asked, built, spec
    from benchmarks.gpu_steps import caught, in_float32

    from mutoscope.engines.diffusion.worker import attention

    model = spec("ti2v-5b", tiny=True)
    pipe = built(model, "cpu", torch.float32)
    block, values, named = caught(pipe, asked(model, "cpu", torch.float32))
    for _, layer, _ in attention._layers(block):
        layer.processor._attention_backend = attention._backend("flash")  # which is not here
    with torch.no_grad():
        in_float32(block, values, named)()


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
