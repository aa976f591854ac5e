"""Whether a model can film here: said in sentences, each with its mend, and cheap to ask."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from mutoscope.config import EngineAccount, Gpu, Settings
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Order
from mutoscope.engines.diffusion import measured, placing, readiness
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.engine import DiffusionEngine
from mutoscope.engines.diffusion.measured import Film
from mutoscope.engines.diffusion.placing import largest
from mutoscope.errors import BadInput, Missing
from mutoscope.shot import Shot

GIB = 1 << 30
CPU = Device("cpu", "a CPU", 64 * GIB, 60 * GIB)
H200 = Device("cuda:0", "NVIDIA H200", 140 * GIB, 139 * GIB, (9, 0))
T4 = Device("cuda:0", "Tesla T4", 15 * GIB, 15 * GIB, (7, 5))
MODEL = "wan2.2-ti2v-5b"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """The devices of this machine."""
    found = [H200]
    monkeypatch.setattr(readiness, "devices", lambda settings: tuple(found))
    monkeypatch.setattr(readiness, "unusable", lambda: "")
    monkeypatch.setattr(readiness, "libraries", list)
    monkeypatch.setattr(placing, "main_memory", lambda: (200 * GIB, 190 * GIB))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint of the real one's size; its files are sparse."""
    place = tmp_path / "checkpoint"
    for name, numbers in (("text_encoder", 5_700), ("transformer", 5_000), ("vae", 700)):
        (place / name).mkdir(parents=True)
        size = 2 * numbers * 10**6
        head = json.dumps({"w": {"dtype": "BF16", "shape": [size // 2], "data_offsets": [0, size]}})
        with (place / name / "model.safetensors").open("wb") as file:
            file.write(struct.pack("<Q", len(head)) + head.encode())
            file.truncate(8 + len(head) + size)
    (place / "model_index.json").write_text("{}")
    return place


@pytest.fixture
def engine(folder: Path, here: list[Device]) -> DiffusionEngine:
    return made(folder)


def made(folder: Path, settings: Gpu | None = None) -> DiffusionEngine:
    account = EngineAccount(kind="diffusion", model=MODEL, folder=folder)
    return DiffusionEngine("mine", account, settings or Gpu())


def test_a_large_gpu_is_ready_without_a_word(engine: DiffusionEngine) -> None:
    said = engine.check()
    assert (said.ready, said.reasons, said.limits) == (True, (), ())


def test_a_small_gpu_is_ready_and_says_what_that_costs(
    engine: DiffusionEngine, here: list[Device]
) -> None:
    here[:] = [T4]
    said = engine.check()
    assert said.ready
    assert "on cuda:0, 15 GiB: its layers are moved in one by one, which is slow" in said.limits
    assert "cuda:0 computes bfloat16 in software: it is slow" in said.limits


def test_one_that_is_too_small_says_what_is_needed(
    engine: DiffusionEngine, here: list[Device]
) -> None:
    here[:] = [Device("cuda:0", "Something", 4 * GIB, 4 * GIB, (8, 6))]
    said = engine.check()
    assert not said.ready
    assert said.reasons[0].startswith(f"{MODEL} needs ")
    assert "cuda:0 has 4.0 GiB" in said.reasons[0]


def test_of_two_devices_the_one_that_fits_films(
    engine: DiffusionEngine, here: list[Device]
) -> None:
    here[:] = [Device("cuda:0", "Small", 4 * GIB, 4 * GIB, (8, 6)), replace(H200, name="cuda:1")]  # fmt: skip
    said = engine.check()
    assert said.ready
    assert said.limits[0].startswith("not on cuda:0: it needs ")
    assert readiness.fitting(engine, Shot()) == {"cuda:1": 0}


def test_a_shot_goes_where_it_is_fastest(engine: DiffusionEngine, here: list[Device]) -> None:
    here[:] = [T4, replace(H200, name="cuda:1"), CPU]
    ranks = readiness.fitting(engine, Shot(seconds=4.0))
    assert ranks["cuda:1"] < ranks["cuda:0"] < ranks["cpu"]


def test_on_the_cpu_it_says_how_slow_it_is(engine: DiffusionEngine, here: list[Device]) -> None:
    here[:] = [CPU]
    (said,) = engine.check().limits
    assert said.startswith("on the CPU: about ")
    assert said.endswith(" s a step of its longest film, an estimate")


def test_what_a_step_took_here_counts_more_than_the_estimate(
    folder: Path, here: list[Device], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path))
    here[:] = [CPU]
    engine = made(folder)
    film = Film(offload="none", dtype="float32", volume=largest(engine.checkpoint), step=123.4)
    measured.keep(measured.key(MODEL, folder), CPU.title, film)
    assert engine.check().limits == ("on the CPU: about 123 s a step of its longest film",)


def test_libraries_that_are_missing_are_named_with_how_to_get_them(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "libraries", lambda: ["torch", "diffusers"])
    said = engine.check()
    assert not said.ready
    assert said.reasons == ('torch, diffusers not installed here; pip install "mutoscope[gpu]"',)


def test_a_device_that_is_not_here_is_a_reason(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(settings: Gpu) -> tuple[Device, ...]:
        raise Missing("gpu.devices names cuda:7, which is not here; there are cpu")

    monkeypatch.setattr(readiness, "devices", none)
    assert "cuda:7" in engine.check().reasons[0]


def test_a_gpu_that_is_not_used_is_a_limit(
    engine: DiffusionEngine, here: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    here[:] = [CPU]
    monkeypatch.setattr(readiness, "unusable", lambda: "PyTorch is built without CUDA")
    assert "PyTorch is built without CUDA" in engine.check().limits


def test_that_it_is_ready_is_believed_for_a_while_and_that_it_is_not_is_not(
    engine: DiffusionEngine, here: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    whole = readiness.readiness

    def counted(one: DiffusionEngine) -> object:
        looked.append(1)
        return whole(one)

    monkeypatch.setattr(readiness, "readiness", counted)
    here[:] = [Device("cuda:0", "Something", 4 * GIB, 4 * GIB)]
    assert [engine.check().ready for _ in range(2)] == [False, False]
    here[:] = [H200]  # its owner mended that
    assert [engine.check().ready for _ in range(3)] == [True, True, True]
    assert len(looked) == 3
    monkeypatch.setattr("time.monotonic", lambda: 1e12)
    assert engine.check().ready
    assert len(looked) == 4


def test_a_licence_that_asks_for_consent_holds_for_ones_own_folder_too(
    folder: Path, here: list[Device], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    account = EngineAccount(kind="diffusion", model="ltx-2", folder=folder)
    said = DiffusionEngine("mine", account, Gpu()).check()
    assert not said.ready
    assert "mutoscope models accept ltx-2" in said.reasons[0]


def test_an_engine_that_is_not_ready_takes_no_order(
    engine: DiffusionEngine, here: list[Device], tmp_path: Path
) -> None:
    here[:] = [Device("cuda:0", "Something", 4 * GIB, 4 * GIB)]
    with pytest.raises(Missing, match="mine cannot film here: wan2"):
        engine.start(Order(shot=Shot(), direction=Direction(seconds=4.0), folder=tmp_path))


def test_the_settings_come_from_the_server_or_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUTOSCOPE_SERVER_DATA", str(tmp_path))
    monkeypatch.setenv("MUTOSCOPE_GPU_OFFLOAD", "layers")
    account = EngineAccount(kind="diffusion", model=MODEL, folder=folder)
    alone = DiffusionEngine("mine", account)
    assert alone.settings.offload == "layers"
    served = alone.under(Settings(gpu=Gpu(offload="model")))
    assert served.settings.offload == "model"
    monkeypatch.setenv("MUTOSCOPE_GPU_OFFLOAD", "sideways")
    with pytest.raises(BadInput, match=r"gpu\.offload|MUTOSCOPE_GPU_OFFLOAD"):
        _ = DiffusionEngine("mine", account).settings


def test_films_at_a_time_are_as_many_as_devices(folder: Path) -> None:
    assert made(folder, Gpu(devices=("cpu", "cpu"))).devices == 2
    assert made(folder, Gpu(devices=("cpu",))).devices == 1
    nowhere = made(folder, Gpu(devices=("cuda:77",)))
    assert nowhere.devices == 1
    assert "cuda:77" in nowhere.check().reasons[0]  # it is said, and nothing breaks over it
