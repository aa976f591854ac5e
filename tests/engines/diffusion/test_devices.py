"""What devices there are, told without PyTorch in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mutoscope.config import Gpu
from mutoscope.engines.diffusion import devices as room
from mutoscope.engines.diffusion import nvidia
from mutoscope.engines.diffusion.devices import Build, devices, here, unusable
from mutoscope.errors import Missing

CARD = "GPU-{n}{n}, NVIDIA H200, 143771, 143000, 9.0, 580.65.06, Disabled"
CUDA = Build("2.13.0", cuda="12.8")
Cards = Callable[..., None]


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cards:
    """Put a driver's tool on the path that tells of these cards, and a PyTorch that can use them."""

    def put(*rows: str, torch: Build = CUDA) -> None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(rows) + "\nEND\n")
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        monkeypatch.setattr(room, "build", lambda: torch)
        room._here.cache_clear()
        nvidia._cards.cache_clear()

    monkeypatch.delenv(room.VISIBLE, raising=False)
    return put


def test_every_gpu_films_with_its_name_memory_and_driver(cards: Cards) -> None:
    cards(CARD.format(n=0), CARD.format(n=1))
    first, second = devices(Gpu())
    assert (first.name, second.name) == ("cuda:0", "cuda:1")
    assert (first.title, first.capability, first.driver) == ("NVIDIA H200", (9, 0), "580.65.06")
    assert (first.memory, first.free) == (143771 << 20, 143000 << 20)
    assert (first.visible, second.visible) == ("GPU-00", "GPU-11")


def test_without_a_gpu_the_cpu_films(cards: Cards) -> None:
    cards()
    (only,) = devices(Gpu())
    assert (only.name, only.cpu, only.visible) == ("cpu", True, "")
    assert only.memory > 1 << 30
    assert "core" in only.title


def test_the_settings_name_the_devices(cards: Cards) -> None:
    cards(CARD.format(n=0), CARD.format(n=1))
    assert [one.name for one in devices(Gpu(devices=("cuda:1", "cpu")))] == ["cuda:1", "cpu"]
    assert [one.name for one in devices(Gpu(devices=("cuda",)))] == ["cuda:0"]


def test_the_cpu_may_stand_for_several_devices_and_a_gpu_may_not(cards: Cards) -> None:
    cards(CARD.format(n=0))
    assert [one.name for one in devices(Gpu(devices=("cpu", "cpu")))] == ["cpu:0", "cpu:1"]
    assert [one.name for one in devices(Gpu(devices=("cuda:0", "cuda:0")))] == ["cuda:0"]


def test_a_device_that_is_not_here_is_named_with_those_that_are(cards: Cards) -> None:
    cards(CARD.format(n=0))
    with pytest.raises(Missing, match=r"gpu.devices names cuda:3, which is not here; .*cuda:0"):
        devices(Gpu(devices=("cuda:3",)))


def test_what_hides_devices_from_programs_hides_them_from_us(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards(*(CARD.format(n=n) for n in range(3)))
    monkeypatch.setenv(room.VISIBLE, "2,GPU-00")
    assert [one.visible for one in devices(Gpu())] == ["GPU-22", "GPU-00"]
    monkeypatch.setenv(room.VISIBLE, "")
    assert devices(Gpu())[0].cpu


@pytest.mark.parametrize(
    "told",
    [("Disabled", "Enabled"), ("143771, 143000", "[N/A], [N/A]")],
    ids=["divided", "memory that is the machine's own"],
)
def test_what_its_tool_does_not_tell_of_a_device_is_asked_of_pytorch(
    cards: Cards, monkeypatch: pytest.MonkeyPatch, told: tuple[str, str]
) -> None:
    cards(CARD.format(n=0).replace(*told))
    seen = b'\n[{"title":"NVIDIA H200 MIG 3g","memory":70,"free":60,"capability":[9,0]}]\n'
    whole = subprocess.run

    def run(command: list[str], **keywords: object) -> object:
        if command[0] == sys.executable:
            return subprocess.CompletedProcess(command, 0, seen, b"")
        return whole(command, **keywords)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv(room.VISIBLE, "MIG-abc")
    (part,) = here()[0]
    assert (part.title, part.memory, part.visible) == ("NVIDIA H200 MIG 3g", 70, "MIG-abc")


def test_a_gpu_that_pytorch_was_not_built_for_is_told_with_its_mend(cards: Cards) -> None:
    cards(CARD.format(n=0), torch=Build("2.13.0+cpu"))
    assert devices(Gpu())[0].cpu
    assert "built without CUDA, so NVIDIA H200 is not used: install" in unusable()
    with pytest.raises(Missing, match="built without CUDA"):
        devices(Gpu(devices=("cuda:0",)))


def test_a_driver_that_is_too_old_is_told_with_the_one_that_is_needed(cards: Cards) -> None:
    cards(CARD.format(n=0).replace("580.65.06", "470.1"))
    assert devices(Gpu())[0].cpu
    assert "needs NVIDIA's driver 525 or later, and NVIDIA H200 has 470.1" in unusable()


def test_the_installed_pytorch_is_read_and_not_imported() -> None:
    code = (
        "import sys; from mutoscope.engines.diffusion import devices as d; d.build(); "
        "from mutoscope.config import Gpu; d.devices(Gpu()); import mutoscope.engines.diffusion.engine; "
        "from mutoscope.engines.diffusion.engine import DiffusionEngine as E; E('wan2.2-ti2v-5b').check();"
        "print([n for n in ('torch', 'diffusers', 'transformers') if n in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=dict(os.environ)
    )
    assert told.stdout.split() == [b"[]"]
