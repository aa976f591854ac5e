"""How much memory there is, by what the system and a container say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutoscope.compute.memory import main_memory

GIB = 1 << 30
HOST = f"MemTotal: {256 << 20} kB\nMemFree: 1 kB\nMemAvailable: {200 << 20} kB\n"
CONTAINER = {"memory.max": f"{128 * GIB}\n", "memory.current": f"{100 * GIB}\n"}


def told(monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    def read_text(path: Path, *_: object) -> str:
        if path.name == "meminfo":
            return HOST
        try:
            return files[path.name]
        except KeyError:
            raise FileNotFoundError(path) from None

    monkeypatch.setattr(Path, "read_text", read_text)


def test_a_machine_is_asked_what_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch)
    assert main_memory() == (256 * GIB, 200 * GIB)
    told(monkeypatch, **{"memory.max": "max\n"})
    assert main_memory() == (256 * GIB, 200 * GIB)


def test_a_containers_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, **CONTAINER)
    assert main_memory() == (128 * GIB, 28 * GIB)


def test_files_that_a_container_read_take_no_memory_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A model's weights of 70 GiB are read from a file: no other model has to go for that."""
    stat = f"anon {20 * GIB}\ninactive_file {70 * GIB}\nactive_file {9 * GIB}\n"
    told(monkeypatch, **CONTAINER, **{"memory.stat": stat})
    assert main_memory() == (128 * GIB, 98 * GIB)
