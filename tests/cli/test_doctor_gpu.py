"""What doctor says of devices and of the models that go onto them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutoscope import models
from mutoscope.cli import probes_gpu
from mutoscope.cli.doctor import show
from mutoscope.cli.examine import GROUPS
from mutoscope.cli.finding import Finding
from mutoscope.engines.diffusion import devices, nvidia, placing, readiness
from mutoscope.engines.diffusion.devices import Build, Seen


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One RTX 4090, 64 GB of main memory, no model here, every library."""
    tool = tmp_path / "nvidia-smi"
    row = "GPU-aa, NVIDIA GeForce RTX 4090, 24564, 23800, 8.9, 580.65.06, Disabled"
    tool.write_text(f"#!/bin/sh\necho '{row}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("MUTOSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("MUTOSCOPE_SERVER_DATA", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices, "build", lambda: Build("2.13.0", cuda="12.8"))
    monkeypatch.setattr(devices, "seen", lambda: [Seen("NVIDIA GeForce RTX 4090", 1, 1, (8, 9))])
    monkeypatch.setattr(readiness, "libraries", list)
    monkeypatch.setattr(placing, "main_memory", lambda: (64 * 10**9, 60 * 10**9))
    devices._here.cache_clear()
    nvidia._cards.cache_clear()


def found() -> dict[str, Finding]:
    return {one.name: one for one in probes_gpu.gpu()}


def test_the_gpu_is_shown_with_its_memory_and_driver() -> None:
    card = found()["cuda:0"]
    assert card.state == "ok"
    assert card.detail == (
        "NVIDIA GeForce RTX 4090, 24 GiB, 23 GiB free, driver 580.65.06, compute 8.9"
    )


def test_every_model_is_told_of_with_what_it_needs() -> None:
    from mutoscope.catalog import load

    said = found()
    ways = [one for name, one in said.items() if name.startswith(("fit", "too large"))]
    names = [part.partition(" (")[0] for one in ways for part in one.detail.split(", ")]
    assert sorted(names) == sorted(one.model for one in load.contracts("diffusion"))
    assert "wan2.1-t2v-1.3b (20 GiB)" in said["fit whole"].detail
    assert said["fit whole"].mend == "mutoscope models pull NAME"
    assert "wan2.2-i2v-a14b" in said["too large for memory"].detail  # its parts have no room either
    assert not any(one.needed for one in said.values())


def test_licences_that_ask_are_named() -> None:
    assert "ltx-2" in found()["licences"].detail


def test_a_model_that_is_here_has_its_own_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "wan2.2-ti2v-5b"
    monkeypatch.setattr(models, "find", lambda one: tmp_path if one == name else None)
    monkeypatch.setattr(models, "lacking", lambda one: "" if one == name else "not here")
    line = found()[name]
    assert line.state == "ok"
    assert line.detail.startswith("here; fits cuda:0 ")
    assert line.detail.endswith("(estimated)")


def test_what_the_licence_of_a_model_that_is_here_asks_for_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ("hunyuanvideo-1.5-i2v", "wan2.2-ti2v-5b")
    monkeypatch.setattr(models, "find", lambda one: tmp_path if one in here else None)
    monkeypatch.setattr(models, "lacking", lambda one: "" if one in here else "not here")
    said = found()
    asked = "; under the Tencent Hunyuan Community License Agreement; not in EU, UK, KR"
    assert said[here[0]].detail.endswith(asked)
    assert "under the" not in said[here[1]].detail


def test_a_gpu_that_pytorch_cannot_use_is_told_with_its_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "build", lambda: Build("2.13.0+cpu"))
    said = found()
    assert "built without CUDA, so NVIDIA GeForce RTX 4090 is not used" in said["GPU"].mend
    assert said["cpu"].state == "note"


def test_a_gpu_that_pytorch_does_not_see_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "seen", list)
    assert found()["GPU"].state == "broken"


def test_without_the_libraries_one_line_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "build", lambda: None)
    monkeypatch.setattr(readiness, "libraries", lambda: ["torch", "diffusers"])
    (only,) = probes_gpu.gpu()
    assert only.detail == "models with open weights are not filmed here: no PyTorch, diffusers"
    assert only.mend == 'pip install "mutoscope[gpu]"'
    assert not only.needed


def test_a_device_of_the_settings_that_is_not_here_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_GPU_DEVICES", "cuda:7")
    assert "gpu.devices names cuda:7, which is not here" in found()["devices"].detail


def test_the_report_is_readable_in_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show({"gpu": tuple(probes_gpu.gpu())}, [])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 30
    assert all(len(line.rstrip()) <= 80 for line in lines)
    assert "gpu" in GROUPS
